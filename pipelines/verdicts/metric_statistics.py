"""Statistical comparison of every metric between two backends, against the seed floor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pipelines.metrics.known import BUILT_IN
from pipelines.metrics.measured import Samples
from pipelines.metrics.metric import Metric
from pipelines.verdicts.equivalence import runs_needed, tost
from pipelines.verdicts.seed_floor import (
    distance_matrix,
    floor_of,
    permutation_test,
    smallest_p_value,
)
from pipelines.verdicts.verdict_names import DIFFERENT, EQUIVALENT, UNDECIDED

ALPHA = 0.05
"""Error rate of each test, adjusted for all metrics of a comparison."""


@dataclass(frozen=True)
class Statistics:
    """Comparison of one metric between two backends at one set of parameters.

    Attributes
    ----------
    n_a, n_b
        Number of runs.
    mean_a, mean_b
        Mean over the runs of the mean in each run, in the metric's unit.
    between, seed_floor, floor_low, floor_high
        Mean distance of runs between the backends, and within them, with its 95 % interval.
    p_value
        Of the hypothesis that the backends differ no more than seeds do, adjusted for all metrics.
    difference, difference_low, difference_high, margin
        Difference of the means, its 90 % interval, and the difference that does not matter.
    runs_needed
        Estimated number of runs per backend needed to decide, where it is known.
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


def statistics(
    runs_a: Sequence[Samples],
    runs_b: Sequence[Samples],
    metrics: Mapping[str, Metric] = BUILT_IN.compared,
    seed: int = 1,
) -> dict[tuple[str, str], Statistics]:
    """Compare the metrics of two sets of runs of one model.

    Parameters
    ----------
    runs_a, runs_b
        Values of each run, by population (or projection) and metric.
    metrics
        Metrics that are compared, by name.
    seed
        Seed of the bootstrap and of the permutations.

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
    enough = min(len(runs_a), len(runs_b)) >= 2
    matrices, found = {}, {}
    for key in keys:
        one = metrics[key[1]]
        # A silent run has no intervals: an empty sample, like another one and unlike the rest.
        a, b = ([run.get(key, np.empty(0)) for run in runs] for runs in (runs_a, runs_b))
        means = [np.array([x.mean() for x in runs if len(x)]) for runs in (a, b)]
        margin = one.margin_between(a, b) if len(means[0]) and len(means[1]) else np.nan
        found[key] = _Means(means[0], means[1], len(a), len(b), margin)
        if enough:
            matrix = distance_matrix([*a, *b], one.distance_of)
            # Samples that cannot be compared get the largest distance.
            matrices[key] = np.where(np.isnan(matrix), 1.0, matrix)
    p_values = dict(
        zip(matrices, permutation_test(list(matrices.values()), len(runs_a), rng), strict=True)
    )
    return {
        key: _decide(means, matrices.get(key), p_values.get(key), rng)
        for key, means in found.items()
    }


@dataclass(frozen=True)
class _Means:
    a: np.ndarray
    b: np.ndarray
    n_a: int
    n_b: int
    margin: float


def _decide(
    means: _Means,
    matrix: np.ndarray | None,
    p_value: float | None,
    rng: np.random.Generator,
) -> Statistics:
    mean_a, mean_b = (float(x.mean()) if len(x) else np.nan for x in (means.a, means.b))
    if matrix is None or p_value is None:
        return Statistics(means.n_a, means.n_b, mean_a, mean_b, runs_needed=_fewest_runs())
    floor = floor_of(matrix, means.n_a, rng)
    margin = means.margin
    test = tost(means.a, means.b, margin)
    silent = not len(means.a) and not len(means.b)
    if p_value < ALPHA:
        verdict, needed = DIFFERENT, None
    elif silent or test.equivalent or (margin == 0 and mean_a == mean_b):
        # If all means are 0, a margin that is a share of them is 0 too.
        verdict, needed = EQUIVALENT, None
    else:
        verdict, needed = UNDECIDED, _more_runs_needed(means, margin)
    if smallest_p_value(means.n_a, means.n_b) >= ALPHA:
        # With so few runs no difference can be significant.
        verdict, needed = UNDECIDED, max(_fewest_runs(), needed or 0)
    return Statistics(
        n_a=means.n_a, n_b=means.n_b, mean_a=mean_a, mean_b=mean_b,
        between=floor.between, seed_floor=floor.within,
        floor_low=floor.low, floor_high=floor.high, p_value=float(p_value),
        difference=test.difference, difference_low=test.low, difference_high=test.high,
        margin=margin, runs_needed=needed, verdict=verdict,
    )  # fmt: skip


def _more_runs_needed(means: _Means, margin: float) -> int | None:
    if len(means.a) < 2 or len(means.b) < 2 or not margin > 0:
        return None
    return runs_needed(means.a, means.b, margin)


def _fewest_runs() -> int:
    """Smallest number of runs per backend with which a difference can be significant."""
    n = 2
    while smallest_p_value(n, n) >= ALPHA:
        n += 1
    return n
