"""Populations, views and assemblies on Brian2: slices of the groups that hold all cells of a kind.

Mends (seen in PyNN 0.13.0, Brian2 2.9.0 to 2.11.0): initial values of a view that are not
implemented (row "v of a view"); a refractory period that cannot differ between neurons, and
that a view sets on itself instead of on its neurons ("per-neuron tau_refrac").
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyNN.brian2 as stock
from pyNN import common
from pyNN.parameters import LazyArray, ParameterSpace, simplify
from pyNN.standardmodels import StandardCellType

from pipelines.errors import Unsupported

from ..shared.assemblies import SharedAssembly
from ..shared.initial_values import SharedPopulation
from ..shared.population_views import SharedPopulationView
from ..shared.value_checks import refuse_invalid_parameters
from . import simulation as simulator
from .recording import Recorder
from .simulation import registry, state


class Assembly(SharedAssembly, stock.Assembly):
    __doc__ = stock.Assembly.__doc__
    _simulator = simulator
    _registry = registry


class Rows:
    """Mixin of populations and views: their cells are rows of a group."""

    group: Any  # CellGroup or SourceGroup
    rows: np.ndarray
    size: int
    celltype: Any

    def _get_parameters(self, *names: str) -> ParameterSpace:
        # Stock looks for the parameters of receptors elsewhere.
        every = self.celltype.computed_parameters_include(names)
        native = self.celltype.get_native_names(*(() if every else names))
        values: ParameterSpace = self.celltype.reverse_translate(
            self._get_native_parameters(*native)
        )
        values.evaluate(simplify=False)
        # One number where all cells have the same.
        alike = {name: simplify(np.asarray(value)) for name, value in values.items()}
        if self.size == 1:
            alike = {name: float(np.ravel(value)[0]) for name, value in alike.items()}
        return ParameterSpace(alike, shape=(self.size,))

    def _get_native_parameters(self, *names: str) -> ParameterSpace:
        values = {
            name: self.group.kind.quantity(name, self.group.values[name][self.rows])
            for name in names
        }
        return ParameterSpace(values, shape=(self.size,))

    def _set_parameters(self, parameter_space: Any) -> None:
        parameter_space.evaluate(simplify=False)
        present = {
            name: self.group.values[name][self.rows] for name in self.celltype.get_native_names()
        }
        self._refuse_impossible(present | dict(parameter_space.items()))
        for name, value in parameter_space.items():
            self.group.set(name, self.rows, np.asarray(value, dtype=float))

    def _refuse_impossible(self, native: Mapping[str, Any]) -> None:
        """Refuse parameters, in the units of the kind, that no backend has a model for."""
        names, kind = self.celltype.get_native_names(), self.group.kind
        values = {name: kind.quantity(name, np.asarray(native[name], float)) for name in names}
        space = ParameterSpace(values, shape=(self.size,))
        ours = self.celltype.reverse_translate(space)
        ours.evaluate(simplify=False)
        refuse_invalid_parameters(self.celltype, dict(ours.items()))


class PopulationView(SharedPopulationView, Rows, stock.PopulationView):
    __doc__ = stock.PopulationView.__doc__
    _assembly_class = Assembly
    _simulator = simulator

    @property
    def group(self) -> Any:
        """The group that the cells are in."""
        return self.grandparent.group

    @property
    def rows(self) -> np.ndarray:  # type: ignore[override]
        """Rows of the cells in their group."""
        whole: np.ndarray = self.grandparent.rows
        return whole[self._rows()]

    def _get_view(self, selector: Any, label: str | None = None) -> PopulationView:
        return PopulationView(self, selector, label)


class _InGroup(Rows, stock.Population):
    """What makes the cells, once it is settled of which type they are."""

    def _create_cells(self) -> None:
        if not hasattr(self.celltype, "kind"):
            raise Unsupported(
                f"cell type {type(self.celltype).__name__}",
                "this backend has no equations for it",
                allowed="the cell types of its module",
            )
        self._make_ids()
        standard = isinstance(self.celltype, StandardCellType)
        space = self.celltype.native_parameters if standard else self.celltype.parameter_space
        space.shape = (self.size,)
        space.evaluate(simplify=False)
        space.flatten(with_prefix=False)
        self.group = state.network.cell_group(self.celltype.kind)
        values = self.celltype.extra_parameters | dict(space.items())
        self._refuse_impossible(values)
        self._place(self.group.add(self.size, values))

    def _create_sources(self) -> None:
        self._make_ids()
        self.group = state.network.source_group()
        self._place(self.group.add(self))

    def _make_ids(self) -> None:
        first_id = state.id_counter
        state.id_counter += self.size
        ids = [simulator.ID(k) for k in range(first_id, first_id + self.size)]
        self.all_cells = np.array(ids, dtype=simulator.ID)
        for one in ids:
            one.parent = self
        self._mask_local = np.ones(self.size, dtype=bool)

    def _place(self, first: int) -> None:
        self.rows = np.arange(first, first + self.size)

    def _set_initial_value_array(self, variable: str, value: Any) -> None:
        self._set_state(variable, np.arange(self.size), value)

    def _set_state(self, variable: str, rows: np.ndarray, value: Any) -> None:
        known = self.celltype.state_variable_translations
        if variable not in known:
            where = f"initial value of {variable} in population {self.label!r}"
            raise Unsupported(where, "there is no such state variable", None, variable, known)
        translation = known[variable]
        forward = translation["forward_transform"]
        # A variable without a unit is not transformed.
        native = forward(**{variable: value}) if callable(forward) else value
        if isinstance(native, LazyArray):
            native = native.evaluate(simplify=False)
        self.group.set(translation["translated_name"], self.rows[rows], np.asarray(native, float))


class Population(SharedPopulation, _InGroup):
    __doc__ = common.Population.__doc__
    _simulator = simulator
    _recorder_class = Recorder
    _assembly_class = Assembly
    _registry = registry

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        registry.populations.append(self)

    def _get_view(self, selector: Any, label: str | None = None) -> PopulationView:
        return PopulationView(self, selector, label)
