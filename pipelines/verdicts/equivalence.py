"""Equivalence of two means within a margin: two one-sided tests, and the number of runs needed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


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


def tost(
    a: ArrayLike, b: ArrayLike, margin: float, alpha: float = 0.05, share: float = 0.0
) -> Equivalence:
    """Test that two means differ by less than a margin (Schuirmann 1987).

    Two one-sided Welch tests (1947), which allow unequal variances, show that the difference is
    above ``-margin`` and below ``margin``.

    Parameters
    ----------
    a, b : array_like, shape (n,), (m,)
        One value per run, without NaN. With fewer than two values the result is not equivalent.
    margin
        Largest difference that does not matter, in the unit of the values; nothing is within 0.
    alpha
        Error rate of each one-sided test.
    share
        The margin as a share of the smaller mean (in magnitude), 0 if it is a constant. A margin
        that is measured is uncertain, too: the interval then contains this uncertainty, which
        makes the tests those of the ratio of two means (Sasabuchi 1988; Hauschke et al. 1999).
    """
    a, b = np.asarray(a, float), np.asarray(b, float)
    if len(a) < 2 or len(b) < 2 or np.isnan(margin):
        return Equivalence(np.nan, np.nan, np.nan, np.nan, False)
    difference = float(a.mean() - b.mean())
    error, freedom = _error(a, b, share)
    if error == 0:
        inside = abs(difference) < margin
        return Equivalence(difference, difference, difference, 0.0 if inside else 1.0, inside)
    from scipy import stats

    above = stats.t.sf((difference + margin) / error, freedom)
    below = stats.t.cdf((difference - margin) / error, freedom)
    p_value = float(max(above, below))
    half = float(stats.t.ppf(1 - alpha, freedom) * error)
    return Equivalence(
        difference, difference - half, difference + half, p_value, bool(p_value < alpha)
    )


def equivalence_power(
    a: ArrayLike, b: ArrayLike, margin: float, alpha: float = 0.05, share: float = 0.0
) -> float:
    """Probability that `tost` finds two backends with equal means equivalent.

    Parameters
    ----------
    a, b
        Runs of each backend, as for `tost`: their number and their variance count.

    Returns
    -------
    float
        From Student's t distribution (Chow, Shao and Wang 2008, section 3.2.2); NaN with fewer
        than two values.
    """
    a, b = np.asarray(a, float), np.asarray(b, float)
    if len(a) < 2 or len(b) < 2 or not margin > 0:
        return np.nan
    error, freedom = _error(a, b, share)
    if error == 0:
        return 1.0
    from scipy import stats

    room = margin / error - stats.t.ppf(1 - alpha, freedom)
    return max(0.0, float(2 * stats.t.cdf(room, freedom) - 1))


def runs_needed(
    a: ArrayLike,
    b: ArrayLike,
    margin: float,
    alpha: float = 0.05,
    power: float = 0.8,
    share: float = 0.0,
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
    return max(2, int(np.ceil(min(float(_variances(a, b, share).sum()) * (z / room) ** 2, 1e9))))


def detectable(
    a: ArrayLike, b: ArrayLike, margin: float, alpha: float, power: float, share: float = 0.0
) -> float:
    """Smallest difference of the means that is found with a probability.

    Parameters
    ----------
    a, b
        Runs of each backend: their number and their variance count.
    margin
        The difference that is found has to be beyond it, too.
    alpha
        Error rate of the test for a difference, which has two sides.
    power
        The probability.
    share
        See `tost`.
    """
    from scipy import stats

    error = _error(np.asarray(a, float), np.asarray(b, float), share)[0]
    z = stats.norm.ppf(power)
    return float(max(margin + z * error, (stats.norm.ppf(1 - alpha / 2) + z) * error))


def _variances(a: Floats, b: Floats, share: float) -> Floats:
    """Variances of the runs; with that of a margin, which is a share of the smaller mean."""
    variances = np.array([a.var(ddof=1), b.var(ddof=1)])
    smaller = int(abs(b.mean()) < abs(a.mean()))
    variances[smaller] *= (1 + share) ** 2
    return variances


def _error(a: Floats, b: Floats, share: float) -> tuple[float, float]:
    """Standard error of the difference of two means, and its degrees of freedom (Welch 1947)."""
    parts = _variances(a, b, share) / np.array([len(a), len(b)])
    if not parts.any():
        return 0.0, np.inf
    freedom = parts.sum() ** 2 / (parts**2 / np.array([len(a) - 1, len(b) - 1])).sum()
    return float(np.sqrt(parts.sum())), float(freedom)
