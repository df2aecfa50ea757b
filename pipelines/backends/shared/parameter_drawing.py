"""Random weights and delays of many targets at once, as PyNN draws them for one after the other.

Saves PyNN's handling of each target: building a projection with 100 drawn synapses a target takes
a third of the time (see ``counterpoint bench memory``).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

import numpy as np
from pyNN.random import MAX_REDRAWS, NumpyRNG, RandomDistribution

# One number after the other, however many are asked for at once.
_IN_SEQUENCE = {"exponential", "lognormal", "normal", "normal_clipped_to_boundary", "uniform"}


def values_of_targets(value: Any) -> Callable[[np.ndarray], Any] | None:
    """A function that gives a parameter of the synapses onto the next targets.

    Parameters
    ----------
    value : LazyArray
        One parameter of a projection, the only one that draws from its generator.

    Returns
    -------
    callable, or None
        From the numbers of synapses of each target, shape (n_targets,), to one number or to an
        array with one value a synapse; None where only PyNN can evaluate it.
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
    return _Clipped(drawn).next if drawn.name == "normal_clipped" else None


class _Clipped:
    """A normal distribution of which values outside two limits are drawn again.

    PyNN does so at the end of each target: what follows in the sequence of random numbers
    depends on how many it drew again.
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
        self._places = np.flatnonzero(self._outside).tolist()
        self._before = np.append(0, np.cumsum(self._outside, dtype=np.int32))

    def next(self, sizes: np.ndarray) -> np.ndarray:
        """Values of the synapses of the next targets, given how many each has."""
        total, before = int(np.sum(sizes)), self._rng.get_state()
        self._drawn = np.empty(0)
        self._draw(total)
        # Of each target the first number, and of each value drawn again the number that it gets.
        firsts, again, instead = [], [], []
        used = 0
        for size in sizes.tolist():
            first, used = used, used + size
            firsts.append(first)
            self._have(used)
            waiting = deque(self._places[self._before[first] : self._before[used]])
            limit = used + MAX_REDRAWS * len(waiting)
            while waiting:
                self._have(used + 1)
                place = waiting.popleft()
                if self._outside[used]:
                    waiting.append(place)
                else:
                    again.append(place)
                    instead.append(used)
                used += 1
                if used > limit:
                    raise ValueError(
                        "normal_clipped: nearly all numbers that are drawn are outside the limits"
                    )
        values = self._drawn.copy()
        values[again] = self._drawn[instead]
        # What was drawn beyond the last one that is used was not drawn at all.
        self._rng.set_state(before)
        self._rng.normal(*self._normal, size=used)
        begins = np.cumsum(sizes) - sizes
        return values[np.repeat(np.array(firsts) - begins, sizes) + np.arange(total)]

    def _have(self, number: int) -> None:
        """Draw further numbers if there are not so many."""
        if number > len(self._drawn):
            self._draw(number - len(self._drawn) + len(self._drawn) // 50)
