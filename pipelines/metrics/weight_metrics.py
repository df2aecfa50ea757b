"""Metrics of the synaptic weights of a projection, in nA (current-based synapses)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipelines.metrics.distances import ks_distance, largest_difference, rms_difference
from pipelines.metrics.metric import PROJECTION, Margin, Metric
from pipelines.metrics.recorded import Readings
from pipelines.metrics.summaries import count, highest, lowest, mean, only, standard_deviation
from pipelines.metrics.weight_statistics import (
    followed,
    last_weights,
    weight_changes,
    weight_course,
)

Floats = NDArray[np.float64]

# A course needs more than its two ends, which `weight` and `weight_change` hold.
_FEWEST_READINGS = 3
# Tolerance as a share of the range of the weights; `pipelines.verdicts.verdict_table` has the
# same share of the largest weight.
_SAME = 1e-9


def _last(readings: Readings) -> Floats:
    return last_weights(readings.weight, readings.time_ms)


def _changes(readings: Readings) -> Floats:
    return weight_changes(*readings.columns())


def _change_of_mean(readings: Readings) -> float:
    """Mean weight at the last reading minus that at the first; connections may differ.

    Of connections that were read over time, if these are not all.
    """
    kept = followed(readings.pre, readings.post, readings.delay_ms, readings.time_ms)
    weight, time_ms = readings.weight[kept], readings.time_ms[kept]
    first = time_ms == np.min(time_ms, initial=np.inf)
    if first.all():
        return np.nan
    return mean(last_weights(weight, time_ms)) - mean(weight[first])


def _course(readings: Readings) -> Floats:
    """All weights at all readings, reading by reading; empty if there are fewer than three."""
    if len(np.unique(readings.time_ms)) < _FEWEST_READINGS:
        return np.empty(0)
    return weight_course(*readings.columns())[1].ravel()


WEIGHT_METRICS: tuple[Metric, ...] = (
    Metric("n_connections", "1", "number of connections", _last, PROJECTION, summary=count),
    Metric(
        "weight", "nA", "synaptic weight at the last reading, a connection", _last, PROJECTION,
        distance=ks_distance, margin=0.05,
    ),
    Metric(
        "weight_mean", "nA", "synaptic weight, mean over connections", _last, PROJECTION,
        summary=mean,
    ),
    Metric(
        "weight_sd", "nA", "synaptic weight, standard deviation over connections", _last,
        PROJECTION, summary=standard_deviation,
    ),
    Metric("weight_min", "nA", "smallest synaptic weight", _last, PROJECTION, summary=lowest),
    Metric("weight_max", "nA", "largest synaptic weight", _last, PROJECTION, summary=highest),
    Metric(
        "weight_change", "nA", "change of weight from first to last reading, a connection",
        _changes, PROJECTION, distance=ks_distance, margin_of=Margin.MAGNITUDE,
        digits_of="weight",
    ),
    Metric(
        "weight_change_mean", "nA", "synaptic weight, mean change from first to last reading",
        _change_of_mean, PROJECTION, summary=only,
    ),
    Metric(
        "weight_course_largest", "nA", "weight, a connection and reading", _course, PROJECTION,
        distance=largest_difference, margin=0.05, tolerance=_SAME, primary=False,
    ),
    Metric(
        "weight_course_rms", "nA", "weight, a connection and reading", _course, PROJECTION,
        distance=rms_difference, margin=0.05, tolerance=_SAME, primary=False,
    ),
)  # fmt: skip
"""In the order of the tables."""
