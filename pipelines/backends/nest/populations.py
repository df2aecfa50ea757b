"""Populations on NEST that make on-grid models.

Mends (seen in PyNN 0.13.0, NEST 3.10.0): the precision of spikes is a state that leaks from
one `setup` into the next (row "default precision"); random initial values drawn twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import nest
import numpy as np
import pyNN.nest as stock
from pyNN.nest import simulator
from pyNN.nest.populations import _build_params
from pyNN.parameters import ParameterSpace

from ..shared.grid import FOR_EVER, precise_ms, to_ms
from ..shared.populations import DrawnOnce, PartOfDrawn
from ..shared.trains import GivenTrains, by_source
from .ahead import has_begun, registry
from .cells import needs_generators
from .changes import ChangedInTime, refuse_late_spikes
from .making import make_cells, make_sources, tell
from .recording import Recorder
from .slices import is_generated

# Steps of drawn spikes that NEST is told of at once at least.
_AHEAD = 1000
# Not an empty list, which has no type for NEST.
_NONE = np.empty(0, dtype=np.int64)


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


class _SomeNodes(stock.PopulationView):
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


class _MadeAtOnce(stock.Population):
    """What makes the cells, once it is settled of which type they are."""

    def _set_parameters(self, parameter_space: Any) -> None:
        super()._set_parameters(_of_one(parameter_space, self.size))

    def _create_cells(self) -> None:
        with as_set_up():
            if simulator.state.num_processes > 1:
                super()._create_cells()
            else:
                make_cells(self, super()._create_cells)


class Population(DrawnOnce, ChangedInTime, _MadeAtOnce):
    __doc__ = stock.Population.__doc__
    _recorder_class = Recorder
    _registry = registry
    # Until which step NEST has been told of spikes, and whether there were several in a step.
    _told, _several = -1, False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        registry.populations.append(self)
        refuse_late_spikes(self)

    def _set_initial_value_array(self, variable: str, value: Any) -> None:
        # NEST lets nobody set synaptic currents, says so at length, and starts them at 0.
        start = value.base_value
        if variable.startswith("isyn") and np.ndim(start) == 0 and start == 0 and not has_begun():
            return
        name = getattr(self.celltype, "variable_map", {}).get(variable)
        alike = isinstance(start, int | float) and not value.operations
        if name is None or not alike or simulator.state.num_processes > 1:
            super()._set_initial_value_array(variable, value)
            return
        try:
            tell(self.node_collection, {name: float(start)})
        except nest.NESTError:
            # Stock says why, or warns.
            super()._set_initial_value_array(variable, value)

    def _get_view(self, selector: Any, label: str | None = None) -> PopulationView:
        return PopulationView(self, selector, label)

    # Spike sources.

    def _create_sources(self) -> None:
        with as_set_up():
            # Drawn trains are on the grid, whatever `setup` asked for.
            drawn = self.drawn_trains is not None and simulator.state.num_processes == 1
            make_sources(self, generated=needs_generators() and not drawn)

    def _change_sources(self, changed: dict[str, np.ndarray]) -> None:
        super()._change_sources(changed)
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
        drawn = self.drawn_trains is not None
        # Some further ones, for short runs.
        ahead = min(first + _AHEAD, registry.block_end(first))
        self._told = max(last, ahead) if drawn else FOR_EVER
        # NEST counts on through a reset.
        shift, dt = registry.origin_step - lead, registry.timestep
        if registry.between_steps and isinstance(trains, GivenTrains):
            now = to_ms(first + lead, dt)
            precise = [precise_ms(train[train > now] + to_ms(shift, dt)) for train in trains.times]
            tell(self.node_collection_source, [{"spike_times": one} for one in precise])
            return
        span = first + lead, self._told + lead
        steps, number, bounds = by_source(*trains.between(*span), self.size, *span)
        times, each = to_ms(steps + shift, dt), list(pairwise([0, *bounds.tolist(), len(steps)]))
        told: list[dict[str, Any]] = [{"spike_times": times[a:b]} for a, b in each]
        if number.max(initial=1) > 1 or self._several:
            self._several = True
            # NEST's Python layer is quicker with a list of whole numbers than with an array.
            listed = number.tolist()
            for one, (a, b) in zip(told, each, strict=True):
                one["spike_multiplicities"] = listed[a:b] or _NONE
        tell(self.node_collection_source, told)
