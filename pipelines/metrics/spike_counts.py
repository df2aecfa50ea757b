"""Spike counts in bins, and their variability for a neuron and for a population.

Bin k of width w holds the times in (k w, (k + 1) w]: a simulator's first spike is at the end of
its first step and its last may be at the very end. A time of 0 is in bin 0. What follows the
last whole bin is left out.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipelines.metrics.spike_trains import TIME_TOLERANCE, Trains, quotient

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def bin_numbers(duration_ms: ArrayLike, width_ms: float) -> Ints:
    """Number of whole bins of `width_ms` in each duration (ms); 0 where it is unknown (NaN)."""
    known = np.nan_to_num(np.asarray(duration_ms, float))
    return np.floor(known / width_ms + TIME_TOLERANCE).astype(np.int64)


def bin_indices(time_ms: ArrayLike, width_ms: float) -> Ints:
    """Index of the bin of `width_ms` that holds each time (ms); times are not negative."""
    upper = np.ceil(np.asarray(time_ms, float) / width_ms - TIME_TOLERANCE).astype(np.int64)
    return np.maximum(upper - 1, 0)


def fano_factor(trains: Trains, window_ms: float = 100.0) -> Floats:
    """Fano factor of the spike counts of every neuron.

    ``F = var(n) / mean(n)`` over windows, with the variance of the sample (ddof = 1).

    Parameters
    ----------
    trains
        The spike trains.
    window_ms
        Width of the windows in ms.

    Returns
    -------
    array
        Shape (size,); NaN for silent neurons, and with fewer than two whole windows.

    Notes
    -----
    0 for a train with as many spikes in every window, 1 for a Poisson process; tends to the
    squared coefficient of variation of a renewal process in long windows (Cox and Lewis 1966).
    `elephant.statistics.fanofactor` divides by n: over W windows it is (W - 1) / W of this.
    """
    n_windows = bin_numbers(trains.duration_ms, window_ms)
    neuron, window = trains.neuron, bin_indices(trains.time_ms, window_ms)
    inside = window < n_windows
    neuron, window = neuron[inside], window[inside]
    # Spikes of a neuron in one window follow each other: only counts above 0 are ever held.
    change = (np.diff(neuron) != 0) | (np.diff(window) != 0)
    first = np.flatnonzero(np.concatenate([[True], change])[: len(neuron)])
    count = np.diff(np.append(first, len(neuron)))
    total = np.bincount(neuron, minlength=trains.size)
    square = np.bincount(neuron[first], count.astype(float) ** 2, trains.size)
    return _variance_over_mean(n_windows, total, square.astype(np.int64))


def synchrony(trains: Trains, bin_ms: float = 3.0) -> float:
    """Synchrony: variance (ddof = 1) over mean of the spike count of the whole population.

    Parameters
    ----------
    trains
        The spike trains.
    bin_ms
        Width of the bins in ms.

    Returns
    -------
    float
        NaN for a silent population, and with fewer than two whole bins.

    Notes
    -----
    1 for independent Poisson trains, N for N identical ones. Potjans and Diesmann (2014),
    "Cell-type specific cortical microcircuit", Methods: bins of 3 ms.
    """
    counts = population_counts(trains, bin_ms)
    return float(_variance_over_mean(len(counts), counts.sum(), (counts**2).sum()))


def population_counts(trains: Trains, bin_ms: float) -> Ints:
    """Spike count of the whole population in every whole bin, shape (n_bins,)."""
    n_bins = int(bin_numbers(trains.duration_ms, bin_ms))
    index = bin_indices(trains.time_ms, bin_ms)
    return np.bincount(index[index < n_bins], minlength=n_bins)


def _variance_over_mean(n: int | Ints, total: Ints, square: Ints) -> Floats:
    """Sample variance over mean of n counts, from their sum and the sum of their squares.

    In whole numbers, so that neither the subtraction nor the order of a sum costs a digit.
    """
    return quotient(n * square - total**2, np.where(n > 1, (n - 1) * total, 0))
