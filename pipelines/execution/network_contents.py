"""The populations and projections of a built network: their recordings, sizes and cell types."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pipelines.errors import BadInput


def request_recordings(network: Mapping, record: Any, where: str) -> None:
    """Ask the populations of a network to record spikes and signals.

    Parameters
    ----------
    network
        Populations and projections by name.
    record
        What to record; see `pipelines.sweep.model.Record`.
    where
        Name of the experiment in messages.

    Raises
    ------
    BadInput
        If a population, projection or variable does not exist.
    """
    populations = {name: value for name, value in network.items() if is_population(value)}
    projections = {name: value for name, value in network.items() if is_projection(value)}
    for name in record.readings:
        _look_up("projection", name, projections, where)
    for name, wanted in record.populations.items():
        population = _look_up("population", name, populations, where)
        if wanted.spikes:
            _look_up("variable", "spikes", recordable(population), f"{where}: {name}")
            population.record("spikes")
        for variable in wanted.signals:
            _look_up("variable", variable, recordable(population), f"{where}: {name}")
        if wanted.signals:
            interval = wanted.sampling_interval
            extra = {} if interval is None else {"sampling_interval": interval}
            population.record(sorted(set(wanted.signals)), **extra)


def _look_up(kind: str, name: str, among: Mapping[str, Any] | Iterable[str], where: str) -> Any:
    names = list(among)
    if name not in names:
        raise BadInput(
            f"{where}: record",
            f"there is no {kind} '{name}'",
            allowed=None if names else f"none: the network has no {kind}",
            given=name,
            among=names,
        )
    return among[name] if isinstance(among, Mapping) else name


def recordable(population: Any) -> list[str]:
    """Variables that every cell of a population, view or assembly can record."""
    parts = _parts(population)
    common: list[str] = list(parts[0].celltype.recordable)
    for part in parts[1:]:
        common = [name for name in common if name in part.celltype.recordable]
    return common


def _parts(population: Any) -> list[Any]:
    """The populations and views of an assembly, or a population alone."""
    parts: list[Any] = getattr(population, "populations", [population])
    return parts


def is_population(value: Any) -> bool:
    """Whether a value is a population, view or assembly of PyNN."""
    from pyNN.common.populations import Assembly, BasePopulation

    return isinstance(value, BasePopulation | Assembly)


def is_projection(value: Any) -> bool:
    """Whether a value is a projection of PyNN."""
    from pyNN.common.projections import Projection

    return isinstance(value, Projection)


def population_sizes(network: Mapping) -> dict[str, int]:
    """Number of neurons of every population, view or assembly."""
    return {name: int(value.size) for name, value in network.items() if is_population(value)}


def cell_types(network: Mapping) -> dict[str, list[str]]:
    """Names of the cell types of every population, view or assembly."""
    return {
        name: sorted({type_name(part.celltype) for part in _parts(value)})
        for name, value in network.items()
        if is_population(value)
    }


def type_name(celltype: Any) -> str:
    """Name of a cell type, and of the neuron of a composed one."""
    name = type(celltype).__name__
    neuron = getattr(celltype, "neuron", None)
    return name if neuron is None else f"{name}({type(neuron).__name__})"
