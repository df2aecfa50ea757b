"""Decision on a metric from its statistics: against the seed floor, the margin, and for a sweep.

A metric is *equivalent* if the 90 % interval of the difference of the means lies within the margin,
and the upper 95 % bound of the distance of the distributions beyond this margin is below its own.
It is *different* if the distances are larger between the backends than seeds explain (adjusted p
below `ALPHA`) and the difference, of the means or of the distributions, is beyond the margin. A
difference that is certain but within the margin does not matter. All else is *undecided*.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from pipelines.metrics.metric import Scale
from pipelines.verdicts.seed_floor import MOST_DIVISIONS, holm, smallest_p_value
from pipelines.verdicts.verdict_names import DIFFERENT, EQUIVALENT, UNDECIDED

ALPHA = 0.05
"""Error rate of each test; of *different*, over all metrics, points and pairs of a sweep."""

Key = tuple[str, str]
"""Population (or projection, or signal) and metric."""


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


def _fewest_runs(n_groups: int = 1, divisions: int = MOST_DIVISIONS) -> int | None:
    """Smallest number of runs per backend with which a difference can be significant."""
    n = 2
    while n_groups * smallest_p_value(n, n, divisions) >= ALPHA:
        if smallest_p_value(n, n, divisions) == 1 / divisions:
            return None
        n += 1
    return n
