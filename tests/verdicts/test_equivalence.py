"""Two one-sided tests against SciPy's t tests, their level and their power."""

import math

import numpy as np
import pytest
from scipy import stats

from pipelines.verdicts.equivalence import runs_needed, tost

RNG = np.random.default_rng(7)
A, B = RNG.normal(10.0, 1.0, 12), RNG.normal(10.3, 2.0, 9)


@pytest.mark.parametrize("margin", [0.2, 1.0, 2.0, 5.0])
def test_is_two_one_sided_tests_of_welch(margin):
    above = stats.ttest_ind(A + margin, B, equal_var=False, alternative="greater").pvalue
    below = stats.ttest_ind(A - margin, B, equal_var=False, alternative="less").pvalue
    found = tost(A, B, margin)
    assert found.p_value == pytest.approx(max(above, below), rel=1e-9)
    assert found.equivalent == (max(above, below) < 0.05)
    interval = stats.ttest_ind(A, B, equal_var=False).confidence_interval(0.9)
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high), rel=1e-9)
    # The interval lies within the margin just when both tests reject.
    assert found.equivalent == (-margin < found.low and found.high < margin)


def test_at_the_margin_it_errs_as_often_as_it_says():
    rng = np.random.default_rng(3)
    n = 4000
    wrong = sum(tost(rng.normal(1, 1, 20), rng.normal(0, 1, 20), 1.0).equivalent for _ in range(n))
    # 5 %, within four standard errors.
    assert abs(wrong / n - 0.05) < 4 * math.sqrt(0.05 * 0.95 / n)


@pytest.mark.parametrize("shift", [0.0, 0.3])
def test_so_many_runs_are_enough(shift):
    rng = np.random.default_rng(5)
    pattern = np.array([-1.0, 1.0] * 10)
    a, b = pattern / pattern.std(ddof=1) + shift, pattern / pattern.std(ddof=1)
    needed = runs_needed(a, b, margin=1.0)
    tries = 1000
    found = sum(
        tost(rng.normal(shift, 1, needed), rng.normal(0, 1, needed), 1.0).equivalent
        for _ in range(tries)
    )
    assert 0.74 < found / tries < 0.93


def test_a_difference_beyond_the_margin_needs_more_than_runs():
    assert runs_needed([2.0, 2.1, 1.9], [0.0, 0.1, -0.1], margin=1.0) is None


def test_constant_values():
    same = tost([1.0, 1.0], [1.0, 1.0], 0.1)
    assert same.equivalent and same.p_value == 0
    apart = tost([1.0, 1.0], [2.0, 2.0], 0.1)
    assert not apart.equivalent and apart.p_value == 1


def test_one_run_says_nothing():
    found = tost([1.0], [1.0, 2.0], 1.0)
    assert not found.equivalent and math.isnan(found.p_value)
