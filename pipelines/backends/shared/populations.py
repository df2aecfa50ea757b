"""Initial values that are drawn once.

Mends: a random initial value that PyNN draws again whenever it is read, so that the first
recorded sample differs from the state that was simulated (row "random initial v"; seen in
PyNN 0.13.0 with NEST 3.10.0); initial values of a view, which are not implemented (row "v of a
view"; seen in PyNN 0.13.0, both backends).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from pyNN.parameters import LazyArray
from pyNN.random import RandomDistribution

from pipelines.errors import Unsupported


def as_array(value: Any, size: int) -> np.ndarray:
    """Values of whatever PyNN takes for one: number, list, function of the index, random."""
    if isinstance(value, RandomDistribution):
        return np.atleast_1d(value.next(size))
    lazy = value if isinstance(value, LazyArray) else LazyArray(value, shape=(size,), dtype=float)
    lazy.shape = (size,)
    return np.array(np.broadcast_to(lazy.evaluate(simplify=False), (size,)), dtype=float)


class DrawnOnce:
    """Mixin of populations: a random initial value becomes the array that it draws."""

    size: int

    def initialize(self, **initial_values: Any) -> None:
        drawn = {
            name: as_array(value, self.size) if isinstance(value, RandomDistribution) else value
            for name, value in initial_values.items()
        }
        super().initialize(**drawn)  # type: ignore[misc]


class PartOfInitialValues:
    """Mixin of views: their initial values are rows of the whole population's."""

    size: int
    grandparent: Any
    _simulator: Any

    def initialize(self, **initial_values: Any) -> None:
        if self._simulator.state.t > 0:
            raise Unsupported(
                "initialize() on a view",
                "the simulation has begun",
                allowed="initial values before the first run",
            )
        rows = self._rows()
        for name, value in initial_values.items():
            whole = as_array(self.grandparent.initial_values[name], self.grandparent.size)
            whole[rows] = as_array(value, self.size)
            self.grandparent.initialize(**{name: whole})

    @property
    def initial_values(self) -> dict[str, np.ndarray]:
        """Initial values of the view's neurons, an array a state variable."""
        whole = self.grandparent
        return {
            name: as_array(value, whole.size)[self._rows()]
            for name, value in whole.initial_values.items()
        }

    def _rows(self) -> np.ndarray:
        """Indices of the view's neurons within the whole population."""
        return np.asarray(self.index_in_grandparent(np.arange(self.size)))  # type: ignore[attr-defined]
