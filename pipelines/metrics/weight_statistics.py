"""Statistics of synaptic weights: many projections at once."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipelines.metrics.group_statistics import group_mean

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

WEIGHT_METRICS: dict[str, tuple[str, str]] = {
    "n_connections": ("1", "number of connections"),
    "weight_mean": ("nA", "synaptic weight, mean over connections"),
    "weight_sd": ("nA", "synaptic weight, standard deviation over connections"),
    "weight_min": ("nA", "smallest synaptic weight"),
    "weight_max": ("nA", "largest synaptic weight"),
    "weight_change": ("nA", "synaptic weight, mean change from first to last reading"),
}
"""Name of each metric of a projection -> its unit (current-based synapses) and its meaning."""


def weight_metrics(
    group: Ints, weight: Floats, time_ms: Floats, n_groups: int
) -> dict[str, Floats]:
    """All of `WEIGHT_METRICS` for every group (a projection of a run).

    Parameters
    ----------
    group
        Index of the group of each reading, in 0 ... n_groups - 1.
    weight
        Weight of one connection (nA or uS).
    time_ms
        When it was read; the last reading of a group counts, the first is what the change is
        measured from.

    Returns
    -------
    dict
        Metric -> values, shape (n_groups,). The change is NaN for a group that was read once,
        everything but the number of connections is NaN for an empty group.
    """
    first, last = np.full(n_groups, np.inf), np.full(n_groups, -np.inf)
    np.minimum.at(first, group, time_ms)
    np.maximum.at(last, group, time_ms)
    at_first, at_last = time_ms == first[group], time_ms == last[group]

    count = np.bincount(group[at_last], minlength=n_groups)
    mean = group_mean(group[at_last], weight[at_last], n_groups)
    square = (weight[at_last] - mean[group[at_last]]) ** 2
    low, high = np.full(n_groups, np.inf), np.full(n_groups, -np.inf)
    np.minimum.at(low, group[at_last], weight[at_last])
    np.maximum.at(high, group[at_last], weight[at_last])
    start = group_mean(group[at_first], weight[at_first], n_groups)
    return {
        "n_connections": count.astype(float),
        "weight_mean": mean,
        "weight_sd": np.sqrt(group_mean(group[at_last], square, n_groups)),
        "weight_min": np.where(count > 0, low, np.nan),
        "weight_max": np.where(count > 0, high, np.nan),
        "weight_change": np.where(last > first, mean - start, np.nan),
    }


def projection_metrics(weight: ArrayLike, time_ms: ArrayLike | None = None) -> Mapping[str, float]:
    """`weight_metrics` of one projection."""
    weight = np.asarray(weight, float)
    time = np.zeros(len(weight)) if time_ms is None else np.asarray(time_ms, float)
    values = weight_metrics(np.zeros(len(weight), np.int64), weight, time, 1)
    return {name: float(value[0]) for name, value in values.items()}


def last_weights(weight: ArrayLike, time_ms: ArrayLike) -> Floats:
    """Weight of every connection of a projection at the last reading, in the order given."""
    weight, time_ms = np.asarray(weight, float), np.asarray(time_ms, float)
    return weight[time_ms == np.max(time_ms, initial=-np.inf)]


def weight_changes(
    pre: ArrayLike, post: ArrayLike, delay_ms: ArrayLike, weight: ArrayLike, time_ms: ArrayLike
) -> Floats:
    """Change of the weight of every connection of a projection, from first to last reading.

    A connection is known by its two neurons and its delay. Those that share all three have the
    same spikes and so keep the order of their weights: the smallest is followed to the smallest.

    Parameters
    ----------
    pre, post, delay_ms, weight, time_ms
        One entry a connection and reading, in any order.

    Returns
    -------
    array
        Shape (n_connections,), in order of pre, post, delay, then weight; empty if there was
        but one reading.

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
        One entry a connection and reading, in any order; connections as in `weight_changes`.

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
    columns = [np.asarray(c, float) for c in (time_ms, pre, post, delay_ms, weight)]
    order = np.lexsort(columns[::-1])
    time, *names, weights = (column[order] for column in columns)
    times, counts = np.unique(time, return_counts=True)
    shape = (len(times), int(counts[0]) if len(times) else 0)
    same = all(n == shape[1] for n in counts)
    if not same or any(np.ptp(name.reshape(shape), axis=0).any() for name in names if len(name)):
        numbers = " and ".join(str(n) for n in counts[[0, int(np.argmin(counts == counts[0]))]])
        raise ValueError(f"the readings are not of the same connections ({numbers})")
    return times, weights.reshape(shape)
