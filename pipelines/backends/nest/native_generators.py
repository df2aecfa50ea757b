"""Poisson input from NEST's own generators, with ``setup(independent_draws=True)``.

A `poisson_generator` connected directly to neurons, without a parrot neuron, draws spikes for each
connection separately. This takes a quarter of the time of drawing with NumPy and passing the spikes
to NEST (``counterpoint bench drive``). So generators replace sources that have a single, static
synapse each and are not recorded. A generator is connected with the same weight and delay. All
other sources play spikes drawn by NumPy, and a replaced source does so again once it is recorded or
its synapses change.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import nest
import numpy as np

from ..shared.frozen_inputs import PoissonTrains
from ..shared.synapse_types import StaticSynapse
from ..shared.time_grid import UNLIMITED_STEPS, to_ms
from . import mpi_processes
from .cell_creation import set_status
from .kernel_time import registry
from .synapse_models import get_attributes

_NO_STOP_MS = float(nest.GetDefaults("poisson_generator", "stop"))
# Attributes of the connections of the sources that are read from NEST.
_CONNECTION_KEYS = ["source", "target", "weight", "delay", "receptor"]


class Generators:
    """Generators that replace a population of Poisson sources.

    Sources with equal rate, start and end share a generator: NEST draws for each connection.

    Parameters
    ----------
    trains
        Trains of the population.
    connections : dict of ndarray, each of shape (n_synapses,)
        Connections of the population, by NEST's attribute names.
    first_id
        Node id of the first source.
    """

    def __init__(
        self, trains: PoissonTrains, connections: dict[str, np.ndarray], first_id: int
    ) -> None:
        self._group = _group_numbers(trains)
        self.nodes = nest.Create("poisson_generator", int(self._group.max()) + 1)
        # Silent until `start`.
        set_status(self.nodes, {"rate": 0.0})
        ids = np.array(self.nodes.tolist(), dtype=np.int64)
        synapse = {"synapse_model": "static_synapse"} | {
            n: connections[n] for n in ("weight", "delay")
        }
        if connections["receptor"].any():
            synapse["receptor_type"] = connections["receptor"]
        senders = ids[self._group[connections["source"] - first_id]]
        nest.Connect(senders, connections["target"], "one_to_one", synapse)

    def accepts(self, trains: Any) -> bool:
        """Whether these generators can take the parameters of changed trains."""
        if not isinstance(trains, PoissonTrains):
            return False
        both = np.column_stack([self._group, _group_numbers(trains)])
        return len(np.unique(both, axis=0)) == len(self.nodes)

    def start(self, trains: PoissonTrains) -> None:
        """Set rate, start and end of the generators to those of the trains."""
        _, first = np.unique(self._group, return_index=True)
        begin, end = (steps[first] for steps in trains.window)
        status = []
        for rate, after, until in zip(trains.values["rate"][first], begin, end, strict=True):
            stop = _NO_STOP_MS if until >= UNLIMITED_STEPS else _generator_time_ms(until)
            status.append({"rate": float(rate), "start": _generator_time_ms(after), "stop": stop})
        set_status(self.nodes, status)

    def silence(self) -> None:
        """Stop the generators."""
        set_status(self.nodes, {"rate": 0.0})


def _generator_time_ms(step: int) -> float:
    """Time (ms of NEST's clock) for a generator to start after, or stop after, a time step.

    NEST compares it with the beginning of a step, and spike times are at the end.
    """
    return float(to_ms(step - 1 + registry.origin_step, registry.timestep))


def _group_numbers(trains: PoissonTrains) -> np.ndarray:
    """Number of the group of each source: sources with equal rate, start and end."""
    columns = np.column_stack([trains.values["rate"], *trains.window])
    return np.ravel(np.unique(columns, axis=0, return_inverse=True)[1])


def replace_sources() -> None:
    """Replace sources by generators where possible, in all populations.

    To be called before the first step, when the network is complete.
    """
    # With several threads or processes the draws would depend on their number.
    if not registry.independent_draws or registry.threads > 1 or mpi_processes.is_distributed():
        return
    static = {
        one.nest_synapse_model
        for one in registry.projections
        if one.bulk and len(one) and isinstance(one.synapse_type, StaticSynapse)
    }
    for population in registry.populations:
        # Not `isinstance`: NEST has no generator in equilibrium at the start for its subclasses.
        if type(population.trains) is PoissonTrains and not registry.off_grid:
            handles = nest.GetConnections(source=population.node_collection)._datum
            if len(handles) and _have_single_static_synapses(handles, static):
                connections = get_attributes(handles, _CONNECTION_KEYS)
                first = int(population.node_collection[0].global_id)
                population.generators = Generators(population.trains, connections, first)
                # A generator does not send in NEST's first step.
                registry.lead_steps = max(registry.lead_steps, 1)


def _have_single_static_synapses(handles: list[Any], static: set[str]) -> bool:
    """Whether every source has at most one synapse, a static one of a projection."""
    connections = get_attributes(handles, ["source", "synapse_model"])
    models = {str(model) for model in np.unique(connections["synapse_model"].astype(str))}
    return models <= static and len(np.unique(connections["source"])) == len(connections["source"])


def restore_sources(cells: Any) -> None:
    """Replace generators by the sources' own trains again, from the present on.

    Parameters
    ----------
    cells
        Population, view or assembly with the sources.
    """
    for population in _parent_populations(cells):
        if population.generators is not None:
            population.generators.silence()
            population.generators = None
            population.resend_spikes()


def _parent_populations(cells: Any) -> Iterable[Any]:
    members = getattr(cells, "populations", [cells])
    return {getattr(member, "grandparent", member) for member in members}
