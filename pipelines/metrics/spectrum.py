"""Power spectrum of the rate of a population, on a fixed grid of frequencies."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipelines.metrics.spike_counts import population_counts
from pipelines.metrics.spike_trains import Trains, cached_on_subject

Floats = NDArray[np.float64]

# Counts are taken every ms, and transformed half a second at a time.
_BIN_MS = 1.0
_SAMPLING_HZ = 1000.0 / _BIN_MS
_SEGMENT = 500

FREQUENCIES_HZ: Floats = np.arange(1, _SEGMENT // 2 + 1) * _SAMPLING_HZ / _SEGMENT
"""Frequencies of every spectrum: 2, 4 ... 500 Hz, whatever the duration of the run.

0 Hz is left out: the mean rate is subtracted from each segment.
"""

# A peak midway between two frequencies loses 28 % of its power in a Hann window (Harris 1978).
_AS_HIGH = 0.7


@cached_on_subject
def spectrum(trains: Trains) -> Floats:
    """Power spectral density of the summed spike train of a population.

    Welch's method on spike counts in bins of 1 ms: Hann windows of 500 ms that overlap by half,
    with the mean of each subtracted; a shorter run is one window, padded with zeros. The density is
    two-sided: half of what `scipy.signal.welch` gives by default.

    Parameters
    ----------
    trains
        The spike trains.

    Returns
    -------
    array
        The density at `FREQUENCIES_HZ` in Hz (a squared rate per Hz), shape (n_frequencies,): 0 for
        a silent population, NaN if the duration is unknown or shorter than two bins.

    Notes
    -----
    Flat at the rate for a Poisson process; flat at the sum of the rates for independent ones.
    Power at 2 Hz is reduced with the mean: what is slower than 4 Hz is not resolved.
    Welch (1967), IEEE Transactions on Audio and Electroacoustics 15(2).
    """
    counts = population_counts(trains, _BIN_MS)
    if len(counts) < 2:
        return np.full(len(FREQUENCIES_HZ), np.nan)
    if not len(trains.time_ms):
        return np.zeros(len(FREQUENCIES_HZ))
    # Imported here: it takes longer than pandas, and few who import the metrics compute them.
    from scipy.signal import welch

    power: Floats = welch(
        counts * _SAMPLING_HZ, _SAMPLING_HZ, nperseg=min(len(counts), _SEGMENT), nfft=_SEGMENT
    )[1][1:]
    power[:-1] /= 2  # the last has no counterpart at a negative frequency
    return power


def spectrum_peak(trains: Trains) -> float:
    """Frequency (Hz) of the peak of the spectrum of a population; NaN with fewer than two spikes.

    The spectrum of a single spike is flat.
    """
    if len(trains.time_ms) < 2:
        return np.nan
    return peak_frequency(FREQUENCIES_HZ, spectrum(trains))


def peak_frequency(frequency_hz: Floats, power: Floats) -> float:
    """Frequency (Hz) of the peak of a spectrum.

    A periodic train has as much power at every multiple of its frequency, and how much of it is
    seen depends on how near a multiple is to one of the frequencies. So the peak is the lowest
    local maximum that has at least 0.7 of the greatest power.

    Parameters
    ----------
    frequency_hz, power
        Shape (n_frequencies,); frequencies ascend and are above 0.

    Returns
    -------
    float
        NaN for a spectrum that is NaN or 0.
    """
    greatest = np.max(power, initial=0.0)
    if not greatest > 0:  # NaN is not
        return np.nan
    # Rounded, so that a tie is not settled by the last digit of a transform.
    height = np.round(power / greatest, 9)
    # The first that is high enough, from where it no longer rises, is above those before it.
    falls = np.diff(height, append=-1.0) <= 0
    return float(frequency_hz[np.argmax(falls & (height >= _AS_HIGH))])
