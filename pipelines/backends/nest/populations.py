"""Populations on NEST that make on-grid models.

Mends (seen in PyNN 0.13.0, NEST 3.10.0): the precision of spikes is a state that leaks from
one `setup` into the next (row "default precision"); random initial values drawn twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import nest
import numpy as np
import pyNN.nest as stock
from pyNN.nest import simulator
from pyNN.nest.populations import PopulationMixin, _build_params
from pyNN.parameters import ParameterSpace, simplify

from pipelines.errors import Unsupported

from ..shared.grid import to_ms
from ..shared.populations import DrawnOnce, PartOfDrawn, as_array
from .ahead import has_begun, registry
from .cells import DrawnTrain
from .changes import ChangedInTime, refuse_late_spikes
from .making import make_cells, tell
from .neurons import PointNeuron
from .recording import Recorder


@contextmanager
def as_set_up() -> Iterator[None]:
    """Within this block PyNN chooses models on the grid, unless this script's `setup` asked
    for others; PyNN's own setting is left as it was."""
    before = simulator.state._spike_precision
    simulator.state._spike_precision = "off_grid" if registry.between_steps else "on_grid"
    try:
        yield
    finally:
        simulator.state._spike_precision = before


@contextmanager
def refused_by_name(where: str) -> Iterator[None]:
    """Within this block what NEST does not take is refused with the reason that it gives.

    Raises
    ------
    Unsupported
        If NEST refuses a value.
    """
    try:
        yield
    except nest.NESTError as error:
        reason = str(error).strip().splitlines()[0]
        raise Unsupported(where, reason, allowed="values that NEST's model takes") from error


class _Nodes(PopulationMixin):
    """What populations and views have in common: parameters that are parts of arrays in NEST."""

    celltype: Any
    node_collection: Any
    local_size: int

    def _get_parameters(self, *names: str) -> Any:
        if not isinstance(self.celltype, PointNeuron):
            return super()._get_parameters(*names)
        in_nest = self._get_native_parameters(*self.celltype.get_native_names())
        all_of_them = self.celltype.reverse_translate(in_nest)
        values = {name: all_of_them[name] for name in names}
        return ParameterSpace(values, shape=(self.local_size,))

    def _get_native_parameters(self, *names: str) -> ParameterSpace:
        space = super()._get_native_parameters(*(name for name in names if "[" not in name))
        for name in names:
            array, bracket, place = name.partition("[")
            if bracket:
                values = np.array(nest.GetStatus(self.node_collection, array))
                space[name] = simplify(values[:, int(place.rstrip("]"))])
        return space


class _SomeNodes(_Nodes, stock.PopulationView):
    """What a view's cells are in NEST, whose collections are in ascending order and cut once."""

    @property
    def node_collection(self) -> Any:
        return self._nodes(self.grandparent.node_collection)

    @property
    def node_collection_source(self) -> Any:
        return self._nodes(self.grandparent.node_collection_source)

    def _nodes(self, whole: Any) -> Any:
        first = int(whole[0].global_id)
        return nest.NodeCollection((first + np.sort(self._rows())).tolist())

    def _set_parameters(self, parameter_space: Any) -> None:
        each = _build_params(_of_one(parameter_space, self.size), np.arange(self.size))
        if isinstance(each, list):
            each = [each[k] for k in np.argsort(self._rows())]
        is_source = getattr(self.celltype, "uses_parrot", False)
        with refused_by_name(f"set() on {self.label!r} on NEST"):
            tell(self.node_collection_source if is_source else self.node_collection, each)

    def _get_native_parameters(self, *names: str) -> ParameterSpace:
        in_nest = super()._get_native_parameters(*names)
        in_nest.evaluate(simplify=False)
        order = np.argsort(np.argsort(self._rows()))
        values = {name: np.ravel(value)[order] for name, value in in_nest.items()}
        return ParameterSpace(values, shape=(self.size,))


class PopulationView(PartOfDrawn, ChangedInTime, _SomeNodes):
    __doc__ = stock.PopulationView.__doc__

    def _get_view(self, selector: Any, label: str | None = None) -> PopulationView:
        return PopulationView(self, selector, label)


def _of_one(space: Any, size: int) -> Any:
    """Parameters as numbers where there is one cell, whose drawn values PyNN cannot list."""
    if size > 1 or space.is_homogeneous or "spike_times" in space.keys():  # noqa: SIM118
        return space
    space.evaluate(simplify=False)
    values = {name: np.ravel(value)[0] for name, value in space.items()}
    return ParameterSpace(values, shape=(1,))


class _MadeAtOnce(_Nodes, stock.Population):
    """What makes the cells, once it is settled of which type they are."""

    def _set_parameters(self, parameter_space: Any) -> None:
        with refused_by_name(f"set() on population {self.label!r} on NEST"):
            space = _of_one(parameter_space, self.size)
            if isinstance(self.celltype, PointNeuron):
                tell(self.node_collection, _build_params(space, np.arange(self.size)))
            else:
                super()._set_parameters(space)

    def _create_cells(self) -> None:
        with as_set_up(), refused_by_name(f"population {self.label!r} on NEST"):
            if simulator.state.num_processes > 1:
                super()._create_cells()
            else:
                make_cells(self, super()._create_cells)


class Population(DrawnOnce, ChangedInTime, _MadeAtOnce):
    __doc__ = stock.Population.__doc__
    _recorder_class = Recorder
    _array_celltype = DrawnTrain
    _registry = registry

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        registry.populations.append(self)
        refuse_late_spikes(self)

    def _set_initial_value_array(self, variable: str, value: Any) -> None:
        names = getattr(self.celltype, "variable_map", None)
        where = f"initial value of {variable} in population {self.label!r} on NEST"
        if names is None:
            with refused_by_name(where):
                super()._set_initial_value_array(variable, value)
            return
        fixed = getattr(self.celltype, "fixed", {}).get(variable)
        if fixed is not None:
            self._refuse_another_start(where, variable, value, fixed)
            return
        name, scale = names[variable], self.celltype.scale_factors[variable]
        if simulator.state.num_processes > 1:
            # PyNN knows the processes, but neither NEST's name nor its unit.
            super()._set_initial_value_array(variable, value / scale)
            return
        start, alike = value.base_value, not value.operations
        with refused_by_name(where):
            if alike and isinstance(start, int | float):
                tell(self.node_collection, {name: start / scale})
            else:
                each = as_array(value, self.size) / scale
                tell(self.node_collection, [{name: one} for one in each.tolist()])

    def _refuse_another_start(self, where: str, name: str, value: Any, fixed: Any) -> None:
        """Refuse an initial value that NEST has no way to set, if it is another than it has."""
        starts = np.array_equal(as_array(value, self.size), as_array(fixed, self.size))
        # Cells may be made when the simulation has begun.
        if not starts or (has_begun() and name in self.initial_values):
            what = "NEST has no way to set it" + (" between two runs" if starts else "")
            raise Unsupported(where, what, allowed="its value at the start; or another backend")

    def _get_view(self, selector: Any, label: str | None = None) -> PopulationView:
        return PopulationView(self, selector, label)

    def _play(self, steps: list[np.ndarray]) -> None:
        # What NEST has not yet come to, counted as NEST counts: on through a reset.
        done, origin = registry.kernel_step, registry.origin_step
        times = [to_ms(train[train > done] + origin, registry.timestep) for train in steps]
        tell(self.node_collection, [{"spike_times": one} for one in times])
