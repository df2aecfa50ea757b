"""Numbers for populations: every metric of the spikes of a group."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipelines.metrics.correlation import correlations
from pipelines.metrics.group_statistics import group_mean, known_mean, quotient
from pipelines.metrics.spectrum import spectrum, spectrum_peak
from pipelines.metrics.spike_counts import fano_factor, synchrony
from pipelines.metrics.spike_trains import (
    Trains,
    in_order,
    interval_cv,
    intervals,
    latencies,
    local_variation,
    one_group,
    rates,
)

Floats = NDArray[np.float64]

SPIKE_METRICS: dict[str, tuple[str, str]] = {
    "n_spikes": ("1", "number of spikes"),
    "rate_mean": ("Hz", "firing rate, mean over neurons"),
    "rate_sd": ("Hz", "firing rate, standard deviation over neurons"),
    "isi_mean": ("ms", "interval between spikes, mean over intervals"),
    "isi_cv": ("1", "coefficient of variation of intervals, mean over neurons"),
    "time_to_first_spike": ("ms", "time of the first spike"),
    "lv_mean": ("1", "local variation of intervals, mean over neurons"),
    "fano_factor": ("1", "Fano factor of spike counts in 100 ms, mean over neurons"),
    "correlation_mean": ("1", "correlation of spike counts in 2 ms, mean over pairs"),
    "synchrony": ("1", "variance over mean of the population's spike count in 3 ms"),
    "spectrum_peak": ("Hz", "frequency of the peak of the population's power spectrum"),
    "latency_mean": ("ms", "time of a neuron's first spike, mean over neurons that fired"),
}
"""Name of each metric of a population -> its unit and its meaning."""


def spike_metrics(trains: Trains) -> dict[str, Floats]:
    """All of `SPIKE_METRICS` for every group.

    Returns
    -------
    dict
        Metric -> values, shape (n_groups,). NaN where a metric does not exist: intervals of a
        population in which no neuron fired twice, their variation where none fired three
        times, the first spike of a silent one, a rate or anything counted in bins without a
        duration or with fewer than two bins, a correlation without two neurons whose counts
        vary, a spectral peak of fewer than two spikes.
    """
    trains = in_order(trains)
    n_groups, n_cells = len(trains.sizes), int(trains.sizes.sum())
    group_of_cell = trains.group_of_cell
    n_spikes = np.bincount(trains.group, minlength=n_groups)

    rate = rates(trains)
    rate_mean = group_mean(group_of_cell, rate, n_groups)
    deviation = (rate - rate_mean[group_of_cell]) ** 2
    rate_sd = np.sqrt(group_mean(group_of_cell, deviation, n_groups))

    cell, interval_ms = intervals(trains)
    cv = interval_cv(cell, interval_ms, n_cells)
    lv = local_variation(cell, interval_ms, n_cells)
    latency = latencies(trains)
    first = np.full(n_groups, np.inf)
    np.minimum.at(first, trains.group, trains.time_ms)
    pairs = ((r.sum(), len(r)) for r in correlations(trains))
    total_r, n_pairs = np.array(list(pairs), float).reshape(n_groups, 2).T
    # The spectrum of a single spike is flat.
    peak = np.where(n_spikes > 1, spectrum_peak(*spectrum(trains)), np.nan)
    return {
        "n_spikes": n_spikes.astype(float),
        "rate_mean": rate_mean,
        "rate_sd": rate_sd,
        "isi_mean": group_mean(group_of_cell[cell], interval_ms, n_groups),
        "isi_cv": known_mean(group_of_cell, cv, n_groups),
        "time_to_first_spike": np.where(np.isinf(first), np.nan, first),
        "lv_mean": known_mean(group_of_cell, lv, n_groups),
        "fano_factor": known_mean(group_of_cell, fano_factor(trains), n_groups),
        "correlation_mean": quotient(total_r, n_pairs),
        "synchrony": synchrony(trains),
        "spectrum_peak": peak,
        "latency_mean": known_mean(group_of_cell, latency, n_groups),
    }


def population_metrics(
    neuron: ArrayLike, time_ms: ArrayLike, size: int, duration_ms: float
) -> Mapping[str, float]:
    """`spike_metrics` of one population of `size` neurons, observed for `duration_ms`.

    Examples
    --------
    >>> population_metrics([0, 0, 0], [10.0, 20.0, 30.0], size=1, duration_ms=100.0)["isi_mean"]
    10.0
    """
    values = spike_metrics(one_group(neuron, time_ms, size, duration_ms))
    return {name: float(value[0]) for name, value in values.items()}
