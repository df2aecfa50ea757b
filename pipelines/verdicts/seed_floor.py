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
    """

    between: float
    within: float
    low: float
    high: float


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
        first backend.
    n_a
        Number of runs of the first backend; each backend needs at least 2.
    rng
        Random generator of the bootstrap.
    """
    n = len(distances)
    label = np.arange(n) < n_a
    between, within = _means(distances, label[None, :])
    counts = np.zeros((_RESAMPLES, n))
    for of_backend in (label, ~label):
        size = int(of_backend.sum())
        counts[:, of_backend] = rng.multinomial(size, np.full(size, 1 / size), _RESAMPLES)
    resampled = _within(distances, label[None, :], counts)
    resampled = resampled[np.isfinite(resampled)]
    low, high = np.quantile(resampled, [0.025, 0.975]) if len(resampled) else (np.nan, np.nan)
    return Floor(float(between[0]), float(within[0]), float(low), float(high))


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
        Distances, one matrix of shape (n, n) per metric.
    n_a
        Number of runs of the first backend.
    rng
        Random generator that draws divisions where there are too many to test all.
    divisions
        Largest number of divisions tested.

    Returns
    -------
    ndarray, shape (n_metrics,)
        Adjusted p-values; 1 for a metric whose distances are all the same.
    """
    if not matrices:
        return np.empty(0)
    labels = _divisions(len(matrices[0]), n_a, rng, divisions)
    statistics = np.empty((len(matrices), len(labels)))
    for row, matrix in zip(statistics, matrices, strict=True):
        between, within = _means(matrix, labels)
        row[:] = between - within
    mean, sd = statistics.mean(axis=1, keepdims=True), statistics.std(axis=1, keepdims=True)
    flat = sd[:, 0] <= 1e-12 * (1 + np.abs(mean[:, 0]))
    standard = (statistics - mean) / np.where(flat[:, None], 1.0, sd)
    standard[flat] = -np.inf
    largest = standard.max(axis=0)
    # The first division is the actual one; sums in another order round differently.
    counted = largest[None, :] >= standard[:, :1] - 1e-9
    return np.where(flat, 1.0, counted.mean(axis=1))


def smallest_p_value(n_a: int, n_b: int) -> float:
    """Smallest p-value that this number of runs can give: one of all divisions."""
    divisions = comb(n_a + n_b, n_a) // (2 if n_a == n_b else 1)
    return 1 / min(divisions, MOST_DIVISIONS)


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


def _means(distances: Floats, labels: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Mean distance between and within two groups, each of shape (n_divisions,)."""
    a = labels.astype(float)
    b = 1.0 - a
    n_a, n_b = a.sum(axis=1), b.sum(axis=1)
    between = np.einsum("ki,ij,kj->k", a, distances, b, optimize=True) / (n_a * n_b)
    return between, _within(distances, labels, np.ones_like(a))


def _within(distances: Floats, labels: NDArray[np.bool_], counts: Floats) -> Floats:
    """Mean distance of different runs of one group, with each run weighted by its count."""
    total = np.zeros(max(len(labels), len(counts)))
    pairs = np.zeros_like(total)
    for of_group in (labels, ~labels):
        weight = of_group * counts
        total += np.einsum("ki,ij,kj->k", weight, distances, weight, optimize=True)
        # Pairs of a run with itself are left out, however often it was drawn.
        pairs += weight.sum(axis=1) ** 2 - (weight**2).sum(axis=1)
    return np.divide(total, pairs, out=np.full_like(total, np.nan), where=pairs > 0)
