"""Simulators that transmit spikes in wrong ways that neither of the other sets of faults has."""

from __future__ import annotations

import numpy as np

from pipelines.sensitivity.simulator.network import Network
from pipelines.sensitivity.simulator.simulation import Simulator, Switches


class ArrivalsAtWholeMs(Simulator):
    """Weights arrive at the next whole ms."""

    def _prepare_synapses(self) -> None:
        super()._prepare_synapses()
        self.pending = np.zeros((len(self.pending) + 10, 2, self.n))

    def deliver(self, now: int, rows: np.ndarray, weights: np.ndarray, delay: np.ndarray) -> None:
        """Let weights arrive after the delay, and what is missing to a whole ms."""
        super().deliver(now, rows, weights, delay + (-(now + delay)) % 10)


class JitteredArrivals(Simulator):
    """Each weight arrives up to three steps late."""

    def deliver(self, now: int, rows: np.ndarray, weights: np.ndarray, delay: np.ndarray) -> None:
        """Let weights arrive after the delay and a random number of steps."""
        super().deliver(now, rows, weights, delay + self.rng.integers(0, 4, len(rows)))


class InhibitionLost(Simulator):
    """A tenth of the spikes that inhibit is lost."""

    def deliver(self, now: int, rows: np.ndarray, weights: np.ndarray, delay: np.ndarray) -> None:
        """Let weights arrive, but for some."""
        lost = (self._receptor[rows] == 1) & (self.rng.random(len(rows)) < 0.1)
        super().deliver(now, rows[~lost], weights[~lost], delay[~lost])


class InhibitionBeginsLate(Simulator):
    """Nothing inhibits in the first 100 ms."""

    def deliver(self, now: int, rows: np.ndarray, weights: np.ndarray, delay: np.ndarray) -> None:
        """Let weights arrive, of excitation alone at first."""
        kept = (self._receptor[rows] == 0) | (now > 1000)
        super().deliver(now, rows[kept], weights[kept], delay[kept])


class SomeSentTwice(Simulator):
    """2 % of the transmitted spikes arrive twice."""

    def deliver(self, now: int, rows: np.ndarray, weights: np.ndarray, delay: np.ndarray) -> None:
        """Let weights arrive, and some again."""
        times = np.where(self.rng.random(len(rows)) < 0.02, 2, 1)
        super().deliver(now, rows, times * weights, delay)


class OneOfSeveralArrives(Simulator):
    """Of the weights that are sent in one step to arrive at one neuron together, one arrives."""

    def deliver(self, now: int, rows: np.ndarray, weights: np.ndarray, delay: np.ndarray) -> None:
        """Let the last of such weights arrive."""
        at = (now + delay) % len(self.pending), self._receptor[rows], self._post[rows]
        # Unlike np.add.at, this adds once at indices that are there several times.
        self.pending[at] += weights


class WeightsOf6Bits(Simulator):
    """Transmitted weights are whole numbers of 1/63 of the largest."""

    def deliver(self, now: int, rows: np.ndarray, weights: np.ndarray, delay: np.ndarray) -> None:
        """Let rounded weights arrive."""
        unit = np.abs(self._weight).max() / 63
        super().deliver(now, rows, np.rint(weights / unit) * unit, delay)


class FacilitatingSynapses(Simulator):
    """Each use of a synapse leaves it stronger by 20 % of its weight, for about 100 ms."""

    def __init__(self, network: Network, switches: Switches | None = None) -> None:
        super().__init__(network, switches)
        self.gain = np.zeros(len(self._post))
        self.used = np.zeros(len(self._post))

    def deliver(self, now: int, rows: np.ndarray, weights: np.ndarray, delay: np.ndarray) -> None:
        """Let stronger weights arrive."""
        gain = self.gain[rows] * np.exp(-(now - self.used[rows]) * self.dt / 100.0)
        self.gain[rows], self.used[rows] = gain + 0.2, now
        super().deliver(now, rows, (1 + gain) * weights, delay)


class FirstWeightsTransmitted(Simulator):
    """Plastic synapses learn, but transmit the weights that they began with."""

    def deliver(self, now: int, rows: np.ndarray, weights: np.ndarray, delay: np.ndarray) -> None:
        """Let the first weights arrive."""
        super().deliver(now, rows, self._weight[rows], delay)


class InputsJittered(Simulator):
    """Sources play each spike at its time or one step later."""

    def _prepare_sources(self) -> None:
        super()._prepare_sources()
        due: dict[int, list[int]] = {}
        for step, neurons in self._sources_at.items():
            for neuron in neurons.tolist():
                due.setdefault(step + int(self.rng.integers(0, 2)), []).append(neuron)
        self._sources_at = {step: np.array(neurons) for step, neurons in due.items()}


class InputsOfNeighbours(Simulator):
    """Each source plays the train of the next one of its population."""

    def _prepare_sources(self) -> None:
        super()._prepare_sources()
        before = np.arange(sum(self.network.sizes.values()))
        for name in self.network.sources:
            own = self.first[name] + np.arange(self.network.sizes[name])
            before[own] = np.roll(own, 1)
        self._sources_at = {step: before[neurons] for step, neurons in self._sources_at.items()}


class InputsPlayedTwice(Simulator):
    """Each spike of a source is sent twice."""

    def _prepare_sources(self) -> None:
        super()._prepare_sources()
        twice = {step: np.repeat(neurons, 2) for step, neurons in self._sources_at.items()}
        self._sources_at = twice


class InputsEndEarly(Simulator):
    """Sources play nothing after 300 ms."""

    def _prepare_sources(self) -> None:
        super()._prepare_sources()
        played = {step: fired for step, fired in self._sources_at.items() if step <= 3000}
        self._sources_at = played


class OneInputLost(Simulator):
    """One spike of a source is not played."""

    def _prepare_sources(self) -> None:
        super()._prepare_sources()
        step = sorted(self._sources_at)[20]
        self._sources_at[step] = self._sources_at[step][1:]
