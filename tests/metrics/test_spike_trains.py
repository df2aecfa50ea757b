"""Statistics of trains whose answer is known in closed form."""

import numpy as np
import pytest

from pipelines.metrics.spike_trains import (
    Trains,
    after,
    interval_cv,
    intervals,
    latencies,
    local_variation,
    quotient,
    rates,
)
from tests.synthetic import numbers, recorded


def population_metrics(neuron, time_ms, size, duration_ms):
    return numbers(recorded(neuron, time_ms, size, duration_ms))


def test_regular_train():
    metrics = population_metrics(np.zeros(50), np.arange(1, 51) * 20.0, 1, 1000.0)
    assert metrics["n_spikes"] == 50
    assert metrics["rate_mean"] == pytest.approx(50.0)
    assert metrics["rate_sd"] == 0
    assert metrics["isi_mean"] == pytest.approx(20.0)
    assert metrics["isi_cv_mean"] == pytest.approx(0.0, abs=1e-12)
    assert metrics["time_to_first_spike"] == 20.0


def test_poisson_train_has_a_cv_of_one():
    rng = np.random.default_rng(1)
    time = np.sort(rng.uniform(0, 1e6, 40_000))
    neuron = rng.integers(0, 4, 40_000)
    metrics = population_metrics(neuron, time, 4, 1e6)
    assert metrics["isi_cv_mean"] == pytest.approx(1.0, abs=0.02)
    assert metrics["rate_mean"] == pytest.approx(10.0)
    assert metrics["isi_mean"] == pytest.approx(100.0, rel=0.01)


def test_cv_of_two_alternating_intervals():
    # Intervals 1, 3, 1, 3: mean 2, sample variance 4/3.
    metrics = population_metrics(np.zeros(5), [0, 1, 4, 5, 8], 1, 10.0)
    assert metrics["isi_cv_mean"] == pytest.approx(np.sqrt(4 / 3) / 2)


@pytest.mark.parametrize("order", [1, 2, 5])
def test_gamma_process(order):
    # CV 1 / sqrt(k), LV 3 / (2 k + 1); k = 1 is the Poisson process.
    n = 40_000
    time = np.cumsum(np.random.default_rng(order).gamma(order, 10.0, n + 1))
    trains = Trains(np.zeros(n + 1), time, 1)
    # Variance of the CV of a sample: from the first four moments of the distribution.
    error = np.sqrt((order + 1) / (2 * order**2 * n))
    assert interval_cv(trains)[0] == pytest.approx(order**-0.5, abs=4 * error)
    # A term is 3 u^2 with u = 2 B - 1, B of a beta distribution; terms that share an interval
    # are correlated by at most 1/2.
    square, fourth = 1 / (2 * order + 1), 3 / ((2 * order + 1) * (2 * order + 3))
    error = np.sqrt(2 * 9 * (fourth - square**2) / n)
    assert local_variation(trains)[0] == pytest.approx(3 * square, abs=4 * error)


def test_local_variation_of_two_alternating_intervals():
    # Intervals 1, 3, 1, 3: every term is 3 (2 / 4)^2.
    trains = Trains(np.zeros(5), [0.0, 1.0, 4.0, 5.0, 8.0], 1)
    assert local_variation(trains)[0] == pytest.approx(0.75)


def test_local_variation_does_not_see_a_slow_drift_of_the_rate():
    # Intervals spread evenly from 10 to 100 ms.
    time = np.cumsum(np.linspace(10.0, 100.0, 1000))
    trains = Trains(np.zeros(1000), time, 1)
    assert interval_cv(trains)[0] == pytest.approx(90 / np.sqrt(12) / 55, rel=0.01)
    assert local_variation(trains)[0] < 1e-5


def test_a_regular_train_has_no_local_variation():
    trains = Trains(np.zeros(50), np.arange(1, 51) * 0.1, 1)
    assert local_variation(trains)[0] == pytest.approx(0.0, abs=1e-24)


def test_local_variation_needs_two_intervals_of_one_neuron():
    # Neuron 0 has one interval, neuron 1 two, neuron 2 none.
    trains = Trains([0, 0, 1, 1, 1, 2], [1.0, 2.0, 1.0, 2.0, 5.0, 9.0], 3)
    value = local_variation(trains)
    assert value == pytest.approx([np.nan, 3 * (2 / 4) ** 2, np.nan], nan_ok=True)


def test_three_spikes_in_one_step():
    # Intervals 0, 0, 2: terms 0 and 3.
    value = local_variation(Trains([0] * 4, [1.0, 1.0, 1.0, 3.0], 1))
    assert value[0] == pytest.approx(1.5)


def test_latencies():
    trains = Trains([2, 0, 2, 0], [7.0, 5.0, 3.0, 9.0], 4)
    assert latencies(trains) == pytest.approx([5.0, np.nan, 3.0, np.nan], nan_ok=True)


def test_order_of_trains():
    trains = Trains([1, 0, 1, 0, 1], [3.0, 5.0, 2.0, 4.0, 3.5], 2)
    assert trains.neuron.tolist() == [0, 0, 1, 1, 1]
    assert trains.time_ms.tolist() == [4, 5, 2, 3, 3.5]
    neuron, interval_ms = intervals(trains)
    assert neuron.tolist() == [0, 1, 1] and interval_ms.tolist() == [1, 1, 0.5]


def test_warm_up():
    # 0.1 + 0.2 is a little more than 0.3 in binary: the spike at its end is still part of it.
    trains = after(Trains([0, 0, 1, 1], [0.1, 0.1 + 0.2, 0.2, 0.5], 2, 1.0), 0.3)
    assert trains.time_ms == pytest.approx([0.2])
    assert trains.neuron.tolist() == [1]
    assert rates(trains) == pytest.approx([0.0, 1000 / 0.7])
    assert after(trains, 0.0) is trains


@pytest.mark.parametrize("warm_up_ms", [-1.0, 100.0, 200.0, np.nan])
def test_a_warm_up_that_leaves_nothing_is_refused(warm_up_ms):
    with pytest.raises(ValueError, match=rf"{warm_up_ms} ms: .* the 100\.0 ms"):
        after(Trains([0], [1.0], 1, 100.0), warm_up_ms)


def test_silent_neurons_count():
    metrics = population_metrics([0, 0], [10.0, 30.0], 4, 1000.0)
    assert metrics["rate_mean"] == pytest.approx(0.5)
    # Rates 2, 0, 0, 0 around 0.5.
    assert metrics["rate_sd"] == pytest.approx(np.sqrt((1.5**2 + 3 * 0.5**2) / 4))
    assert rates(Trains([0, 0], [10.0, 30.0], 4, 1000.0)).tolist() == [2.0, 0.0, 0.0, 0.0]


def test_no_spikes():
    metrics = population_metrics([], [], 10, 1000.0)
    assert metrics["n_spikes"] == 0 and metrics["rate_mean"] == 0
    assert np.isnan([metrics[m] for m in ("isi_mean", "isi_cv_mean", "time_to_first_spike")]).all()


def test_order_of_the_spikes_does_not_matter():
    rng = np.random.default_rng(2)
    neuron, time = rng.integers(0, 7, 300), rng.uniform(0, 1000, 300)
    shuffled = rng.permutation(300)
    one = population_metrics(neuron, time, 7, 1000.0)
    other = population_metrics(neuron[shuffled], time[shuffled], 7, 1000.0)
    assert one == pytest.approx(other)


def test_a_statistic_is_computed_once():
    trains = Trains([0, 0, 0], [1.0, 2.0, 4.0], 1, 10.0)
    assert interval_cv(trains) is interval_cv(trains)


def test_nothing_to_divide_by():
    found = quotient(np.array([1, 0, 3]), np.array([2, 0, 0]))
    assert found == pytest.approx([0.5, np.nan, np.nan], nan_ok=True)


def test_a_spike_of_no_neuron_is_refused():
    with pytest.raises(ValueError, match="outside its population"):
        Trains([3], [1.0], 3)
