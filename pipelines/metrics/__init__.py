"""Metrics: named numbers and distributions that are computed from what a run recorded."""

from pipelines.metrics.distances import (
    ks_distance,
    largest_difference,
    relative_distance,
    rms_difference,
    shape_distance,
)
from pipelines.metrics.metric import (
    NETWORK,
    POPULATION,
    PROJECTION,
    SIGNAL,
    Margin,
    Metric,
    Scale,
)
from pipelines.metrics.summaries import count, highest, lowest, mean, only, standard_deviation

__all__ = [
    "NETWORK", "POPULATION", "PROJECTION", "SIGNAL", "Margin", "Metric", "Scale",
    "count", "highest", "ks_distance", "largest_difference", "lowest", "mean", "only",
    "relative_distance", "rms_difference", "shape_distance", "standard_deviation",
]  # fmt: skip
