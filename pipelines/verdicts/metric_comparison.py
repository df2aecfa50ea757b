"""Computation of the tables `metrics` and `comparisons` in one pass over the runs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from pipelines.backends import in_order
from pipelines.metrics.known import BUILT_IN, KnownMetrics
from pipelines.metrics.measured import Numbers, Recordings, Samples, measure, metrics_table_of
from pipelines.metrics.metric import Metric
from pipelines.metrics.selection import HasTables, finished
from pipelines.tables.schemas import SCHEMAS
from pipelines.verdicts.decision import ALPHA, Key, Statistics, over_groups
from pipelines.verdicts.metric_statistics import statistics
from pipelines.verdicts.seed_floor import MOST_DIVISIONS
from pipelines.verdicts.seed_groups import independent_draws, seed_groups
from pipelines.verdicts.verdict_names import IDENTICAL, UNDECIDED


@dataclass(frozen=True)
class _PointPair:
    """Two runs of a point, or a whole group of independent draws, on two backends.

    `of_runs` has the distance of the two runs, whether their values are the same, and whether both
    have values; it is None for independent draws.
    """

    experiment: str
    point_id: str
    of_runs: Mapping[Key, tuple[float, bool, bool]] | None


@dataclass(frozen=True)
class _Group:
    """Statistics of the runs that have all parameters in common, for one pair of backends."""

    a: str
    b: str
    found: dict[Key, Statistics]
    pairs: list[_PointPair]


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
        populations and metrics; a metric that has no value on either backend was not measured and
        has none. `distance` is between the two runs of the point; the seed floor and the columns
        derived from it use all seeds at the point's parameters. Independent draws, which no seed
        makes a pair, have one row for all seeds, under the first of their points, and no
        `distance`. *identical*: the two runs have the same values. For the other verdicts see
        `pipelines.verdicts.decision`.
    """
    runs = finished(tables.runs)
    pairs = list(combinations(in_order(runs["backend"]), 2))
    draws = {pair: independent_draws(tables.runs, *pair) for pair in pairs}
    recordings = Recordings(runs, tables)
    divisions = _divisions(runs, pairs)
    numbers: dict[str, Numbers] = {}
    groups: list[_Group] = []
    # Samples are kept for one group at a time: those of a whole sweep may be large.
    for group in seed_groups(runs):
        present = [pair for pair in pairs if set(pair) <= set(group["backend"])]
        samples: dict[str, Samples] = {}
        for run_id in group["run_id"]:
            numbers[run_id], samples[run_id] = measure(recordings[run_id], known, bool(present))
        for pair in present:
            groups.append(
                _compare_group(group, samples, pair, draws[pair], known.compared, divisions)
            )
    decided = over_groups([group.found for group in groups], divisions)
    rows = [
        row
        for group, found in zip(groups, decided, strict=True)
        for row in _rows(group, found, known.compared)
    ]
    frame = pd.DataFrame(rows, columns=SCHEMAS["comparisons"].names)
    # Back into the order of the points: a group holds all seeds of its parameters.
    points = tables.runs["point_id"].unique()
    order = pd.Series(range(len(points)), index=points)
    frame = frame.iloc[np.argsort(order.reindex(frame["point_id"]).to_numpy(), kind="stable")]
    frame = frame.astype({"n_a": "int64", "n_b": "int64", "runs_needed": "Int64", "primary": bool})
    metrics = metrics_table_of([(run_id, numbers[run_id]) for run_id in runs["run_id"]])
    return metrics, frame.reset_index(drop=True)


def _divisions(runs: pd.DataFrame, pairs: list[tuple[str, str]]) -> int:
    """Number of divisions of the runs with which a p-value can hold for all groups of a sweep."""
    n_groups = sum(1 for group in seed_groups(runs) if group["seed"].nunique() > 1)
    return max(MOST_DIVISIONS, int(np.ceil(2 * n_groups * len(pairs) / ALPHA)))


def _compare_group(
    group: pd.DataFrame,
    samples: Mapping[str, Samples],
    pair: tuple[str, str],
    draws: Mapping[str, str],
    metrics: Mapping[str, Metric],
    divisions: int,
) -> _Group:
    of_a, of_b = (group[group["backend"] == name] for name in pair)
    runs_a, runs_b = ([samples[key] for key in of["run_id"]] for of in (of_a, of_b))
    found = statistics(runs_a, runs_b, metrics, _seed(group["point_id"]), divisions)
    experiment = str(group["experiment"].iloc[0])
    first = [draws[point] for point in group["point_id"] if point in draws]
    if first:
        return _Group(*pair, found, [_PointPair(experiment, first[0], None)])
    by_point = of_b.set_index("point_id")["run_id"]
    points = []
    for point_id, run_id in zip(of_a["point_id"], of_a["run_id"], strict=True):
        if point_id not in by_point:
            continue
        first_run, second_run = samples[run_id], samples[by_point[point_id]]
        of_runs = {}
        for key in found:
            x, y = first_run.get(key, np.empty(0)), second_run.get(key, np.empty(0))
            one = metrics[key[1]]
            # What neither of the two runs has was not measured at this point.
            if len(x) or len(y):
                of_runs[key] = (
                    one.distance_of(x, y), one.are_identical(x, y), bool(len(x) and len(y))
                )  # fmt: skip
        points.append(_PointPair(experiment, point_id, of_runs))
    return _Group(*pair, found, points)


def _rows(
    group: _Group, found: Mapping[Key, Statistics], metrics: Mapping[str, Metric]
) -> Iterator[dict[str, object]]:
    """Rows of the table `comparisons` from the statistics of a group."""
    for point in group.pairs:
        for (population, metric), of_all in found.items():
            values = vars(of_all) | {"statistics": of_all.verdict}
            distance = np.nan
            if point.of_runs is not None:
                if (population, metric) not in point.of_runs:
                    continue
                distance, identical, both = point.of_runs[population, metric]
                if identical:
                    values |= {"verdict": IDENTICAL, "runs_needed": None}
                elif not both:
                    values |= {"verdict": UNDECIDED}
            yield {
                "experiment": point.experiment,
                "point_id": point.point_id,
                "backend_a": group.a,
                "backend_b": group.b,
                "population": population,
                "metric": metric,
                "distance_name": metrics[metric].distance_name,
                "distance": distance,
                **values,
            }


def _seed(point_ids: pd.Series) -> int:
    """Random seed that depends on the points alone, not on their order."""
    digest = hashlib.sha256("".join(sorted(set(point_ids))).encode()).digest()
    return int.from_bytes(digest[:8], "little")
