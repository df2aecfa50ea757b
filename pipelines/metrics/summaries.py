"""Summaries: one number from the values of a sample; NaN for an empty sample."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def mean(values: Floats) -> float:
    """Mean of the values.

    Values are summed in order, not pairwise as in `numpy.mean`: appending a neuron does not
    change the order in which the others are added.
    """
    return (0.0 + float(np.cumsum(values)[-1])) / len(values) if len(values) else np.nan


def standard_deviation(values: Floats) -> float:
    """Standard deviation of the values (ddof = 0: they are a whole population)."""
    return float(np.sqrt(mean((values - mean(values)) ** 2)))


def mean_of_many(values: Floats) -> float:
    """Mean of many values, summed pairwise: a sum in order would lose digits."""
    return float(values.mean()) if len(values) else np.nan


def lowest(values: Floats) -> float:
    """Smallest of the values."""
    return float(values.min()) if len(values) else np.nan


def highest(values: Floats) -> float:
    """Largest of the values."""
    return float(values.max()) if len(values) else np.nan


def count(values: Floats) -> float:
    """Number of values."""
    return float(len(values))


def only(values: Floats) -> float:
    """The single value of a sample of one."""
    if not len(values):
        return np.nan
    (value,) = values
    return float(value)
