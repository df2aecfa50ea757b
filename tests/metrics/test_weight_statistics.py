"""Statistics of weights against values worked out by hand."""

import numpy as np
import pytest

from pipelines.metrics.weight_statistics import last_weights, weight_changes, weight_course
from tests.synthetic import numbers, weights_run


def projection_metrics(weight, time_ms=None):
    times = {} if time_ms is None else {"time_ms": time_ms}
    return numbers(weights_run(weight=weight, **times))


def test_single_reading():
    metrics = projection_metrics([1.0, 3.0])
    assert metrics["n_connections"] == 2
    assert metrics["weight_mean"] == 2 and metrics["weight_sd"] == 1
    assert metrics["weight_min"] == 1 and metrics["weight_max"] == 3
    assert np.isnan(metrics["weight_change_mean"])


def test_the_last_reading_counts_and_the_change_is_from_the_first():
    metrics = projection_metrics([1.0, 3.0, 5.0, 5.0, 2.0, 4.0], [0, 0, 10, 10, 20, 20])
    assert metrics["weight_mean"] == 3
    assert metrics["weight_change_mean"] == pytest.approx(1.0)


def test_no_connections():
    metrics = projection_metrics([])
    assert metrics["n_connections"] == 0 and np.isnan(metrics["weight_mean"])


def test_last_reading():
    assert last_weights([1.0, 3.0, 5.0, 4.0], [0, 0, 10, 10]).tolist() == [5, 4]
    assert last_weights([1.0, 3.0], [5, 5]).tolist() == [1, 3]
    assert last_weights([], []).tolist() == []


def test_change_of_each_connection():
    # In the order of the connections 0 -> 0, 0 -> 1, 1 -> 0, whatever that of the rows.
    pre, post = [1, 0, 0, 0, 1, 0, 0, 0, 1], [0, 1, 0, 0, 0, 1, 1, 0, 0]
    time = [0, 0, 0, 20, 20, 20, 10, 10, 10]
    weight = [1.0, 2.0, 3.0, 3.5, 1.25, 1.0, 9.0, 9.0, 9.0]
    assert weight_changes(pre, post, np.ones(9), weight, time).tolist() == [0.5, -1.0, 0.25]


def test_course_of_each_connection():
    pre, time = [1, 0, 0, 1, 1, 0], [5, 5, 0, 0, 9, 9]
    times, course = weight_course(pre, [0] * 6, [1.0] * 6, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0], time)
    assert times.tolist() == [0, 5, 9]
    assert course.tolist() == [[3.0, 4.0], [2.0, 1.0], [6.0, 5.0]]
    assert weight_course([], [], [], [], [])[1].shape == (0, 0)
    # A connection that is gone in between.
    with pytest.raises(ValueError, match="not of the same connections"):
        weight_course(pre[1:], [0] * 5, [1.0] * 5, [1.0] * 5, time[1:])


def test_a_course_of_some_connections_and_a_last_reading_of_all():
    # Two connections of 0 -> 0 cannot be told apart, and were read together.
    pre, post = [0, 0, 2, 0, 0, 1, 2], [0, 0, 1, 0, 0, 0, 1]
    weight, time = [1.0, 2.0, 3.0, 4.0, 2.5, 9.0, 3.5], [0, 0, 0, 7, 7, 7, 7]
    times, course = weight_course(pre, post, [1.0] * 7, weight, time)
    assert times.tolist() == [0, 7]
    assert course.tolist() == [[1.0, 2.0, 3.0], [2.5, 4.0, 3.5]]
    metrics = numbers(weights_run(pre=pre, post=post, weight=weight, time_ms=time))
    assert metrics["n_connections"] == 4
    assert metrics["weight_mean"] == pytest.approx(19.0 / 4)
    assert metrics["weight_change_mean"] == pytest.approx(4.0 / 3)


def test_connections_of_one_pair_are_told_apart_by_delay_then_by_weight():
    pair, time = [0] * 6, [0, 0, 0, 1, 1, 1]
    delay = [2.0, 1.0, 1.0, 1.0, 2.0, 1.0]
    weight = [1.0, 5.0, 7.0, 8.0, 2.0, 5.5]
    assert weight_changes(pair, pair, delay, weight, time).tolist() == [0.5, 1.0, 1.0]


def test_one_reading_has_no_change():
    assert len(weight_changes([0, 1], [0, 1], [1.0, 1.0], [1.0, 2.0], [5, 5])) == 0
    assert len(weight_changes([], [], [], [], [])) == 0


@pytest.mark.parametrize("pre", [[0, 1, 0, 2], [0, 1, 0, 0]])
def test_readings_of_other_connections_are_refused(pre):
    with pytest.raises(ValueError, match="not of the same connections"):
        weight_changes(pre, [0] * 4, [1.0] * 4, [1.0] * 4, [0, 0, 1, 1])


def test_readings_of_unequal_length_are_refused():
    with pytest.raises(ValueError, match=r"\(2 and 1\)"):
        weight_changes([0, 1, 0], [0, 0, 0], [1.0] * 3, [1.0] * 3, [0, 0, 1])
