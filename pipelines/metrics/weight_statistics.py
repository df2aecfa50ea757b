"""Statistics of the synaptic weights of one projection."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def last_weights(weight: ArrayLike, time_ms: ArrayLike) -> Floats:
    """Weight of every connection of a projection at the last reading, in the order given."""
    weight, time_ms = np.asarray(weight, float), np.asarray(time_ms, float)
    return weight[time_ms == np.max(time_ms, initial=-np.inf)]


def weight_changes(
    pre: ArrayLike, post: ArrayLike, delay_ms: ArrayLike, weight: ArrayLike, time_ms: ArrayLike
) -> Floats:
    """Change of the weight of every connection of a projection, from first to last reading.

    A connection is identified by its two neurons and its delay. Connections that share all three
    have the same spikes and keep the order of their weights: they are matched by rank.

    Parameters
    ----------
    pre, post, delay_ms, weight, time_ms
        One entry per connection and reading, in any order; delays and times in ms.

    Returns
    -------
    array
        Shape (n_connections,), in order of pre, post, delay, then weight; empty if there
        is only one reading.

    Raises
    ------
    ValueError
        If the two readings are not of the same connections.
    """
    time_ms = np.asarray(time_ms, float)
    if not len(time_ms) or np.min(time_ms) == np.max(time_ms):
        return np.empty(0)
    ends = (time_ms == np.min(time_ms)) | (time_ms == np.max(time_ms))
    columns = (np.asarray(column)[ends] for column in (pre, post, delay_ms, weight, time_ms))
    _, course = weight_course(*columns)
    return course[1] - course[0]


def weight_course(
    pre: ArrayLike, post: ArrayLike, delay_ms: ArrayLike, weight: ArrayLike, time_ms: ArrayLike
) -> tuple[Floats, Floats]:
    """Weight of every connection of a projection at every reading.

    Parameters
    ----------
    pre, post, delay_ms, weight, time_ms
        One entry per connection and reading, in any order; delays and times in ms. Connections
        are identified as in `weight_changes`. Where only some were read over time and all at the
        end, the others are left out (`followed`).

    Returns
    -------
    times : ndarray of float64, shape (n_readings,)
        In ms, ascending.
    weights : ndarray of float64, shape (n_readings, n_connections)
        Connections are in order of pre, post, delay, then weight.

    Raises
    ------
    ValueError
        If not all readings are of the same connections.
    """
    kept = followed(pre, post, delay_ms, time_ms)
    columns = [np.asarray(c, float)[kept] for c in (time_ms, pre, post, delay_ms, weight)]
    order = np.lexsort(columns[::-1])
    time, *names, weights = (column[order] for column in columns)
    times, counts = np.unique(time, return_counts=True)
    shape = (len(times), int(counts[0]) if len(times) else 0)
    same = all(n == shape[1] for n in counts)
    if not same or any(np.ptp(name.reshape(shape), axis=0).any() for name in names if len(name)):
        numbers = " and ".join(str(n) for n in counts[[0, int(np.argmin(counts == counts[0]))]])
        raise ValueError(f"the readings are not of the same connections ({numbers})")
    return times, weights.reshape(shape)


def followed(
    pre: ArrayLike, post: ArrayLike, delay_ms: ArrayLike, time_ms: ArrayLike
) -> NDArray[np.bool_]:
    """Mask of the rows of those connections that every reading has, if the first has no others.

    If it has others, that is if connections were removed, all rows are kept.

    Parameters
    ----------
    pre, post, delay_ms, time_ms
        One entry per connection and reading, shape (n,).
    """
    time_ms = np.asarray(time_ms, float)
    times, reading = np.unique(time_ms, return_inverse=True)
    counts = np.bincount(reading)
    if not np.any(np.diff(counts)):
        return np.ones(len(time_ms), bool)
    names = np.stack([np.asarray(column, float) for column in (pre, post, delay_ms)], axis=1)
    connection = np.unique(names, axis=0, return_inverse=True)[1].ravel()
    kept = np.isin(connection, connection[reading == 0])
    n_kept = np.bincount(reading[kept], minlength=len(times))
    return kept if np.all(n_kept == counts[0]) else np.ones(len(time_ms), bool)
