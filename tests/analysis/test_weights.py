"""Statistics of weights against values worked out by hand."""

import numpy as np
import pytest

from pipelines.analysis.weights import projection_metrics


def test_single_reading():
    metrics = projection_metrics([1.0, 3.0])
    assert metrics["n_connections"] == 2
    assert metrics["weight_mean"] == 2 and metrics["weight_sd"] == 1
    assert metrics["weight_min"] == 1 and metrics["weight_max"] == 3
    assert np.isnan(metrics["weight_change"])


def test_the_last_reading_counts_and_the_change_is_from_the_first():
    metrics = projection_metrics([1.0, 3.0, 5.0, 5.0, 2.0, 4.0], [0, 0, 10, 10, 20, 20])
    assert metrics["weight_mean"] == 3
    assert metrics["weight_change"] == pytest.approx(1.0)


def test_no_connections():
    metrics = projection_metrics([])
    assert metrics["n_connections"] == 0 and np.isnan(metrics["weight_mean"])
