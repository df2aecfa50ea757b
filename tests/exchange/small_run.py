"""A small run with all that can be recorded, whose content is known."""

import json

import numpy as np
import pandas as pd

from pipelines.tables.run_data import RunData

RUN_ID = "abcd1234abcd1234"


def small_run(irregular=True):
    """A run of two populations: silent neurons, two signals, weights at two times."""
    record = {
        "run_id": RUN_ID, "experiment": "e", "backend": "nest", "seed": 3, "status": "done",
        "simulated_ms": 100.0, "population_sizes": json.dumps({"exc": 4, "inh/x": 2}),
        "cell_types": json.dumps({"exc": ["IF_curr_exp"], "inh/x": ["IF_curr_exp"]}),
        "projections": json.dumps({"w": {"pre": "exc", "post": "inh/x", "plastic": True}}),
        "parameters": {"g": 1.5, "timestep": 0.1, "label": "strong", "on": True},
    }  # fmt: skip
    spikes = pd.DataFrame({
        "run_id": RUN_ID, "population": ["exc"] * 4 + ["inh/x"],
        "neuron": np.array([0, 1, 0, 3, 1], np.int32), "time_ms": [0.3, 0.7, 10.1, 99.9, 33.3],
    })  # fmt: skip
    weights = pd.DataFrame({
        "run_id": RUN_ID, "projection": "w", "pre": np.int32([0, 1, 0, 1]),
        "post": np.int32([1, 0, 1, 0]), "weight": [0.5, 0.25, 0.625, 0.1],
        "delay_ms": [1.0, 1.5, 1.0, 1.5], "time_ms": [0.0, 0.0, 100.0, 100.0],
    })  # fmt: skip
    times = np.round(np.arange(11) * 0.1, 9)
    parts = [
        _course("exc", neuron, variable, times, np.sin(times + neuron) - 65)
        for variable in ("v", "gsyn_exc")
        for neuron in (0, 2)
    ]
    if irregular:
        parts.append(_course("inh/x", 0, "v", [0.0, 0.1, 0.5], [1.0, np.nan, 3.0]))
    units = {"g": "nA", "timestep": "ms"}
    return RunData(record, spikes, weights, pd.concat(parts, ignore_index=True), units)


def _course(population, neuron, variable, times, values):
    return pd.DataFrame({
        "run_id": RUN_ID, "population": population, "neuron": np.int32(neuron),
        "variable": variable, "time_ms": times, "value": values,
    })  # fmt: skip


def write_folder(run, folder):
    """The same run as a folder of tables."""
    folder.mkdir()
    plain = {name: value for name, value in run.record.items() if name != "parameters"}
    pd.DataFrame([plain | run.parameters]).to_parquet(folder / "runs.parquet")
    for name in ("spikes", "weights", "signals"):
        getattr(run, name).to_parquet(folder / f"{name}.parquet")
    return folder
