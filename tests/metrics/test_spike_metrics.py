"""The metrics of populations, and of those that have few of them."""

import numpy as np
import pytest

from pipelines.metrics.spike_metrics import SPIKE_METRICS
from tests.synthetic import numbers, recorded

pytestmark = pytest.mark.filterwarnings("error")


def population_metrics(neuron, time_ms, size, duration_ms):
    return numbers(recorded(neuron, time_ms, size, duration_ms))


def test_every_metric_in_its_order():
    found = population_metrics([0, 1], [1.0, 2.0], 2, 100.0)
    assert list(found) == [metric.name for metric in SPIKE_METRICS if metric.summary]
    first = ["n_spikes", "rate_mean", "rate_sd", "isi_mean", "isi_cv_mean", "time_to_first_spike"]
    assert list(found)[: len(first)] == first


def test_regular_trains():
    # Two neurons, every 20 ms, in the same steps: one spike each in 10 of 500 bins of 2 ms.
    time = np.arange(1, 51) * 20.0
    metrics = population_metrics(np.repeat([0, 1], 50), np.tile(time, 2), 3, 1000.0)
    assert metrics["lv_mean"] == pytest.approx(0.0, abs=1e-24)
    assert metrics["fano_factor_mean"] == 0.0
    assert metrics["correlation_mean"] == 1.0
    # 333 bins of 3 ms, of which 49 hold two spikes and the last spike is in none.
    assert metrics["synchrony"] == pytest.approx(2 * (333 - 49) / 332)
    assert metrics["spectrum_peak"] == 50.0
    assert metrics["latency_mean"] == 20.0


def test_poisson_trains():
    rng = np.random.default_rng(3)
    size, rate, duration = 20, 40.0, 50_000.0
    n = rng.poisson(size * rate * duration / 1000.0)
    metrics = population_metrics(
        rng.integers(0, size, n), rng.uniform(0, duration, n), size, duration
    )
    n_windows, n_bins, n_pairs = duration / 100.0, duration / 3.0, size * (size - 1) / 2
    # Terms of the LV have the variance 4/5, and neighbours share an interval.
    assert metrics["lv_mean"] == pytest.approx(1.0, abs=4 * np.sqrt(2 * 0.8 / n))
    assert metrics["isi_cv_mean"] == pytest.approx(1.0, abs=4 * np.sqrt(1 / n))
    assert metrics["fano_factor_mean"] == pytest.approx(1.0, abs=4 * np.sqrt(2 / n_windows / size))
    assert metrics["synchrony"] == pytest.approx(1.0, abs=4 * np.sqrt(2 / n_bins))
    error = np.sqrt(2.0 / duration / n_pairs)
    assert metrics["correlation_mean"] == pytest.approx(0.0, abs=4 * error)
    # The first spike of a Poisson train is exponentially distributed.
    assert metrics["latency_mean"] == pytest.approx(25.0, abs=4 * 25.0 / np.sqrt(size))


def test_means_are_over_neurons_that_have_a_value():
    # Neuron 0 fires in every window, 1 in one of two, 2 never.
    metrics = population_metrics([0, 0, 1], [40.0, 140.0, 10.0], 3, 200.0)
    assert metrics["fano_factor_mean"] == pytest.approx((0.0 + 1.0) / 2)
    assert metrics["latency_mean"] == pytest.approx(25.0)
    assert np.isnan(metrics["lv_mean"])


def test_metrics_that_do_not_exist():
    silent = population_metrics([], [], 10, 1000.0)
    assert [name for name, value in silent.items() if not np.isnan(value)] == [
        "n_spikes", "rate_mean", "rate_sd",
    ]  # fmt: skip
    once = population_metrics([3], [12.5], 10, 1000.0)
    assert [name for name, value in once.items() if np.isnan(value)] == [
        "isi_mean", "isi_cv_mean", "lv_mean", "correlation_mean", "spectrum_peak",
    ]  # fmt: skip
    unknown = population_metrics([0, 0, 0, 1], [1.0, 2.0, 4.0, 1.0], 2, np.nan)
    assert [name for name, value in unknown.items() if np.isnan(value)] == [
        "rate_mean", "rate_sd", "fano_factor_mean", "correlation_mean", "synchrony",
        "spectrum_peak",
    ]  # fmt: skip


def test_no_neurons():
    assert population_metrics([], [], 0, 100.0)["n_spikes"] == 0
