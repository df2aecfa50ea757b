"""Simulators of cells that are wrong in ways for which the small simulator has no switch."""

from __future__ import annotations

import numpy as np

from pipelines.sensitivity.simulator.network import Network
from pipelines.sensitivity.simulator.simulation import Simulator, Switches


class LastNeuronsIgnored(Simulator):
    """The last neuron of each population keeps its state."""

    def integrate(self) -> None:
        """Integrate all but the last neurons."""
        cells = self.network.cells
        last = [self.first[name] + one.n - 1 for name, one in cells.items()]
        kept = self.state[:, last].copy()
        super().integrate()
        self.state[:, last] = kept
        self.state[1:, last] = 0.0


class NoInputWhileRefractory(Simulator):
    """Inputs that arrive while a cell is refractory are lost."""

    def receive(self, now: int) -> None:
        """Add the weights that arrive at cells that are not refractory."""
        self.pending[now % len(self.pending)][:, self.left > 0] = 0.0
        super().receive(now)


class AdaptingThreshold(Simulator):
    """The threshold rises by 0.5 mV with each spike, and falls back within 50 ms."""

    def fire(self, can_spike: np.ndarray) -> np.ndarray:
        """Reset the cells at the threshold, which rises."""
        p = self.p
        p["v_thresh"] = -50.0 + (p["v_thresh"] + 50.0) * np.exp(-self.dt / 50.0)
        fired = super().fire(can_spike)
        p["v_thresh"][fired] += 0.5
        return fired


class AdaptingCurrent(Simulator):
    """Each spike lowers a current by 0.02 nA, which decays within 100 ms."""

    def __init__(self, network: Network, switches: Switches | None = None) -> None:
        super().__init__(network, switches)
        self.adaptation = np.zeros(self.n)

    def integrate(self) -> None:
        """Integrate, with the current of adaptation."""
        super().integrate()
        self.state[0] += self.dt / self.p["cm"] * self.adaptation
        self.adaptation *= np.exp(-self.dt / 100.0)

    def fire(self, can_spike: np.ndarray) -> np.ndarray:
        """Reset the cells at the threshold, and let them adapt."""
        fired = super().fire(can_spike)
        self.adaptation[fired] -= 0.02
        return fired


class CurrentsLostAtSpike(Simulator):
    """Synaptic currents of a cell are set to zero when it spikes."""

    def fire(self, can_spike: np.ndarray) -> np.ndarray:
        """Reset potentials and currents of the cells at the threshold."""
        fired = super().fire(can_spike)
        self.state[1:, fired] = 0.0
        return fired


class ClippedAtRest(Simulator):
    """The potential does not fall below rest."""

    def disturb(self, moves: np.ndarray) -> None:
        """Clip the potential."""
        self.state[0] = np.maximum(self.state[0], self.p["v_rest"])


class SaturatedCurrents(Simulator):
    """The excitatory current of a cell is at most 0.5 nA times the constant of its inputs."""

    def receive(self, now: int) -> None:
        """Add arriving weights, and clip the current."""
        super().receive(now)
        # In the plastic network single inputs are stronger.
        largest = 1.5 if self.plastic else 0.5
        self.state[1] = np.minimum(self.state[1], largest)


class RandomRefractoriness(Simulator):
    """The refractory period varies from spike to spike by up to 3 steps."""

    def fire(self, can_spike: np.ndarray) -> np.ndarray:
        """Reset the cells at the threshold, and draw their refractory periods."""
        fired = super().fire(can_spike)
        self.left[fired] += self.rng.integers(-3, 4, len(fired))
        return fired


class LateReset(Simulator):
    """A cell that spikes is reset, and becomes refractory, in the step after."""

    def __init__(self, network: Network, switches: Switches | None = None) -> None:
        super().__init__(network, switches)
        self.fired = np.empty(0, int)

    def fire(self, can_spike: np.ndarray) -> np.ndarray:
        """Reset the cells that spiked before, and find those that spike now."""
        able = can_spike.copy()
        able[self.fired] = False
        spiking = able & (self.state[0] >= self.p["v_thresh"])
        self.left = np.maximum(self.left - 1, 0)
        self.left[self.fired] = self.refractory_steps[self.fired]
        self.state[0][self.fired] = self.p["v_reset"][self.fired]
        self.fired = np.flatnonzero(spiking)
        return self.fired


class LateThreshold(Simulator):
    """Cells whose potential was at the threshold one step before spike."""

    def __init__(self, network: Network, switches: Switches | None = None) -> None:
        super().__init__(network, switches)
        self.above = np.zeros(self.n, bool)

    def fire(self, can_spike: np.ndarray) -> np.ndarray:
        """Reset the cells that were at the threshold."""
        spiking = can_spike & self.above
        self.left = np.where(spiking, self.refractory_steps, np.maximum(self.left - 1, 0))
        self.state[0][spiking] = self.p["v_reset"][spiking]
        self.above = self.state[0] >= self.p["v_thresh"]
        return np.flatnonzero(spiking)


class InputsFirst(Simulator):
    """Weights that arrive in a step are added before its integration; or a share of them."""

    share = 1.0

    def __init__(self, network: Network, switches: Switches | None = None) -> None:
        super().__init__(network, switches)
        self.now = 0

    def integrate(self) -> None:
        """Add arriving weights, then integrate."""
        self.now += 1
        arriving = self.share * self.pending[self.now % len(self.pending)]
        self.state[1:] += arriving
        self.pending[self.now % len(self.pending)] -= arriving
        super().integrate()


class InputsHalfFirst(InputsFirst):
    """Half of each arriving weight is added before integration."""

    share = 0.5


class HeldInhibition(Simulator):
    """The inhibitory current is held constant over a step when v is integrated."""

    def integrate(self) -> None:
        """Integrate by exponential Euler in the inhibitory current, else exactly."""
        inhibition, p = self.state[2].copy(), self.p
        held = -np.expm1(-self.dt / p["tau_m"]) * p["tau_m"] / p["cm"]
        self.state[2] = 0.0
        super().integrate()
        self.state[0] += held * inhibition
        self.state[2] = inhibition * np.exp(-self.dt / p["tau_syn_I"])


class BackwardEuler(Simulator):
    """The state is integrated by backward Euler."""

    def integrate(self) -> None:
        """Solve for the state at the end of the step."""
        p, h = self.p, self.dt
        v, exc, inh = self.state
        exc, inh = exc / (1 + h / p["tau_syn_E"]), inh / (1 + h / p["tau_syn_I"])
        input_mv = h * (p["v_rest"] / p["tau_m"] + (exc + inh + p["i_offset"]) / p["cm"])
        self.state = np.stack([(v + input_mv) / (1 + h / p["tau_m"]), exc, inh])


class Trapezoidal(Simulator):
    """The state is integrated by the trapezoidal rule."""

    def integrate(self) -> None:
        """Use the mean of the slopes at both ends of the step."""
        p, h = self.p, self.dt
        v, *currents = self.state
        half = [h / (2 * p[name]) for name in ("tau_m", "tau_syn_E", "tau_syn_I")]
        after = [i * (1 - x) / (1 + x) for i, x in zip(currents, half[1:], strict=True)]
        current = (sum(currents) + sum(after)) / 2 + p["i_offset"]
        input_mv = 2 * half[0] * p["v_rest"] + h / p["cm"] * current
        self.state = np.stack([(v * (1 - half[0]) + input_mv) / (1 + half[0]), *after])


class EulerWithExactCurrents(Simulator):
    """v is integrated by forward Euler, and currents decay exactly."""

    def integrate(self) -> None:
        """Integrate v by its slope at the beginning of the step."""
        v = self.state[0] + self.dt * self._slope(self.state)[0]
        super().integrate()
        self.state[0] = v


class CurrentsOf16Bits(Simulator):
    """Synaptic currents are stored in 16 bits."""

    def disturb(self, moves: np.ndarray) -> None:
        """Round the currents."""
        self.state[1:] = self.state[1:].astype(np.float16)


class FixedPoint(Simulator):
    """v is stored as a whole number of 1/128 mV."""

    def disturb(self, moves: np.ndarray) -> None:
        """Round the potential."""
        self.state[0] = np.rint(128 * self.state[0]) / 128


class RoundedDecay(Simulator):
    """Factors by which currents decay in a step are whole numbers of 1/256."""

    def _prepare_propagators(self) -> None:
        super()._prepare_propagators()
        exact = self._propagators
        self._propagators = (*exact[:4], *(np.rint(256 * factor) / 256 for factor in exact[4:]))


class NoiseInCurrents(Simulator):
    """A random number is added to the excitatory current in each step."""

    def disturb(self, moves: np.ndarray) -> None:
        """Add the noise (nA)."""
        self.state[1] += self.rng.normal(0.0, 0.01, self.n)


class NoiseInFewCells(Simulator):
    """A random number is added to v of every fourth cell in each step."""

    def disturb(self, moves: np.ndarray) -> None:
        """Add the noise (mV)."""
        noise = self.rng.normal(0.0, 0.1, self.n)
        self.state[0][::4] += np.where(moves, noise, 0.0)[::4]
