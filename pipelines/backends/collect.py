"""Recorded data of any backend as arrays, without Neo objects or loops over neurons.

Imports no simulator.
"""

from __future__ import annotations

from hashlib import sha256
from types import ModuleType
from typing import Any

import numpy as np

from .shared.initial_values import as_array
from .shared.projections import BulkProjection
from .shared.recordable import (
    first_sample_index,
    first_sample_ms,
    members,
    recorded_ids,
    variable_key,
)
from .shared.time_grid import round_to_steps

# Projection attribute of each kind of weight.
_WEIGHTS = {"transmitted": "weight", "now": "weight_now"}


def spikes(population: Any) -> tuple[np.ndarray, np.ndarray]:
    """Spikes of a population, view or assembly.

    Returns
    -------
    neuron : ndarray of int64, shape (n_spikes,)
        Index within the population.
    time_ms : ndarray of float64, shape (n_spikes,)
        Times in (0, T], ascending; spikes of one step are in order of neurons.
    """
    neurons, times, first = [], [], 0
    for member in members(population):
        ids = recorded_ids(member, "spikes")
        cells, at = member.recorder._get_spiketimes(ids)
        neurons.append(_index(member, cells) + first)
        times.append(np.asarray(at, dtype=float))
        first += member.size
    neuron, time_ms = np.concatenate(neurons), np.concatenate(times)
    order = np.lexsort((neuron, time_ms))
    return neuron[order], time_ms[order]


def signal(population: Any, variable: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A recorded state variable of a population or view.

    Returns
    -------
    time_ms : ndarray of float64, shape (k,)
        Sample times of the current segment.
    values : ndarray of float64, shape (k, n)
        In PyNN's unit of the variable; NaN before a neuron was recorded, if others were.
    neuron : ndarray of int64, shape (n,)
        Index of each recorded neuron within the population.
    """
    ids = recorded_ids(population, variable)
    recorder = population.recorder
    values, _ = recorder._get_all_signals(variable_key(variable), ids)
    begins = first_sample_index(recorder, variable, values)
    steps = np.arange(begins, len(values))
    time_ms = np.round(first_sample_ms(recorder) + steps * recorder.sampling_interval, 10)
    neuron = _index(population, np.asarray([int(id) for id in ids], dtype=np.int64))
    return time_ms, np.asarray(values[begins:], dtype=float), neuron


def weights(projection: Any, when: str = "transmitted") -> dict[str, np.ndarray]:
    """Weights and delays of a projection.

    Parameters
    ----------
    when
        ``"transmitted"``: plastic weights as transmitted by the last presynaptic spike.
        ``"now"``: the present weights, updated by the spikes that have arrived since; NEST needs
        recorded spikes of both populations for it.

    Returns
    -------
    dict
        ``pre`` and ``post`` (int64), ``weight`` (nA or uS) and ``delay_ms`` (float64), each of
        shape (n_synapses,), in ascending order of all four.
    """
    names = ["presynaptic_index", "postsynaptic_index", _WEIGHTS[when], "delay"]
    if isinstance(projection, BulkProjection) and projection.bulk:
        values = projection.read(names)
        columns = [np.asarray(values[name], dtype=float) for name in names]
    else:
        rows = projection.get(names[2:], format="list", with_address=True)
        columns = list(np.asarray(rows, dtype=float).reshape(-1, 4).T)
    order = np.lexsort(columns[::-1])
    pre, post, weight, delay = (column[order] for column in columns)
    address = {"pre": pre.astype(np.int64), "post": post.astype(np.int64)}
    return address | {"weight": weight, "delay_ms": delay}


def connectivity_sha256(sim: ModuleType) -> str | None:
    """Digest of all synapses (pairs, weights, delays) of the network; None for a stock module."""
    registry = getattr(sim, "registry", None)
    if registry is None:
        return None
    digest = sha256()
    for projection in registry.projections:
        if not projection.bulk:
            return None
        digest.update(f"{projection.sha256()}\n".encode())
    return digest.hexdigest()


def input_sha256(sim: ModuleType) -> str | None:
    """Digest of the inputs of the network; None for a stock module.

    Covers the spike steps of every source (or what they are drawn from) and all initial values.
    """
    registry = getattr(sim, "registry", None)
    if registry is None:
        return None
    digest = sha256()
    for population in registry.populations:
        digest.update(f"{population.size}\n".encode())
        parameters = population.celltype.parameter_space
        if "spike_times" in parameters.keys():  # noqa: SIM118 - not a dictionary
            parameters["spike_times"].shape = (population.size,)
            given = np.asarray(parameters["spike_times"].evaluate(simplify=False), dtype=object)
            each = np.broadcast_to(given, (population.size,))
            trains = [np.asarray(train.value, dtype=float) for train in each]
            # Rounding all trains in one call: the overhead of a call exceeds that of hashing.
            times = np.concatenate(trains)
            steps = times if registry.off_grid else round_to_steps(times, registry.timestep)
            for train in np.split(steps, np.cumsum([len(train) for train in trains])[:-1]):
                digest.update(train.tobytes() + b";")
        elif population.drawn_trains is not None:
            digest.update(population.drawn_trains.specification.encode())
        for name in sorted(population.initial_values):
            start = as_array(population.initial_values[name], population.size)
            digest.update(name.encode() + np.asarray(start, dtype="<f8").tobytes())
    return digest.hexdigest()


def _index(population: Any, ids: np.ndarray) -> np.ndarray:
    """Index within a population or view of every cell id."""
    cells = np.asarray(population.all_cells, dtype=np.int64)
    order = np.argsort(cells, kind="stable")
    return order[np.searchsorted(cells, ids, sorter=order)].astype(np.int64)
