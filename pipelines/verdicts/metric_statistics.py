"""Statistical comparison of every metric between two backends; see `decision` for verdicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from pipelines.metrics.known import BUILT_IN
from pipelines.metrics.measured import Samples
from pipelines.metrics.metric import Metric, Scale
from pipelines.verdicts.decision import ALPHA, Key, Statistics, decide
from pipelines.verdicts.distribution_distance import Excess, distance_beyond
from pipelines.verdicts.equivalence import detectable, equivalence_power, runs_needed, tost
from pipelines.verdicts.seed_floor import (
    MOST_DIVISIONS,
    Floor,
    distance_matrix,
    floor_of,
    permutation_test,
)

POWER = 0.8
"""Probability with which the number of runs that is asked for decides all primary metrics."""

MOST_RUNS = 100_000
"""Largest number of runs that is asked for: a larger one says that no number would do."""

# Quantile of the normal distribution that an upper bound of 95 % is at.
_Z = 1.645

Floats = np.ndarray


def statistics(
    runs_a: Sequence[Samples],
    runs_b: Sequence[Samples],
    metrics: Mapping[str, Metric] = BUILT_IN.compared,
    seed: int = 1,
    divisions: int = MOST_DIVISIONS,
) -> dict[Key, Statistics]:
    """Compare the metrics of two sets of runs of one model.

    Parameters
    ----------
    runs_a, runs_b
        Values of each run, by population (or projection) and metric.
    metrics
        Metrics that are compared, by name.
    seed
        Seed of the bootstrap and of the permutations.
    divisions
        Largest number of divisions of the runs that are tested.

    Returns
    -------
    dict
        Statistics of every population and metric that a run has values of.
    """
    rng = np.random.default_rng(seed)
    keys = sorted(
        {key for run in (*runs_a, *runs_b) for key in run if key[1] in metrics},
        key=lambda key: (key[0], list(metrics).index(key[1])),
    )
    n_a = len(runs_a)
    matrices = {}
    for key in keys:
        values = [run.get(key, np.empty(0)) for run in (*runs_a, *runs_b)]
        with_values = np.array([len(one) > 0 for one in values])
        if min(with_values[:n_a].sum(), with_values[n_a:].sum()) >= 2:
            matrices[key] = distance_matrix(values, metrics[key[1]].distance_of)
    p_values = dict(
        zip(
            matrices,
            permutation_test(list(matrices.values()), n_a, rng, divisions),
            strict=True,
        )
    )
    n_primary = max(1, sum(metrics[key[1]].primary for key in matrices))
    found = {}
    for key in keys:
        sides = [[run[key] for run in runs if key in run] for runs in (runs_a, runs_b)]
        one = _measured(sides[0], sides[1], metrics[key[1]])
        if key in matrices:
            has = np.array([key in run for run in (*runs_a, *runs_b)])
            floor = floor_of(matrices[key][np.ix_(has, has)], one.n_a, rng)
            one = replace(
                one, between=floor.between, seed_floor=floor.within, floor_low=floor.low,
                floor_high=floor.high,
            )  # fmt: skip
            if not np.isnan(one.excess_margin):
                excess = _excess(sides[0], sides[1], metrics[key[1]], one, floor, rng)
                one = replace(
                    one, excess=excess.value, excess_high=excess.high,
                    power=excess.power(one.excess_margin),
                )  # fmt: skip
            one = _planned(one, sides, metrics[key[1]], n_primary, ALPHA / len(matrices))
        found[key] = decide(one, p_values.get(key, np.nan), divisions=divisions)
    return found


def _measured(a: Sequence[Floats], b: Sequence[Floats], metric: Metric) -> Statistics:
    """Means, difference and margin of the runs that have values."""
    numbers = _numbers(a, metric), _numbers(b, metric)
    mean_a, mean_b = (float(x.mean()) if len(x) else np.nan for x in numbers)
    margin = metric.margin_between(a, b) if len(numbers[0]) and len(numbers[1]) else np.nan
    test = tost(*numbers, margin, ALPHA, metric.share)
    in_unit = np.exp if metric.scale is Scale.LOG else float
    return Statistics(
        len(a), len(b), float(in_unit(mean_a)), float(in_unit(mean_b)),
        difference=test.difference, difference_low=test.low, difference_high=test.high,
        margin=margin, scale=metric.scale.value, primary=metric.primary,
        excess_margin=metric.limit_of_excess,
    )  # fmt: skip


def _numbers(runs: Sequence[Floats], metric: Metric) -> Floats:
    numbers = np.array([metric.number(values) for values in runs])
    return numbers[~np.isnan(numbers)]


def _excess(
    a: Sequence[Floats],
    b: Sequence[Floats],
    metric: Metric,
    one: Statistics,
    floor: Floor,
    rng: np.random.Generator,
) -> Excess:
    if metric.compares_distributions and not np.isnan(one.margin):
        return distance_beyond(a, b, lambda values: metric.upwards(values, one.margin), rng)
    # Of equal backends it is 0 on average, and varies as it does here.
    error = (floor.excess_high - floor.excess) / _Z
    return Excess(floor.excess, floor.excess_high, rng.normal(0.0, abs(error), 1_000))


def _planned(
    one: Statistics, sides: Sequence[Sequence[Floats]], metric: Metric, n_primary: int, alpha: float
) -> Statistics:
    """Power of these runs, and the number of runs that would decide all primary metrics."""
    a, b = (_numbers(side, metric) for side in sides)
    if len(a) < 2 or len(b) < 2:
        return one
    # Each metric may fail in its share of the cases in which one of them may.
    each = 1 - (1 - POWER) / n_primary
    needed = runs_needed(a, b, one.margin, ALPHA, each, metric.share)
    power = equivalence_power(a, b, one.margin, ALPHA, metric.share)
    if not np.isnan(one.excess_margin):
        from scipy import stats

        room = one.excess_margin - max(one.excess, 0.0)
        if room <= 0 or needed is None:
            needed = None
        else:
            half, n = one.excess_high - one.excess, min(one.n_a, one.n_b)
            wide = half * (1 + float(stats.norm.ppf(each)) / _Z)
            needed = max(needed, int(min(n * (wide / room) ** 2 + 1, MOST_RUNS)))
        # Either part may fail.
        power = max(0.0, power + one.power - 1)
    if needed is not None and needed >= MOST_RUNS:
        needed = None  # the difference is as large as the margin
    least = detectable(a, b, one.margin, alpha, POWER, metric.share)
    return replace(one, runs_needed=needed, power=power, detectable=least)
