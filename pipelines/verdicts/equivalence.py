"""Equivalence of two means within a margin: two one-sided tests, and the number of runs needed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Equivalence:
    """Outcome of two one-sided tests.

    Attributes
    ----------
    difference
        Mean of a minus mean of b.
    low, high
        Confidence interval of the difference at level 1 - 2 alpha. It is within the margin exactly
        when both tests reject.
    p_value
        Larger of the two p-values.
    equivalent
        Whether `p_value` is below alpha.
    """

    difference: float
    low: float
    high: float
    p_value: float
    equivalent: bool


def tost(a: ArrayLike, b: ArrayLike, margin: float, alpha: float = 0.05) -> Equivalence:
    """Test that two means differ by less than a margin (Schuirmann 1987).

    Two one-sided Welch tests (1947), which allow unequal variances, show that the difference is
    above ``-margin`` and below ``margin``.

    Parameters
    ----------
    a, b : array_like, shape (n,), (m,)
        One value per run, without NaN. With fewer than two values the result is not equivalent.
    margin
        Largest difference that does not matter, in the unit of the values, above 0.
    alpha
        Error rate of each one-sided test.
    """
    a, b = np.asarray(a, float), np.asarray(b, float)
    if len(a) < 2 or len(b) < 2 or not margin > 0:
        return Equivalence(np.nan, np.nan, np.nan, np.nan, False)
    difference = float(a.mean() - b.mean())
    parts = np.array([a.var(ddof=1) / len(a), b.var(ddof=1) / len(b)])
    error = float(np.sqrt(parts.sum()))
    if error == 0:
        inside = abs(difference) < margin
        return Equivalence(difference, difference, difference, 0.0 if inside else 1.0, inside)
    freedom = float(parts.sum() ** 2 / (parts**2 / np.array([len(a) - 1, len(b) - 1])).sum())
    from scipy import stats

    above = stats.t.sf((difference + margin) / error, freedom)
    below = stats.t.cdf((difference - margin) / error, freedom)
    p_value = float(max(above, below))
    half = float(stats.t.ppf(1 - alpha, freedom) * error)
    return Equivalence(
        difference, difference - half, difference + half, p_value, bool(p_value < alpha)
    )


def runs_needed(
    a: ArrayLike, b: ArrayLike, margin: float, alpha: float = 0.05, power: float = 0.8
) -> int | None:
    """Number of runs per backend with which `tost` finds equivalence with probability `power`.

    Normal approximation, with the observed difference taken as the true one (Chow, Shao and Wang
    2008, section 3.2.2). None if the difference is not within the margin.
    """
    a, b = np.asarray(a, float), np.asarray(b, float)
    room = margin - abs(float(a.mean() - b.mean()))
    if room <= 0:
        return None
    from scipy import stats

    z = stats.norm.ppf(1 - alpha) + stats.norm.ppf((1 + power) / 2)
    variance = a.var(ddof=1) + b.var(ddof=1)
    return max(2, int(np.ceil(variance * (z / room) ** 2)))
