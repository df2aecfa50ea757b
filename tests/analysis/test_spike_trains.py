"""Statistics of trains whose answer is known in closed form."""

import numpy as np
import pytest

from pipelines.analysis.spike_trains import (
    Trains,
    interval_cv,
    intervals,
    one_group,
    population_metrics,
    rates,
)


def test_regular_train():
    metrics = population_metrics(np.zeros(50), np.arange(1, 51) * 20.0, 1, 1000.0)
    assert metrics["n_spikes"] == 50
    assert metrics["rate_mean"] == pytest.approx(50.0)
    assert metrics["rate_sd"] == 0
    assert metrics["isi_mean"] == pytest.approx(20.0)
    assert metrics["isi_cv"] == pytest.approx(0.0, abs=1e-12)
    assert metrics["time_to_first_spike"] == 20.0


def test_poisson_train_has_a_cv_of_one():
    rng = np.random.default_rng(1)
    time = np.sort(rng.uniform(0, 1e6, 40_000))
    neuron = rng.integers(0, 4, 40_000)
    metrics = population_metrics(neuron, time, 4, 1e6)
    assert metrics["isi_cv"] == pytest.approx(1.0, abs=0.02)
    assert metrics["rate_mean"] == pytest.approx(10.0)
    assert metrics["isi_mean"] == pytest.approx(100.0, rel=0.01)


def test_cv_of_two_alternating_intervals():
    # Intervals 1, 3, 1, 3: mean 2, sample variance 4/3.
    metrics = population_metrics(np.zeros(5), [0, 1, 4, 5, 8], 1, 10.0)
    assert metrics["isi_cv"] == pytest.approx(np.sqrt(4 / 3) / 2)


def test_silent_neurons_count():
    metrics = population_metrics([0, 0], [10.0, 30.0], 4, 1000.0)
    assert metrics["rate_mean"] == pytest.approx(0.5)
    # Rates 2, 0, 0, 0 around 0.5.
    assert metrics["rate_sd"] == pytest.approx(np.sqrt((1.5**2 + 3 * 0.5**2) / 4))
    assert rates(one_group([0, 0], [10.0, 30.0], 4, 1000.0)).tolist() == [2.0, 0.0, 0.0, 0.0]


def test_no_spikes():
    metrics = population_metrics([], [], 10, 1000.0)
    assert metrics["n_spikes"] == 0 and metrics["rate_mean"] == 0
    assert np.isnan([metrics[m] for m in ("isi_mean", "isi_cv", "time_to_first_spike")]).all()


def test_order_of_the_spikes_does_not_matter():
    rng = np.random.default_rng(2)
    neuron, time = rng.integers(0, 7, 300), rng.uniform(0, 1000, 300)
    shuffled = rng.permutation(300)
    one = population_metrics(neuron, time, 7, 1000.0)
    other = population_metrics(neuron[shuffled], time[shuffled], 7, 1000.0)
    assert one == pytest.approx(other)


def test_groups_are_what_each_would_be_alone():
    rng = np.random.default_rng(3)
    group, time = rng.integers(0, 3, 500), rng.uniform(0, 1000, 500)
    neuron = rng.integers(0, 5, 500)
    trains = Trains(group, neuron, time, np.array([5, 8, 6]), np.full(3, 1000.0))
    cell, interval = intervals(trains)
    cv = interval_cv(cell, interval, 19)
    for index, size in enumerate((5, 8, 6)):
        mine = group == index
        alone = intervals(one_group(neuron[mine], time[mine], size))
        first = trains.first_cell[index]
        expected = interval_cv(*alone, size)
        assert cv[first : first + size] == pytest.approx(expected, nan_ok=True)


def test_a_spike_of_no_neuron_is_refused():
    with pytest.raises(ValueError, match="outside its population"):
        one_group([3], [1.0], 3)
