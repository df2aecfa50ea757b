"""Views of populations: rows of what the population holds.

Mends (seen in PyNN 0.13.0): initial values of a view, which are not implemented (row "v of a
view"); an array that selects cells is sorted in place, with negative indices first.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from pyNN.parameters import LazyArray

from pipelines.errors import Unsupported

from .assemblies import WithUnits
from .default_random import Sampled, seed_all
from .initial_values import DrawnOnce, as_array, of_sources, plain_values, refuse_unknown
from .invalid_value import InvalidValue
from .network_registry import Registry


class PartOfDrawn(Sampled, WithUnits):
    """Mixin of views: initial values, and rates of drawn sources, are rows of the population's."""

    size: int
    grandparent: Any
    _simulator: Any

    def __init__(self, parent: Any, selector: Any, label: str | None = None) -> None:
        cells = np.arange(parent.size)
        if not isinstance(selector, slice):
            selector = np.array(selector)
            if selector.size and selector.dtype != bool:
                # PyNN sorts the script's own array, with negative indices first.
                selector = cells[selector]
        is_empty = not isinstance(selector, slice) and selector.size == 0
        if is_empty or cells[selector].size == 0:
            raise InvalidValue(
                f"a view of {parent.label!r}", "no cell is selected", allowed="one cell and more"
            )
        super().__init__(parent, selector, label)  # type: ignore[call-arg]

    @property
    def _registry(self) -> Registry:  # type: ignore[override]
        registry: Registry = self.grandparent._registry
        return registry

    def initialize(self, **initial_values: Any) -> None:
        refuse_unknown(self, initial_values)
        seed_all(initial_values, self._registry)
        whole, rows = self.grandparent, self._rows()
        began = self._simulator.state.t > 0
        if began and not hasattr(whole, "_set_state"):
            raise Unsupported(
                "initialize() on a view",
                "the simulation has begun",
                allowed="initial values before the first run, or after reset()",
            )
        initial_values = plain_values(self, initial_values)
        for name, value in initial_values.items():
            values = as_array(value, self.size)
            initial = as_array(whole.initial_values[name], whole.size)
            initial[rows] = values
            if began:
                # Of these cells only; a backend that can has this method.
                whole._set_state(name, rows, values)
                whole.initial_values[name] = LazyArray(initial, shape=(whole.size,), dtype=float)
            else:
                whole.initialize(**{name: initial})

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

    def set(self, **parameters: Any) -> None:
        seed_all(parameters, self._registry)
        super().set(**plain_values(self, parameters))  # type: ignore[misc]

    def _get_parameters(self, *names: str) -> Any:
        if self.grandparent.trains is None:
            return super()._get_parameters(*names)  # type: ignore[misc]
        return of_sources(self.grandparent, names, self._rows())

    def _set_parameters(self, parameter_space: Any) -> None:
        whole = self.grandparent
        if whole.trains is None:
            super()._set_parameters(parameter_space)  # type: ignore[misc]
            return
        changed = {}
        for name, value in parameter_space.items():
            changed[name] = whole._values[name].copy()
            changed[name][self._rows()] = DrawnOnce._evaluated(self, name, value)  # type: ignore[arg-type]
        whole._change_sources(changed)
