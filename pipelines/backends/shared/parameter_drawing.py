"""Random weights and delays of many target cells in one call, equal to PyNN's call per target.

Avoids PyNN's overhead per target: building a projection with 100 drawn synapses per target takes
a third of the time (see ``counterpoint bench memory``).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

import numpy as np
from pyNN.random import MAX_REDRAWS, NumpyRNG, RandomDistribution

# Distributions whose sequence of numbers does not depend on how many are drawn in a call.
_IN_SEQUENCE = {"exponential", "lognormal", "normal", "normal_clipped_to_boundary", "uniform"}


def target_value_sampler(value: Any) -> Callable[[np.ndarray], Any] | None:
    """Return a function that draws a parameter of the synapses onto the next targets.

    Parameters
    ----------
    value : LazyArray
        Parameter of a projection, the only one that draws from its generator.

    Returns
    -------
    callable, or None
        Maps the number of synapses of each target, shape (n_targets,), to one number or to an
        array with one value per synapse; None if only PyNN can evaluate the parameter.
    """
    if value.is_homogeneous:
        number = float(value.evaluate(simplify=True))
        return lambda sizes: number
    drawn = value.base_value
    if (
        not isinstance(drawn, RandomDistribution)
        or getattr(type(drawn.rng), "next", None) is not NumpyRNG.next
        or value.operations
        or any(np.ndim(parameter) for parameter in drawn.parameters.values())
    ):
        return None
    if drawn.name in _IN_SEQUENCE:
        return lambda sizes: drawn.next(int(np.sum(sizes)))
    return _ClippedNormal(drawn).next if drawn.name == "normal_clipped" else None


class _ClippedNormal:
    """Normal distribution in which values outside two limits are drawn again.

    PyNN draws them again at the end of each target, so that the numbers of the next target depend
    on how many were drawn again.
    """

    def __init__(self, drawn: RandomDistribution) -> None:
        self._rng = drawn.rng.rng
        self._normal = drawn.parameters["mu"], drawn.parameters["sigma"]
        self._limits = drawn.parameters["low"], drawn.parameters["high"]
        self._drawn = np.empty(0)

    def _draw(self, number: int) -> None:
        further = self._rng.normal(*self._normal, size=number)
        self._drawn = np.concatenate([self._drawn, further])
        low, high = self._limits
        self._outside = (self._drawn < low) | (self._drawn > high)
        self._outside_indices = np.flatnonzero(self._outside).tolist()
        self._n_outside_before = np.append(0, np.cumsum(self._outside, dtype=np.int32))

    def next(self, sizes: np.ndarray) -> np.ndarray:
        """Values of the synapses of the next targets, given the number of each target."""
        total, before = int(np.sum(sizes)), self._rng.get_state()
        self._drawn = np.empty(0)
        self._draw(total)
        # Index of each target's first number; of each value drawn again, its own and its
        # replacement's index.
        firsts, redrawn, replacement = [], [], []
        used = 0
        for size in sizes.tolist():
            first, used = used, used + size
            firsts.append(first)
            self._ensure_drawn(used)
            pending = deque(
                self._outside_indices[self._n_outside_before[first] : self._n_outside_before[used]]
            )
            limit = used + MAX_REDRAWS * len(pending)
            while pending:
                self._ensure_drawn(used + 1)
                index = pending.popleft()
                if self._outside[used]:
                    pending.append(index)
                else:
                    redrawn.append(index)
                    replacement.append(used)
                used += 1
                if used > limit:
                    raise ValueError(
                        "normal_clipped: nearly all numbers that are drawn are outside the limits"
                    )
        values = self._drawn.copy()
        values[redrawn] = self._drawn[replacement]
        # Set the generator to the state after the last number that is used.
        self._rng.set_state(before)
        self._rng.normal(*self._normal, size=used)
        begins = np.cumsum(sizes) - sizes
        return values[np.repeat(np.array(firsts) - begins, sizes) + np.arange(total)]

    def _ensure_drawn(self, number: int) -> None:
        """Draw further numbers until there are at least `number`."""
        if number > len(self._drawn):
            self._draw(number - len(self._drawn) + len(self._drawn) // 50)
