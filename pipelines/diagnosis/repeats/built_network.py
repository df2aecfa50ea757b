"""Description of a network as a backend has built it: cells, initial values, trains, synapses.

Reads the network through PyNN's own functions, and by the registry of the backends of this library
where it exists. Whatever a backend cannot tell is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import numpy as np

Values = np.ndarray

# Projections with more synapses are described by their digests alone (they differ at level 1).
_MOST_SYNAPSES = 5_000_000


@dataclass(frozen=True)
class BuiltPopulation:
    """A population.

    Attributes
    ----------
    cell_type
        PyNN's name.
    parameters, initial
        Parameters and initial values by PyNN's names, in its units, each of shape (n,).
    trains
        Spike times (ms) of each source; None for neurons, or if they are not known.
    """

    cell_type: str
    parameters: dict[str, Values]
    initial: dict[str, Values] = field(default_factory=dict)
    trains: list[Values] | None = None


@dataclass(frozen=True)
class BuiltProjection:
    """A projection; synapses are in ascending order of pre, post, weight and delay.

    Attributes
    ----------
    receptor, synapse, timing, weight_dependence
        PyNN's names; empty for a static synapse.
    pre, post : ndarray of int, shape (n_synapses,)
        Indices of the neurons; None if they cannot be read.
    parameters
        ``weight``, ``delay`` and parameters of the synapse type by PyNN's names, in its units, each
        of shape (n_synapses,) or (1,).
    """

    receptor: str
    synapse: str
    timing: str
    weight_dependence: str
    pre: Values | None
    post: Values | None
    parameters: dict[str, Values]


@dataclass(frozen=True)
class BuiltNetwork:
    """Populations and projections by name; those without a name have their labels."""

    populations: dict[str, BuiltPopulation]
    projections: dict[str, BuiltProjection]


def describe(sim: ModuleType, network: Mapping[str, Any], until_ms: float) -> BuiltNetwork:
    """Describe a network before its simulation.

    Parameters
    ----------
    sim
        PyNN module of the backend.
    network
        What an experiment's `build` returned.
    until_ms
        End of the spike trains of sources.
    """
    populations = {
        name: _population(sim, population, until_ms)
        for name, population in _named_populations(sim, network)
    }
    projections = {
        name: _projection(sim, projection) for name, projection in _named_projections(sim, network)
    }
    return BuiltNetwork(populations, projections)


def _named_projections(sim: ModuleType, network: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    from pipelines.execution.network_contents import is_projection

    found = {name: value for name, value in network.items() if is_projection(value)}
    yield from found.items()
    yield from _others(getattr(getattr(sim, "registry", None), "projections", []), found)


def _named_populations(sim: ModuleType, network: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Populations, without views and assemblies, whose cells belong to others."""
    found = {name: value for name, value in network.items() if hasattr(value, "celltype")}
    found = {name: value for name, value in found.items() if not hasattr(value, "grandparent")}
    yield from found.items()
    listed = list(getattr(getattr(sim, "registry", None), "populations", []))
    for _, projection in _named_projections(sim, network):
        listed += [projection.pre, projection.post]
    bases = [getattr(one, "grandparent", one) for one in listed]
    yield from _others([one for one in bases if hasattr(one, "celltype")], found)


def _others(listed: list[Any], found: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Those that have no name, by their labels, or by a number if these are not unique."""
    seen = {id(value) for value in found.values()}
    names = set(found)
    for k, one in enumerate(listed):
        if id(one) not in seen:
            seen.add(id(one))
            name = str(one.label or "")
            name = name if name and name not in names else f"{name or 'unnamed'} (number {k})"
            names.add(name)
            yield name, one


def _population(sim: ModuleType, population: Any, until_ms: float) -> BuiltPopulation:
    from pipelines.execution.network_contents import type_name

    parameters = {}
    for name in population.celltype.get_parameter_names():
        with suppress(Exception):
            if name != "spike_times":
                # PyNN's unmodified modules may return one number for all.
                values = np.asarray(population.get(name, simplify=False), float)
                parameters[name] = np.array(np.broadcast_to(values, population.size))
    initial = {}
    for name, value in dict(getattr(population, "initial_values", {}) or {}).items():
        with suppress(Exception):
            initial[name] = np.array(
                np.broadcast_to(value.evaluate(simplify=False), population.size), float
            )
    trains = None
    with suppress(Exception):
        trains = _trains(population, until_ms, float(sim.get_time_step()))
    return BuiltPopulation(type_name(population.celltype), parameters, initial, trains)


def _trains(population: Any, until_ms: float, timestep: float) -> list[Values] | None:
    drawn = getattr(population, "trains", None)
    if drawn is not None:
        steps, sources = drawn.spikes_between(-1, round(until_ms / timestep))
        order = np.lexsort((steps, sources))
        ends = np.searchsorted(sources[order], np.arange(1, population.size))
        return [np.round(part * timestep, 9) for part in np.split(steps[order], ends)]
    if "spike_times" not in population.celltype.get_parameter_names():
        return None
    listed = population.get("spike_times", simplify=False)
    return [np.ravel(np.asarray(one.value, float)) for one in listed]


def _projection(sim: ModuleType, projection: Any) -> BuiltProjection:
    from pipelines.backends import collect

    kind = projection.synapse_type
    names = [type(getattr(kind, part, None)).__name__
             for part in ("timing_dependence", "weight_dependence")]  # fmt: skip
    timing, weights = ("" if name == "NoneType" else name for name in names)
    pre = post = None
    parameters: dict[str, Values] = {}
    with suppress(Exception):
        if projection.size() <= _MOST_SYNAPSES:
            read = collect.weights(projection)
            pre, post = read["pre"], read["post"]
            parameters = {"weight": read["weight"], "delay": read["delay_ms"]}
    own = hasattr(sim, "registry")
    for name in kind.get_parameter_names():
        if name in ("weight", "delay"):
            continue
        with suppress(Exception):
            # PyNN's unmodified modules return some parameters under the simulator's names and in
            # its units, so of these what was asked for is taken.
            parameters[name] = _read(projection, name) if own else _asked(kind, name)
    for part in _components(kind):
        for name, value in getattr(part, "extra_parameters", {}).items():
            if isinstance(value, int | float):
                parameters.setdefault(name, np.array([float(value)]))
    return BuiltProjection(
        str(projection.receptor_type or ""), type(kind).__name__, timing, weights, pre, post,
        parameters,
    )  # fmt: skip


def _read(projection: Any, name: str) -> Values:
    """A parameter of all synapses in the order of pre and post; one number if all are the same."""
    rows = np.asarray(projection.get([name], format="list", with_address=True), float)
    values = rows.reshape(-1, 3)[np.lexsort(rows.reshape(-1, 3).T[::-1]), 2]
    return values[:1] if len(values) and not np.ptp(values) else values


def _components(kind: Any) -> list[Any]:
    """Timing and weight dependence of a plastic synapse type."""
    parts = (getattr(kind, name, None) for name in ("timing_dependence", "weight_dependence"))
    return [part for part in parts if part is not None]


def _asked(kind: Any, name: str) -> Values:
    """A constant parameter that a synapse type was given."""
    for part in (kind, *_components(kind)):
        space = getattr(part, "parameter_space", {})
        if name in dict(space.items()):
            return np.array([float(space[name].base_value)])
    return np.array([float(getattr(kind, name))])
