"""The seed floor: the distance between runs that differ only in their seed.

Two backends that simulate the same model differ no more than two seeds do. This is tested by
permutation: if the backend does not matter, the runs can be divided into two groups in any way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Largest number of divisions of the runs that are tested, including the actual one.
MOST_DIVISIONS = 9_999
_RESAMPLES = 2_000


@dataclass(frozen=True)
class Floor:
    """Distances of one metric between the backends, and between the seeds of one backend.

    Attributes
    ----------
    between
        Mean distance of two runs on different backends.
    within
        Mean distance of two runs on one backend: the seed floor.
    low, high
        95 % bootstrap interval of `within`, by resampling runs.
    excess_high
        Upper 95 % bootstrap bound of `excess`, `between` minus `within`.
    """

    between: float
    within: float
    low: float
    high: float
    excess_high: float

    @property
    def excess(self) -> float:
        """How much further apart runs are between backends than within them."""
        return self.between - self.within


def distance_matrix(samples: Sequence[Any], distance: Callable[[Any, Any], float]) -> Floats:
    """Distances of all pairs of samples, shape (n, n), 0 on the diagonal."""
    matrix = np.zeros((len(samples), len(samples)))
    for i, j in combinations(range(len(samples)), 2):
        matrix[i, j] = matrix[j, i] = distance(samples[i], samples[j])
    return matrix


def floor_of(distances: Floats, n_a: int, rng: np.random.Generator) -> Floor:
    """Seed floor of two backends, and the distance between them.

    Parameters
    ----------
    distances : ndarray, shape (n, n)
        Distances of all pairs of runs, see `distance_matrix`; the first `n_a` runs are of the
        first backend. Pairs without a distance (NaN) are left out.
    n_a
        Number of runs of the first backend; each backend needs at least 2.
    rng
        Random generator of the bootstrap.
    """
    n = len(distances)
    label = np.arange(n) < n_a
    between, within = _means(distances, label[None, :].astype(float))
    parts = []
    for of_backend in (label, ~label):
        size = int(of_backend.sum())
        counts = np.zeros((_RESAMPLES, n))
        counts[:, of_backend] = rng.multinomial(size, np.full(size, 1 / size), _RESAMPLES)
        parts.append(counts)
    resampled = _means(distances, *parts)
    low, high = _quantiles(resampled[1], 0.025, 0.975)
    (excess_high,) = _quantiles(resampled[0] - resampled[1], 0.95)
    return Floor(float(between[0]), float(within[0]), low, high, excess_high)


def _quantiles(values: Floats, *shares: float) -> list[float]:
    values = values[np.isfinite(values)]
    if not len(values):
        return [np.nan] * len(shares)
    return [float(q) for q in np.quantile(values, shares)]


def permutation_test(
    matrices: Sequence[Floats], n_a: int, rng: np.random.Generator, divisions: int = MOST_DIVISIONS
) -> Floats:
    """P-values of the hypothesis that two backends differ no more than seeds do.

    The statistic of a metric is the mean distance between backends minus the mean within them.
    All metrics are tested together on the same divisions of the runs. Each statistic is
    standardised by its mean and standard deviation over the divisions, and compared with the
    largest of all metrics, so that the p-values hold for the family of metrics (Westfall and
    Young 1993, without the step-down).

    Parameters
    ----------
    matrices
        Distances, one matrix of shape (n, n) per metric. NaN for runs without a value: they are
        left out of this metric.
    n_a
        Number of runs of the first backend.
    rng
        Random generator that draws divisions where there are too many to test all.
    divisions
        Largest number of divisions tested.

    Returns
    -------
    ndarray, shape (n_metrics,)
        Adjusted p-values; 1 for a metric whose distances are all the same, or which fewer than two
        runs of a backend have.
    """
    if not matrices:
        return np.empty(0)
    labels = _divisions(len(matrices[0]), n_a, rng, divisions).astype(float)
    statistics = np.empty((len(matrices), len(labels)))
    for row, matrix in zip(statistics, matrices, strict=True):
        between, within = _means(matrix, labels)
        row[:] = between - within
    known = np.isfinite(statistics)
    # A division that leaves a metric without two runs of a group says nothing of it.
    statistics = np.where(known, statistics, 0.0)
    many = np.maximum(known.sum(axis=1, keepdims=True), 1)
    mean = statistics.sum(axis=1, keepdims=True) / many
    sd = np.sqrt((np.where(known, statistics - mean, 0.0) ** 2).sum(axis=1, keepdims=True) / many)
    flat = (sd[:, 0] <= 1e-12 * (1 + np.abs(mean[:, 0]))) | ~known[:, 0]
    standard = (statistics - mean) / np.where(flat[:, None], 1.0, sd)
    standard[~known] = -np.inf
    standard[flat] = -np.inf
    largest = standard.max(axis=0)
    # The first division is the actual one; sums in another order round differently.
    counted = largest[None, :] >= standard[:, :1] - 1e-9
    return np.where(flat, 1.0, counted.mean(axis=1))


def holm(p_values: Sequence[float]) -> Floats:
    """Factors by which p-values are multiplied so that they hold for all of a family (Holm 1979).

    Parameters
    ----------
    p_values
        One for each hypothesis, without NaN.

    Returns
    -------
    ndarray, shape (n,)
        n for the smallest, n - 1 for the next, and so on. An adjusted p-value is the largest
        product up to its own place in this order, and at most 1.
    """
    ranks = np.empty(len(p_values))
    ranks[np.argsort(np.asarray(p_values), kind="stable")] = np.arange(len(p_values))
    return len(p_values) - ranks


def smallest_p_value(n_a: int, n_b: int, divisions: int = MOST_DIVISIONS) -> float:
    """Smallest p-value that this number of runs can give: one of all divisions."""
    all_divisions = comb(n_a + n_b, n_a) // (2 if n_a == n_b else 1)
    return 1 / min(all_divisions, divisions)


def _divisions(n: int, n_a: int, rng: np.random.Generator, most: int) -> NDArray[np.bool_]:
    """Divisions of `n` runs into `n_a` and the rest: masks (n_divisions, n), actual one first."""
    real = np.arange(n) < n_a
    if comb(n, n_a) <= most:
        chosen = np.array(list(combinations(range(n), n_a)))
        labels = np.zeros((len(chosen), n), dtype=bool)
        np.put_along_axis(labels, chosen, True, axis=1)
        # In lexicographic order the actual division is the first.
        return labels
    drawn = rng.permuted(np.tile(real, (most - 1, 1)), axis=1)
    return np.vstack([real, drawn])


def _means(distances: Floats, a: Floats, b: Floats | None = None) -> tuple[Floats, Floats]:
    """Mean distance between and within two groups, each of shape (n_divisions,).

    Parameters
    ----------
    distances
        Shape (n, n), NaN for pairs that are left out.
    a, b
        How often each run is in each group, shape (n_divisions, n); the second group is by default
        the rest. NaN is returned where there is no pair.
    """
    b = 1.0 - a if b is None else b
    known = np.isfinite(distances)
    distances = np.where(known, distances, 0.0)
    # Pairs of a run with itself are left out, however often it was drawn.
    others = known & ~np.eye(len(distances), dtype=bool)

    def total(matrix: Floats, one: Floats, other: Floats) -> Floats:
        found: Floats = ((one @ matrix) * other).sum(axis=1)
        return found

    def mean(pairs: Sequence[tuple[Floats, Floats]], counted: Floats) -> Floats:
        of_pairs = np.sum([total(counted, *pair) for pair in pairs], axis=0)
        of_distances = np.sum([total(distances, *pair) for pair in pairs], axis=0)
        return np.divide(
            of_distances, of_pairs, out=np.full_like(of_distances, np.nan), where=of_pairs > 0
        )

    return mean([(a, b)], known.astype(float)), mean([(a, a), (b, b)], others.astype(float))
