"""Distances between two samples, as pure functions of arrays.

`scipy.stats` takes half a second to import, and the workflow imports this module before its first
job: the functions that need it import it themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

LEAST_RANGE = 1e-3
"""Smallest range that a course of values is divided by, as a share of its largest value."""


def ks_distance(a: ArrayLike, b: ArrayLike) -> float:
    """Largest distance between the empirical distribution functions of two samples.

    The statistic of Kolmogorov and Smirnov, in 0 ... 1, as ``scipy.stats.ks_2samp`` gives it.
    Its p-value is not used: the values of one network are not independent.

    Parameters
    ----------
    a, b : array_like, shape (n,), (m,)
        Without NaN.

    Returns
    -------
    float
        NaN if a sample is empty.
    """
    a, b = np.sort(np.asarray(a, float)), np.sort(np.asarray(b, float))
    if not len(a) or not len(b):
        return np.nan
    values = np.concatenate([a, b])
    below_a = np.searchsorted(a, values, side="right") / len(a)
    below_b = np.searchsorted(b, values, side="right") / len(b)
    return float(np.abs(below_a - below_b).max())


def wasserstein_distance(a: ArrayLike, b: ArrayLike) -> float:
    """Area between the empirical distribution functions, in the unit of the values."""
    a, b = np.asarray(a, float), np.asarray(b, float)
    if not len(a) or not len(b):
        return np.nan
    from scipy import stats

    return float(stats.wasserstein_distance(a, b))


def relative_distance(a: ArrayLike, b: ArrayLike) -> float:
    """Difference of the means divided by the mean of their magnitudes, in 0 ... 2."""
    a, b = np.asarray(a, float), np.asarray(b, float)
    if not len(a) or not len(b):
        return np.nan
    first, second = float(a.mean()), float(b.mean())
    scale = (abs(first) + abs(second)) / 2
    return abs(first - second) / scale if scale else 0.0


def shape_distance(a: ArrayLike, b: ArrayLike) -> float:
    """Half the area between two curves on one grid, each normalised to a sum of 1; in 0 ... 1.

    NaN if a curve is 0 everywhere, and so has no shape, or has other points than the other.
    """
    a, b = np.asarray(a, float), np.asarray(b, float)
    if len(a) != len(b) or not a.sum() or not b.sum():
        return np.nan
    return float(np.abs(a / a.sum() - b / b.sum()).sum() / 2)


def largest_difference(a: ArrayLike, b: ArrayLike) -> float:
    """Largest difference between corresponding values of two courses, as a share of their range.

    Parameters
    ----------
    a, b : array_like, shape (n,), (m,)
        The same quantities at the same times.

    Returns
    -------
    float
        In 0 ... 1; NaN if there are no values, or more in one than in the other.
    """
    return _share_of_range(a, b, np.max)


def rms_difference(a: ArrayLike, b: ArrayLike) -> float:
    """Root-mean-square difference of two courses as a share of their range, in 0 ... 1.

    Like `largest_difference`, with the root mean square in place of the largest value.
    """
    return _share_of_range(a, b, lambda difference: np.sqrt(np.mean(difference**2)))


def _share_of_range(a: ArrayLike, b: ArrayLike, how: Callable[[Floats], float]) -> float:
    a, b = np.asarray(a, float), np.asarray(b, float)
    if len(a) != len(b) or not len(a):
        return np.nan
    low, high = min(a.min(), b.min()), max(a.max(), b.max())
    scale = max(high - low, LEAST_RANGE * max(abs(low), abs(high)))
    return float(how(np.abs(a - b))) / float(scale) if scale > 0 else 0.0


@dataclass(frozen=True)
class EffectSize:
    """Difference of two means in units of their common standard deviation, with its interval."""

    value: float
    low: float
    high: float


def effect_size(a: ArrayLike, b: ArrayLike, confidence: float = 0.95) -> EffectSize:
    """Cohen's d of two samples, with the interval of Hedges and Olkin (1985).

    The half width is ``z sqrt((n + m) / (n m) + d^2 / (2 (n + m - 2)))``, with z = 1.96 at 95 %
    (as Gutzen et al. 2018 have it).

    Parameters
    ----------
    a, b : array_like, shape (n,), (m,)
        Two values each, at least.
    """
    a, b = np.asarray(a, float), np.asarray(b, float)
    n, m = len(a), len(b)
    if n < 2 or m < 2:
        return EffectSize(np.nan, np.nan, np.nan)
    variance = ((n - 1) * a.var(ddof=1) + (m - 1) * b.var(ddof=1)) / (n + m - 2)
    gap = float(a.mean() - b.mean())
    if variance == 0:
        value = 0.0 if gap == 0 else float(np.copysign(np.inf, gap))
        return EffectSize(value, value, value)
    value = gap / float(np.sqrt(variance))
    error = np.sqrt((n + m) / (n * m) + value**2 / (2 * (n + m - 2)))
    from scipy import stats

    half = float(stats.norm.ppf((1 + confidence) / 2) * error)
    return EffectSize(value, value - half, value + half)
