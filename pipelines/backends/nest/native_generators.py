"""Poisson drive by NEST's own generators, where a script's `setup` asked for independent draws.

A `poisson_generator` that is connected to neurons without a parrot between draws for each
connection by itself, in a quarter of the time that it takes to draw with NumPy, and to tell NEST
(``counterpoint bench drive``). So it takes the place of sources that each have one synapse, and
that a static one, and whose spikes nobody records; it sends by a connection of its own with the
same weight and delay. All other sources play what is drawn by NumPy, and so does one of these from
the moment on when it is recorded, or gets a synapse or a weight.
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
from .cell_creation import tell
from .kernel_time import registry
from .synapse_models import attributes

_NEVER = float(nest.GetDefaults("poisson_generator", "stop"))
# What is read of the connections of the sources.
_HELD = ["source", "target", "weight", "delay", "receptor"]


class Generators:
    """The generators in place of a population of Poisson sources.

    Sources of one rate and one window have one generator: NEST draws for each of its connections.

    Parameters
    ----------
    trains
        Of the population.
    held : dict of ndarray, each of shape (n_synapses,)
        Its connections, by NEST's names.
    first_id
        Node id of the first source.
    """

    def __init__(self, trains: PoissonTrains, held: dict[str, np.ndarray], first_id: int) -> None:
        self._of = _kinds(trains)
        self.nodes = nest.Create("poisson_generator", int(self._of.max()) + 1)
        # Silent until they are told.
        tell(self.nodes, {"rate": 0.0})
        ids = np.array(self.nodes.tolist(), dtype=np.int64)
        synapse = {"synapse_model": "static_synapse"} | {n: held[n] for n in ("weight", "delay")}
        if held["receptor"].any():
            synapse["receptor_type"] = held["receptor"]
        senders = ids[self._of[held["source"] - first_id]]
        nest.Connect(senders, held["target"], "one_to_one", synapse)

    def can_take(self, trains: Any) -> bool:
        """Whether other parameters of the sources can be those of these generators."""
        if not isinstance(trains, PoissonTrains):
            return False
        both = np.column_stack([self._of, _kinds(trains)])
        return len(np.unique(both, axis=0)) == len(self.nodes)

    def play(self, trains: PoissonTrains) -> None:
        """Draw by the parameters of these trains, from where NEST stands."""
        _, first = np.unique(self._of, return_index=True)
        begin, end = (steps[first] for steps in trains.window)
        told = []
        for rate, after, until in zip(trains.values["rate"][first], begin, end, strict=True):
            stop = _NEVER if until >= UNLIMITED_STEPS else _in_nest(until)
            told.append({"rate": float(rate), "start": _in_nest(after), "stop": stop})
        tell(self.nodes, told)

    def silence(self) -> None:
        """Send nothing more."""
        tell(self.nodes, {"rate": 0.0})


def _in_nest(step: int) -> float:
    """Start or end (ms, as NEST counts it) of a generator that is to spike after, or up to, a step.

    It is compared with the beginning of a step, and a spike is stamped at the end.
    """
    return float(to_ms(step - 1 + registry.origin_step, registry.timestep))


def _kinds(trains: PoissonTrains) -> np.ndarray:
    """Number of the rate and window of each source."""
    columns = np.column_stack([trains.values["rate"], *trains.window])
    return np.ravel(np.unique(columns, axis=0, return_inverse=True)[1])


def begin() -> None:
    """Put generators in the place of the sources that can do without spikes of their own.

    To be called before the first step after the start, when the network is made.
    """
    # With several threads or processes the draws would depend on their number.
    if not registry.independent_draws or registry.threads > 1 or mpi_processes.are_several():
        return
    static = {
        one.nest_synapse_model
        for one in registry.projections
        if one.bulk and len(one) and isinstance(one.synapse_type, StaticSynapse)
    }
    for population in registry.populations:
        # Not `isinstance`: of the others NEST has no generator that starts in equilibrium.
        if type(population.trains) is PoissonTrains and not registry.off_grid:
            handles = nest.GetConnections(source=population.node_collection)._datum
            if len(handles) and _is_one_each(handles, static):
                held = attributes(handles, _HELD)
                first = int(population.node_collection[0].global_id)
                population.generators = Generators(population.trains, held, first)
                # In NEST's first step a generator does not send.
                registry.lead_steps = max(registry.lead_steps, 1)


def _is_one_each(handles: list[Any], static: set[str]) -> bool:
    """Whether no source has two synapses, and all are static ones of projections."""
    held = attributes(handles, ["source", "synapse_model"])
    models = {str(model) for model in np.unique(held["synapse_model"].astype(str))}
    return models <= static and len(np.unique(held["source"])) == len(held["source"])


def stop(cells: Any) -> None:
    """Let the sources among some cells play trains of their own from now on.

    Parameters
    ----------
    cells
        A population, view or assembly.
    """
    for population in _whole(cells):
        if population.generators is not None:
            population.generators.silence()
            population.generators = None
            population.forget_told()


def _whole(cells: Any) -> Iterable[Any]:
    members = getattr(cells, "populations", [cells])
    return {getattr(member, "grandparent", member) for member in members}
