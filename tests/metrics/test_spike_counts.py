"""Counts of trains whose variation is known in closed form."""

import numpy as np
import pytest

from pipelines.metrics.spike_counts import (
    bin_indices,
    bin_numbers,
    fano_factor,
    population_counts,
    synchrony,
)
from pipelines.metrics.spike_trains import Trains


def poisson(seed, size, rate_hz, duration_ms):
    """Independent Poisson trains of equal rate."""
    rng = np.random.default_rng(seed)
    n = rng.poisson(size * rate_hz * duration_ms / 1000.0)
    return Trains(rng.integers(0, size, n), rng.uniform(0, duration_ms, n), size, duration_ms)


def test_bins_are_open_at_their_beginning():
    assert bin_indices([0.0, 0.1, 2.0, 2.1, 4.0], 2.0).tolist() == [0, 0, 0, 1, 1]


def test_times_on_the_grid_do_not_fall_over_the_edge():
    # In binary 3 * 0.1 is above 0.3, and 0.7 / 0.1 below 7.
    times = np.arange(1, 10_001) * 0.1
    assert bin_indices(times, 0.1).tolist() == list(range(10_000))
    assert bin_indices(times, 0.3).tolist() == [k // 3 for k in range(10_000)]


def test_only_whole_bins_count():
    assert bin_numbers([0.7, 0.69, 0.0, np.nan], 0.1).tolist() == [7, 6, 0, 0]


def test_equal_counts_do_not_vary():
    # Every 20 ms, the last at the very end: five in each window of 100 ms.
    assert fano_factor(Trains(np.zeros(50), np.arange(1, 51) * 20.0, 1, 1000.0)) == [0.0]


def test_fano_factor_by_hand():
    # Counts 2, 0, 1: mean 1, variance 1; what follows the third window does not count.
    times = [10.0, 100.0, 250.0, 310.0, 320.0]
    assert fano_factor(Trains(np.zeros(5), times, 1, 350.0)) == pytest.approx([1.0])
    # Counts of 50 ms: 1, 1, 0, 0, 1, 0, 2: mean 5/7.
    expected = np.var([1, 1, 0, 0, 1, 0, 2], ddof=1) / (5 / 7)
    assert fano_factor(Trains(np.zeros(5), times, 1, 350.0), 50.0) == pytest.approx([expected])


def test_neurons_that_fire_in_the_same_window_are_told_apart():
    # Each has the counts 0, 1, 0.
    assert fano_factor(Trains([0, 1], [150.0, 160.0], 2, 300.0)) == pytest.approx([1.0, 1.0])


def test_poisson_counts_vary_as_much_as_their_mean():
    size, n_windows = 40, 1000
    value = fano_factor(poisson(1, size, 20.0, 100.0 * n_windows))
    # The index of dispersion of Poisson counts has the variance 2 / (n - 1).
    error = np.sqrt(2 / (n_windows - 1))
    assert value == pytest.approx(np.ones(size), abs=4 * error)
    assert value.mean() == pytest.approx(1.0, abs=4 * error / np.sqrt(size))


def test_every_spike_twice_doubles_the_fano_factor():
    trains = poisson(2, 10, 20.0, 10_000.0)
    twice = Trains(np.tile(trains.neuron, 2), np.tile(trains.time_ms, 2), 10, trains.duration_ms)
    assert fano_factor(twice) == pytest.approx(2 * fano_factor(trains), rel=1e-12)


def test_neurons_without_a_fano_factor():
    # Silent; silent until the last whole window has passed.
    value = fano_factor(Trains([0, 2], [50.0, 210.0], 3, 250.0))
    assert value == pytest.approx([1.0, np.nan, np.nan], nan_ok=True)
    assert np.isnan(fano_factor(Trains([0, 0], [10.0, 150.0], 1, 199.0))).all()
    assert np.isnan(fano_factor(Trains([0, 0], [10.0, 150.0], 1))).all()
    assert len(fano_factor(Trains([], [], 0, 1000.0))) == 0


def test_independent_trains_are_not_synchronous():
    n_bins = 40_000
    value = synchrony(poisson(3, 50, 10.0, 3.0 * n_bins))
    assert value == pytest.approx(1.0, abs=4 * np.sqrt(2 / (n_bins - 1)))


def test_identical_trains_are_as_synchronous_as_they_are_many():
    one = poisson(4, 1, 50.0, 20_000.0)
    copies = Trains(np.repeat(np.arange(8), len(one.time_ms)), np.tile(one.time_ms, 8), 8, 20_000.0)
    assert synchrony(copies) == pytest.approx(8 * synchrony(one), rel=1e-12)


def test_synchrony_by_hand():
    # Counts 3, 1, 0, 0 of bins of 3 ms: mean 1, variance 2; the spike at 12.5 has no whole bin.
    trains = Trains([0, 1, 2, 0, 1], [1.0, 3.0, 2.0, 6.0, 12.5], 3, 13.0)
    assert synchrony(trains) == pytest.approx(2.0)


def test_populations_without_synchrony():
    assert np.isnan(synchrony(Trains([], [], 5, 1000.0)))
    assert np.isnan(synchrony(Trains([0], [1.0], 5, 5.9)))
    assert np.isnan(synchrony(Trains([0], [1.0], 5)))


def test_counts_of_a_population():
    rng = np.random.default_rng(5)
    time = rng.uniform(0, 101.0, 400)
    counts = population_counts(Trains(rng.integers(0, 3, 400), time, 3, 101.0), 2.0)
    assert counts.tolist() == np.histogram(time, np.arange(0, 101, 2.0))[0].tolist()
    assert len(population_counts(Trains([0], [1.0], 1), 2.0)) == 0
