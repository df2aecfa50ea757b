"""Whole steps: what lies on the grid, and what is refused."""

import numpy as np
import pytest

from pipelines.backends.shared.time_grid import ceil_steps, to_ms, to_steps
from pipelines.errors import Unsupported


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
