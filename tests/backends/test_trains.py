"""Trains as numbers: in which forms they are given, what is refused, in which order they are."""

import numpy as np
import pytest
from pyNN.parameters import Sequence

from pipelines.backends.shared.spike_trains import (
    GivenTrains,
    given_trains,
    occurrence_groups,
    spikes_by_source,
    spikes_by_step,
)
from pipelines.errors import CounterpointError


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([], [[], []]),
        ([5.0, 6.0], [[5.0, 6.0], [5.0, 6.0]]),
        (np.array([5, 6]), [[5.0, 6.0], [5.0, 6.0]]),
        (Sequence([5.0]), [[5.0], [5.0]]),
        (7.5, [[7.5], [7.5]]),
        ([[], [5.0, 6.0]], [[], [5.0, 6.0]]),
        ([[], []], [[], []]),
        (((1.0,), (2.0, 3.0)), [[1.0], [2.0, 3.0]]),
        (np.array([[5.0, 6.0], [7.0, 8.0]]), [[5.0, 6.0], [7.0, 8.0]]),
        ([np.array([5.0]), np.array([7.0, 8.0])], [[5.0], [7.0, 8.0]]),
        ([Sequence([]), Sequence([8.0])], [[], [8.0]]),
        (np.array([Sequence([1.0]), Sequence([8.0])], dtype=object), [[1.0], [8.0]]),
        (lambda k: [5.0 + k, 9.0], [[5.0, 9.0], [6.0, 9.0]]),
        (lambda k: Sequence([5.0 + k]), [[5.0], [6.0]]),
        (lambda index: [Sequence([5.0 + k]) for k in index], [[5.0], [6.0]]),
    ],
)
def test_each_source_has_its_train_however_it_is_given(value, expected):
    assert [train.tolist() for train in given_trains(value, 2)] == expected


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([[1.0], [2.0], [3.0]], "3 trains for 2 sources"),
        ([["a"], [1.0]], r"\['a'\] cannot be read as numbers"),
        ([[[1.0]], [1.0]], "is no train"),
    ],
)
def test_what_are_no_trains(value, message):
    with pytest.raises(CounterpointError, match=message):
        given_trains(value, 2)


@pytest.mark.parametrize(
    ("times", "message"),
    [
        ([5.0, 3.0], "out of order"),
        ([-0.1, 5.0], r"a spike at -0\.1 ms: time begins at 0; allowed: 0 ms and later"),
        ([1.0, float("inf")], "is not a whole number of time steps"),
        ([float("nan")], "is not a whole number of time steps"),
    ],
)
@pytest.mark.parametrize("precise", [False, True])
def test_trains_that_cannot_be_played(times, message, precise):
    with pytest.raises(CounterpointError, match=message):
        GivenTrains([np.array([0.5]), np.array(times)], 0.1, precise)


def test_spikes_between_two_steps_of_a_train():
    trains = GivenTrains([np.array([0.0, 0.3, 0.3, 0.5]), np.array([0.2, 0.3])], 0.1)
    assert trains.first_step == 0
    for first, last, expected in (
        (-1, 0, [(0, 0)]), (0, 2, [(2, 1)]), (2, 5, [(3, 0), (3, 0), (3, 1), (5, 0)]), (5, 9, []),
    ):  # fmt: skip
        assert list(zip(*trains.spikes_between(first, last), strict=True)) == expected
    assert GivenTrains([np.array([])], 0.1).first_step is None


def test_times_of_data_are_moved_to_the_nearest_step_with_a_warning():
    given = [np.array(train) for train in ([1.0], [1.04], [1.05, 2.0], [10.0, 10.04])]
    with pytest.warns(UserWarning, match="3 of 6 values lie between time steps"):
        trains = GivenTrains(given, 0.1)
    assert [train.tolist() for train in trains.times] == [[1.0], [1.0], [1.1, 2.0], [10.0, 10.0]]


@pytest.mark.filterwarnings("error")
def test_times_on_the_grid_are_left_alone_in_silence():
    steps, _ = GivenTrains([np.arange(5000) * 0.1], 0.1).spikes_between(-1, 5000)
    assert np.array_equal(steps, np.arange(5000))


@pytest.mark.parametrize("number", [3, 200])  # few of all there could be, and many
def test_orders_of_spikes(number):
    rng = np.random.default_rng(3)
    steps, sources = rng.integers(11, 31, number), rng.integers(0, 4, number)
    ordered = sorted(zip(steps.tolist(), sources.tolist(), strict=True))
    assert list(zip(*spikes_by_step(steps, sources, 4, 10, 30), strict=True)) == ordered
    at, several, bounds = spikes_by_source(steps, sources, 4, 10, 30)
    for k, (a, n) in enumerate(zip(np.split(at, bounds), np.split(several, bounds), strict=True)):
        assert np.repeat(a, n).tolist() == [step for step, source in ordered if source == k]
        assert np.all(np.diff(a) > 0)


def test_repeated_rows_come_one_after_the_other():
    rows = np.array([4, 2, 4, 7, 4, 2])
    assert [part.tolist() for part in occurrence_groups(rows)] == [[4, 2, 7], [4, 2], [4]]
    assert occurrence_groups(rows[:0]) == []
