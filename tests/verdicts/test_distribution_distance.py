"""Distance of distributions beyond a margin: closed forms, and how often its bound is too low."""

import numpy as np
import pytest
from scipy import stats

from pipelines.metrics.distances import ks_distance
from pipelines.verdicts.distribution_distance import distance_beyond


def rng(seed=0):
    return np.random.default_rng(seed)


def runs(n, draw):
    return [draw() for _ in range(n)]


def test_without_a_margin_it_is_that_of_kolmogorov_and_smirnov():
    generator = rng(1)
    a, b = (runs(5, lambda m=m: generator.normal(m, 1, 80).round(1)) for m in (0.0, 0.4))
    found = distance_beyond(a, b, lambda values: values, generator)
    assert found.value == pytest.approx(ks_distance(np.concatenate(a), np.concatenate(b)))
    assert distance_beyond(b, a, lambda values: values, generator).value == found.value
    assert found.value < found.high


def test_a_shift_within_the_margin_is_no_distance():
    generator = rng(2)
    a = runs(6, lambda: generator.normal(10, 0.1, 50))
    shifted = [values * 1.05 for values in a]
    for one, other in ((a, shifted), (shifted, a)):
        assert distance_beyond(one, other, lambda v: 1.06 * v, generator).value == 0
        assert distance_beyond(one, other, lambda v: 1.01 * v, generator).value > 0.9


def test_a_tenth_of_the_values_elsewhere_is_a_distance_of_a_tenth():
    a, b = [np.r_[np.ones(9), 5.0]] * 4, [np.ones(10)] * 4
    found = distance_beyond(a, b, lambda v: 1.1 * v, rng())
    assert found.value == pytest.approx(0.1) and found.high == pytest.approx(0.1)


def test_a_shift_beyond_the_margin_is_that_of_theory():
    """Normal distributions a standard deviation apart, of which half is within: 2 Phi(1/4) - 1."""
    generator = rng(3)
    a, b = (runs(20, lambda m=m: generator.normal(m, 1, 2000)) for m in (0.0, 1.0))
    expected = 2 * stats.norm.cdf(0.5 / 2) - 1
    found = distance_beyond(a, b, lambda v: v + 0.5, generator)
    assert found.value == pytest.approx(expected, abs=0.01)


def test_the_upper_bound_is_seldom_below_the_truth():
    """Five times in a hundred, where runs differ from each other."""
    expected, below = 2 * stats.norm.cdf(0.3 / 2 / np.hypot(1, 0.2)) - 1, 0
    for seed in range(100):
        generator = rng(seed)
        a, b = (
            list(generator.normal(mean + generator.normal(0, 0.2, (20, 1)), 1, (20, 100)))
            for mean in (0.0, 0.3)
        )
        below += distance_beyond(a, b, lambda v: v, generator).high < expected
    assert below / 100 <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 100)


def test_power_is_the_share_of_equal_backends_below_the_margin():
    generator = rng(4)
    a, b = (runs(20, lambda: generator.normal(0, 1, 100)) for _ in range(2))
    found = distance_beyond(a, b, lambda v: v, generator)
    assert found.power(1.0) == 1 and found.power(0.0) == 0
    assert 0 < found.power(float(np.median(found.of_equal)) + found.high - found.value) < 1
