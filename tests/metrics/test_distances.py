"""Distances against closed forms and against SciPy."""

import math

import numpy as np
import pytest
from scipy import stats

from pipelines.metrics.distances import (
    effect_size,
    ks_distance,
    largest_difference,
    relative_distance,
    rms_difference,
    shape_distance,
    wasserstein_distance,
)

EMPTY = np.array([])


@pytest.mark.parametrize(
    ("a", "b", "distance"),
    [
        ([1, 2, 3], [1, 2, 3], 0.0),
        ([1, 2], [3, 4], 1.0),
        ([1, 2, 3, 4], [3, 4, 5, 6], 0.5),
        ([0, 0, 1], [0, 1, 1], 1 / 3),  # ties
        ([0], [0, 1, 1, 1], 0.75),
    ],
)
def test_ks_distances_known_by_hand(a, b, distance):
    assert ks_distance(a, b) == pytest.approx(distance, abs=1e-15)
    assert ks_distance(b, a) == pytest.approx(distance, abs=1e-15)


@pytest.mark.parametrize("seed", range(5))
def test_ks_and_wasserstein_are_scipy_s(seed):
    rng = np.random.default_rng(seed)
    a, b = rng.poisson(3, 400).astype(float), rng.normal(3, 2, 250).round(1)
    assert ks_distance(a, b) == pytest.approx(stats.ks_2samp(a, b).statistic, abs=1e-12)
    assert wasserstein_distance(a, b) == stats.wasserstein_distance(a, b)


def test_a_shift_is_its_own_wasserstein_distance():
    a = np.random.default_rng(1).exponential(size=500)
    assert wasserstein_distance(a, a + 0.25) == pytest.approx(0.25, abs=1e-12)


def test_two_normal_distributions_are_as_far_apart_as_theory_says():
    """Shifted by d standard deviations: 2 Phi(d / 2) - 1."""
    quantiles = stats.norm.ppf((np.arange(20_000) + 0.5) / 20_000)
    expected = 2 * stats.norm.cdf(0.4 / 2) - 1
    assert ks_distance(quantiles, quantiles + 0.4) == pytest.approx(expected, abs=1e-4)


def test_relative_distance():
    assert relative_distance([1.0, 3.0], [3.0]) == pytest.approx(1 / 2.5)
    assert relative_distance([0.0], [0.0]) == 0
    assert relative_distance([-1.0], [1.0]) == 2


def test_curves_are_compared_by_their_shape():
    assert shape_distance([1, 1, 2], [2, 2, 4]) == 0
    assert shape_distance([1, 0], [0, 1]) == 1
    assert shape_distance([3, 1], [1, 3]) == 0.5
    # A curve that is 0 everywhere has no shape.
    assert math.isnan(shape_distance([0, 0], [0, 0])) and math.isnan(shape_distance([0, 0], [0, 1]))
    assert math.isnan(shape_distance([1, 2], [1, 2, 3]))


@pytest.mark.parametrize(
    "distance",
    [
        ks_distance, wasserstein_distance, relative_distance, shape_distance, largest_difference,
        rms_difference,
    ],
)  # fmt: skip
def test_nothing_has_no_distance_from_anything(distance):
    assert math.isnan(distance(EMPTY, EMPTY))
    assert math.isnan(distance(EMPTY, [1.0])) and math.isnan(distance([1.0], EMPTY))


def test_effect_size_and_its_interval():
    a, b = [2.0, 4.0, 6.0], [1.0, 3.0, 5.0]
    found = effect_size(a, b)
    assert found.value == pytest.approx(0.5)
    half = 1.96 * math.sqrt(6 / 9 + 0.25 / 8)
    assert found.low == pytest.approx(0.5 - half, abs=1e-4)
    assert found.high == pytest.approx(0.5 + half, abs=1e-4)
    assert math.isinf(effect_size([1.0, 1.0], [2.0, 2.0]).value)
    assert effect_size([1.0, 1.0], [1.0, 1.0]).value == 0
    assert math.isnan(effect_size([1.0], [1.0, 2.0]).value)
