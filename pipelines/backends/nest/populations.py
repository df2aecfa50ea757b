"""Populations, views and assemblies on NEST.

Mends (seen in PyNN 0.13.0, NEST 3.10.0): the precision of spikes is a state that leaks from
one `setup` into the next (row "default precision"); random initial values that are drawn twice; a
time constant of conductance-based cells that changes when their capacitance is set.
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

from ..shared.assemblies import WholeAssembly
from ..shared.initial_values import DrawnOnce, as_array
from ..shared.population_views import PartOfDrawn
from ..shared.spike_trains import GivenTrains, by_source
from ..shared.time_grid import FOR_EVER, precise_ms, to_ms
from ..shared.value_checks import refuse_impossible
from . import mpi_processes, native_generators
from .cell_creation import create_cells, create_sources, set_status
from .cell_types import PointNeuron
from .communication_interval import has_parrots
from .kernel_time import has_begun, registry
from .mid_run_changes import RefusesLateChanges, refuse_late_spikes
from .recording import Recorder
from .spike_sources import needs_generators

# Minimal number of time steps for which drawn spikes are sent to NEST in one call.
_MIN_SENT_STEPS = 1000
# An array, since NEST cannot tell the type of an empty list.
_NO_MULTIPLICITIES = np.empty(0, dtype=np.int64)


class Assembly(WholeAssembly, stock.Assembly):
    __doc__ = stock.Assembly.__doc__
    _registry = registry


@contextmanager
def setup_spike_precision() -> Iterator[None]:
    """Within this block PyNN's spike precision is that of `setup`, on the grid by default."""
    before = simulator.state._spike_precision
    simulator.state._spike_precision = "off_grid" if registry.between_steps else "on_grid"
    try:
        yield
    finally:
        simulator.state._spike_precision = before


@contextmanager
def nest_errors_as_unsupported(where: str) -> Iterator[None]:
    """Within this block errors of NEST are raised as `Unsupported`, with NEST's message.

    Parameters
    ----------
    where
        The operation, for the message.
    """
    try:
        yield
    except nest.NESTError as error:
        reason = str(error).strip().splitlines()[0]
        raise Unsupported(where, reason, allowed="values that NEST's model takes") from error


def _computed_dependants(celltype: Any, given: Iterable[str]) -> list[str]:
    """Names of other parameters whose NEST values are computed with the given ones."""
    translations = getattr(celltype, "translations", {})
    found = []
    for name, translation in translations.items():
        formula = translation["forward_transform"]
        if translation["type"] == "computed" and isinstance(formula, str):
            words = set(re.findall(r"[A-Za-z_]\w*", formula))
            if name not in given and words & set(given):
                found.append(name)
    return found


def _numeric_parameters(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters that are numbers or arrays of numbers; drawn values are checked by NEST."""
    found = {}
    for name, given in parameters.items():
        lazy = isinstance(given, LazyArray)
        value = given.base_value if lazy and not given.operations else given
        if isinstance(value, int | float) or np.asarray(value).dtype.kind in "if":
            found[name] = value
    return found


class _NodeParameters(PopulationMixin):
    """Base of populations and views: reading and setting parameters, also array elements."""

    celltype: Any
    node_collection: Any
    local_size: int

    def set(self, **parameters: Any) -> None:
        """Set parameters of every cell, without changing others.

        PyNN translates ``tau_m`` to a leak conductance ``cm / tau_m``. If only ``cm`` were set,
        the conductance would stay the same and tau_m change.
        """
        refuse_impossible(self.celltype, _numeric_parameters(parameters))
        involved = _computed_dependants(self.celltype, parameters)
        # With an empty list PyNN would read all parameters of every cell.
        found = self.get(involved, simplify=False) if involved else []
        super().set(**parameters | dict(zip(involved, found, strict=True)))

    def _get_parameters(self, *names: str) -> Any:
        # The stock method treats array-valued parameters as those of several receptors.
        if not isinstance(self.celltype, PointNeuron | stock.GIF_cond_exp):
            return super()._get_parameters(*names)
        in_nest = self._get_native_parameters(*self.celltype.get_native_names())
        all_of_them = self.celltype.reverse_translate(in_nest)
        values = {name: all_of_them[name] for name in names}
        return ParameterSpace(values, shape=(self.local_size,))

    def _get_native_parameters(self, *names: str) -> ParameterSpace:
        whole = [name for name in names if "[" not in name]
        # PyNN's method reads only the nodes of this process.
        several = mpi_processes.is_distributed()
        space = (
            self._gathered_parameters(whole) if several else super()._get_native_parameters(*whole)
        )
        for name in names:
            array, bracket, place = name.partition("[")
            if bracket:
                values = np.array(mpi_processes.get_status(self.node_collection, array))
                space[name] = simplify(values[:, int(place.rstrip("]"))])
        return space

    def _gathered_parameters(self, names: list[str]) -> ParameterSpace:
        """Parameters by NEST's names, of nodes distributed over several processes."""
        nodes = getattr(self, "node_collection_source", self.node_collection)
        values = {}
        for name in names:
            each = mpi_processes.get_status(nodes, name)
            if np.ndim(each[0]):
                lists = simplify(np.array([ArrayParameter(one) for one in each]))
                values[name] = LazyArray(lists, shape=(self.local_size,), dtype=ArrayParameter)
            else:
                values[name] = simplify(np.array(each))
        return ParameterSpace(values, shape=(self.local_size,))


class _ViewNodes(_NodeParameters, stock.PopulationView):
    """Base of views: their node collections, which NEST keeps in ascending order."""

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
        each = _build_params(
            _single_cell_parameters(parameter_space, self.size), np.arange(self.size)
        )
        if isinstance(each, list):
            each = [each[k] for k in np.argsort(self._rows())]
        is_source = getattr(self.celltype, "uses_parrot", False)
        with nest_errors_as_unsupported(f"set() on {self.label!r} on NEST"):
            set_status(self.node_collection_source if is_source else self.node_collection, each)

    def _get_native_parameters(self, *names: str) -> ParameterSpace:
        in_nest = super()._get_native_parameters(*names)
        in_nest.evaluate(simplify=False)
        order = np.argsort(np.argsort(self._rows()))
        values = {name: np.ravel(value)[order] for name, value in in_nest.items()}
        return ParameterSpace(values, shape=(self.size,))


class PopulationView(PartOfDrawn, RefusesLateChanges, _ViewNodes):
    __doc__ = stock.PopulationView.__doc__
    _assembly_class = Assembly

    def _get_view(self, selector: Any, label: str | None = None) -> PopulationView:
        return PopulationView(self, selector, label)


def _single_cell_parameters(space: Any, size: int) -> Any:
    """Parameters as numbers for a single cell, for which PyNN cannot evaluate drawn values."""
    if size > 1 or space.is_homogeneous or "spike_times" in space.keys():  # noqa: SIM118
        return space
    space.evaluate(simplify=False)
    flat = {name: np.ravel(value) for name, value in space.items()}
    # An array-valued parameter stays an array.
    values = {name: one if one.dtype == object else one[0] for name, one in flat.items()}
    return ParameterSpace(values, shape=(1,))


class _PopulationNodes(_NodeParameters, stock.Population):
    """Base of populations: creation of the cells, and setting of their parameters."""

    def _set_parameters(self, parameter_space: Any) -> None:
        with nest_errors_as_unsupported(f"set() on population {self.label!r} on NEST"):
            space = _single_cell_parameters(parameter_space, self.size)
            if isinstance(self.celltype, PointNeuron):
                set_status(self.node_collection, _build_params(space, np.arange(self.size)))
            else:
                super()._set_parameters(space)

    def _create_cells(self) -> None:
        space = getattr(self.celltype, "parameter_space", {})
        refuse_impossible(self.celltype, _numeric_parameters(dict(space.items())))
        with (
            setup_spike_precision(),
            nest_errors_as_unsupported(f"population {self.label!r} on NEST"),
        ):
            create_cells(self, super()._create_cells)


class Population(DrawnOnce, RefusesLateChanges, _PopulationNodes):
    __doc__ = stock.Population.__doc__
    _recorder_class = Recorder
    _assembly_class = Assembly
    _registry = registry
    # Last step whose spikes were sent to NEST, and whether any train had several in a step.
    _sent_until_step, _has_multiplicities = -1, False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._values_at_time_0: dict[str, Any] = {}
        super().__init__(*args, **kwargs)
        registry.populations.append(self)
        refuse_late_spikes(self)

    def initialize(self, **initial_values: Any) -> None:
        if has_begun():
            for name in initial_values.keys() & self.initial_values.keys():
                self._values_at_time_0.setdefault(name, self.initial_values[name])
        super().initialize(**initial_values)

    def begin_again(self) -> None:
        super().begin_again()
        self._values_at_time_0.clear()

    def value_at_time_0(self, variable: str) -> Any:
        """Initial values of a state variable at time 0, even if set again in mid-run."""
        return self._values_at_time_0.get(variable, self.initial_values[variable])

    def _set_initial_value_array(self, variable: str, value: Any) -> None:
        names = getattr(self.celltype, "variable_map", None)
        where = f"initial value of {variable} in population {self.label!r} on NEST"
        if names is None:
            with nest_errors_as_unsupported(where):
                super()._set_initial_value_array(variable, value)
            return
        fixed = getattr(self.celltype, "fixed_initial_values", {}).get(variable)
        if fixed is not None:
            self._refuse_other_initial_value(where, variable, value, fixed)
            return
        name, scale = names[variable], self.celltype.scale_factors[variable]
        start, alike = value.base_value, not value.operations
        with nest_errors_as_unsupported(where):
            if alike and isinstance(start, int | float):
                set_status(self.node_collection, {name: start / scale})
            else:
                each = as_array(value, self.size) / scale
                set_status(self.node_collection, [{name: one} for one in each.tolist()])

    def _refuse_other_initial_value(self, where: str, name: str, value: Any, fixed: Any) -> None:
        """Refuse an initial value that cannot be set on NEST, unless it equals the fixed one."""
        starts = np.array_equal(as_array(value, self.size), as_array(fixed, self.size))
        # Cells created in mid-run start with the fixed value, too.
        if not starts or (has_begun() and name in self.initial_values):
            what = "NEST has no way to set it" + (" between two runs" if starts else "")
            raise Unsupported(where, what, allowed="its value at the start; or another backend")

    def _set_state(self, variable: str, rows: np.ndarray, values: np.ndarray) -> None:
        """Set a state variable of some cells in mid-run; `values` in PyNN's unit."""
        celltype = self.celltype
        where = f"initial value of {variable} in population {self.label!r} on NEST"
        if variable in getattr(celltype, "fixed_initial_values", {}):
            raise Unsupported(
                where,
                "NEST has no way to set it between two runs",
                allowed="its value at the start; or another backend",
            )
        self._values_at_time_0.setdefault(variable, self.initial_values[variable])
        name = getattr(celltype, "variable_map", {}).get(variable, variable)
        each = values / getattr(celltype, "scale_factors", {}).get(variable, 1.0)
        order = np.argsort(rows)
        nodes = self.node_collection[np.asarray(rows)[order].tolist()]
        with nest_errors_as_unsupported(where):
            set_status(nodes, [{name: one} for one in each[order].tolist()])

    def _get_view(self, selector: Any, label: str | None = None) -> PopulationView:
        return PopulationView(self, selector, label)

    # Spike sources.

    def _create_sources(self) -> None:
        with setup_spike_precision():
            # Drawn trains are on the grid, whatever `setup` asked for.
            drawn = self.drawn_trains is not None
            create_sources(self, generated=needs_generators() and not drawn)

    def _change_sources(self, changed: dict[str, np.ndarray]) -> None:
        super()._change_sources(changed)
        if self.generators is not None and not self.generators.accepts(self.latest_trains):
            native_generators.restore_sources(self)
        self.resend_spikes()

    def resend_spikes(self) -> None:
        """Send all future spikes to NEST anew at the next run."""
        self._sent_until_step = -1

    @property
    def source_latency_steps(self) -> int:
        """Time steps from the spike time set in a node to the spike: a slice for generators."""
        return (registry.slice_steps or 1) * has_parrots(self)

    def send_spikes(self, first: int, last: int) -> None:
        """Send NEST, which is at step `first`, the spikes until step `last` or later."""
        trains, lead = self.trains, self.source_latency_steps
        if trains is None or self._sent_until_step >= last:
            return
        if self.generators is not None:
            self._sent_until_step = FOR_EVER
            self.generators.start(self.latest_trains)
            return
        drawn = self.drawn_trains is not None
        # A longer interval than needed saves calls in series of short runs.
        ahead = min(first + _MIN_SENT_STEPS, registry.block_end(first))
        self._sent_until_step = max(last, ahead) if drawn else FOR_EVER
        # From steps of the script to steps of NEST's clock.
        shift, dt = registry.origin_step - lead, registry.timestep
        if registry.between_steps and isinstance(trains, GivenTrains):
            now = to_ms(first + lead, dt)
            precise = [precise_ms(train[train > now] + to_ms(shift, dt)) for train in trains.times]
            set_status(self.node_collection_source, [{"spike_times": one} for one in precise])
            return
        span = first + lead, self._sent_until_step + lead
        steps, number, bounds = by_source(*trains.between(*span), self.size, *span)
        times, each = to_ms(steps + shift, dt), list(pairwise([0, *bounds.tolist(), len(steps)]))
        statuses: list[dict[str, Any]] = [{"spike_times": times[a:b]} for a, b in each]
        if number.max(initial=1) > 1 or self._has_multiplicities:
            self._has_multiplicities = True
            # NEST's Python layer converts a list of integers faster than an array.
            listed = number.tolist()
            for one, (a, b) in zip(statuses, each, strict=True):
                one["spike_multiplicities"] = listed[a:b] or _NO_MULTIPLICITIES
        set_status(self.node_collection_source, statuses)
