"""Spectra of trains whose spectrum is known in closed form."""

import numpy as np
import pytest

from pipelines.metrics.spectrum import FREQUENCIES_HZ, peak_frequency, spectrum, spectrum_peak
from pipelines.metrics.spike_trains import Trains


def test_a_poisson_train_is_flat_at_its_rate():
    rate, n_segments = 200.0, 2000
    duration = 250.0 * (n_segments + 1)
    rng = np.random.default_rng(1)
    time = rng.uniform(0, duration, rng.poisson(rate * duration / 1000.0))
    power = spectrum(Trains(np.zeros(len(time)), time, 1, duration))
    # Mean of n periodograms, of which neighbours are correlated by 1/36 (Welch 1967). The
    # density of a real signal at half of the sampling rate varies twice as much.
    error = rate * np.sqrt((1 + 2 / 36) / n_segments)
    resolved = (FREQUENCIES_HZ > 2) & (FREQUENCIES_HZ < 500)
    assert power[resolved] == pytest.approx(np.full(248, rate), abs=5 * error)
    assert power[-1] == pytest.approx(rate, abs=5 * np.sqrt(2) * error)
    # Hann windows make three neighbouring frequencies dependent: at most 3 times the variance.
    assert power[resolved].mean() == pytest.approx(rate, abs=4 * error * np.sqrt(3 / 248))


def test_the_spectrum_is_of_the_whole_population():
    rng = np.random.default_rng(2)
    neuron, time = rng.integers(0, 9, 3000), rng.uniform(0, 5000.0, 3000)
    power = spectrum(Trains(neuron, time, 9, 5000.0))
    merged = spectrum(Trains(np.zeros(3000), time, 1, 5000.0))
    assert np.array_equal(power, merged)
    copies = spectrum(Trains(np.tile(neuron, 3), np.tile(time, 3), 9, 5000.0))
    assert copies == pytest.approx(9 * power, rel=1e-9)


@pytest.mark.parametrize("period_ms", [2.0, 5.0, 8.0, 11.5, 12.5, 20.0, 33.3, 100.0])
@pytest.mark.parametrize("duration_ms", [400.0, 1000.0, 20_000.0])
def test_peak_of_a_periodic_train(period_ms, duration_ms):
    # Harmonics are as high, and often nearer to one of the frequencies.
    time = np.arange(1, int(duration_ms / period_ms) + 1) * period_ms
    found = spectrum_peak(Trains(np.zeros(len(time)), time, 1, duration_ms))
    assert found == pytest.approx(1000.0 / period_ms, abs=1.0 + 1e-9)


@pytest.mark.parametrize("modulation_hz", [20.0, 81.0, 300.0])
def test_peak_of_a_population_with_a_common_rhythm(modulation_hz):
    rng = np.random.default_rng(3)
    time = rng.uniform(0, 20_000.0, 200_000)
    phase = np.sin(2 * np.pi * modulation_hz * time / 1000.0)
    time = time[rng.random(len(time)) < (1 + 0.5 * phase) / 2]
    neuron = rng.integers(0, 500, len(time))
    found = spectrum_peak(Trains(neuron, time, 500, 20_000.0))
    assert found == pytest.approx(modulation_hz, abs=1.0)


def test_a_single_spike_has_the_density_of_its_window():
    # |FT|^2 of one spike is 1; the middle of a Hann window weighs 1 / mean(w^2) = 8/3 over 0.5 s.
    power = spectrum(Trains([0], [250.5], 1, 500.0))
    assert power[1:] == pytest.approx(np.full(249, 8 / 3 / 0.5), rel=1e-9)


def test_frequencies_do_not_depend_on_the_run():
    assert FREQUENCIES_HZ.tolist() == list(range(2, 501, 2))
    for duration in (7.0, 499.0, 123_456.7):
        power = spectrum(Trains([0, 0], [1.0, 6.5], 1, duration))
        assert power.shape == (250,) and (power > 0).any()


def test_silence_and_what_was_not_observed():
    silent = Trains([], [], 1, 1000.0)
    assert (spectrum(silent) == 0).all() and np.isnan(spectrum_peak(silent))
    for trains in (
        Trains([0, 0], [1.0, 2.0], 1), Trains([0, 0], [0.5, 0.7], 1, 1.9), Trains([], [], 1)
    ):  # fmt: skip
        assert np.isnan(spectrum(trains)).all() and np.isnan(spectrum_peak(trains))
    assert np.isnan(spectrum_peak(Trains([0], [1.0], 1, 1000.0)))


def test_the_peak_is_the_lowest_of_those_as_high():
    frequency = np.arange(2.0, 14.0, 2.0)
    power = np.array(
        [
            [0.1, 0.8, 0.2, 1.0, 0.1, 0.1],  # a harmonic nearer to its frequency
            [0.1, 0.6, 0.2, 1.0, 0.1, 0.1],  # a lower peak
            [0.8, 0.9, 1.0, 0.2, 0.1, 0.1],  # a slope is not a peak
            [0.1, 1 - 1e-14, 1.0, 0.2, 0.1, 0.1],  # midway between two
            [0.1, 0.2, 0.3, 0.4, 0.5, 0.6],
            [0.6, 0.5, 0.4, 0.3, 0.2, 0.1],
        ]
    )
    for scale in (1.0, 1e-30):
        found = [peak_frequency(frequency, scale * one) for one in power]
        assert found == [4, 8, 6, 4, 12, 2]
