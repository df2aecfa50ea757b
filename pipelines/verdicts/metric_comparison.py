"""The table `comparisons`: every metric of two backends, held against the seed floor."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from pipelines.backends import in_order
from pipelines.experiment.run_columns import RESERVED_COLUMNS
from pipelines.metrics.margins import COMPARED, Compared, margin_of
from pipelines.metrics.samples import SPIKE_SAMPLES, spike_samples, weight_samples
from pipelines.metrics.selection import ByRun, HasTables, duration_ms, finished, population_sizes
from pipelines.tables.schemas import SCHEMAS
from pipelines.verdicts.equivalence import runs_needed, tost
from pipelines.verdicts.seed_floor import (
    distance_matrix,
    floor_of,
    permutation_test,
    smallest_p_value,
)
from pipelines.verdicts.verdict_names import DIFFERENT, EQUIVALENT, IDENTICAL, UNDECIDED

ALPHA = 0.05
"""Error rate of every test, over all metrics of a comparison together."""

_DIGITS = 9

# (population or projection, metric) -> values, of one run.
Samples = Mapping[tuple[str, str], np.ndarray]


@dataclass(frozen=True)
class Statistics:
    """What the runs of two backends at one assignment of parameters say of one metric.

    Attributes
    ----------
    n_a, n_b
        Runs with the metric.
    mean_a, mean_b
        Means over the runs of their means, in the metric's unit.
    between, seed_floor, floor_low, floor_high
        Mean distance of runs across the backends, and within them, with its interval.
    p_value
        That the backends are no further apart than seeds are, adjusted for all metrics.
    difference, difference_low, difference_high, margin
        Of the means, with its 90 % interval, and what does not matter.
    runs_needed
        Runs a backend that would likely decide, where it is known.
    verdict
        equivalent, different or undecided.
    """

    n_a: int
    n_b: int
    mean_a: float
    mean_b: float
    between: float = np.nan
    seed_floor: float = np.nan
    floor_low: float = np.nan
    floor_high: float = np.nan
    p_value: float = np.nan
    difference: float = np.nan
    difference_low: float = np.nan
    difference_high: float = np.nan
    margin: float = np.nan
    runs_needed: int | None = None
    verdict: str = UNDECIDED


def compare_metrics(tables: HasTables, metrics: Mapping[str, Compared] = COMPARED) -> pd.DataFrame:
    """Compare the distributions of every metric, point by point and pair by pair.

    Parameters
    ----------
    tables
        The experiment's tables.
    metrics
        What is compared, how, and within which margins.

    Returns
    -------
    pandas.DataFrame
        Columns of the table `comparisons`. Rows are in order of the points, pairs of backends,
        populations and metrics. `distance` is that of the two runs of the point; the seed floor
        and what follows from it are those of all seeds at the point's parameters. *identical*:
        the two runs have the same values. *different*: the backends are further apart than seeds
        are (p below `ALPHA`, all metrics together). *equivalent*: they are not, and the means
        are the same within the margin. *undecided*: too few seeds to say.
    """
    runs = finished(tables.runs)
    pairs = list(combinations(in_order(runs["backend"]), 2))
    # With one backend there is nothing to read.
    rows = list(_rows(tables, runs, pairs, metrics)) if pairs else []
    frame = pd.DataFrame(rows, columns=SCHEMAS["comparisons"].names)
    # Back into the order of the points: a group holds all seeds of its parameters.
    order = pd.Series(range(runs["point_id"].nunique()), index=runs["point_id"].unique())
    frame = frame.iloc[np.argsort(order.reindex(frame["point_id"]).to_numpy(), kind="stable")]
    frame = frame.astype({"n_a": "int64", "n_b": "int64", "runs_needed": "Int64"})
    return frame.reset_index(drop=True)


def _rows(
    tables: HasTables,
    runs: pd.DataFrame,
    pairs: Sequence[tuple[str, str]],
    metrics: Mapping[str, Compared],
) -> Iterator[dict[str, object]]:
    spikes, weights = ByRun(runs, tables.spikes), ByRun(runs, tables.weights)
    # Values of the runs of one group at a time: those of a whole sweep may be large.
    for group in _groups(runs):
        present = [pair for pair in pairs if set(pair) <= set(group["backend"])]
        if not present:
            continue
        described = zip(group["run_id"], population_sizes(group), duration_ms(group), strict=True)
        samples = {
            run_id: samples_of(spikes[run_id], weights[run_id], sizes, float(duration))
            for run_id, sizes, duration in described
        }
        for a, b in present:
            yield from _compare_group(group, samples, a, b, metrics)


def samples_of(
    spikes: pd.DataFrame, weights: pd.DataFrame, sizes: Mapping[str, int], duration: float
) -> Samples:
    """The values of one run whose distributions are compared.

    Parameters
    ----------
    spikes, weights
        Its rows of these tables.
    sizes
        Populations whose spikes were recorded, and how many neurons they have.
    duration
        Simulated time in ms, NaN if it is not known.
    """
    found: dict[tuple[str, str], np.ndarray] = {}
    for name, size in sizes.items():
        rows = spikes[spikes["population"] == name]
        values = spike_samples(rows["neuron"], rows["time_ms"], size, duration)
        found |= {(name, metric): value for metric, value in values.items()}
    for name, rows in weights.groupby("projection", sort=True):
        columns = ("pre", "post", "delay_ms", "weight", "time_ms")
        values = weight_samples(*(rows[column] for column in columns))
        # A projection that was read once has no changes.
        found |= {(str(name), metric): value for metric, value in values.items() if len(value)}
    return {key: _without_rounding(values, _scale(key, found)) for key, values in found.items()}


def _scale(key: tuple[str, str], samples: Samples) -> float:
    """What rounding is measured by: a change by the weights themselves, a ratio by 1."""
    name, metric = key
    values = samples[name, "weight"] if metric == "weight_change" else samples[key]
    least = 1.0 if metric in SPIKE_SAMPLES and SPIKE_SAMPLES[metric][0] == "1" else 0.0
    return float(np.abs(values).max(initial=least))


def _without_rounding(values: np.ndarray, scale: float) -> np.ndarray:
    """Values to nine digits of a scale: equal ones must not be told apart by their last."""
    if not 0 < scale < np.inf:
        return values
    return np.round(values, _DIGITS - int(np.ceil(np.log10(scale))))


def _groups(runs: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Runs that have all parameters in common."""
    parameters = [name for name in runs if name not in RESERVED_COLUMNS]
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
    metrics: Mapping[str, Compared],
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
            if np.array_equal(x, y):
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
                    "distance": one.distance(x, y),
                    **values,
                }
            )
    return rows


def _seed(point_ids: pd.Series) -> int:
    """A seed that depends on the points alone, whatever the order of the work."""
    digest = hashlib.sha256("".join(sorted(set(point_ids))).encode()).digest()
    return int.from_bytes(digest[:8], "little")


def statistics(
    runs_a: Sequence[Samples],
    runs_b: Sequence[Samples],
    metrics: Mapping[str, Compared] = COMPARED,
    seed: int = 1,
) -> dict[tuple[str, str], Statistics]:
    """Compare two sets of runs of one model, whatever made them.

    Parameters
    ----------
    runs_a, runs_b
        For each run its values, by population (or projection) and metric.
    metrics
        See `margins`.
    seed
        Of the bootstrap and of the permutations.

    Returns
    -------
    dict
        For every population and metric of which both have values in two runs or more: what the
        runs say.
    """
    rng = np.random.default_rng(seed)
    keys = sorted(
        {key for run in (*runs_a, *runs_b) for key in run if key[1] in metrics},
        key=lambda key: (key[0], list(metrics).index(key[1])),
    )
    enough = min(len(runs_a), len(runs_b)) >= 2
    matrices, found = {}, {}
    for key in keys:
        one = metrics[key[1]]
        # A silent run has no intervals: an empty sample, like another one and unlike the rest.
        a, b = ([run.get(key, np.empty(0)) for run in runs] for runs in (runs_a, runs_b))
        means = [np.array([x.mean() for x in runs if len(x)]) for runs in (a, b)]
        found[key] = _Means(means[0], means[1], len(a), len(b))
        if enough:
            matrix = distance_matrix([*a, *b], one.distance)
            # What cannot be compared is as far apart as can be.
            matrices[key] = np.where(np.isnan(matrix), 1.0, matrix)
    p_values = dict(
        zip(matrices, permutation_test(list(matrices.values()), len(runs_a), rng), strict=True)
    )
    return {
        key: _decide(means, metrics[key[1]], matrices.get(key), p_values.get(key), rng)
        for key, means in found.items()
    }


@dataclass(frozen=True)
class _Means:
    a: np.ndarray
    b: np.ndarray
    n_a: int
    n_b: int


def _decide(
    means: _Means,
    one: Compared,
    matrix: np.ndarray | None,
    p_value: float | None,
    rng: np.random.Generator,
) -> Statistics:
    mean_a, mean_b = (float(x.mean()) if len(x) else np.nan for x in (means.a, means.b))
    if matrix is None or p_value is None:
        return Statistics(means.n_a, means.n_b, mean_a, mean_b, runs_needed=_fewest())
    floor = floor_of(matrix, means.n_a, rng)
    margin = margin_of(one, means.a, means.b) if len(means.a) and len(means.b) else np.nan
    test = tost(means.a, means.b, margin)
    silent = not len(means.a) and not len(means.b)
    if p_value < ALPHA:
        verdict, needed = DIFFERENT, None
    elif silent or test.equivalent or (margin == 0 and mean_a == mean_b):
        # A share of means that are all 0 is a margin of 0.
        verdict, needed = EQUIVALENT, None
    else:
        verdict, needed = UNDECIDED, _needed(means, margin)
    if smallest_p_value(means.n_a, means.n_b) >= ALPHA:
        # So few runs cannot be told apart, whatever they show.
        verdict, needed = UNDECIDED, max(_fewest(), needed or 0)
    return Statistics(
        n_a=means.n_a, n_b=means.n_b, mean_a=mean_a, mean_b=mean_b,
        between=floor.between, seed_floor=floor.within,
        floor_low=floor.low, floor_high=floor.high, p_value=float(p_value),
        difference=test.difference, difference_low=test.low, difference_high=test.high,
        margin=margin, runs_needed=needed, verdict=verdict,
    )  # fmt: skip


def _needed(means: _Means, margin: float) -> int | None:
    if len(means.a) < 2 or len(means.b) < 2 or not margin > 0:
        return None
    return runs_needed(means.a, means.b, margin)


def _fewest() -> int:
    """Fewest runs a backend with which a difference can be found at all."""
    n = 2
    while smallest_p_value(n, n) >= ALPHA:
        n += 1
    return n
