"""Two one-sided tests against SciPy's t tests, their level and their power."""

import math

import numpy as np
import pytest
from scipy import stats

from pipelines.verdicts.equivalence import detectable, equivalence_power, runs_needed, tost

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


@pytest.mark.parametrize("factor", [0.9, 1.1])
def test_a_tenth_more_or_less_is_seldom_within_a_margin_of_a_tenth(factor):
    """The margin is a share of a measured mean, and its uncertainty counts."""
    rng = np.random.default_rng(2)
    wrong, n = 0, 2000
    for _ in range(n):
        a, b = rng.normal(1, 0.1, 20), rng.normal(factor, 0.1 * factor, 20)
        margin = 0.1 * min(a.mean(), b.mean())
        wrong += tost(a, b, margin, share=0.1).equivalent
    assert wrong / n < 0.05 + 3 * np.sqrt(0.05 * 0.95 / n)


def test_power_is_how_often_equal_backends_are_found_equivalent():
    rng = np.random.default_rng(3)
    a, b = rng.normal(0, 1, 20), rng.normal(0, 1, 20)
    sd = np.sqrt((a.var(ddof=1) + b.var(ddof=1)) / 2)
    found = np.mean(
        [tost(rng.normal(0, sd, 20), rng.normal(0, sd, 20), 0.9).equivalent for _ in range(1000)]
    )
    assert equivalence_power(a, b, 0.9) == pytest.approx(found, abs=0.05)
    assert equivalence_power([1.0, 1.0], [2.0, 2.0], 0.1) == 1
    assert equivalence_power(a, b, 0.01) == 0 and np.isnan(equivalence_power([1.0], b, 1.0))


def test_the_detectable_difference_is_found_with_the_power_asked_for():
    rng = np.random.default_rng(4)
    a, b = rng.normal(0, 1, 20), rng.normal(0, 1, 20)
    sd = np.sqrt((a.var(ddof=1) + b.var(ddof=1)) / 2)
    least = detectable(a, b, 0.1, 0.05, 0.8)
    found = np.mean(
        [
            stats.ttest_ind(rng.normal(least, sd, 20), rng.normal(0, sd, 20)).pvalue < 0.05
            for _ in range(1000)
        ]
    )
    assert found == pytest.approx(0.8, abs=0.05)
    # It has to be beyond the margin, too.
    assert detectable(a, b, 5.0, 0.05, 0.8) > 5


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
