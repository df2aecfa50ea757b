"""The populations and projections of a built network: their recordings, sizes and cell types."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pipelines.errors import BadInput

# Cells of a population up to which values of single cells are kept.
_FEW_CELLS = 100


def request_recordings(network: Mapping, record: Any, where: str) -> None:
    """Ask the populations of a network to record spikes and signals.

    Parameters
    ----------
    network
        Populations and projections by name.
    record
        What to record; see `pipelines.sweep.record.Record`.
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
    for name in record.populations:
        _look_up("population", name, populations, where)
    _refuse_two_intervals(populations, record, where)
    chosen = recorded_neurons(populations, record, where)
    for name, wanted in record.populations.items():
        population, some = populations[name], chosen.get(name, {})
        for variable in (*(["spikes"] if wanted.spikes else []), *wanted.signals):
            _look_up("variable", variable, recordable(population), f"{where}: {name}")
        if wanted.spikes:
            _of(population, some.get("spikes")).record("spikes")
        if wanted.signals:
            interval = wanted.sampling_interval
            extra = {} if interval is None else {"sampling_interval": interval}
            signals = sorted(set(wanted.signals))
            _of(population, some.get("signals")).record(signals, **extra)


def recorded_neurons(
    network: Mapping, record: Any, where: str = "record"
) -> dict[str, dict[str, Any]]:
    """Populations of which not all neurons are recorded.

    Returns
    -------
    dict
        By name of the population: ``of``, its number of neurons, and for ``spikes`` and ``signals``
        the indices of the recorded neurons, where these are not all.

    Raises
    ------
    BadInput
        If a population has no neuron of an index.
    """
    found: dict[str, dict[str, Any]] = {}
    for name, wanted in record.populations.items():
        size = int(network[name].size)
        for kind, neurons in (("spikes", wanted.spiking_neurons), ("signals", wanted.neurons)):
            indices = _indices(neurons, size)
            if indices and indices[-1] >= size:
                raise BadInput(
                    f"{where}: record.populations.{name}.neurons",
                    f"there is no neuron {indices[-1]} of '{name}'",
                    allowed=f"0 to {size - 1}",
                )
            if len(indices) not in (0, size):
                found.setdefault(name, {"of": size})[kind] = indices
    return found


def evenly_spread(number: int, size: int) -> list[int]:
    """Indices of `number` of `size` items, from the first to the last; of all if there are fewer.

    Examples
    --------
    >>> evenly_spread(4, 100)
    [0, 33, 66, 99]
    """
    if number >= size:
        return list(range(size))
    return [k * (size - 1) // max(number - 1, 1) for k in range(number)]


def _indices(neurons: int | tuple[int, ...] | None, size: int) -> list[int]:
    """Indices of the neurons that a sweep names, ascending; empty for all."""
    if isinstance(neurons, int):
        return evenly_spread(neurons, size)
    return list(neurons or ())


def _of(population: Any, indices: list[int] | None) -> Any:
    return population if indices is None else population[indices]


def _refuse_two_intervals(populations: Mapping[str, Any], record: Any, where: str) -> None:
    """Refuse two sampling intervals of one population, which PyNN cannot have.

    Two names may stand for one population, as its views do.
    """
    seen: dict[int, tuple[str, float | None]] = {}
    for name, wanted in record.populations.items():
        for part in _parts(populations[name]) if wanted.signals else ():
            whole = id(getattr(part, "grandparent", part))
            other, interval = seen.setdefault(whole, (name, wanted.sampling_interval))
            if interval != wanted.sampling_interval:
                raise BadInput(
                    f"{where}: record.populations.{name}.sampling_interval",
                    f"differs from that of '{other}', which is of the same population",
                    allowed="one interval a population",
                )


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


def cell_parameters(network: Mapping) -> dict[str, dict[str, float | list[float]]]:
    """Parameters that the cells of every population were asked for.

    Numbers that all cells have in common, and values of the cells of small populations. What was
    drawn at random or set later is left out.
    """
    return {
        name: _given_numbers(value.celltype.parameter_space, value.size)
        for name, value in network.items()
        if is_population(value)
        and hasattr(value, "celltype")
        and not hasattr(value, "parent")
        and not type(value.celltype).__name__.startswith("SpikeSource")
    }


def _given_numbers(parameters: Any, size: int) -> dict[str, float | list[float]]:
    import numpy as np

    found: dict[str, float | list[float]] = {}
    for name, lazy in parameters.items():
        value = lazy.base_value
        # Operations are left to do on values that are not final.
        if lazy.operations or isinstance(value, bool | str):
            continue
        if isinstance(value, int | float | np.number):
            found[name] = float(value)
        elif isinstance(value, np.ndarray) and value.shape == (size,) and size <= _FEW_CELLS:
            found[name] = value.astype(float).tolist()
    return found


def projections(network: Mapping) -> dict[str, dict[str, Any]]:
    """Populations, receptor and synapse of every projection.

    Returns
    -------
    dict
        For each projection ``pre`` and ``post`` (names in the network; of the parent for a view
        that has none, otherwise empty), ``receptor``, ``synapse`` (name of its class) and
        ``plastic`` (whether its weights may change during a run).
    """
    names = {id(value): str(name) for name, value in network.items() if is_population(value)}
    return {
        name: describe_projection(value, lambda one: names.get(id(one), ""))
        for name, value in network.items()
        if is_projection(value)
    }


def describe_projection(projection: Any, name_of: Callable[[Any], str]) -> dict[str, Any]:
    """Populations, receptor and synapse of a projection; `name_of` gives a name or ``""``."""
    from pyNN.standardmodels.synapses import STDPMechanism

    synapse = projection.synapse_type
    return {
        "pre": _name_in(projection.pre, name_of),
        "post": _name_in(projection.post, name_of),
        "receptor": str(projection.receptor_type),
        "synapse": type(synapse).__name__,
        "plastic": isinstance(synapse, STDPMechanism),
    }


def _name_in(population: Any, name_of: Callable[[Any], str]) -> str:
    """Name of a population or of its nearest parent that has one; empty if none has."""
    name = name_of(population)
    if name:
        return name
    parents = {id(one): one for one in _parents(population)}
    # Views of one population, joined, are of that population.
    return _name_in(next(iter(parents.values())), name_of) if len(parents) == 1 else ""


def _parents(population: Any) -> list[Any]:
    """The population of which a view was taken, or the parts of an assembly."""
    if hasattr(population, "populations"):
        return [getattr(part, "grandparent", part) for part in population.populations]
    return [population.parent] if hasattr(population, "parent") else []


def type_name(celltype: Any) -> str:
    """Name of a cell type, and of the neuron of a composed one."""
    name = type(celltype).__name__
    neuron = getattr(celltype, "neuron", None)
    return name if neuron is None else f"{name}({type(neuron).__name__})"
