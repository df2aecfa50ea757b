"""Simulators that are wrong as hardware is, in ways that the other sets of faults do not have."""

from __future__ import annotations

import numpy as np

from pipelines.sensitivity.second_set.plastic_weights import Clocked, learner
from pipelines.sensitivity.simulator.network import Network
from pipelines.sensitivity.simulator.plasticity import PlasticWeights
from pipelines.sensitivity.simulator.simulation import Simulator, Switches
from pipelines.sensitivity.third_set.simulators import Timed

# Steps of a ms.
_MS = 10


class Drifting(Timed):
    """Constants drift in proportion to the time, and are set anew every 10 ms.

    Attributes
    ----------
    drifting
        Names of the constants.
    per_ms
        Relative change in a ms.
    """

    drifting: tuple[str, ...] = ()
    per_ms = 0.0

    def __init__(self, network: Network, switches: Switches | None = None) -> None:
        super().__init__(network, switches)
        self.cold = {name: self.p[name].copy() for name in self.drifting}

    def integrate(self) -> None:
        """Let the constants drift, and integrate."""
        if self.now % (10 * _MS) == 0:
            times = 1 + self.per_ms * self.now / _MS
            self.p.update({name: times * value for name, value in self.cold.items()})
            self._prepare_propagators()
        super().integrate()


class DecayingLeak(Drifting):
    """The membrane time constant falls by 20 % in 500 ms."""

    drifting, per_ms = ("tau_m",), -4e-4


class HeatedSynapses(Drifting):
    """Both synaptic time constants rise by 20 % in 500 ms."""

    drifting, per_ms = ("tau_syn_E", "tau_syn_I"), 4e-4


class CountedRefractoriness(Timed):
    """Refractory periods are counted by a clock of 1 ms, so that they end up to 1 ms late."""

    def fire(self, can_spike: np.ndarray) -> np.ndarray:
        """Reset the cells at the threshold."""
        fired = super().fire(can_spike)
        self.left[fired] += -(self.now + self.left[fired]) % _MS
        return fired


class DriftingWeights(Simulator):
    """Transmitted weights grow by 15 % in 500 ms."""

    def deliver(self, now: int, rows: np.ndarray, weights: np.ndarray, delay: np.ndarray) -> None:
        """Let grown weights arrive."""
        super().deliver(now, rows, (1 + 3e-4 * now / _MS) * weights, delay)


class LostUnderLoad(Simulator):
    """Of the weights sent in a step the first ten arrive; the bus loses the others."""

    def deliver(self, now: int, rows: np.ndarray, weights: np.ndarray, delay: np.ndarray) -> None:
        """Let the first weights arrive."""
        super().deliver(now, rows[:10], weights[:10], delay[:10])


class DeadTime(Simulator):
    """A synapse that has transmitted transmits nothing for 8 ms."""

    def __init__(self, network: Network, switches: Switches | None = None) -> None:
        super().__init__(network, switches)
        self.ready = np.zeros(len(self._post), int)

    def deliver(self, now: int, rows: np.ndarray, weights: np.ndarray, delay: np.ndarray) -> None:
        """Let weights arrive through the synapses that are ready."""
        kept = self.ready[rows] <= now
        self.ready[rows[kept]] = now + 8 * _MS
        super().deliver(now, rows[kept], weights[kept], delay[kept])


class StuckAtBound(PlasticWeights):
    """A weight that has reached the upper bound stays there."""

    def _set(self, rows: np.ndarray, weights: np.ndarray) -> None:
        free = self.weight[rows] < self.rule.w_max * (1 - 1e-9)
        super()._set(rows[free], weights[free])


class WeightsOf5Bits(Clocked):
    """Changed weights are rounded at random to one of two whole numbers of w_max / 31."""

    def _set(self, rows: np.ndarray, weights: np.ndarray) -> None:
        unit = self.rule.w_max / 31
        drawn = np.random.default_rng([7, self.now, len(rows)]).random(len(rows))
        super()._set(rows, np.floor(weights / unit + drawn) * unit)


class TracesOf4Bits(PlasticWeights):
    """Traces are read as whole numbers of 1/8, of at most 15/8."""

    def _trace_at(self, which: int, now: int, rows: np.ndarray) -> np.ndarray:
        exact = super()._trace_at(which, now, rows)
        return np.minimum(np.rint(8 * exact), 15) / 8


LEARNERS = {kind.__name__: learner(kind) for kind in (StuckAtBound, WeightsOf5Bits, TracesOf4Bits)}
"""Simulators with these plastic weights, by the name of their class."""
