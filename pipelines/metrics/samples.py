"""The samples of one run whose distributions are compared between simulators."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipelines.metrics.correlation import correlations
from pipelines.metrics.spectrum import spectrum
from pipelines.metrics.spike_counts import fano_factor, synchrony
from pipelines.metrics.spike_trains import (
    after,
    in_order,
    interval_cv,
    intervals,
    latencies,
    local_variation,
    one_group,
    rates,
)
from pipelines.metrics.weight_statistics import last_weights, weight_changes

Floats = NDArray[np.float64]

SPIKE_SAMPLES: dict[str, tuple[str, str]] = {
    "rate": ("Hz", "firing rate, a neuron"),
    "isi_cv": ("1", "coefficient of variation of intervals, a neuron"),
    "lv": ("1", "local variation of intervals, a neuron"),
    "fano_factor": ("1", "Fano factor of spike counts in 100 ms, a neuron"),
    "correlation": ("1", "correlation of spike counts in 2 ms, a pair of neurons"),
    "latency": ("ms", "time of the first spike, a neuron that fired"),
    "synchrony": ("1", "variance over mean of the population's spike count in 3 ms, a run"),
    "spectrum": ("Hz", "power spectral density of the population's rate, a frequency"),
}
"""Name of each sample of a population -> its unit, and its meaning with what one value is of."""

WEIGHT_SAMPLES: dict[str, tuple[str, str]] = {
    "weight": ("nA", "synaptic weight at the last reading, a connection"),
    "weight_change": ("nA", "change of weight from first to last reading, a connection"),
}
"""Name of each sample of a projection -> its unit (current-based synapses) and its meaning."""


def spike_samples(
    neuron: ArrayLike,
    time_ms: ArrayLike,
    size: int,
    duration_ms: float,
    warm_up_ms: float = 0.0,
) -> dict[str, Floats]:
    """All of `SPIKE_SAMPLES` of one population of one run.

    Parameters
    ----------
    neuron, time_ms
        Neuron (index within the population) and time of every spike, in any order.
    size
        Number of neurons, silent ones included.
    duration_ms
        Observed time; NaN if it is not known.
    warm_up_ms
        How much is left out at the start; latencies count from its end.

    Returns
    -------
    dict
        Name -> values, one-dimensional, without NaN: what does not exist (an interval of a
        neuron that fired once) is left out, so that a sample may be empty. Values are in order
        of neurons, of pairs of the subsample (`pipelines.metrics.correlation.subsample`) or of
        frequencies (`pipelines.metrics.spectrum.FREQUENCIES_HZ`).

    Raises
    ------
    ValueError
        If a spike is of a neuron outside the population, or the warm-up is negative or not
        shorter than the run.

    Notes
    -----
    The statistics of Gutzen et al. (2018), Frontiers in Neuroinformatics 12:90.
    """
    trains = in_order(after(one_group(neuron, time_ms, size, duration_ms), warm_up_ms))
    cell, interval_ms = intervals(trains)
    values = {
        "rate": rates(trains),
        "isi_cv": interval_cv(cell, interval_ms, size),
        "lv": local_variation(cell, interval_ms, size),
        "fano_factor": fano_factor(trains),
        "correlation": next(correlations(trains)),
        "latency": latencies(trains),
        "synchrony": synchrony(trains),
        "spectrum": spectrum(trains)[1][0],
    }
    return {name: value[~np.isnan(value)] for name, value in values.items()}


def weight_samples(
    pre: ArrayLike, post: ArrayLike, delay_ms: ArrayLike, weight: ArrayLike, time_ms: ArrayLike
) -> dict[str, Floats]:
    """All of `WEIGHT_SAMPLES` of one projection of one run.

    Parameters
    ----------
    pre, post, delay_ms, weight, time_ms
        One entry a connection and reading, in any order.

    Returns
    -------
    dict
        Name -> values, one a connection; no changes if there was but one reading.

    Raises
    ------
    ValueError
        If the first and the last reading are not of the same connections.
    """
    return {
        "weight": last_weights(weight, time_ms),
        "weight_change": weight_changes(pre, post, delay_ms, weight, time_ms),
    }
