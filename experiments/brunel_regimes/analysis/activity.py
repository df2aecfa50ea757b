"""Numbers that tell the four regimes apart: rate, irregularity and synchrony of each run."""

import numpy as np
import pandas as pd
from scipy.signal import welch

from pipelines.metrics.selection import ByRun, finished, population_sizes
from pipelines.metrics.spike_counts import population_counts
from pipelines.metrics.spike_trains import after, interval_cv, intervals, one_group, rates

# Where the paper looks at the regimes: name -> (g, eta).
REGIMES = {"SR": (3.0, 2.0), "AI": (5.0, 2.0), "SI fast": (6.0, 4.0), "SI slow": (4.5, 0.9)}

BIN_MS = 0.5
SEGMENT_MS = 50.0  # of the spectrum, whose resolution is its inverse: 20 Hz


def activity_table(tables):
    """Activity of all neurons of every finished run, after its warm-up.

    Returns
    -------
    pandas.DataFrame
        Rows of the finished runs with three more columns: `rate_hz` and `isi_cv`, means over the
        neurons, and `synchrony_ms`, see `synchrony`. NaN for what does not exist.
    """
    runs = finished(tables.runs)
    spikes = ByRun(runs, tables.spikes)
    rows = []
    for (_, run), sizes in zip(runs.iterrows(), population_sizes(runs), strict=True):
        trains = after(pooled(spikes[run["run_id"]], sizes, run["duration"]), run["warm_up"])
        cv = interval_cv(*intervals(trains), int(trains.sizes[0]))
        cv = cv[~np.isnan(cv)]
        rows.append(
            (rates(trains).mean(), cv.mean() if len(cv) else np.nan, synchrony(activity(trains)))
        )
    names = ["rate_hz", "isi_cv", "synchrony_ms"]
    return runs.join(pd.DataFrame(rows, columns=names, index=runs.index, dtype=float))


def pooled(spikes, sizes, duration_ms):
    """Trains of all populations of a run as those of one, whose neurons are numbered through."""
    first = dict(zip(sizes, np.cumsum([0, *sizes.values()]), strict=False))
    neuron = spikes["population"].map(first).to_numpy(int) + spikes["neuron"].to_numpy(int)
    return one_group(neuron, spikes["time_ms"], sum(sizes.values()), duration_ms)


def activity(trains):
    """Rate (Hz) of one group of neurons in bins of `BIN_MS`."""
    for _, counts in population_counts(trains, BIN_MS):
        return counts[0] / trains.sizes[0] / BIN_MS * 1e3
    return np.zeros(int(trains.duration_ms[0] / BIN_MS))


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
    mean = rate_hz.mean() if len(rate_hz) else 0.0
    if mean == 0:
        return np.nan
    segment = min(round(SEGMENT_MS / BIN_MS), len(rate_hz))
    return float(welch(rate_hz / mean - 1, fs=1 / BIN_MS, nperseg=segment)[1][1:].max())


def of_regime(table, name):
    """Rows of a table of runs at the reference point of a regime."""
    g, eta = REGIMES[name]
    return table[np.isclose(table["g"], g) & np.isclose(table["eta"], eta)]
