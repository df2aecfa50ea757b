"""Measured firing of single LIF neurons and the closed form, for each run."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipelines.experiment.parameters import DEFAULT_TIMESTEP
from pipelines.metrics.closed_forms import (
    lif_charging_time,
    lif_grid_interval,
    lif_interval,
    whole_steps_up,
)
from pipelines.metrics.measured import metrics_table
from pipelines.metrics.selection import HasTables, finished

CELL = ("i_offset", "tau_m", "cm", "v_rest", "v_reset", "v_thresh", "tau_refrac")


def fi_table(tables: HasTables, population: str = "neurons") -> pd.DataFrame:
    """Measured and expected firing of every finished run of `lif_fi_curve`.

    Parameters
    ----------
    tables
        Tables with the parameters of `CELL` and the duration as columns of the runs.
    population
        The population that holds the neuron.

    Returns
    -------
    pandas.DataFrame
        One row a run: its columns of the runs table, and n_spikes, rate_hz, interval_ms (mean;
        NaN with fewer than two spikes), closed_rate_hz, closed_interval_ms (infinite below the
        rheobase), grid_interval_ms (rounded up to steps), expected_spikes (on the grid, from
        rest, within the duration) and timestep.
    """
    runs = finished(tables.runs)
    metrics = metrics_table(tables)
    metrics = metrics[metrics["population"] == population]
    wide = metrics.pivot(index="run_id", columns="metric", values="value").reindex(runs["run_id"])
    table = runs.copy()
    if "timestep" not in table:
        table["timestep"] = DEFAULT_TIMESTEP
    for column, metric in {
        "n_spikes": "n_spikes", "rate_hz": "rate_mean", "interval_ms": "isi_mean"
    }.items():  # fmt: skip
        table[column] = wide[metric].to_numpy(float) if metric in wide else float("nan")
    cell = {name: table[name].to_numpy(float) for name in CELL}
    timestep = table["timestep"].to_numpy(float)
    table["closed_interval_ms"] = lif_interval(**cell)
    table["closed_rate_hz"] = 1000.0 / table["closed_interval_ms"]
    table["grid_interval_ms"] = lif_grid_interval(**cell, timestep=timestep)
    # The first spike starts from rest, without a refractory period before it.
    from_rest = {name: value for name, value in cell.items() if name != "tau_refrac"}
    from_rest["v_reset"] = cell["v_rest"]
    first = whole_steps_up(lif_charging_time(**from_rest), timestep) * timestep
    duration = table["duration"].to_numpy(float)
    with np.errstate(invalid="ignore"):  # below the rheobase both are infinite
        intervals = np.floor((duration - first) / table["grid_interval_ms"].to_numpy() + 1e-9)
    table["expected_spikes"] = np.where(np.isinf(first), 0, np.maximum(intervals + 1, 0))
    return table
