"""Means and quotients of groups, NaN where there is nothing to divide by."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def quotient(numerator: Floats | Ints, denominator: Floats | Ints) -> Floats:
    """Numerator over denominator, arrays of one shape; NaN where the denominator is 0."""
    numerator = np.asarray(numerator, float)
    return np.divide(
        numerator, denominator, out=np.full(numerator.shape, np.nan), where=denominator != 0
    )


def group_mean(group: Ints, values: Floats | Ints, n_groups: int) -> Floats:
    """Mean of the values of each group, shape (n_groups,); NaN for a group without values."""
    count = np.bincount(group, minlength=n_groups)
    return quotient(np.bincount(group, values, n_groups), count)


def known_mean(group: Ints, values: Floats, n_groups: int) -> Floats:
    """`group_mean` of the values that are not NaN."""
    known = ~np.isnan(values)
    return group_mean(group[known], values[known], n_groups)
