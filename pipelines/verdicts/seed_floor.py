"""The seed floor: how far apart runs are that differ in nothing but their seed.

Two backends that simulate the same model are as far apart as two seeds are, no more. The test is
by permutation: if it does not matter on which backend a run was made, then the runs could as well
be divided in any other way.
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

# Divisions of the runs that are tried when there are more than this; an odd one is the real one.
MOST_DIVISIONS = 9_999
_RESAMPLES = 2_000


@dataclass(frozen=True)
class Floor:
    """Distances of one metric, between the backends and between the seeds of each.

    Attributes
    ----------
    between
        Mean distance of two runs on different backends, with different seeds.
    within
        Mean distance of two runs on one backend: the seed floor.
    low, high
        Bootstrap interval of `within`, 95 %, by resampling runs.
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
    """Seed floor of the first `n_a` runs and of the rest, and the distance between the two.

    Parameters
    ----------
    distances : ndarray, shape (n, n)
        See `distance_matrix`.
    n_a
        Runs of the first backend, 2 at least; so has the second.
    rng
        For the bootstrap.
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
    """Chance to see the backends so far apart, beyond the seed floor, if they were the same.

    The statistic of a metric is the mean distance between backends less the mean within them.
    All metrics are tested together on the same divisions of the runs, each statistic brought to
    its mean and standard deviation over the divisions, and each compared with the largest of
    all: p-values that hold for the family (Westfall and Young 1993, the step-down left out).

    Parameters
    ----------
    matrices
        Distances, one matrix of shape (n, n) a metric.
    n_a
        Runs of the first backend.
    rng
        Draws divisions where there are too many to try all.
    divisions
        How many are tried at most.

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
    # The first division is the real one; sums in another order round differently.
    counted = largest[None, :] >= standard[:, :1] - 1e-9
    return np.where(flat, 1.0, counted.mean(axis=1))


def smallest_p_value(n_a: int, n_b: int) -> float:
    """The smallest p-value that so many runs can give: one division of all there are."""
    divisions = comb(n_a + n_b, n_a) // (2 if n_a == n_b else 1)
    return 1 / min(divisions, MOST_DIVISIONS)


def _divisions(n: int, n_a: int, rng: np.random.Generator, most: int) -> NDArray[np.bool_]:
    """Ways to call `n_a` of `n` runs the first backend's, the real one first."""
    real = np.arange(n) < n_a
    if comb(n, n_a) <= most:
        chosen = np.array(list(combinations(range(n), n_a)))
        labels = np.zeros((len(chosen), n), dtype=bool)
        np.put_along_axis(labels, chosen, True, axis=1)
        # In lexicographic order the real one is the first.
        return labels
    drawn = rng.permuted(np.tile(real, (most - 1, 1)), axis=1)
    return np.vstack([real, drawn])


def _means(distances: Floats, labels: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Mean distance between and within two groups, for each of many divisions."""
    a = labels.astype(float)
    b = 1.0 - a
    n_a, n_b = a.sum(axis=1), b.sum(axis=1)
    between = np.einsum("ki,ij,kj->k", a, distances, b, optimize=True) / (n_a * n_b)
    return between, _within(distances, labels, np.ones_like(a))


def _within(distances: Floats, labels: NDArray[np.bool_], counts: Floats) -> Floats:
    """Mean distance of different runs of one group, each run as often as it is counted."""
    total = np.zeros(max(len(labels), len(counts)))
    pairs = np.zeros_like(total)
    for of_group in (labels, ~labels):
        weight = of_group * counts
        total += np.einsum("ki,ij,kj->k", weight, distances, weight, optimize=True)
        # A run is no pair with itself, however often it was drawn.
        pairs += weight.sum(axis=1) ** 2 - (weight**2).sum(axis=1)
    return np.divide(total, pairs, out=np.full_like(total, np.nan), where=pairs > 0)
