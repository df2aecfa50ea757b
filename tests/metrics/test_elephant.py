"""Estimators are those of Elephant, where it has them."""

import numpy as np
import pytest

from pipelines.metrics.correlation import correlations
from pipelines.metrics.spectrum import spectrum
from pipelines.metrics.spike_counts import fano_factor, population_counts, synchrony
from pipelines.metrics.spike_trains import (
    Trains,
    interval_cv,
    intervals,
    latencies,
    local_variation,
    rates,
)

statistics = pytest.importorskip("elephant.statistics")
from elephant.conversion import BinnedSpikeTrain  # noqa: E402
from elephant.spectral import welch_psd  # noqa: E402
from elephant.spike_train_correlation import correlation_coefficient  # noqa: E402
from neo import AnalogSignal, SpikeTrain  # noqa: E402
from quantities import Hz, ms  # noqa: E402

SIZE, DURATION = 12, 2400.0


@pytest.fixture(scope="module")
def trains():
    """Neurons of many rates, the last silent; no spike lies at the edge of a bin."""
    rng = np.random.default_rng(1)
    n = rng.poisson(np.linspace(2.0, 60.0, SIZE - 1) * DURATION / 1e3)
    time = np.floor(rng.uniform(0, DURATION, n.sum())) + 0.5
    return Trains(np.repeat(np.arange(SIZE - 1), n), time, SIZE, DURATION)


@pytest.fixture(scope="module")
def theirs(trains):
    return [
        SpikeTrain(trains.time_ms[trains.neuron == neuron] * ms, t_stop=DURATION * ms)
        for neuron in range(SIZE)
    ]


def test_rates_and_first_spikes(trains, theirs):
    expected = [statistics.mean_firing_rate(train).rescale(Hz).item() for train in theirs]
    assert rates(trains) == pytest.approx(expected, rel=1e-12)
    first = [train[0].item() if len(train) else np.nan for train in theirs]
    assert latencies(trains) == pytest.approx(first, nan_ok=True)


def test_intervals(trains, theirs):
    neuron, interval_ms = intervals(trains)
    for index, train in enumerate(theirs):
        expected = statistics.isi(train).magnitude if len(train) > 1 else []
        assert interval_ms[neuron == index] == pytest.approx(expected)


def test_coefficient_of_variation_of_intervals(trains, theirs):
    # Of the sample: Elephant's own default is ddof=0.
    expected = [
        statistics.cv(statistics.isi(train).magnitude, ddof=1) if len(train) > 2 else np.nan
        for train in theirs
    ]
    assert interval_cv(trains) == pytest.approx(expected, rel=1e-12, nan_ok=True)


def test_local_variation(trains, theirs):
    expected = [
        statistics.lv(statistics.isi(train).magnitude) if len(train) > 2 else np.nan
        for train in theirs
    ]
    assert local_variation(trains) == pytest.approx(expected, rel=1e-12, nan_ok=True)


def cut(train, width_ms):
    """A train as Elephant's Fano factor takes repetitions: one train a window."""
    starts = np.arange(0, DURATION, width_ms)
    return [train.time_slice(start * ms, (start + width_ms) * ms) for start in starts]


def test_fano_factor(trains, theirs):
    # Of the sample: Elephant divides by the number of windows.
    n_windows = DURATION / 100.0
    expected = [
        statistics.fanofactor(cut(train, 100.0)) * n_windows / (n_windows - 1) for train in theirs
    ]
    assert fano_factor(trains) == pytest.approx(expected, rel=1e-9, nan_ok=True)


def test_synchrony(trains, theirs):
    binned = BinnedSpikeTrain(theirs, bin_size=3 * ms).to_array().sum(axis=0)
    assert population_counts(trains, 3.0).tolist() == binned.tolist()
    assert synchrony(trains) == pytest.approx(binned.var(ddof=1) / binned.mean(), rel=1e-12)


def test_correlation_coefficients(trains, theirs):
    # Of a silent neuron Elephant has NaN, we have no pair.
    matrix = correlation_coefficient(BinnedSpikeTrain(theirs[:-1], bin_size=2 * ms))
    expected = matrix[np.triu_indices(SIZE - 1, 1)]
    assert correlations(trains) == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_spectrum(trains, theirs):
    # Two-sided: half of Elephant's, but for the frequency that is its own counterpart.
    binned = BinnedSpikeTrain(theirs, bin_size=1 * ms).to_array().sum(axis=0)
    signal = AnalogSignal(binned * 1000.0, units="Hz", sampling_rate=1000 * Hz)
    _, power = welch_psd(signal, len_segment=500, overlap=0.5)
    expected = np.asarray(power.magnitude).ravel()[1:]
    assert spectrum(trains)[:-1] == pytest.approx(expected[:-1] / 2, rel=1e-9)
    assert spectrum(trains)[-1] == pytest.approx(expected[-1], rel=1e-9)
