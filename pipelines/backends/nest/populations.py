"""Populations, views and assemblies on NEST.

Mends (seen in PyNN 0.13.0, NEST 3.10.0): the precision of spikes is a state that leaks from
one `setup` into the next (row "default precision"); random initial values that are drawn twice; a
time constant of conductance-based cells that changes when their capacitance is set.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import numpy as np
import pyNN.nest as stock
from pyNN.nest import simulator
from pyNN.nest.populations import _build_params

from pipelines.errors import Unsupported

from ..shared.assemblies import SharedAssembly
from ..shared.initial_values import SharedPopulation, as_array
from ..shared.population_views import SharedPopulationView
from ..shared.spike_trains import GivenTrains, spikes_by_source
from ..shared.time_grid import UNLIMITED_STEPS, off_grid_ms, to_ms
from ..shared.value_checks import refuse_invalid_parameters
from . import native_generators
from .cell_creation import create_cells, create_sources, set_status
from .communication_interval import has_parrots
from .kernel_time import has_begun, registry
from .mid_run_changes import RefusesLateChanges, refuse_late_spikes
from .node_parameters import (
    NodeParameters,
    ViewNodes,
    nest_errors_as_unsupported,
    numeric_parameters,
    single_cell_parameters,
)
from .recording import Recorder
from .spike_sources import needs_generators

# Minimal number of time steps for which drawn spikes are sent to NEST in one call.
_MIN_SENT_STEPS = 1000
# An array, since NEST cannot tell the type of an empty list.
_NO_MULTIPLICITIES = np.empty(0, dtype=np.int64)


class Assembly(SharedAssembly, stock.Assembly):
    __doc__ = stock.Assembly.__doc__
    _registry = registry


@contextmanager
def setup_spike_precision() -> Iterator[None]:
    """Within this block PyNN's spike precision is that of `setup`, on the grid by default."""
    before = simulator.state._spike_precision
    simulator.state._spike_precision = "off_grid" if registry.off_grid else "on_grid"
    try:
        yield
    finally:
        simulator.state._spike_precision = before


class PopulationView(SharedPopulationView, RefusesLateChanges, ViewNodes):
    __doc__ = stock.PopulationView.__doc__
    _assembly_class = Assembly

    def _get_view(self, selector: Any, label: str | None = None) -> PopulationView:
        return PopulationView(self, selector, label)


class _PopulationNodes(NodeParameters, stock.Population):
    """Base of populations: creation of the cells, and setting of their parameters."""

    def _set_parameters(self, parameter_space: Any) -> None:
        with nest_errors_as_unsupported(f"set() on population {self.label!r} on NEST"):
            space = single_cell_parameters(parameter_space, self.size)
            is_source = getattr(self.celltype, "uses_parrot", False)
            nodes = self.node_collection_source if is_source else self.node_collection
            set_status(nodes, _build_params(space, np.arange(self.size)))

    def _create_cells(self) -> None:
        space = getattr(self.celltype, "parameter_space", {})
        refuse_invalid_parameters(self.celltype, numeric_parameters(dict(space.items())))
        with (
            setup_spike_precision(),
            nest_errors_as_unsupported(f"population {self.label!r} on NEST"),
        ):
            create_cells(self, super()._create_cells)


class Population(SharedPopulation, RefusesLateChanges, _PopulationNodes):
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

    def reset_trains(self) -> None:
        super().reset_trains()
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

    def _set_source_parameters(self, changed: dict[str, np.ndarray]) -> None:
        super()._set_source_parameters(changed)
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
            self._sent_until_step = UNLIMITED_STEPS
            self.generators.start(self.latest_trains)
            return
        drawn = self.drawn_trains is not None
        # A longer interval than needed saves calls in series of short runs.
        ahead = min(first + _MIN_SENT_STEPS, registry.block_end(first))
        self._sent_until_step = max(last, ahead) if drawn else UNLIMITED_STEPS
        # From steps of the script to steps of NEST's clock.
        shift, dt = registry.origin_step - lead, registry.timestep
        if registry.off_grid and isinstance(trains, GivenTrains):
            now = to_ms(first + lead, dt)
            precise = [off_grid_ms(train[train > now] + to_ms(shift, dt)) for train in trains.times]
            set_status(self.node_collection_source, [{"spike_times": one} for one in precise])
            return
        span = first + lead, self._sent_until_step + lead
        steps, number, bounds = spikes_by_source(*trains.spikes_between(*span), self.size, *span)
        times, each = to_ms(steps + shift, dt), list(pairwise([0, *bounds.tolist(), len(steps)]))
        statuses: list[dict[str, Any]] = [{"spike_times": times[a:b]} for a, b in each]
        if number.max(initial=1) > 1 or self._has_multiplicities:
            self._has_multiplicities = True
            # NEST's Python layer converts a list of integers faster than an array.
            listed = number.tolist()
            for one, (a, b) in zip(statuses, each, strict=True):
                one["spike_multiplicities"] = listed[a:b] or _NO_MULTIPLICITIES
        set_status(self.node_collection_source, statuses)
