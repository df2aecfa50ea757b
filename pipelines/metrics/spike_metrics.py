"""The metrics of the spikes of a population; most are those of Gutzen et al. (2018).

Frontiers in Neuroinformatics 12:90. A metric that does not exist has no values and no number:
intervals of a population in which no neuron fired twice, their variation where none fired three
times, a rate or anything counted in bins without a duration or with fewer than two bins, a
correlation without two neurons whose counts vary.

Primary are the rate, the irregularity of each neuron, and how neurons go together (Gutzen et al.
compare the same three). The others are secondary: local variation and Fano factor measure
irregularity once more, the length of intervals is mostly the rate, and the first spikes and the
spectrum of a population come from a few events of a run, which no two seeds have alike.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipelines.metrics.correlation import correlations
from pipelines.metrics.distances import ks_distance, relative_distance, shape_distance
from pipelines.metrics.metric import Margin, Metric, Scale
from pipelines.metrics.spectrum import spectrum, spectrum_peak
from pipelines.metrics.spike_counts import fano_factor, synchrony
from pipelines.metrics.spike_trains import (
    Trains,
    cached_on_subject,
    interval_cv,
    intervals,
    latencies,
    local_variation,
    rates,
)
from pipelines.metrics.summaries import lowest, mean, mean_of_many, only, standard_deviation

Floats = NDArray[np.float64]

fano_factors = cached_on_subject(fano_factor)

_MOST_INTERVALS = 10_000


def some_intervals(trains: Trains) -> Floats:
    """Intervals (ms), of many every k-th in order of neurons and time, at most 10,000.

    Distances of all pairs of runs would otherwise take minutes for large populations.
    """
    interval_ms = intervals(trains)[1]
    return interval_ms[:: -(-len(interval_ms) // _MOST_INTERVALS) or 1]


SPIKE_METRICS: tuple[Metric, ...] = (
    Metric("n_spikes", "1", "number of spikes", lambda trains: len(trains.time_ms), summary=only),
    Metric("rate", "Hz", "firing rate, a neuron", rates, distance=ks_distance),
    Metric("rate_mean", "Hz", "firing rate, mean over neurons", rates, summary=mean),
    Metric(
        "rate_sd", "Hz", "firing rate, standard deviation over neurons", rates,
        summary=standard_deviation,
    ),
    Metric(
        "isi_mean", "ms", "interval between spikes, mean over intervals",
        lambda trains: intervals(trains)[1], summary=mean,
    ),
    Metric(
        "isi", "ms", "interval between spikes, a pair of successive spikes", some_intervals,
        distance=ks_distance, scale=Scale.LOG, primary=False,
    ),
    Metric(
        "isi_cv", "1", "coefficient of variation of intervals, a neuron", interval_cv,
        distance=ks_distance,
    ),
    Metric(
        "isi_cv_mean", "1", "coefficient of variation of intervals, mean over neurons",
        interval_cv, summary=mean,
    ),
    Metric("time_to_first_spike", "ms", "time of the first spike", latencies, summary=lowest),
    Metric(
        "lv", "1", "local variation of intervals, a neuron", local_variation,
        distance=ks_distance, primary=False,
    ),
    Metric(
        "lv_mean", "1", "local variation of intervals, mean over neurons", local_variation,
        summary=mean,
    ),
    Metric(
        "fano_factor", "1", "Fano factor of spike counts in 100 ms, a neuron", fano_factors,
        distance=ks_distance, margin=0.20, scale=Scale.LOG, primary=False,
    ),
    Metric(
        "fano_factor_mean", "1", "Fano factor of spike counts in 100 ms, mean over neurons",
        fano_factors, summary=mean,
    ),
    Metric(
        "correlation", "1", "correlation of spike counts in 2 ms, a pair of neurons",
        correlations, distance=ks_distance, margin=0.02, margin_of=Margin.NOTHING,
        largest_margin=0.1,
    ),
    Metric(
        "correlation_mean", "1", "correlation of spike counts in 2 ms, mean over pairs",
        correlations, summary=mean_of_many,
    ),
    Metric(
        "latency", "ms", "time of the first spike, a neuron that fired", latencies,
        distance=ks_distance, margin=0.20, scale=Scale.LOG, primary=False,
    ),
    Metric(
        "synchrony", "1", "variance over mean of the population's spike count in 3 ms, a run",
        synchrony, summary=only, distance=relative_distance, margin=0.20, scale=Scale.LOG,
    ),
    Metric(
        "spectrum", "Hz", "power spectral density of the population's rate, a frequency",
        spectrum, distance=shape_distance, margin=0.20, scale=Scale.LOG, primary=False,
    ),
    Metric(
        "spectrum_peak", "Hz", "frequency of the peak of the population's power spectrum",
        spectrum_peak, summary=only,
    ),
    Metric(
        "latency_mean", "ms", "time of a neuron's first spike, mean over neurons that fired",
        latencies, summary=mean,
    ),
)  # fmt: skip
"""In the order of the tables."""
