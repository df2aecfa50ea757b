"""Runs as NIX files: written and read by Neo, with weights as a data frame of NIX beside them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pipelines.exchange.records import (
    described,
    empty_rows,
    record_from,
    signal_rows,
    spike_rows,
)
from pipelines.tables.mappings import as_mapping
from pipelines.tables.neo_block import segment_of
from pipelines.tables.run_data import RunData
from pipelines.tables.signal_samples import Samples

_WEIGHTS_TYPE = "counterpoint.weights"
_COLUMNS = {"projection": str, "pre": np.int64, "post": np.int64, "weight": np.float64,
            "delay_ms": np.float64, "time_ms": np.float64}  # fmt: skip
_UNITS = {"delay_ms": "ms", "time_ms": "ms"}


def write(run: RunData, path: Path) -> list[str]:
    """Write a run to a NIX file; return what was left out, which is nothing."""
    from neo import Block
    from neo.io import NixIO

    about = described(run)
    # Neo's annotations in NIX are numbers and texts; mappings are kept as JSON.
    segment = segment_of(run)
    for name in ("parameters", "parameter_units"):
        segment.annotations.pop(name)
    # Said of the segment alone: Neo takes milliseconds to write an annotation.
    for one in segment.data_children:
        for name in ("run_id", "backend"):
            one.annotations.pop(name)
    segment.annotate(run=json.dumps(about, sort_keys=True))
    block = Block(name=str(about.get("experiment") or run.run_id))
    block.segments.append(segment)
    with NixIO(str(path), "ow") as io:
        io.write_block(block)
    if len(run.weights):
        _write_weights(run, path)
    return []


def _write_weights(run: RunData, path: Path) -> None:
    import nixio

    columns = {name: kind for name, kind in _COLUMNS.items() if name in run.weights}
    kept = run.weights[[*columns]]
    rows = np.array(
        [*kept.itertuples(index=False, name=None)],
        dtype=[(name, object if kind is str else kind) for name, kind in columns.items()],
    )
    with nixio.File.open(str(path), nixio.FileMode.ReadWrite) as file:
        frame = file.blocks[0].create_data_frame(
            f"weights of {run.run_id}", _WEIGHTS_TYPE, col_dict=columns, data=rows
        )
        frame.units = [_UNITS.get(name, "") for name in columns]


def read(path: Path) -> list[RunData]:
    """Read the runs of a NIX file: each segment of Neo's is one.

    Of a file of another program a spike train is a neuron; where trains have no annotation
    ``population`` all are of the population ``neurons``.
    """
    from neo.io import NixIO

    with NixIO(str(path), "ro") as io:
        segments = [one for block in io.read_all_blocks() for one in block.segments]
    weights = _read_weights(path)
    runs = []
    for number, segment in enumerate(segments):
        told = as_mapping(segment.annotations.get("run"))
        usual = path.stem if len(segments) == 1 else f"{segment.name or number}"
        run_id = str(told.get("run_id") or segment.annotations.get("run_id") or usual)
        sizes: dict[str, int] = {}
        trains = []
        for train in segment.spiketrains:
            population = str(train.annotations.get("population", "neurons"))
            neuron = int(train.annotations.get("neuron", sizes.get(population, 0)))
            sizes[population] = max(sizes.get(population, 0), neuron + 1)
            trains.append((population, neuron, np.round(train.rescale("ms").magnitude, 9)))
        record = record_from({"population_sizes": sizes, **told}, run_id)
        signals = signal_rows(run_id, map(_samples, _signals_of(segment)))
        runs.append(
            RunData(record, spike_rows(run_id, trains), weights.get(run_id, empty_rows("weights")),
                    signals)
        )  # fmt: skip
    return runs


def _signals_of(segment: Any) -> list[Any]:
    return [*segment.analogsignals, *segment.irregularlysampledsignals]


def _samples(signal: Any) -> Samples:
    values = np.asarray(signal.magnitude, float)
    name = str(signal.name or "signal")
    neurons = signal.array_annotations.get("neuron", np.arange(values.shape[1]))
    return Samples(
        str(signal.annotations.get("population", name)),
        str(signal.annotations.get("variable", name)),
        np.asarray(neurons, int), np.round(signal.times.rescale("ms").magnitude, 9), values, None,
    )  # fmt: skip


def _read_weights(path: Path) -> dict[str, pd.DataFrame]:
    """Weights of each run, by run_id."""
    import nixio

    found = {}
    with nixio.File.open(str(path), nixio.FileMode.ReadOnly) as file:
        for block in file.blocks:
            for frame in block.data_frames:
                if frame.type == _WEIGHTS_TYPE:
                    run_id = frame.name.removeprefix("weights of ")
                    table = pd.DataFrame({
                        name: [row[k] for row in frame] for k, name in enumerate(frame.column_names)
                    })  # fmt: skip
                    table.insert(0, "run_id", run_id)
                    found[run_id] = table
    return found
