"""Views of populations: rows of the population's arrays.

Mends (seen in PyNN 0.13.0): initial values of a view are not implemented (row "v of a view"); an
array that selects cells is sorted in place, with negative indices first.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from pyNN.parameters import LazyArray

from pipelines.errors import Unsupported

from .assemblies import UnitsMixin
from .default_random import SampleMixin, seed_distributions
from .initial_values import (
    SharedPopulation,
    as_array,
    normalised_values,
    refuse_unknown,
    source_parameters,
)
from .invalid_value import InvalidValue
from .network_registry import Registry


class SharedPopulationView(SampleMixin, UnitsMixin):
    """Mixin of views: initial values and parameters of sources are rows of the population's."""

    size: int
    grandparent: Any
    _simulator: Any

    def __init__(self, parent: Any, selector: Any, label: str | None = None) -> None:
        cells = np.arange(parent.size)
        if not isinstance(selector, slice):
            selector = np.array(selector)
            if selector.size and selector.dtype != bool:
                # A copy, since PyNN sorts the array in place, with negative indices first.
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
        seed_distributions(initial_values, self._registry)
        population, rows = self.grandparent, self._rows()
        has_begun = self._simulator.state.t > 0
        if has_begun and not hasattr(population, "_set_state"):
            raise Unsupported(
                "initialize() on a view",
                "the simulation has begun",
                allowed="initial values before the first run, or after reset()",
            )
        initial_values = normalised_values(self, initial_values)
        for name, value in initial_values.items():
            values = as_array(value, self.size)
            initial = as_array(population.initial_values[name], population.size)
            initial[rows] = values
            if has_begun:
                # Sets these cells only; not all backends have this method.
                population._set_state(name, rows, values)
                population.initial_values[name] = LazyArray(
                    initial, shape=(population.size,), dtype=float
                )
            else:
                population.initialize(**{name: initial})

    @property
    def initial_values(self) -> dict[str, np.ndarray]:
        """Initial values of the view's neurons: an array for each state variable."""
        population = self.grandparent
        return {
            name: as_array(value, population.size)[self._rows()]
            for name, value in population.initial_values.items()
        }

    def _rows(self) -> np.ndarray:
        """Indices of the view's neurons within the whole population."""
        return np.asarray(self.index_in_grandparent(np.arange(self.size)))  # type: ignore[attr-defined]

    def set(self, **parameters: Any) -> None:
        seed_distributions(parameters, self._registry)
        super().set(**normalised_values(self, parameters))  # type: ignore[misc]

    def _get_parameters(self, *names: str) -> Any:
        if self.grandparent.trains is None:
            return super()._get_parameters(*names)  # type: ignore[misc]
        return source_parameters(self.grandparent, names, self._rows())

    def _set_parameters(self, parameter_space: Any) -> None:
        population = self.grandparent
        if population.trains is None:
            super()._set_parameters(parameter_space)  # type: ignore[misc]
            return
        changed = {}
        for name, value in parameter_space.items():
            changed[name] = population._source_parameters[name].copy()
            changed[name][self._rows()] = SharedPopulation._evaluate_parameter(self, name, value)  # type: ignore[arg-type]
        population._set_source_parameters(changed)
