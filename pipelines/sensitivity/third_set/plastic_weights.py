"""Plastic weights that learn by rules that neither of the other sets of faults has."""

from __future__ import annotations

import numpy as np

from pipelines.sensitivity.second_set.plastic_weights import Clocked, learner
from pipelines.sensitivity.simulator.network import Synapses
from pipelines.sensitivity.simulator.plasticity import PlasticWeights

# Steps of a ms.
_MS = 10


class LateStart(Clocked):
    """Weights change from 200 ms on."""

    def _set(self, rows: np.ndarray, weights: np.ndarray) -> None:
        if self.now > 200 * _MS:
            super()._set(rows, weights)


class Accelerating(Clocked):
    """The learning rate grows in proportion to the time, and is as asked for at 250 ms."""

    def potentiate(self, rows: np.ndarray, trace: np.ndarray) -> None:
        """Increase weights, ever more."""
        super().potentiate(rows, trace * self.now / (250 * _MS))

    def depress(self, rows: np.ndarray, trace: np.ndarray) -> None:
        """Decrease weights, ever more."""
        super().depress(rows, trace * self.now / (250 * _MS))


class NearestPotentiation(PlasticWeights):
    """Only the nearest presynaptic spike potentiates; all postsynaptic ones depress."""

    def _add_spike(self, which: int, now: int, rows: np.ndarray) -> None:
        super()._add_spike(which, now, rows)
        if which == 0:
            self._trace[which, rows] = 1.0


class UsedOnce(PlasticWeights):
    """A spike counts for one pair: its trace is zero once it changed the weight."""

    def potentiate(self, rows: np.ndarray, trace: np.ndarray) -> None:
        """Increase weights, and use the presynaptic traces up."""
        super().potentiate(rows, trace)
        self._trace[0, rows] = 0.0

    def depress(self, rows: np.ndarray, trace: np.ndarray) -> None:
        """Decrease weights, and use the postsynaptic traces up."""
        super().depress(rows, trace)
        self._trace[1, rows] = 0.0


class NoClosePairs(PlasticWeights):
    """Nothing counts if the last spike of the other side is less than 2 ms ago."""

    def _trace_at(self, which: int, now: int, rows: np.ndarray) -> np.ndarray:
        apart = now - self._since[which, rows] >= 2 * _MS
        return super()._trace_at(which, now, rows) * apart


class DelayIgnored(PlasticWeights):
    """The rule sees spikes when they are sent, not when they arrive; transmission is as asked."""

    def __init__(
        self, synapses: Synapses, pre: np.ndarray, post: np.ndarray, delay: np.ndarray, dt: float
    ) -> None:
        super().__init__(synapses, pre, post, np.zeros_like(delay), dt)
        self.delay = delay

    def step(self, now: int, neurons: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Process the spikes sent in step `now`."""
        rows, weights, _ = super().step(now, neurons)
        return rows, weights, self.delay[rows]


class NoisyChanges(Clocked):
    """Changes of weights vary by 20 % at random."""

    def potentiate(self, rows: np.ndarray, trace: np.ndarray) -> None:
        """Increase weights by a random share."""
        super().potentiate(rows, trace * self.varied(len(rows)))

    def depress(self, rows: np.ndarray, trace: np.ndarray) -> None:
        """Decrease weights by a random share."""
        super().depress(rows, trace * self.varied(len(rows)))

    def varied(self, n: int) -> np.ndarray:
        """Random factors, shape (n,), around 1."""
        return np.random.default_rng([61, self.now]).normal(1.0, 0.2, n)


class EverySecondChange(PlasticWeights):
    """Every second call that would change weights does nothing."""

    changes = 0

    def _set(self, rows: np.ndarray, weights: np.ndarray) -> None:
        self.changes += 1
        if self.changes % 2:
            super()._set(rows, weights)


class WrittenRarely(PlasticWeights):
    """Changes of weights are collected, and take effect every 100 ms."""

    def step(self, now: int, neurons: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Process the spikes sent in step `now`."""
        if now % (100 * _MS) == 1:
            self.written = self.weight.copy()
        rows, _, delay = super().step(now, neurons)
        self.transmitted[rows] = self.written[rows]
        return rows, self.written[rows], delay


class CostOfTransmission(PlasticWeights):
    """Each presynaptic spike depresses by a fixed amount, too."""

    def depress(self, rows: np.ndarray, trace: np.ndarray) -> None:
        """Decrease weights, also without a postsynaptic spike."""
        super().depress(rows, trace + 0.1)


class TracesOfWholeMs(PlasticWeights):
    """Traces decay once in a ms."""

    def _trace_at(self, which: int, now: int, rows: np.ndarray) -> np.ndarray:
        passed = self._since[which, rows] // _MS * _MS - now // _MS * _MS
        return self._trace[which, rows] * np.exp(passed / self._tau[which])


LEARNERS = {
    kind.__name__: learner(kind)
    for kind in (
        LateStart, Accelerating, NearestPotentiation, UsedOnce, NoClosePairs, DelayIgnored,
        NoisyChanges, EverySecondChange, WrittenRarely, CostOfTransmission, TracesOfWholeMs,
    )
}  # fmt: skip
"""Simulators with these plastic weights, by the name of their class."""
