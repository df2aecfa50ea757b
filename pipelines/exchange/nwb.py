"""Runs as NWB files: units, time series, and weights as a table of a processing module.

Neo's own writer has no place for weights and for neurons without spikes; what is written here is
read by Neo as well, which finds its names of blocks and segments.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pipelines.exchange.records import (
    described,
    empty_rows,
    milliseconds,
    record_from,
    signal_rows,
    spike_rows,
)
from pipelines.tables.mappings import as_mapping
from pipelines.tables.run_data import RunData
from pipelines.tables.signal_samples import Samples, samples_of

# NWB demands a date; where the record has none, equal runs get the same.
_NO_DATE = datetime(2000, 1, 1, tzinfo=UTC)
_SI = {"mV": ("volts", 1e-3), "nA": ("amperes", 1e-9), "uS": ("siemens", 1e-6)}
_WEIGHTS = {
    "projection": "name of the projection",
    "pre": "index of the presynaptic neuron within its population",
    "post": "index of the postsynaptic neuron within its population",
    "weight": "synaptic weight in nA, or uS for synapses of conductances",
    "delay_ms": "delay in ms",
    "time_ms": "simulated time in ms at which the weight was read",
}
_MODULE, _TABLE = "connectivity", "weights"


def write(run: RunData, path: Path) -> list[str]:
    """Write a run to an NWB file; return what was left out, which is nothing."""
    from pynwb import NWBHDF5IO, NWBFile

    about, started = described(run), str(run.record.get("started_utc") or "")
    file = NWBFile(
        session_description="A simulated network"
        + ("" if started else "; the start of the session is not known, and not this date"),
        identifier=run.run_id,
        session_id=run.run_id,
        session_start_time=datetime.fromisoformat(started) if started else _NO_DATE,
        experiment_description=str(about.get("experiment") or run.run_id),
        # What compare needs, and a reader wants, to know of the run.
        notes=json.dumps(about, sort_keys=True),
    )
    _add_units(file, run, about)
    for samples in samples_of(run.signals):
        file.add_acquisition(_series(samples, run, about, set(file.acquisition)))
    if len(run.weights):
        _add_weights(file, run.weights)
    with NWBHDF5IO(str(path), "w") as io:
        io.write(file)
    return []


def _add_units(file: Any, run: RunData, about: dict[str, Any]) -> None:
    if not run.sizes:
        return
    file.add_unit_column("population", "name of the population")
    file.add_unit_column("neuron", "index of the neuron within its population")
    file.add_unit_column("block", "name of Neo's block: the experiment")
    file.add_unit_column("segment", "name of Neo's segment: the run")
    block = str(about.get("experiment") or run.run_id)
    end = [[0.0, run.duration_ms / 1e3]]
    for population, neuron, times in run.trains():
        file.add_unit(
            spike_times=times / 1e3, obs_intervals=end, population=population, neuron=neuron,
            block=block, segment=run.run_id,
        )  # fmt: skip


def _series(samples: Samples, run: RunData, about: dict[str, Any], taken: set[str]) -> Any:
    from pynwb import TimeSeries

    unit, conversion = _SI.get(samples.unit, (samples.unit, 1.0))
    name = f"{samples.population} {samples.variable}".replace("/", "_")
    if name in taken:
        name = f"{name} {samples.neurons[0]}"
    # Neo looks for its names in the comments.
    comments = {
        "block": str(about.get("experiment") or run.run_id), "segment": run.run_id,
        "population": samples.population, "variable": samples.variable,
        "neurons": samples.neurons.tolist(),
    }  # fmt: skip
    times: dict[str, Any] = {"timestamps": samples.time_ms / 1e3}
    if samples.interval_ms is not None:
        times = {"starting_time": samples.time_ms[0] / 1e3, "rate": 1e3 / samples.interval_ms}
    return TimeSeries(
        name=name, data=samples.values, unit=unit, conversion=conversion,
        description=f"{samples.variable} of neurons of {samples.population}, a column each",
        comments=json.dumps(comments), **times,
    )  # fmt: skip


def _add_weights(file: Any, weights: pd.DataFrame) -> None:
    from pynwb.core import DynamicTable, VectorData

    columns = [
        VectorData(name=name, description=text, data=weights[name].to_numpy())
        for name, text in _WEIGHTS.items()
        if name in weights
    ]
    columns[0] = VectorData(
        name="projection", description=_WEIGHTS["projection"], data=[*weights["projection"]]
    )
    module = file.create_processing_module(_MODULE, "connections of the simulated network")
    module.add(DynamicTable(name=_TABLE, description="a connection a row", columns=columns))


def read(path: Path) -> list[RunData]:
    """Read the run of an NWB file.

    Of a file of another program each unit is a neuron; where units have no column ``population``
    all are of the population ``units``, and a time series is a population of its own.
    """
    from pynwb import NWBHDF5IO

    with NWBHDF5IO(str(path), "r") as io:
        file = io.read()
        told = as_mapping(file.notes)
        run_id = str(told.get("run_id") or path.stem)
        trains, sizes, end_ms = _trains(file)
        record = record_from({"population_sizes": sizes, **told}, run_id)
        if "simulated_ms" not in record and end_ms is not None:
            record["simulated_ms"] = end_ms
        spikes = spike_rows(run_id, trains)
        signals = signal_rows(run_id, _samples(file))
        return [RunData(record, spikes, _weights(file, run_id), signals)]


def _trains(file: Any) -> tuple[list[tuple[str, int, np.ndarray]], dict[str, int], float | None]:
    """Spike trains, sizes of populations, and the end of the observation in ms."""
    if file.units is None or "spike_times" not in file.units.colnames:
        return [], {}, None
    units = file.units
    known = set(units.colnames)
    populations = [str(one) for one in units["population"][:]] if "population" in known else []
    neurons = [int(one) for one in units["neuron"][:]] if "neuron" in known else []
    trains, sizes = [], dict.fromkeys(populations or ["units"], 0)
    for k in range(len(units)):
        population = populations[k] if populations else "units"
        neuron = neurons[k] if neurons else sizes[population]
        sizes[population] = max(sizes[population], neuron + 1)
        trains.append((population, neuron, milliseconds(units.get_unit_spike_times(k))))
    if "obs_intervals" not in known or not len(units):
        return trains, sizes, None
    ends = milliseconds(units.get_unit_obs_intervals(0))
    return trains, sizes, float(ends.max()) if ends.size else None


def _samples(file: Any) -> Iterator[Samples]:
    from pynwb import TimeSeries

    factors = {unit: (ours, factor) for ours, (unit, factor) in _SI.items()}
    factors |= {"volt": factors["volts"], "ampere": factors["amperes"]}
    for series in file.acquisition.values():
        # Images and tables are no signals of neurons.
        if not isinstance(series, TimeSeries) or np.ndim(series.data) not in (1, 2):
            continue
        data = np.asarray(series.data[:], float)
        if series.conversion is not None:
            # A ratio, which is exactly 1 for what was written here.
            factor = factors.get(series.unit, (None, 1.0))[1]
            data = data * (series.conversion / factor) + (series.offset or 0.0) / factor
        values = data.reshape(len(data), -1)
        told = as_mapping(series.comments)
        if series.timestamps is not None:
            times = milliseconds(series.timestamps[:])
        else:
            start, rate = series.starting_time or 0.0, series.rate
            times = milliseconds(start + np.arange(len(values)) / rate)
        neurons = told.get("neurons")
        yield Samples(
            str(told.get("population", series.name)), str(told.get("variable", series.name)),
            np.arange(values.shape[1]) if neurons is None else np.asarray(neurons, int),
            times, values, None,
        )  # fmt: skip


def _weights(file: Any, run_id: str) -> pd.DataFrame:
    if _MODULE not in file.processing or _TABLE not in file.processing[_MODULE].data_interfaces:
        return empty_rows("weights")
    table = file.processing[_MODULE][_TABLE].to_dataframe().reset_index(drop=True)
    table.insert(0, "run_id", run_id)
    return table
