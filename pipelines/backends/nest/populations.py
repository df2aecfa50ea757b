"""Populations on NEST that make on-grid models.

Mends (seen in PyNN 0.13.0, NEST 3.10.0): the precision of spikes is a state that leaks from
one `setup` into the next (row "default precision"); random initial values drawn twice; a time
constant of conductance-based cells that changes when their capacitance is set.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import nest
import numpy as np
import pyNN.nest as stock
from pyNN.nest import simulator
from pyNN.nest.populations import PopulationMixin, _build_params
from pyNN.parameters import ArrayParameter, LazyArray, ParameterSpace, simplify

from pipelines.errors import Unsupported

from ..shared.assemblies import SharedAssembly
from ..shared.initial_values import SharedPopulation, as_array
from ..shared.population_views import SharedPopulationView
from ..shared.spike_trains import GivenTrains, spikes_by_source
from ..shared.time_grid import UNLIMITED_STEPS, off_grid_ms, to_ms
from ..shared.value_checks import refuse_invalid_parameters
from . import mpi_processes, native_generators
from .cell_creation import make_cells, make_sources, tell
from .cell_types import PointNeuron
from .communication_interval import is_generated
from .kernel_time import has_begun, registry
from .mid_run_changes import ChangedInTime, refuse_late_spikes
from .recording import Recorder
from .spike_sources import needs_generators

# Steps of drawn spikes that NEST is told of at once at least.
_AHEAD = 1000
# Not an empty list, which has no type for NEST.
_NONE = np.empty(0, dtype=np.int64)


class Assembly(SharedAssembly, stock.Assembly):
    __doc__ = stock.Assembly.__doc__
    _registry = registry


@contextmanager
def as_set_up() -> Iterator[None]:
    """Within this block PyNN chooses models on the grid, unless this script's `setup` asked
    for others; PyNN's own setting is left as it was."""
    before = simulator.state._spike_precision
    simulator.state._spike_precision = "off_grid" if registry.off_grid else "on_grid"
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


def _computed_with(celltype: Any, given: Iterable[str]) -> list[str]:
    """Parameters that are translated together with some that are given, and are not given."""
    translations = getattr(celltype, "translations", {})
    found = []
    for name, translation in translations.items():
        formula = translation["forward_transform"]
        if translation["type"] == "computed" and isinstance(formula, str):
            words = set(re.findall(r"[A-Za-z_]\w*", formula))
            if name not in given and words & set(given):
                found.append(name)
    return found


def _plain(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters that are numbers, or arrays of them: NEST refuses what is drawn by itself."""
    found = {}
    for name, given in parameters.items():
        lazy = isinstance(given, LazyArray)
        value = given.base_value if lazy and not given.operations else given
        if isinstance(value, int | float) or np.asarray(value).dtype.kind in "if":
            found[name] = value
    return found


class _Nodes(PopulationMixin):
    """What populations and views have in common: parameters that are parts of arrays in NEST."""

    celltype: Any
    node_collection: Any
    local_size: int

    def set(self, **parameters: Any) -> None:
        """Set parameters of every cell, and leave the others as they are.

        PyNN translates ``tau_m`` to a leak conductance ``cm / tau_m``, and leaves that as it is
        when ``cm`` is set: tau_m would change.
        """
        refuse_invalid_parameters(self.celltype, _plain(parameters))
        involved = _computed_with(self.celltype, parameters)
        # PyNN reads all parameters of every cell where none is asked for.
        found = self.get(involved, simplify=False) if involved else []
        super().set(**parameters | dict(zip(involved, found, strict=True)))

    def _get_parameters(self, *names: str) -> Any:
        # Stock's takes parameters of several numbers for those of several receptors.
        if not isinstance(self.celltype, PointNeuron | stock.GIF_cond_exp):
            return super()._get_parameters(*names)
        in_nest = self._get_native_parameters(*self.celltype.get_native_names())
        all_of_them = self.celltype.reverse_translate(in_nest)
        values = {name: all_of_them[name] for name in names}
        return ParameterSpace(values, shape=(self.local_size,))

    def _get_native_parameters(self, *names: str) -> ParameterSpace:
        whole = [name for name in names if "[" not in name]
        # PyNN's reads the nodes of this process.
        several = mpi_processes.are_several()
        space = self._of_all(whole) if several else super()._get_native_parameters(*whole)
        for name in names:
            array, bracket, place = name.partition("[")
            if bracket:
                values = np.array(mpi_processes.status(self.node_collection, array))
                space[name] = simplify(values[:, int(place.rstrip("]"))])
        return space

    def _of_all(self, names: list[str]) -> ParameterSpace:
        """Parameters by NEST's names, of nodes that several processes share."""
        nodes = getattr(self, "node_collection_source", self.node_collection)
        values = {}
        for name in names:
            each = mpi_processes.status(nodes, name)
            if np.ndim(each[0]):
                lists = simplify(np.array([ArrayParameter(one) for one in each]))
                values[name] = LazyArray(lists, shape=(self.local_size,), dtype=ArrayParameter)
            else:
                values[name] = simplify(np.array(each))
        return ParameterSpace(values, shape=(self.local_size,))


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


class PopulationView(SharedPopulationView, ChangedInTime, _SomeNodes):
    __doc__ = stock.PopulationView.__doc__
    _assembly_class = Assembly

    def _get_view(self, selector: Any, label: str | None = None) -> PopulationView:
        return PopulationView(self, selector, label)


def _of_one(space: Any, size: int) -> Any:
    """Parameters as numbers where there is one cell, whose drawn values PyNN cannot list."""
    if size > 1 or space.is_homogeneous or "spike_times" in space.keys():  # noqa: SIM118
        return space
    space.evaluate(simplify=False)
    flat = {name: np.ravel(value) for name, value in space.items()}
    # Several numbers that are one value stay in their array.
    values = {name: one if one.dtype == object else one[0] for name, one in flat.items()}
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
        space = getattr(self.celltype, "parameter_space", {})
        refuse_invalid_parameters(self.celltype, _plain(dict(space.items())))
        with as_set_up(), refused_by_name(f"population {self.label!r} on NEST"):
            make_cells(self, super()._create_cells)


class Population(SharedPopulation, ChangedInTime, _MadeAtOnce):
    __doc__ = stock.Population.__doc__
    _recorder_class = Recorder
    _assembly_class = Assembly
    _registry = registry
    # Until which step NEST has been told of spikes, and whether there were several in a step.
    _told, _several = -1, False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._before: dict[str, Any] = {}
        super().__init__(*args, **kwargs)
        registry.populations.append(self)
        refuse_late_spikes(self)

    def initialize(self, **initial_values: Any) -> None:
        if has_begun():
            for name in initial_values.keys() & self.initial_values.keys():
                self._before.setdefault(name, self.initial_values[name])
        super().initialize(**initial_values)

    def reset_trains(self) -> None:
        super().reset_trains()
        self._before.clear()

    def at_time_0(self, variable: str) -> Any:
        """Values of a state variable at time 0, whatever it was set to since."""
        return self._before.get(variable, self.initial_values[variable])

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

    def _set_state(self, variable: str, rows: np.ndarray, values: np.ndarray) -> None:
        """Set a state variable of some cells in mid-run."""
        celltype = self.celltype
        where = f"initial value of {variable} in population {self.label!r} on NEST"
        if variable in getattr(celltype, "fixed", {}):
            raise Unsupported(
                where,
                "NEST has no way to set it between two runs",
                allowed="its value at the start; or another backend",
            )
        self._before.setdefault(variable, self.initial_values[variable])
        name = getattr(celltype, "variable_map", {}).get(variable, variable)
        each = values / getattr(celltype, "scale_factors", {}).get(variable, 1.0)
        order = np.argsort(rows)
        nodes = self.node_collection[np.asarray(rows)[order].tolist()]
        with refused_by_name(where):
            tell(nodes, [{name: one} for one in each[order].tolist()])

    def _get_view(self, selector: Any, label: str | None = None) -> PopulationView:
        return PopulationView(self, selector, label)

    # Spike sources.

    def _create_sources(self) -> None:
        with as_set_up():
            # Drawn trains are on the grid, whatever `setup` asked for.
            drawn = self.drawn_trains is not None
            make_sources(self, generated=needs_generators() and not drawn)

    def _set_source_parameters(self, changed: dict[str, np.ndarray]) -> None:
        super()._set_source_parameters(changed)
        if self.generators is not None and not self.generators.can_take(self.latest_trains):
            native_generators.stop(self)
        self.forget_told()

    def forget_told(self) -> None:
        """Let NEST be told of all spikes to come, when it goes on."""
        self._told = -1

    @property
    def lead_steps(self) -> int:
        """Steps from what a node is told to send to the spike: generators are a slice ahead."""
        return (registry.slice_steps or 1) * is_generated(self)

    def play(self, first: int, last: int) -> None:
        """Tell NEST, which stands at step `first`, of the spikes until step `last` at least."""
        trains, lead = self.trains, self.lead_steps
        if trains is None or self._told >= last:
            return
        if self.generators is not None:
            self._told = UNLIMITED_STEPS
            self.generators.play(self.latest_trains)
            return
        drawn = self.drawn_trains is not None
        # Some further ones, for short runs.
        ahead = min(first + _AHEAD, registry.block_end(first))
        self._told = max(last, ahead) if drawn else UNLIMITED_STEPS
        # NEST counts on through a reset.
        shift, dt = registry.origin_step - lead, registry.timestep
        if registry.off_grid and isinstance(trains, GivenTrains):
            now = to_ms(first + lead, dt)
            precise = [off_grid_ms(train[train > now] + to_ms(shift, dt)) for train in trains.times]
            tell(self.node_collection_source, [{"spike_times": one} for one in precise])
            return
        span = first + lead, self._told + lead
        steps, number, bounds = spikes_by_source(*trains.spikes_between(*span), self.size, *span)
        times, each = to_ms(steps + shift, dt), list(pairwise([0, *bounds.tolist(), len(steps)]))
        told: list[dict[str, Any]] = [{"spike_times": times[a:b]} for a, b in each]
        if number.max(initial=1) > 1 or self._several:
            self._several = True
            # NEST's Python layer is quicker with a list of whole numbers than with an array.
            listed = number.tolist()
            for one, (a, b) in zip(told, each, strict=True):
                one["spike_multiplicities"] = listed[a:b] or _NONE
        tell(self.node_collection_source, told)
