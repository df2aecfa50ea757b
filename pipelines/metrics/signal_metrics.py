"""Metrics of a recorded variable of a population, compared sample by sample."""

from __future__ import annotations

from pipelines.metrics.distances import largest_difference, rms_difference
from pipelines.metrics.metric import SIGNAL, Margin, Metric

TOLERANCE = 1e-6
"""Signals are the same when they differ by at most this share of their range. Solvers with adaptive
steps are no more precise: their step sizes depend on rounding."""

SIGNAL_METRICS: tuple[Metric, ...] = (
    Metric(
        "signal_largest", "", "recorded variable, a neuron and time",
        lambda signal: signal.value, SIGNAL, distance=largest_difference,
        margin_of=Margin.SPREAD, tolerance=TOLERANCE, primary=False,
    ),
    Metric(
        "signal_rms", "", "recorded variable, a neuron and time",
        lambda signal: signal.value, SIGNAL, distance=rms_difference,
        margin_of=Margin.SPREAD, tolerance=TOLERANCE, primary=False,
    ),
)  # fmt: skip
"""In the order of the tables."""
