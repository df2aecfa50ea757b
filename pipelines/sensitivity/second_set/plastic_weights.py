"""Plastic weights that learn by other rules than that of the small simulator."""

from __future__ import annotations

from typing import Any

import numpy as np

from pipelines.sensitivity.simulator.plasticity import PlasticWeights
from pipelines.sensitivity.simulator.simulation import Simulator

# Length of a time step (ms), at which these rules are tried.
_STEP = 0.1


class Clocked(PlasticWeights):
    """Plastic weights that know the present step.

    Attributes
    ----------
    now
        Number of the step whose spikes are processed.
    """

    now = 0

    def step(self, now: int, neurons: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Process the spikes sent in step `now`, and remember it."""
        self.now = now
        return super().step(now, neurons)


class Decaying(Clocked):
    """The learning rate decays within 200 ms."""

    def potentiate(self, rows: np.ndarray, trace: np.ndarray) -> None:
        """Increase weights, ever less."""
        super().potentiate(rows, trace * np.exp(-self.now * _STEP / 200.0))

    def depress(self, rows: np.ndarray, trace: np.ndarray) -> None:
        """Decrease weights, ever less."""
        super().depress(rows, trace * np.exp(-self.now * _STEP / 200.0))


class Frozen(Clocked):
    """Weights no longer change after 250 ms."""

    def _set(self, rows: np.ndarray, weights: np.ndarray) -> None:
        if self.now * _STEP <= 250.0:
            super()._set(rows, weights)


class HalfFrozen(PlasticWeights):
    """The second half of the synapses keep their weights."""

    def _set(self, rows: np.ndarray, weights: np.ndarray) -> None:
        learns = rows < len(self.weight) // 2
        super()._set(rows[learns], weights[learns])


class LateDepression(PlasticWeights):
    """A presynaptic spike transmits the weight from before the depression that it causes."""

    def step(self, now: int, neurons: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Process the spikes sent in step `now`."""
        before = self.weight.copy()
        rows, _, delay = super().step(now, neurons)
        self.transmitted[rows] = before[rows]
        return rows, before[rows], delay


class ReadNow(PlasticWeights):
    """Weights are reported as they are, not as they were last transmitted."""

    def step(self, now: int, neurons: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Process the spikes sent in step `now`."""
        result = super().step(now, neurons)
        self.transmitted = self.weight.copy()
        return result


class Saturating(PlasticWeights):
    """Traces are 1.2 at most."""

    def _add_spike(self, which: int, now: int, rows: np.ndarray) -> None:
        super()._add_spike(which, now, rows)
        self._trace[which, rows] = np.minimum(self._trace[which, rows], 1.2)


class NearestDepression(PlasticWeights):
    """Only the nearest postsynaptic spike depresses; all presynaptic ones potentiate."""

    def _add_spike(self, which: int, now: int, rows: np.ndarray) -> None:
        super()._add_spike(which, now, rows)
        if which == 1:
            self._trace[which, rows] = 1.0


class Window(PlasticWeights):
    """Nothing counts if the last spike of the other side is more than 20 ms ago."""

    def _trace_at(self, which: int, now: int, rows: np.ndarray) -> np.ndarray:
        near = (now - self._since[which, rows]) * _STEP <= 20.0
        return super()._trace_at(which, now, rows) * near


class LatePost(PlasticWeights):
    """Postsynaptic spikes arrive at the synapse one step late."""

    def _arriving(
        self, now: int, neurons: np.ndarray, rows_of: list[np.ndarray], delay: np.ndarray, due: Any
    ) -> np.ndarray:
        late = 1 if rows_of is self._of_post else 0
        return super()._arriving(now, neurons, rows_of, delay + late, due)


class Coarse(PlasticWeights):
    """Weights are whole numbers of w_max / 256."""

    def _set(self, rows: np.ndarray, weights: np.ndarray) -> None:
        unit = self.rule.w_max / 256
        super()._set(rows, np.rint(weights / unit) * unit)


class Triplets(Clocked):
    """Potentiation grows with the trace of postsynaptic spikes."""

    def potentiate(self, rows: np.ndarray, trace: np.ndarray) -> None:
        """Increase the weights by pairs and triplets."""
        super().potentiate(rows, trace * (1 + self._trace_at(1, self.now, rows)))


class Normalized(PlasticWeights):
    """Every 10 ms the weights onto each neuron are scaled to the sum at the beginning."""

    def step(self, now: int, neurons: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Process the spikes sent in step `now`."""
        if not hasattr(self, "sums"):
            self.sums = [self.weight[rows].sum() for rows in self._of_post]
        if now % 100 == 0:
            for rows, total in zip(self._of_post, self.sums, strict=True):
                if len(rows):
                    self.weight[rows] *= total / self.weight[rows].sum()
        return super().step(now, neurons)


class Forgetting(PlasticWeights):
    """Weights decay to zero within 2 s."""

    def step(self, now: int, neurons: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Process the spikes sent in step `now`."""
        self.weight *= np.exp(-_STEP / 2000.0)
        return super().step(now, neurons)


def learner(kind: type[PlasticWeights]) -> type[Simulator]:
    """A simulator with plastic weights of this kind."""
    return type(f"With{kind.__name__}", (Simulator,), {"plastic_kind": kind})


LEARNERS = {
    kind.__name__: learner(kind)
    for kind in (
        Decaying, Frozen, HalfFrozen, LateDepression, ReadNow, Saturating, NearestDepression,
        Window, LatePost, Coarse, Triplets, Normalized, Forgetting,
    )
}  # fmt: skip
"""Simulators with these plastic weights, by the name of their class."""
