"""Weights, delays and synapses on a chip, against closed forms."""

import numpy as np
import pytest

from pipelines.hardware.synapse_values import (
    on_delay_grid,
    on_levels,
    transmitted,
    within_fan_in,
)

RNG_SEED = 5


def level_of(weights, lowest, highest, bits):
    return (weights - lowest) / (highest - lowest) * (2**bits - 1)


# Levels of weights.


@pytest.mark.parametrize("bits", range(1, 9))
@pytest.mark.parametrize(("lowest", "highest"), [(0.0, 0.3), (0.0, -0.7), (0.1, 0.3)])
@pytest.mark.parametrize("stochastic", [False, True])
def test_weights_are_on_levels_at_most_half_or_one_of_them_away(bits, lowest, highest, stochastic):
    rng = np.random.default_rng(RNG_SEED)
    weights = rng.uniform(lowest, highest, 2000) if highest > 0 else -rng.uniform(0, 0.7, 2000)
    uniform = rng.random(2000) if stochastic else None
    rounded = on_levels(weights, lowest, highest, bits, uniform)
    levels = level_of(rounded, lowest, highest, bits)
    np.testing.assert_allclose(levels, np.rint(levels), rtol=0, atol=1e-9)
    assert levels.min() > -1e-9 and levels.max() < 2**bits - 1 + 1e-9
    moved = np.abs(levels - level_of(weights, lowest, highest, bits))
    assert moved.max() <= (1.0 if stochastic else 0.5) + 2e-6
    # All levels of a narrow range are in use, and the ends are what was asked for.
    if bits <= 4:
        assert len(np.unique(np.rint(levels))) == 2**bits
    ends = on_levels(np.array([lowest, highest]), lowest, highest, bits, None)
    np.testing.assert_allclose(ends, [lowest, highest], rtol=1e-15)


def test_one_bit_is_nothing_or_the_largest_weight_and_the_middle_rounds_up():
    weights = np.array([0.0, 0.0999, 0.1, 0.1001, 0.2])
    assert on_levels(weights, 0.0, 0.2, 1).tolist() == [0.0, 0.0, 0.2, 0.2, 0.2]
    assert on_levels(-weights, 0.0, -0.2, 1).tolist() == [0.0, 0.0, -0.2, -0.2, -0.2]


def test_mean_of_stochastic_rounding_is_the_weight():
    rng, n, bits, highest = np.random.default_rng(RNG_SEED), 200_000, 2, 0.3
    step = highest / 3
    for weight in (0.01, 0.05, 0.1, 0.1234, 0.29):
        rounded = on_levels(np.full(n, weight), 0.0, highest, bits, rng.random(n))
        share = weight / step % 1
        error = step * np.sqrt(share * (1 - share) / n)
        assert abs(rounded.mean() - weight) <= 4 * error + 1e-12
        assert len(np.unique(rounded)) == (2 if share > 1e-9 else 1)


def test_weights_on_a_level_stay_whatever_is_drawn():
    levels = 0.1 + 0.2 * np.arange(16) / 15
    for uniform in (None, np.full(16, 1e-9), np.full(16, 0.5), np.full(16, 1 - 1e-9)):
        np.testing.assert_allclose(on_levels(levels, 0.1, 0.3, 4, uniform), levels, rtol=1e-12)


@pytest.mark.parametrize("uniform", [None, 0.25, 0.5])
def test_rounding_errors_do_not_decide_between_two_levels(uniform):
    """A weight that two simulators know to some digits is one level, also in the middle of two."""
    exact = (np.arange(15) + 0.5) * 0.3 / 15
    drawn = None if uniform is None else np.full(15, uniform)
    on_one = on_levels(exact * (1 + 1e-12), 0.0, 0.3, 4, drawn)
    on_another = on_levels(exact * (1 - 1e-12), 0.0, 0.3, 4, drawn)
    np.testing.assert_array_equal(on_one, on_another)


def test_each_synapse_may_have_its_own_range_and_none_is_left_alone():
    lowest, highest = np.array([0.0, 0.1, 0.2]), np.array([0.3, 0.4, 0.2])
    rounded = on_levels(np.array([0.16, 0.16, 0.2]), lowest, highest, 1)
    assert rounded.tolist() == [0.3, 0.1, 0.2]
    assert on_levels(np.zeros(3), 0.0, 0.0, 4).tolist() == [0.0, 0.0, 0.0]


# Delays.


def test_one_delay_for_all():
    delays = on_delay_grid(np.array([0.1, 1.0, 30.0]), 0.1, {"common_ms": 1.5})
    assert delays.tolist() == [1.5, 1.5, 1.5]


def test_delays_within_a_range():
    asked = np.array([0.1, 1.0, 2.34, 30.0])
    delays = on_delay_grid(asked, 0.1, {"minimum_ms": 1, "maximum_ms": 16})
    assert delays.tolist() == [1.0, 1.0, 2.3, 16.0]


def test_delays_of_so_many_bits_are_multiples_from_the_shortest_on():
    asked = np.arange(1, 200) * 0.1
    delays = on_delay_grid(asked, 0.1, {"minimum_ms": 1, "step_ms": 2, "bits": 2})
    assert np.unique(delays).tolist() == [1.0, 3.0, 5.0, 7.0]
    np.testing.assert_array_less(np.abs(delays - np.clip(asked, 1, 7)), 1.0 + 1e-9)
    # Without a shortest delay it is one step.
    assert np.unique(on_delay_grid(asked, 0.1, {"step_ms": 2, "bits": 2})).tolist() == [
        2.0, 4.0, 6.0, 8.0,
    ]  # fmt: skip


def test_the_last_step_lies_within_the_range():
    delays = on_delay_grid(np.array([0.2, 9.0]), 0.1, {"step_ms": 2, "maximum_ms": 5})
    assert delays.tolist() == [2.0, 4.0]


@pytest.mark.parametrize("allowed", [{}, {"maximum_ms": 0.05}, {"common_ms": 0.04}])
def test_delays_are_on_the_grid_of_time_and_one_step_at_least(allowed):
    delays = on_delay_grid(np.array([0.04, 0.1, 1.26]), 0.1, allowed)
    np.testing.assert_allclose(delays / 0.1, np.rint(delays / 0.1), atol=1e-9)
    assert delays.min() == 0.1


def test_a_coarse_step_of_time_rounds_delays_and_its_middle_up():
    assert on_delay_grid(np.array([0.1, 1.4, 1.5, 2.5]), 1.0, {}).tolist() == [1, 1, 2, 3]


# Inputs of a neuron.


@pytest.mark.parametrize("limit", [0, 1, 7, 20, 1000])
def test_no_neuron_has_too_many_inputs_and_none_loses_one_that_has_room(limit):
    rng = np.random.default_rng(RNG_SEED)
    post, taken = rng.integers(0, 30, 400), rng.integers(0, 10, 30)
    kept = within_fan_in(post, taken, limit, rng.random(400))
    asked, got = (np.bincount(which, minlength=30) for which in (post, post[kept]))
    np.testing.assert_array_equal(got, np.minimum(asked, np.maximum(limit - taken, 0)))


def test_inputs_that_are_lost_are_drawn_at_random():
    rng, n_times = np.random.default_rng(RNG_SEED), 4000
    post, count = np.zeros(10, dtype=int), np.zeros(10)
    for _ in range(n_times):
        count += within_fan_in(post, np.zeros(1, dtype=int), 4, rng.random(10))
    error = np.sqrt(0.4 * 0.6 / n_times)
    np.testing.assert_allclose(count / n_times, 0.4, rtol=0, atol=4 * error)


# Spikes of sources.


@pytest.mark.parametrize("share", [0.0, 0.1, 0.9, 1.0])
def test_share_of_spikes_that_is_lost(share):
    rng, n = np.random.default_rng(RNG_SEED), 100_000
    kept = transmitted(rng.uniform(0, 1e4, n), rng.random(n), share, None)
    error = np.sqrt(share * (1 - share) / n)
    assert abs(np.mean(~kept) - share) <= 4 * error


@pytest.mark.parametrize(
    ("spikes_per_s", "in_100_ms"), [(10_000, 1000), (2500, 250), (1200, 120), (400, 40), (30, 3)]
)
def test_a_link_transmits_so_many_spikes_and_no_more(spikes_per_s, in_100_ms):
    steps = np.repeat(np.arange(1, 1001), 3)
    times = np.round(steps * 0.1, 10)
    kept = transmitted(times, np.random.default_rng(RNG_SEED).random(3000), 0.0, spikes_per_s)
    assert kept.sum() == in_100_ms
    # Spread over time: in each 10 ms the same number, or one more or less.
    counts = np.bincount((steps[kept] - 1) // 100, minlength=10)
    assert np.ptp(counts) <= 1


def test_a_link_that_is_not_full_loses_none_and_lost_ones_take_no_room():
    times = np.arange(1.0, 101.0)
    uniform = np.random.default_rng(RNG_SEED).random(100)
    assert transmitted(times, uniform, 0.0, 1000).all()
    two = np.repeat(times, 2)
    drawn = np.tile([0.1, 0.9], 100)
    # One of the two is lost at random in any case, so the link has room for the other.
    np.testing.assert_array_equal(transmitted(two, drawn, 0.5, 1000), drawn > 0.5)


def test_times_that_are_sums_are_in_their_window():
    """300 steps of 0.1 ms are 30.000000000000004 ms, and belong to the 30th ms."""
    summed = np.cumsum(np.full(300, 0.1))
    whole = np.arange(1, 301) / 10
    uniform = np.random.default_rng(RNG_SEED).random(300)
    np.testing.assert_array_equal(
        transmitted(summed, uniform, 0.0, 3000), transmitted(whole, uniform, 0.0, 3000)
    )
