"""Metrics of the whole network that distinguish the four regimes: rate, irregularity, synchrony."""

import numpy as np

from pipelines.metrics import NETWORK, Metric, mean, only, relative_distance
from pipelines.metrics.spike_counts import population_counts
from pipelines.metrics.spike_trains import interval_cv, rates

BIN_MS = 0.5
SEGMENT_MS = 50.0  # length of a segment of the spectrum; its resolution is 1 / length = 20 Hz


def activity(trains):
    """Population rate (Hz) in bins of `BIN_MS`."""
    return population_counts(trains, BIN_MS) / trains.size / BIN_MS * 1e3


def network_rate(run):
    """Firing rate (Hz), mean over all neurons."""
    return rates(run.all_trains()).mean()


def network_isi_cv(run):
    """Coefficient of variation of the intervals, mean over the neurons for which it exists."""
    cv = interval_cv(run.all_trains())
    return mean(cv[~np.isnan(cv)])


def network_synchrony(run):
    """`synchrony` of the activity of all neurons."""
    return synchrony(activity(run.all_trains()))


def synchrony(rate_hz):
    """Height (ms) of the tallest peak in the spectrum of a population's relative activity.

    Parameters
    ----------
    rate_hz : ndarray, shape (n_bins,)
        Activity in bins of `BIN_MS`.

    Returns
    -------
    float
        Largest spectral density of ``rate / mean - 1``; NaN without spikes. Welch's method, Hann
        windows of `SEGMENT_MS` that overlap by half.

    Notes
    -----
    An activity that goes as ``1 + a cos(2 pi f t)`` has a peak of ``a**2 SEGMENT_MS / 3``. N
    independent Poisson trains have a flat spectrum of ``2 / (N rate)``, which in a network that
    oscillates is far below.
    """
    # Imported here because the workflow loads this file at its start without computing metrics.
    from scipy.signal import welch

    level = rate_hz.mean() if len(rate_hz) else 0.0
    if level == 0:
        return np.nan
    segment = min(round(SEGMENT_MS / BIN_MS), len(rate_hz))
    return float(welch(rate_hz / level - 1, fs=1 / BIN_MS, nperseg=segment)[1][1:].max())


METRICS = [
    Metric(
        "network_rate", "Hz", "firing rate, mean over all neurons", network_rate, NETWORK,
        summary=only, distance=relative_distance,
    ),
    Metric(
        "network_isi_cv", "1", "coefficient of variation of intervals, mean over all neurons",
        network_isi_cv, NETWORK, summary=only, distance=relative_distance,
    ),
    Metric(
        "network_synchrony", "ms", "tallest peak in the spectrum of the relative activity",
        network_synchrony, NETWORK, summary=only, distance=relative_distance, margin=0.20,
    ),
]  # fmt: skip
