"""Means of groups, some of which are empty."""

import numpy as np
import pytest

from pipelines.metrics.group_statistics import group_mean, known_mean, quotient


def test_nothing_to_divide_by():
    found = quotient(np.array([1, 0, 3]), np.array([2, 0, 0]))
    assert found == pytest.approx([0.5, np.nan, np.nan], nan_ok=True)


def test_a_group_without_values_has_no_mean():
    group, values = np.array([0, 2, 2]), np.array([5.0, 1.0, 2.0])
    assert group_mean(group, values, 4) == pytest.approx([5, np.nan, 1.5, np.nan], nan_ok=True)


def test_what_is_not_known_does_not_count():
    group, values = np.array([0, 0, 1]), np.array([5.0, np.nan, np.nan])
    assert known_mean(group, values, 2) == pytest.approx([5, np.nan], nan_ok=True)
