"""Statistical comparison of every metric between two backends, against seed floor and margin.

A metric is *equivalent* if the 90 % interval of the difference of the means lies within the margin,
and the upper 95 % bound of the distance of the distributions beyond this margin is below its own.
It is *different* if the distances are larger between the backends than seeds explain (adjusted p
below `ALPHA`) and the difference, of the means or of the distributions, is beyond the margin. A
difference that is certain but within the margin does not matter. All else is *undecided*.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from pipelines.metrics.known import BUILT_IN
from pipelines.metrics.measured import Samples
from pipelines.metrics.metric import Metric, Scale
from pipelines.verdicts.distribution_distance import Excess, distance_beyond
from pipelines.verdicts.equivalence import detectable, equivalence_power, runs_needed, tost
from pipelines.verdicts.seed_floor import (
    MOST_DIVISIONS,
    Floor,
    distance_matrix,
    floor_of,
    holm,
    permutation_test,
    smallest_p_value,
)
from pipelines.verdicts.verdict_names import DIFFERENT, EQUIVALENT, UNDECIDED

ALPHA = 0.05
"""Error rate of each test; of *different*, over all metrics, points and pairs of a sweep."""

POWER = 0.8
"""Probability with which the number of runs that is asked for decides all primary metrics."""

MOST_RUNS = 100_000
"""Largest number of runs that is asked for: a larger one says that no number would do."""

# Quantile of the normal distribution that an upper bound of 95 % is at.
_Z = 1.645

Floats = np.ndarray
Key = tuple[str, str]


@dataclass(frozen=True)
class Statistics:
    """Comparison of one metric between two backends at one set of parameters.

    Attributes
    ----------
    n_a, n_b
        Number of runs that have values.
    mean_a, mean_b
        Mean over the runs of the mean in each run, in the metric's unit; geometric on a
        logarithmic scale.
    between, seed_floor, floor_low, floor_high
        Mean distance of runs between the backends, and within them, with its 95 % interval.
    p_value
        Of the hypothesis that the backends differ no more than seeds do, adjusted for all metrics
        and, by `over_groups`, for all points and pairs of backends.
    difference, difference_low, difference_high, margin
        Difference of the means, its 90 % interval, and the difference that does not matter; of
        natural logarithms on a logarithmic scale.
    runs_needed
        Estimated number of runs per backend with which all primary metrics would be decided.
    verdict
        equivalent, different or undecided.
    scale, primary
        See `pipelines.metrics.metric.Metric`.
    excess, excess_high, excess_margin
        Distance of the distributions beyond the margin of the means (of courses and spectra,
        `between` less `seed_floor`), its upper bound (95 %), and what of it does not matter; NaN
        where only means are compared.
    power
        Probability with which so many runs find two equal backends equivalent in this metric.
    detectable
        Smallest difference that so many runs find *different* with probability `POWER`.
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
    scale: str = Scale.LINEAR.value
    primary: bool = True
    excess: float = np.nan
    excess_high: float = np.nan
    excess_margin: float = np.nan
    power: float = np.nan
    detectable: float = np.nan

    @property
    def is_tested(self) -> bool:
        """Whether two backends were tested against each other."""
        return not np.isnan(self.p_value)

    @property
    def is_within_margins(self) -> bool:
        """Whether the means and the distances are certain to be the same within the margins."""
        if self.between == 0 and self.seed_floor == 0:
            return True  # all runs are the same; a share of a mean of 0 leaves no margin
        means = -self.margin < self.difference_low and self.difference_high < self.margin
        return means and (np.isnan(self.excess_margin) or self.excess_high < self.excess_margin)

    @property
    def is_beyond_margins(self) -> bool:
        """Whether the means or the distances, as they were found, differ by more than a margin."""
        return abs(self.difference) > self.margin or self.excess > self.excess_margin


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


def over_groups(
    groups: Sequence[dict[Key, Statistics]], divisions: int = MOST_DIVISIONS
) -> list[dict[Key, Statistics]]:
    """Adjust the p-values of several comparisons for their number, and decide again.

    Parameters
    ----------
    groups
        Of each point and pair of backends of a sweep, what `statistics` found.

    Notes
    -----
    Holm's method (1979) over the groups, with the smallest p-value of each, on top of the
    adjustment for all metrics of a group: of a sweep in which no backend differs, 5 % have a
    *different* anywhere. A p-value grows with the factor of its group, and is at least the adjusted
    one of the group.
    """
    tested = [k for k, group in enumerate(groups) if any(one.is_tested for one in group.values())]
    if not tested:
        return list(groups)
    smallest = np.array(
        [min(one.p_value for one in groups[k].values() if one.is_tested) for k in tested]
    )
    factors = holm(list(smallest))
    order = np.argsort(smallest, kind="stable")
    floors = np.empty(len(tested))
    floors[order] = np.maximum.accumulate((smallest * factors)[order])
    adjusted = list(groups)
    for k, factor, least in zip(tested, factors, floors, strict=True):
        adjusted[k] = {
            key: decide(one, min(1.0, max(one.p_value * factor, least)), len(tested), divisions)
            for key, one in groups[k].items()
        }
    return adjusted


def decide(
    one: Statistics, p_value: float, n_groups: int = 1, divisions: int = MOST_DIVISIONS
) -> Statistics:
    """The same statistics with an adjusted p-value and the verdict that follows.

    Parameters
    ----------
    one
        What was measured.
    p_value
        Adjusted p-value; NaN where there was no test.
    n_groups
        Number of comparisons that it is adjusted for.
    divisions
        Largest number of divisions of the runs that are tested.
    """
    fewest = _fewest_runs(n_groups, divisions)
    if np.isnan(p_value):
        # More runs of a backend on which the metric does not exist would not help.
        needed = fewest if one.n_a and one.n_b else None
        return replace(one, p_value=np.nan, verdict=UNDECIDED, runs_needed=needed)
    verdict, needed = UNDECIDED, one.runs_needed
    if n_groups * smallest_p_value(one.n_a, one.n_b, divisions) >= ALPHA:
        # With so few runs no difference can be significant.
        needed = None if fewest is None else max(fewest, needed or 0)
    elif one.is_within_margins:
        verdict = EQUIVALENT
    elif p_value < ALPHA and one.is_beyond_margins:
        verdict = DIFFERENT
    return replace(one, p_value=float(p_value), verdict=verdict, runs_needed=needed)


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


def _fewest_runs(n_groups: int = 1, divisions: int = MOST_DIVISIONS) -> int | None:
    """Smallest number of runs per backend with which a difference can be significant."""
    n = 2
    while n_groups * smallest_p_value(n, n, divisions) >= ALPHA:
        if smallest_p_value(n, n, divisions) == 1 / divisions:
            return None
        n += 1
    return n
