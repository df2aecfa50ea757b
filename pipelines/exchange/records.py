"""What files of other formats say of a run, and rows of tables from what they hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pipelines.tables.mappings import as_mapping
from pipelines.tables.run_data import RunData, known
from pipelines.tables.schemas import RECORDED, SCHEMAS
from pipelines.tables.signal_samples import Samples

# Columns of `runs` that go with a run: what it is, not how long it took and where.
_TEXTS = (
    "run_id", "experiment", "backend", "seed", "hardware", "point_id", "simulated_ms",
    "connectivity_sha256", "input_sha256", "git_commit",
)  # fmt: skip
_MAPPINGS = (
    "versions",
    "population_sizes",
    "recorded_neurons",
    "cell_types",
    "cell_parameters",
    "projections",
)


def described(run: RunData) -> dict[str, Any]:
    """What is said of a run in a file: JSON values, with its parameters and their units."""
    record = known({name: run.record.get(name) for name in _TEXTS})
    mappings = {name: as_mapping(run.record.get(name)) for name in _MAPPINGS}
    return {
        **record,
        **{name: value for name, value in mappings.items() if value},
        "population_sizes": {name: len(neurons) for name, neurons in run.neurons.items()},
        "parameters": run.parameters,
        "parameter_units": dict(run.units),
    }


def record_from(told: Mapping[str, Any], run_id: str) -> dict[str, Any]:
    """Record of a run from what a file says of it; `run_id` is its name where it says none."""
    kept = {name: told[name] for name in (*_TEXTS, *_MAPPINGS) if name in told}
    return {"run_id": run_id, **kept, "parameters": as_mapping(told.get("parameters"))}


def frames(runs: Iterable[RunData]) -> dict[str, pd.DataFrame]:
    """The tables runs, spikes, weights and signals of some runs."""
    runs = list(runs)
    rows = [{**run.record, **run.parameters} for run in runs]
    tables = {
        name: pd.concat([getattr(run, name) for run in runs], ignore_index=True)
        if runs
        else empty_rows(name)
        for name in RECORDED
    }
    return {"runs": pd.DataFrame(rows).drop(columns="parameters"), **tables}


def empty_rows(name: str) -> pd.DataFrame:
    """A table without rows."""
    return SCHEMAS[name].empty_table().to_pandas()


def spike_rows(run_id: str, trains: Iterable[tuple[str, int, NDArray[np.float64]]]) -> pd.DataFrame:
    """Rows of `spikes` from the population, neuron and spike times (ms) of trains."""
    parts = [
        pd.DataFrame({"run_id": run_id, "population": population, "neuron": neuron,
                      "time_ms": np.asarray(times, float)})
        for population, neuron, times in trains
        if len(times)
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True) if parts else empty_rows("spikes")


def signal_rows(run_id: str, samples: Iterable[Samples]) -> pd.DataFrame:
    """Rows of `signals` from samples."""
    parts = [
        pd.DataFrame({
            "run_id": run_id, "population": one.population, "neuron": np.repeat(
                one.neurons, len(one.time_ms)
            ), "variable": one.variable, "time_ms": np.tile(one.time_ms, len(one.neurons)),
            "value": one.values.T.ravel(),
        })
        for one in samples
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True) if parts else empty_rows("signals")


def milliseconds(seconds: Any) -> NDArray[np.float64]:
    """Times in ms, to a picosecond, so that what was 0.3 ms is that again."""
    return np.round(np.asarray(seconds, float) * 1e3, 9)
