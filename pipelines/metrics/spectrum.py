"""Power spectrum of the rate of a population, on frequencies that never vary."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipelines.metrics.spike_counts import bin_numbers, population_counts
from pipelines.metrics.spike_trains import Trains

Floats = NDArray[np.float64]

# Counts are taken every ms, and transformed half a second at a time.
_BIN_MS = 1.0
_SAMPLING_HZ = 1000.0 / _BIN_MS
_SEGMENT = 500

FREQUENCIES_HZ: Floats = np.arange(1, _SEGMENT // 2 + 1) * _SAMPLING_HZ / _SEGMENT
"""Frequencies of every spectrum: 2, 4 ... 500 Hz, whatever the duration of the run.

0 is not among them: the mean rate is taken out of each segment.
"""

# A peak midway between two frequencies loses 28 % of its power in a Hann window (Harris 1978).
_AS_HIGH = 0.7


def spectrum(trains: Trains) -> tuple[Floats, Floats]:
    """Power spectral density of the summed spike train of every group.

    Welch's method on spike counts in bins of 1 ms: Hann windows of 500 ms that overlap by half,
    the mean taken out of each; a shorter run is one window, padded with zeros. The density is
    two-sided: half of what `scipy.signal.welch` gives by default.

    Parameters
    ----------
    trains
        The spike trains.

    Returns
    -------
    frequency_hz, power_hz
        `FREQUENCIES_HZ`, shape (n_frequencies,), and the density in Hz (a squared rate per
        Hz), shape (n_groups, n_frequencies): 0 for a silent group, NaN for one that was
        observed for less than two bins or for nobody knows how long.

    Notes
    -----
    Flat at the rate for a Poisson process; flat at the sum of the rates for independent ones.
    Power at 2 Hz is reduced with the mean: what is slower than 4 Hz is not resolved.
    Welch (1967), IEEE Transactions on Audio and Electroacoustics 15(2).
    """
    # Imported here: it takes longer than pandas, and few who import the metrics compute them.
    from scipy.signal import welch

    known = bin_numbers(trains.duration_ms, _BIN_MS) > 1
    power = np.zeros((len(known), len(FREQUENCIES_HZ)))
    power[~known] = np.nan
    for groups, counts in population_counts(trains, _BIN_MS):
        n_bins = counts.shape[1]
        if n_bins < 2:
            continue
        density = welch(
            counts * _SAMPLING_HZ, _SAMPLING_HZ, nperseg=min(n_bins, _SEGMENT), nfft=_SEGMENT
        )[1][:, 1:]
        density[:, :-1] /= 2  # the last has no counterpart at a negative frequency
        power[groups] = density
    return FREQUENCIES_HZ, power


def spectrum_peak(frequency_hz: Floats, power: Floats) -> Floats:
    """Frequency (Hz) of the peak of each spectrum.

    A periodic train has as much power at every multiple of its frequency, and how much of it is
    seen depends on how near a multiple is to one of the frequencies. So the peak is the lowest
    local maximum that has at least 0.7 of the greatest power.

    Parameters
    ----------
    frequency_hz
        Shape (n_frequencies,), ascending, above 0.
    power
        Shape (n_groups, n_frequencies).

    Returns
    -------
    array
        Shape (n_groups,); NaN for a spectrum that is NaN or 0.
    """
    greatest = np.max(power, axis=1, initial=0.0)
    exists = greatest > 0  # NaN is not
    # Rounded, so that a tie is not settled by the last digit of a transform.
    height = np.round(power[exists] / greatest[exists, None], 9)
    # The first that is high enough, from where it no longer rises, is above those before it.
    falls = np.diff(height, axis=1, append=-1.0) <= 0
    peak = np.full(len(power), np.nan)
    peak[exists] = frequency_hz[np.argmax(falls & (height >= _AS_HIGH), axis=1)]
    return peak
