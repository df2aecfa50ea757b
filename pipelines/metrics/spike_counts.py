"""Spikes counted in bins: how a count varies from bin to bin, of a neuron and of a population.

Bin k of width w holds the times in (k w, (k + 1) w]: a simulator's first spike is at the end of
its first step and its last may be at the very end. A time of 0 is in bin 0. What follows the
last whole bin is left out.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipelines.metrics.group_statistics import quotient
from pipelines.metrics.spike_trains import EDGE, Trains, in_order

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Largest number of counts that are held at once, 16 MB.
_MOST_COUNTS = 2_000_000


def bin_numbers(duration_ms: ArrayLike, width_ms: float) -> Ints:
    """Number of whole bins in each duration; 0 where it is not known (NaN)."""
    known = np.nan_to_num(np.asarray(duration_ms, float))
    return np.floor(known / width_ms + EDGE).astype(np.int64)


def bin_indices(time_ms: ArrayLike, width_ms: float) -> Ints:
    """Bin of each time; times are not negative."""
    upper = np.ceil(np.asarray(time_ms, float) / width_ms - EDGE).astype(np.int64)
    return np.maximum(upper - 1, 0)


def fano_factor(trains: Trains, window_ms: float = 100.0) -> Floats:
    """Fano factor of the spike counts of every neuron of every group.

    ``F = var(n) / mean(n)`` over windows, with the variance of the sample.

    Parameters
    ----------
    trains
        The spike trains.
    window_ms
        Width of the windows.

    Returns
    -------
    array
        Shape (n_cells,); NaN for silent neurons, and with fewer than two whole windows.

    Notes
    -----
    0 for a train with as many spikes in every window, 1 for a Poisson process; tends to the
    squared coefficient of variation of a renewal process in long windows (Cox and Lewis 1966).
    """
    trains = in_order(trains)
    n_windows = bin_numbers(trains.duration_ms, window_ms)[trains.group_of_cell]
    cell, window = trains.cell, bin_indices(trains.time_ms, window_ms)
    inside = window < n_windows[cell]
    cell, window = cell[inside], window[inside]
    # Spikes of a neuron in one window follow each other: only counts above 0 are ever held.
    change = (np.diff(cell) != 0) | (np.diff(window) != 0)
    first = np.flatnonzero(np.concatenate([[True], change])[: len(cell)])
    count = np.diff(np.append(first, len(cell)))
    total = np.bincount(cell, minlength=len(n_windows))
    square = np.bincount(cell[first], count.astype(float) ** 2, len(n_windows))
    return _variance_over_mean(n_windows, total, square.astype(np.int64))


def synchrony(trains: Trains, bin_ms: float = 3.0) -> Floats:
    """Synchrony of every group: variance over mean of the spike count of the whole population.

    Parameters
    ----------
    trains
        The spike trains.
    bin_ms
        Width of the bins.

    Returns
    -------
    array
        Shape (n_groups,); NaN for silent groups, and with fewer than two whole bins.

    Notes
    -----
    1 for independent Poisson trains, N for N identical ones. Potjans and Diesmann (2014),
    "Cell-type specific cortical microcircuit", Methods: bins of 3 ms.
    """
    value = np.full(len(trains.sizes), np.nan)
    for groups, counts in population_counts(trains, bin_ms):
        n_bins = np.full(len(groups), counts.shape[1])
        value[groups] = _variance_over_mean(n_bins, counts.sum(1), (counts**2).sum(1))
    return value


def population_counts(trains: Trains, bin_ms: float) -> Iterator[tuple[Ints, Ints]]:
    """Spike counts of whole populations, as many at once as fit into little memory.

    Yields
    ------
    groups, counts
        Groups that fired and are observed for equally many bins, shape (m,), and their counts,
        shape (m, n_bins).
    """
    trains = in_order(trains)
    n_bins = bin_numbers(trains.duration_ms, bin_ms)
    index, bounds = bin_indices(trains.time_ms, bin_ms), trains.bounds
    active = (np.diff(bounds) > 0) & (n_bins > 0)
    for width in np.unique(n_bins[active]):
        members = np.flatnonzero(active & (n_bins == width))
        at_once = max(1, _MOST_COUNTS // int(width))
        for start in range(0, len(members), at_once):
            groups = members[start : start + at_once]
            row = np.repeat(np.arange(len(groups)), np.diff(bounds)[groups])
            column = np.concatenate([index[bounds[g] : bounds[g + 1]] for g in groups])
            inside = column < width
            place = row[inside] * width + column[inside]
            counts = np.bincount(place, minlength=len(groups) * width)
            yield groups, counts.reshape(len(groups), width)


def _variance_over_mean(n: Ints, total: Ints, square: Ints) -> Floats:
    """Sample variance over mean of n counts, from their sum and the sum of their squares.

    In whole numbers, so that neither the subtraction nor the order of a sum costs a digit.
    """
    return quotient(n * square - total**2, np.where(n > 1, (n - 1) * total, 0))
