"""Statistics of synaptic weights: many projections at once."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

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
    mean = _mean(group[at_last], weight[at_last], n_groups)
    square = (weight[at_last] - mean[group[at_last]]) ** 2
    low, high = np.full(n_groups, np.inf), np.full(n_groups, -np.inf)
    np.minimum.at(low, group[at_last], weight[at_last])
    np.maximum.at(high, group[at_last], weight[at_last])
    start = _mean(group[at_first], weight[at_first], n_groups)
    return {
        "n_connections": count.astype(float),
        "weight_mean": mean,
        "weight_sd": np.sqrt(_mean(group[at_last], square, n_groups)),
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


def _mean(group: Ints, values: Floats, n_groups: int) -> Floats:
    count = np.bincount(group, minlength=n_groups)
    total = np.bincount(group, values, n_groups)
    return np.divide(total, count, out=np.full(n_groups, np.nan), where=count > 0)
