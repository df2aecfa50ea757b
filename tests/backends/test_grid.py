"""Whole steps: what lies on the grid, and what is refused."""

import numpy as np
import pytest

from pipelines.backends.shared.grid import (
    ceil_steps,
    to_ms,
    to_steps,
    trains_steps,
)
from pipelines.errors import CounterpointError, Unsupported


def test_every_multiple_of_the_step_is_on_the_grid():
    steps = np.arange(100000)
    for dt in (0.1, 0.05, 0.25, 0.01, 1.0):
        assert np.array_equal(to_steps(steps * dt, dt, "t"), steps)
        assert np.array_equal(to_steps(to_ms(steps, dt), dt, "t"), steps)


def test_equal_steps_are_equal_floats():
    assert to_ms(3, 0.1) == 0.3
    assert to_ms(95, 0.1) == 9.5


@pytest.mark.parametrize("value", [0.25, 10.04, -0.05, float("nan"), float("inf")])
def test_off_the_grid_is_refused_with_value_and_step(value):
    with pytest.raises(Unsupported, match=r"delay: .* is not a whole number .* of 0\.1 ms"):
        to_steps([0.1, value], 0.1, "delay")


def test_a_duration_is_covered_by_whole_steps():
    assert ceil_steps([2.0, 0.1, 0.25, 0.30000000000000004, 0.0], 0.1).tolist() == [20, 1, 3, 3, 0]


@pytest.mark.parametrize(
    ("times", "message"),
    [
        ([5.0, 3.0], "out of order"),
        ([5.0, 5.0], "two spikes .* at 5 ms"),
        ([0.1, 5.0], r"0\.1 ms is too early; allowed: 0\.2 ms"),
        ([10.0, 10.04], "two spikes .* at 10 ms"),
    ],
)
def test_trains_that_cannot_be_played(times, message):
    with pytest.raises(Unsupported, match=message):
        trains_steps([times], 0.1, first_step=2)


def test_an_empty_train_is_a_train():
    steps, bounds = trains_steps([[]], 0.1, first_step=2)
    assert steps.size == bounds.size == 0


def test_times_of_data_are_moved_to_the_nearest_step_with_a_warning():
    with pytest.warns(UserWarning, match="2 of 4 values lie between time steps"):
        steps, _ = trains_steps([[1.0], [1.04], [1.05, 2.0]], 0.1, first_step=2)
    assert steps.tolist() == [10, 10, 11, 20]


@pytest.mark.filterwarnings("error")
def test_times_on_the_grid_are_left_alone_in_silence():
    assert np.array_equal(trains_steps([np.arange(5000) * 0.1], 0.1, 0)[0], np.arange(5000))


def test_many_trains_are_checked_at_once():
    trains = [[0.2, 0.5], [], [0.4], [0.2, 0.3, 9.0], []]
    steps, bounds = trains_steps(trains, 0.1, first_step=2)
    found = [part.tolist() for part in np.split(steps, bounds)]
    assert found == [[2, 5], [], [4], [2, 3, 90], []]
    for bad, message in (([0.1], "too early"), ([0.5, 0.5], "two spikes"), ([0.6, 0.5], "order")):
        with pytest.raises(CounterpointError, match=message):
            trains_steps([[0.2], bad, [0.3]], 0.1, first_step=2)
    steps, bounds = trains_steps([], 0.1, first_step=2)
    assert steps.size == 0
