"""Tables of the spikes, signals and weights that a run recorded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from pipelines.execution.network_contents import recorded_neurons
from pipelines.tables.schemas import schema_of

_DTYPES = {pa.int32(): np.int32, pa.int64(): np.int64, pa.float64(): np.float64}
_MOST_BYTES = 1 << 30


def collect_tables(
    run_id: str, network: Mapping, record: Any, weights: Iterable[pa.Table]
) -> dict[str, pa.Table]:
    """Collect the recordings of a run as tables.

    Parameters
    ----------
    run_id
        Identity of the run.
    network
        Populations and projections by name.
    record
        The recording; see `simulate.simulate`.
    weights
        Readings of weights, as returned by
        `pipelines.execution.weight_course.WeightCourse.finish`.

    Returns
    -------
    dict
        The recorded ones of the tables spikes, weights and signals, by name; populations and
        projections sorted by name.
    """
    from pipelines.backends import collect

    spikes, signals = [], []
    chosen = recorded_neurons(network, record)
    for name, wanted in sorted(record.populations.items()):
        some = chosen.get(name, {})
        if wanted.spikes:
            neuron, time_ms = collect.spikes(network[name])
            # More neurons are recorded if a view of the population has another name in `record`.
            kept = np.isin(neuron, some["spikes"]) if "spikes" in some else slice(None)
            spikes.append(rows("spikes", run_id, name, neuron=neuron[kept], time_ms=time_ms[kept]))
        for variable in sorted(set(wanted.signals)):
            time_ms, values, neuron = collect.signal(network[name], variable)
            kept = np.isin(neuron, some["signals"]) if "signals" in some else slice(None)
            found = time_ms, values[:, kept], neuron[kept]
            signals.append(signal_rows(run_id, name, variable, *found))
    tables = {"spikes": spikes, "weights": list(weights), "signals": signals}
    return {name: pa.concat_tables(parts) for name, parts in tables.items() if parts}


def signal_rows(
    run_id: str,
    population: str,
    variable: str,
    time_ms: np.ndarray,
    values: np.ndarray,
    neuron: np.ndarray,
) -> pa.Table:
    """Rows of a signal in long form: all samples of the first neuron, then of the next."""
    order = np.argsort(neuron, kind="stable")
    n_samples, n_neurons = values.shape
    return rows(
        "signals",
        run_id,
        population,
        neuron=np.repeat(neuron[order], n_samples),
        variable=variable,
        time_ms=np.tile(time_ms, n_neurons),
        value=values[:, order].T.ravel(),
    )


def rows(table: str, run_id: str, source: str, **columns: Any) -> pa.Table:
    """Rows of one population or projection; a single value stands for every row."""
    schema = schema_of(table)
    given = {schema.names[0]: run_id, schema.names[1]: source, **columns}
    n_rows = max(len(value) for value in columns.values() if isinstance(value, np.ndarray))
    return pa.Table.from_arrays(
        [_array(given[column.name], column.type, n_rows) for column in schema], schema=schema
    )


def _array(value: Any, kind: pa.DataType, n_rows: int) -> pa.Array | pa.ChunkedArray:
    """A column from an array, without a copy, or from one value for all rows.

    ``pa.array`` is not used because it imports pandas, which takes a second.
    """
    if isinstance(value, str):
        text = value.encode()
        # Offsets within an array are 32 bits wide.
        longest = _MOST_BYTES // max(1, len(text))
        sizes = [min(longest, n_rows - first) for first in range(0, n_rows, longest)]
        return pa.chunked_array([_repeated(text, kind, size) for size in sizes], kind)
    numbers = value if isinstance(value, np.ndarray) else np.full(n_rows, value)
    numbers = np.ascontiguousarray(numbers, dtype=_DTYPES[kind])
    return pa.Array.from_buffers(kind, n_rows, [None, pa.py_buffer(numbers)])


def _repeated(text: bytes, kind: pa.DataType, n_rows: int) -> pa.Array:
    offsets = np.arange(n_rows + 1, dtype=np.int32) * np.int32(len(text))
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(text * n_rows)]
    return pa.Array.from_buffers(kind, n_rows, buffers)
