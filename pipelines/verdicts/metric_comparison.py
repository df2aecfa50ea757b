"""Computation of the tables `metrics` and `comparisons` in one pass over the runs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from itertools import combinations

import numpy as np
import pandas as pd

from pipelines.backends import in_order
from pipelines.experiment.run_columns import parameter_columns
from pipelines.metrics.known import BUILT_IN, KnownMetrics
from pipelines.metrics.measured import Numbers, Recordings, Samples, measure, metrics_table_of
from pipelines.metrics.metric import Metric
from pipelines.metrics.selection import HasTables, finished
from pipelines.tables.schemas import SCHEMAS
from pipelines.verdicts.metric_statistics import statistics
from pipelines.verdicts.verdict_names import IDENTICAL


def measure_and_compare(
    tables: HasTables, known: KnownMetrics = BUILT_IN
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Compute the metrics of every run, and compare them for each point and pair of backends.

    Parameters
    ----------
    tables
        The experiment's tables.
    known
        Its metrics, with the margins of the sweep.

    Returns
    -------
    metrics : pandas.DataFrame
        See `pipelines.metrics.measured.metrics_table`.
    comparisons : pandas.DataFrame
        Columns of the table `comparisons`. Rows are in order of the points, pairs of backends,
        populations and metrics. `distance` is between the two runs of the point; the seed floor
        and the columns derived from it use all seeds at the point's parameters. *identical*:
        the two runs have the same values. *different*: the backends differ by more than seeds
        do (p below `metric_statistics.ALPHA`, adjusted for all metrics). *equivalent*: they do
        not, and the means are the same within the margin. *undecided*: too few seeds to decide.
    """
    runs = finished(tables.runs)
    pairs = list(combinations(in_order(runs["backend"]), 2))
    recordings = Recordings(runs, tables, known)
    numbers: dict[str, Numbers] = {}
    rows: list[dict[str, object]] = []
    # Samples are kept for one group at a time: those of a whole sweep may be large.
    for group in _groups(runs):
        present = [pair for pair in pairs if set(pair) <= set(group["backend"])]
        samples: dict[str, Samples] = {}
        for run_id in group["run_id"]:
            numbers[run_id], samples[run_id] = measure(recordings[run_id], known, bool(present))
        for a, b in present:
            rows += _compare_group(group, samples, a, b, known.compared)
    frame = pd.DataFrame(rows, columns=SCHEMAS["comparisons"].names)
    # Back into the order of the points: a group holds all seeds of its parameters.
    order = pd.Series(range(runs["point_id"].nunique()), index=runs["point_id"].unique())
    frame = frame.iloc[np.argsort(order.reindex(frame["point_id"]).to_numpy(), kind="stable")]
    frame = frame.astype({"n_a": "int64", "n_b": "int64", "runs_needed": "Int64"})
    metrics = metrics_table_of([(run_id, numbers[run_id]) for run_id in runs["run_id"]])
    return metrics, frame.reset_index(drop=True)


def _groups(runs: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Runs that have all parameters in common."""
    parameters = parameter_columns(runs)
    if not parameters:
        yield runs
        return
    for _, group in runs.groupby(parameters, sort=False, dropna=False):
        yield group


def _compare_group(
    group: pd.DataFrame,
    samples: Mapping[str, Samples],
    a: str,
    b: str,
    metrics: Mapping[str, Metric],
) -> list[dict[str, object]]:
    of_a, of_b = (group[group["backend"] == name] for name in (a, b))
    runs_a, runs_b = ([samples[key] for key in of["run_id"]] for of in (of_a, of_b))
    found = statistics(runs_a, runs_b, metrics, _seed(group["point_id"]))
    by_point = of_b.set_index("point_id")["run_id"]
    rows = []
    for _, run in of_a.iterrows():
        if run["point_id"] not in by_point:
            continue
        first, second = samples[run["run_id"]], samples[by_point[run["point_id"]]]
        for key, of_all in found.items():
            population, metric = key
            one = metrics[metric]
            x, y = first.get(key, np.empty(0)), second.get(key, np.empty(0))
            values = vars(of_all)
            if one.are_identical(x, y):
                values = values | {"verdict": IDENTICAL, "runs_needed": None}
            rows.append(
                {
                    "experiment": run["experiment"],
                    "point_id": run["point_id"],
                    "backend_a": a,
                    "backend_b": b,
                    "population": population,
                    "metric": metric,
                    "distance_name": one.distance_name,
                    "distance": one.distance_of(x, y),
                    **values,
                }
            )
    return rows


def _seed(point_ids: pd.Series) -> int:
    """Random seed that depends on the points alone, not on their order."""
    digest = hashlib.sha256("".join(sorted(set(point_ids))).encode()).digest()
    return int.from_bytes(digest[:8], "little")
