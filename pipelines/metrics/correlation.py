"""Pairwise correlation of spike counts within a population, on a fixed subsample of neurons."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipelines.metrics.spike_counts import bin_indices, bin_numbers
from pipelines.metrics.spike_trains import Trains, cached_on_subject

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BIN_MS = 2.0
MAX_NEURONS = 100

# Number of bins whose counts are in memory at a time: 26 MB for a hundred neurons.
_CHUNK = 32_768


def subsample(size: int, at_most: int = MAX_NEURONS) -> Ints:
    """Evenly spaced neurons whose pairs represent a population; all neurons if there are few.

    The choice depends on the size alone: it is the same in every run and on every backend.

    Parameters
    ----------
    size
        Number of neurons of the population.
    at_most
        Largest number of neurons chosen.

    Returns
    -------
    array
        Ascending indices, shape (min(size, at_most),).

    Examples
    --------
    >>> subsample(10, at_most=4).tolist()
    [0, 2, 5, 7]
    """
    n = min(size, at_most)
    return np.arange(n, dtype=np.int64) * size // max(n, 1)


@cached_on_subject
def correlations(trains: Trains, at_most: int = MAX_NEURONS, bin_ms: float = BIN_MS) -> Floats:
    """Pearson correlation of the binned spike counts of pairs of neurons.

    ::

        r = cov(n_i, n_j) / sqrt(var(n_i) var(n_j))

    Parameters
    ----------
    trains
        The spike trains.
    at_most
        Largest number of neurons that are paired, see `subsample`.
    bin_ms
        Width of the bins in ms.

    Returns
    -------
    array
        Correlation of each pair of the subsample, shape (n_pairs,), in order of the neurons.
        Pairs with a neuron whose count does not vary (a silent one) are left out: their
        correlation does not exist.

    Notes
    -----
    Bins of 2 ms, as Gutzen et al. (2018) use. 0 for independent trains, 1 for identical ones,
    c for two Poisson trains that share the fraction c of their spikes. Whether variances are
    divided by n or by n - 1 makes no difference to a quotient of them:
    `elephant.spike_train_correlation.correlation_coefficient` gives the same.
    """
    if not len(trains.neuron) or trains.size < 2:
        return np.empty(0)
    row = np.full(trains.size, -1)
    chosen = subsample(trains.size, at_most)
    row[chosen] = np.arange(len(chosen))
    n_bins = int(bin_numbers(trains.duration_ms, bin_ms))
    return _pairs(row[trains.neuron], bin_indices(trains.time_ms, bin_ms), len(chosen), n_bins)


def _pairs(row: Ints, index: Ints, n_rows: int, n_bins: int) -> Floats:
    """Correlations between rows, from the row (-1: none) and bin of every spike.

    Sums of products of counts are whole numbers, which matrix products of floats keep exact.
    """
    keep = (row >= 0) & (index < n_bins)
    row, index = row[keep], index[keep]
    total = np.bincount(row, minlength=n_rows)
    fired = np.flatnonzero(total)
    n_fired = len(fired)
    if n_fired < 2:
        return np.empty(0)
    number = np.cumsum(total > 0) - 1
    row, total = number[row], total[fired].astype(float)
    # A bin without a spike adds nothing to a product.
    occupied = np.zeros(n_bins, bool)
    occupied[index] = True
    column = (np.cumsum(occupied) - 1)[index]
    n_columns = np.count_nonzero(occupied)
    product = np.zeros((n_fired, n_fired))
    for start in range(0, n_columns, _CHUNK):
        width = min(_CHUNK, n_columns - start)
        here = (column >= start) & (column < start + width)
        place = row[here] * width + column[here] - start
        counts = np.bincount(place, minlength=n_fired * width).reshape(n_fired, width).astype(float)
        product += counts @ counts.T
    covariance = n_bins * product - np.outer(total, total)
    variance = np.diag(covariance)
    varies = variance > 0
    scale = np.sqrt(np.outer(variance[varies], variance[varies]))
    upper = np.triu(np.ones(scale.shape, bool), 1)
    return covariance[np.ix_(varies, varies)][upper] / scale[upper]
