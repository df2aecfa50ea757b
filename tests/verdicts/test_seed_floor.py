"""The seed floor: known matrices, the level of the test, and its power."""

from itertools import combinations

import numpy as np
import pytest
from scipy import stats

from pipelines.metrics.distances import ks_distance, relative_distance
from pipelines.verdicts.seed_floor import (
    distance_matrix,
    floor_of,
    holm,
    permutation_test,
    smallest_p_value,
)


def rng(seed=0):
    return np.random.default_rng(seed)


def scalars(*values):
    return distance_matrix(list(values), lambda a, b: abs(a - b))


def test_means_known_by_hand():
    found = floor_of(scalars(0.0, 1.0, 10.0, 12.0), 2, rng())
    # Within: 1 and 2. Between: 10, 12, 9, 11.
    assert found.within == pytest.approx(1.5)
    assert found.between == pytest.approx(10.5)
    assert found.low <= found.within <= found.high


def test_the_interval_of_the_floor_holds_its_true_value():
    """Two standard normal numbers are 2 / sqrt(pi) apart on average."""
    inside = 0
    for seed in range(200):
        values = rng(seed).standard_normal(40)
        found = floor_of(np.abs(values[:, None] - values), 20, rng(seed))
        inside += found.low <= 2 / np.sqrt(np.pi) <= found.high
    assert 0.85 <= inside / 200 <= 0.99


def test_every_division_is_tried_where_there_are_few():
    values = [0.0, 0.1, 0.2, 5.0, 5.1, 5.3]
    (found,) = permutation_test([scalars(*values)], 3, rng())
    # The real division and its mirror image are the most extreme ones of 20.
    assert found == pytest.approx(2 / 20)
    assert found == pytest.approx(smallest_p_value(3, 3))


def test_adjusted_p_values_against_a_plain_count():
    generator = rng(4)
    values = generator.normal(size=(2, 8))
    values[0, :4] += 1.0
    matrices = [scalars(*row) for row in values]

    def statistic(matrix, chosen):
        a, rest = list(chosen), [k for k in range(8) if k not in chosen]
        within = [matrix[i, j] for part in (a, rest) for i, j in combinations(part, 2)]
        return np.mean([matrix[i, j] for i in a for j in rest]) - np.mean(within)

    table = np.array(
        [[statistic(matrix, chosen) for chosen in combinations(range(8), 4)] for matrix in matrices]
    )
    table = (table - table.mean(axis=1, keepdims=True)) / table.std(axis=1, keepdims=True)
    largest = table.max(axis=0)
    expected = [(largest >= row[0] - 1e-9).mean() for row in table]
    assert permutation_test(matrices, 4, rng()) == pytest.approx(expected)


def test_the_same_backend_is_found_different_as_seldom_as_it_says():
    """Ten metrics at once, none of which differs: five in a hundred families may have one."""
    false_alarms = 0
    families = 200
    for seed in range(families):
        generator = rng(seed)
        matrices = [scalars(*generator.normal(size=10)) for _ in range(10)]
        false_alarms += bool((permutation_test(matrices, 5, generator) < 0.05).any())
    assert false_alarms / families < 0.05 + 3 * np.sqrt(0.05 * 0.95 / families)


def test_a_shift_of_a_distribution_is_found():
    generator = rng(2)
    samples = [generator.normal(0.3 * (k >= 6), 1, 300) for k in range(12)]
    others = [generator.normal(0, 1, 300) for _ in range(12)]
    matrices = [distance_matrix(each, ks_distance) for each in (samples, others)]
    found = permutation_test(matrices, 6, generator)
    assert found[0] < 0.05 < found[1]


def test_metrics_that_never_vary_say_nothing():
    flat = distance_matrix([[1.0]] * 6, relative_distance)
    assert permutation_test([flat], 3, rng()).tolist() == [1.0]
    assert permutation_test([], 3, rng()).size == 0


def test_the_excess_and_its_upper_bound():
    """Standard normal numbers, two apart: their mean distance is 2.1, within each 1.13."""
    inside = 0
    between = np.sqrt(4 / np.pi) * np.exp(-1) + 2 * (1 - 2 * stats.norm.cdf(-np.sqrt(2)))
    for seed in range(200):
        values = rng(seed).standard_normal(40) + np.repeat([0, 2], 20)
        found = floor_of(np.abs(values[:, None] - values), 20, rng(seed))
        assert found.excess == found.between - found.within
        inside += found.excess_high > between - 2 / np.sqrt(np.pi)
    assert inside / 200 > 0.95 - 3 * np.sqrt(0.05 * 0.95 / 200)


def test_runs_without_a_value_are_left_out():
    values = rng(5).normal(size=10) + np.repeat([0.0, 3.0], 5)
    whole = scalars(*values)
    with_gap = np.insert(np.insert(whole, 5, np.nan, axis=0), 5, np.nan, axis=1)
    p_values = permutation_test([with_gap, np.nan_to_num(with_gap)], 6, rng())
    assert p_values[0] == pytest.approx(permutation_test([whole], 5, rng())[0], abs=0.02)
    # Without two runs of a backend there is nothing to test.
    nothing = np.full((10, 10), np.nan)
    nothing[:5, :5] = whole[:5, :5]
    assert permutation_test([nothing, whole], 5, rng())[0] == 1


def test_holm_s_factors():
    assert holm([0.2, 0.01, 0.03]).tolist() == [1, 3, 2]
    assert holm([]).tolist() == []


def test_the_same_runs_give_the_same_numbers():
    values = scalars(*rng(1).normal(size=20))
    assert permutation_test([values], 10, rng(3)) == permutation_test([values], 10, rng(3))
    assert floor_of(values, 10, rng(3)) == floor_of(values, 10, rng(3))
