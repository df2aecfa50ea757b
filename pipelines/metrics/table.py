"""The metrics table: numbers for every population and projection of every finished run."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipelines.metrics.selection import (
    HasTables,
    duration_ms,
    finished,
    population_sizes,
    run_index,
)
from pipelines.metrics.spike_metrics import SPIKE_METRICS, spike_metrics
from pipelines.metrics.spike_trains import Trains
from pipelines.metrics.weight_statistics import WEIGHT_METRICS, weight_metrics

UNITS = {name: unit for name, (unit, _) in (SPIKE_METRICS | WEIGHT_METRICS).items()}
"""Unit of every metric; "1" for a number."""

LABELS = {name: meaning for name, (_, meaning) in (SPIKE_METRICS | WEIGHT_METRICS).items()}
"""Meaning of every metric in a few words."""


def metrics_table(tables: HasTables) -> pd.DataFrame:
    """Compute the metrics of all finished runs.

    Parameters
    ----------
    tables
        The experiment's tables.

    Returns
    -------
    pandas.DataFrame
        Columns run_id, population, metric, value; the column population holds the name of the
        projection for metrics of weights. Rows are in order of the runs, then populations and
        projections by name, then the metrics as `UNITS` lists them. A metric that does not
        exist (the interval of a silent population) is NaN.
    """
    runs = finished(tables.runs)
    spikes = _spike_rows(runs, tables.spikes)
    weights = _weight_rows(runs, tables.weights)
    rows = pd.concat([spikes, weights], ignore_index=True)
    rows = rows.sort_values(["run", "kind", "population", "order"], kind="stable")
    run_id = runs["run_id"].to_numpy(object)[rows["run"].to_numpy(int)]
    rows = rows.assign(run_id=pd.Series(run_id, index=rows.index, dtype="str"))
    return rows[["run_id", "population", "metric", "value"]].reset_index(drop=True)


def _spike_rows(runs: pd.DataFrame, spikes: pd.DataFrame) -> pd.DataFrame:
    sizes = population_sizes(runs)
    groups = pd.MultiIndex.from_tuples(
        [(run, name) for run, named in enumerate(sizes) for name in sorted(named)],
        names=["run", "population"],
    )
    if not len(groups):
        return _rows(np.array([], int), [], {name: np.array([]) for name in SPIKE_METRICS}, 0)
    run = run_index(runs, spikes["run_id"])
    group = _group_index(groups, run, spikes["population"])
    known = group >= 0
    group_run = groups.get_level_values("run").to_numpy(int)
    names = list(groups.get_level_values("population"))
    trains = Trains(
        group=group[known],
        neuron=spikes["neuron"].to_numpy(np.int64)[known],
        time_ms=spikes["time_ms"].to_numpy(float)[known],
        sizes=np.array([sizes[r][n] for r, n in zip(group_run, names, strict=True)], np.int64),
        duration_ms=duration_ms(runs)[group_run],
    )
    return _rows(group_run, names, spike_metrics(trains), 0)


def _weight_rows(runs: pd.DataFrame, weights: pd.DataFrame) -> pd.DataFrame:
    run = run_index(runs, weights["run_id"])
    present = run >= 0
    projection = weights["projection"][present]
    codes, names = pd.factorize(projection, sort=True)
    # A pair of numbers becomes one number, so that groups are found without strings.
    key, group = np.unique(run[present] * max(len(names), 1) + codes, return_inverse=True)
    values = weight_metrics(
        group,
        weights["weight"].to_numpy(float)[present],
        weights["time_ms"].to_numpy(float)[present],
        len(key),
    )
    group_run, code = np.divmod(key, max(len(names), 1))
    return _rows(group_run, [str(names[c]) for c in code], values, 1)


def _group_index(groups: pd.MultiIndex, run: np.ndarray, population: pd.Series) -> np.ndarray:
    """Position in `groups` of every spike; -1 where its run or population is not there."""
    codes, names = pd.factorize(population)
    width = max(len(names), 1)
    lookup = np.full((int(groups.get_level_values("run").max()) + 2) * width, -1, np.int64)
    number = {name: code for code, name in enumerate(names)}
    for position, (group_run, name) in enumerate(groups):
        if name in number:
            lookup[group_run * width + number[name]] = position
    inside = run >= 0
    return np.where(inside, lookup[np.where(inside, run, 0) * width + codes], -1)


def _rows(
    run: np.ndarray, population: list[str], values: dict[str, np.ndarray], kind: int
) -> pd.DataFrame:
    """Long rows, one a group and metric."""
    n_metrics, n_groups = len(values), len(run)
    return pd.DataFrame(
        {
            "run": np.repeat(run.astype(np.int64), n_metrics),
            "kind": kind,
            "population": pd.Series(
                np.repeat(np.array(population, object), n_metrics), dtype="str"
            ),
            "order": np.tile(np.arange(n_metrics), n_groups),
            "metric": pd.Series(np.tile(np.array(list(values), object), n_groups), dtype="str"),
            "value": np.column_stack(list(values.values())).reshape(-1).astype(float),
        }
    )
