"""Simulators of cells that are wrong in ways that neither of the other sets of faults has."""

from __future__ import annotations

import numpy as np

from pipelines.sensitivity.simulator.network import Network
from pipelines.sensitivity.simulator.simulation import Simulator, Switches


class Timed(Simulator):
    """A simulator that knows the present step.

    Attributes
    ----------
    now
        Number of the step that is integrated.
    """

    now = 0

    def integrate(self) -> None:
        """Count the step, and integrate."""
        self.now += 1
        super().integrate()


class AlphaSynapses(Simulator):
    """Synaptic currents rise and fall as an alpha function, with the weight as its peak."""

    def __init__(self, network: Network, switches: Switches | None = None) -> None:
        super().__init__(network, switches)
        self.rising = np.zeros((2, self.n))

    def integrate(self) -> None:
        """Integrate, and let the currents rise."""
        super().integrate()
        tau = np.stack([self.p["tau_syn_E"], self.p["tau_syn_I"]])
        self.rising *= np.exp(-self.dt / tau)
        self.state[1:] += np.e * self.dt / tau * self.rising

    def receive(self, now: int) -> None:
        """Let arriving weights make the currents rise."""
        row = now % len(self.pending)
        self.rising += self.pending[row]
        self.pending[row] = 0.0


class ConductanceOfInhibition(Simulator):
    """Inhibition pulls v towards -80 mV; its current is that asked for at rest."""

    def integrate(self) -> None:
        """Integrate with an inhibitory current that depends on v."""
        inhibition = self.state[2].copy()
        self.state[2] *= (self.state[0] + 80.0) / 15.0
        super().integrate()
        self.state[2] = inhibition * np.exp(-self.dt / self.p["tau_syn_I"])


class ExponentialSpike(Simulator):
    """Near the threshold v is driven by an exponential current."""

    def integrate(self) -> None:
        """Integrate, with the current of spike initiation."""
        driven = np.exp(np.minimum(self.state[0] + 52.0, 2.0))
        super().integrate()
        self.state[0] += self.dt / self.p["tau_m"] * driven


class ResetBySubtraction(Simulator):
    """A spike lowers v by the distance of threshold and reset, so that what is above stays."""

    def fire(self, can_spike: np.ndarray) -> np.ndarray:
        """Reset the cells at the threshold."""
        above = self.state[0] - self.p["v_thresh"]
        fired = super().fire(can_spike)
        self.state[0][fired] += above[fired]
        return fired


class CurrentsHeldWhileRefractory(Simulator):
    """Synaptic currents of a refractory cell do not decay."""

    def integrate(self) -> None:
        """Integrate; refractory cells keep their currents."""
        held = self.left > 0
        currents = self.state[1:, held].copy()
        super().integrate()
        self.state[1:, held] = currents


class LateOffset(Timed):
    """The constant current begins at 100 ms."""

    def __init__(self, network: Network, switches: Switches | None = None) -> None:
        super().__init__(network, switches)
        self.offset = self.p["i_offset"]
        self.p["i_offset"] = np.zeros(self.n)
        self._prepare_propagators()

    def integrate(self) -> None:
        """Switch the current on, and integrate."""
        super().integrate()
        if self.now == 1000:
            self.p["i_offset"] = self.offset
            self._prepare_propagators()


class CoupledCells(Simulator):
    """Cells are coupled to the mean of all potentials by a weak conductance."""

    def disturb(self, moves: np.ndarray) -> None:
        """Pull the potentials together."""
        pulled = self.dt / 200.0 * (self.state[0].mean() - self.state[0])
        self.state[0] += np.where(moves, pulled, 0.0)


class CrossTalk(Simulator):
    """Each spike moves the potential of the next neuron by 0.5 mV."""

    def fire(self, can_spike: np.ndarray) -> np.ndarray:
        """Reset the cells at the threshold, and disturb their neighbours."""
        fired = super().fire(can_spike)
        neighbours = (fired + 1) % self.n
        self.state[0][neighbours] += np.where(self.left[neighbours] == 0, 0.5, 0.0)
        return fired


class DriftingThreshold(Simulator):
    """The threshold rises by 2 mV a second."""

    def fire(self, can_spike: np.ndarray) -> np.ndarray:
        """Reset the cells at the threshold of now."""
        self.p["v_thresh"] = self.p["v_thresh"] + 2e-3 * self.dt
        return super().fire(can_spike)


class Hum(Timed):
    """A current of 50 Hz flows into all cells."""

    def disturb(self, moves: np.ndarray) -> None:
        """Add the current (0.03 nA at its peak)."""
        current = 0.03 * np.sin(2 * np.pi * 0.05 * self.now * self.dt)
        self.state[0] += np.where(moves, self.dt / self.p["cm"] * current, 0.0)


class SlowNoise(Simulator):
    """A random current (0.03 nA) with a correlation time of 20 ms flows into each cell."""

    def __init__(self, network: Network, switches: Switches | None = None) -> None:
        super().__init__(network, switches)
        self.current = np.zeros(self.n)

    def disturb(self, moves: np.ndarray) -> None:
        """Add the current."""
        kept = np.exp(-self.dt / 20.0)
        self.current *= kept
        self.current += 0.03 * np.sqrt(1 - kept**2) * self.rng.normal(size=self.n)
        self.state[0] += np.where(moves, self.dt / self.p["cm"] * self.current, 0.0)


class Background(Simulator):
    """Each cell receives spikes of 20 Hz and 0.1 nA that nobody asked for."""

    def disturb(self, moves: np.ndarray) -> None:
        """Add weights at random times."""
        self.state[1] += 0.1 * (self.rng.random(self.n) < 0.02 * self.dt)


class OneUpset(Timed):
    """At 203.7 ms the potential of the first neuron is 8 mV higher."""

    def disturb(self, moves: np.ndarray) -> None:
        """Disturb the neuron."""
        if self.now == 2037:
            self.state[0][0] += 8.0


class RestartedWithoutState(Timed):
    """At 250 ms the run goes on from rest, without the spikes that were on their way."""

    def disturb(self, moves: np.ndarray) -> None:
        """Forget the state."""
        if self.now == 2500:
            self.state[0], self.state[1:] = self.p["v_rest"], 0.0
            self.pending[:] = 0.0
            self.left[:] = 0


class CellsBeginLate(Timed):
    """For 10 ms cells keep their potentials, and receive nothing."""

    def integrate(self) -> None:
        """Integrate from 10 ms on."""
        before = self.state.copy()
        super().integrate()
        if self.now <= 100:
            self.state = before

    def receive(self, now: int) -> None:
        """Add arriving weights from 10 ms on."""
        if now <= 100:
            self.pending[now % len(self.pending)] = 0.0
        super().receive(now)


class CutPotential(Simulator):
    """v is cut, not rounded, to a whole number of 1/64 mV."""

    def disturb(self, moves: np.ndarray) -> None:
        """Cut the potential."""
        self.state[0] = np.floor(64 * self.state[0]) / 64
