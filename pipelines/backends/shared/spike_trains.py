"""Spike trains of sources: trains given as times, and the sorting of spikes for simulators.

A train is a list of steps: a spike in step k has the time k dt, and one in step 0 occurs at the
start of the simulation. A source can spike several times in a step.

Mends (seen in PyNN 0.13.0): NEST and Brian2 round times off the grid differently (row "source
times on grid"); Brian2 fails for two spikes of a source in a step ("two spikes in one bin").
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
from pyNN.parameters import ArrayParameter, LazyArray
from pyNN.parameters import Sequence as Train
from pyNN.standardmodels import cells

from .invalid_value import InvalidValue
from .parameter_values import to_floats
from .synapse_types import same_names
from .time_grid import ceil_steps, off_grid_ms, round_and_count, to_ms, warn_of_rounding

WHERE = "SpikeSourceArray.spike_times"


class Trains(Protocol):
    """Interface of the spike trains of a population of sources.

    Attributes
    ----------
    size
        Number of sources.
    spikes_per_step
        Mean number of drawn spikes per step of all sources; 0 if all spikes are known.
    first_step
        First step in which there can be a spike; None without spikes.
    """

    size: int
    spikes_per_step: float
    first_step: int | None

    def spikes_between(self, first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
        """Spikes after step `first`, up to step `last`: steps and sources, in any order."""


class GivenTrains:
    """Trains given as times by a script.

    Parameters
    ----------
    trains
        Spike times (ms) of each source, ascending.
    dt
        Time step, in ms.
    precise
        Whether times may be off the grid. Otherwise each is rounded to the nearest step.

    Attributes
    ----------
    times : list of ndarray
        Spike times (ms) of each source, as they are simulated.

    Raises
    ------
    InvalidValue
        For negative times, or times of a source out of order.
    Unsupported
        For a time that is not finite.
    """

    spikes_per_step = 0.0

    def __init__(self, trains: Sequence[np.ndarray], dt: float, off_grid: bool = False) -> None:
        self.size = len(trains)
        sizes = np.array([len(train) for train in trains], dtype=np.int64)
        given = np.concatenate([np.empty(0), *trains])
        steps, moved = round_and_count(given, dt, WHERE)
        source = np.repeat(np.arange(self.size, dtype=np.int64), sizes)
        _check_times(given, steps, source, off_grid)
        if off_grid:
            steps, times = ceil_steps(given, dt), off_grid_ms(given)
        else:
            warn_of_rounding(moved, steps.size, dt, WHERE)
            times = to_ms(steps, dt)
        self.times = np.split(times, np.cumsum(sizes)[:-1]) if self.size else []
        order = np.argsort(steps, kind="stable")
        self._steps, self._source = steps[order], source[order]
        self.first_step = int(self._steps[0]) if steps.size else None

    def spikes_between(self, first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
        """Spikes after step `first`, up to step `last`: steps and sources, sorted by both."""
        block = slice(*np.searchsorted(self._steps, [first, last], side="right"))
        return self._steps[block], self._source[block]


def _check_times(times: np.ndarray, steps: np.ndarray, source: np.ndarray, off_grid: bool) -> None:
    """Refuse negative times, and times of a source that are not ascending."""
    if np.any((source[1:] == source[:-1]) & (np.diff(times) < 0)):
        raise InvalidValue(WHERE, "spike times are out of order", allowed="increasing order")
    early = times[times < 0] if off_grid else times[steps < 0]
    if early.size:
        raise InvalidValue(
            WHERE, f"a spike at {early[0]:g} ms: time begins at 0", allowed="0 ms and later"
        )


def given_trains(value: Any, size: int) -> list[np.ndarray]:
    """Convert the spike times of a script to one array of times (ms) per source.

    Parameters
    ----------
    value
        One train for all sources (numbers, or PyNN's `Sequence`); one train per source (a list, or
        an array of two dimensions or of objects); or a function from a source's index to its train.
    size
        Number of sources.

    Raises
    ------
    InvalidValue
        If the number of trains differs from `size`, or a value is not a number.
    """
    if callable(value):
        return given_trains(_call_for_each(value, size), size)
    value = _materialised(value)
    if _is_train(value):
        return [_train_times(value)] * size
    trains = [_train_times(train) for train in value]
    if len(trains) != size:
        raise InvalidValue(
            WHERE, f"{len(trains)} trains for {size} sources", allowed="one train a source, or one"
        )
    return trains


def _call_for_each(function: Callable[[Any], Any], size: int) -> Any:
    """Values of a function for all sources; the function takes one index or an array."""
    try:
        return [function(k) for k in range(size)]
    except TypeError:
        return function(np.arange(size))


def _materialised(value: Any) -> Any:
    """Values of a generator as a list, of a column of a table as an array."""
    if hasattr(value, "__next__"):
        return list(value)
    return value.to_numpy() if hasattr(value, "to_numpy") else value


def _is_train(value: Any) -> bool:
    """Whether a value is one train, not a list of trains."""
    if isinstance(value, ArrayParameter) or not hasattr(value, "__len__"):
        return True
    if isinstance(value, np.ndarray) and value.dtype != object:
        return value.ndim == 1
    return all(np.ndim(one) == 0 and not isinstance(one, ArrayParameter) for one in value)


def _train_times(train: Any) -> np.ndarray:
    """One train as an array of times (ms)."""
    times = np.atleast_1d(to_floats(train, ("ms",), WHERE))
    if times.ndim != 1:
        raise InvalidValue(WHERE, f"{train!r} is no train", allowed="a list of times in ms")
    return times


def spike_times_parameter(value: Any) -> Any:
    """Spike times in a form that PyNN accepts."""
    if callable(value) or isinstance(value, LazyArray):
        return value
    value = _materialised(value)
    if _is_train(value):
        return Train(_train_times(value))
    return as_sequences([_train_times(train) for train in value])


class SpikeSourceArray(cells.SpikeSourceArray):
    __doc__ = cells.SpikeSourceArray.__doc__
    translations = same_names("spike_times")

    def __init__(self, **parameters: Any) -> None:
        times = {name: spike_times_parameter(value) for name, value in parameters.items()}
        super().__init__(**times)


def as_sequences(trains: Sequence[np.ndarray]) -> np.ndarray:
    """Trains in PyNN's form: an array of its `Sequence` objects."""
    values = np.empty(len(trains), dtype=Train)
    values[:] = [Train(train) for train in trains]
    return values


def spikes_by_step(
    steps: np.ndarray, sources: np.ndarray, size: int, first: int, last: int
) -> tuple[np.ndarray, np.ndarray]:
    """Spikes after step `first`, up to step `last`, sorted by step, then by source."""
    in_order, number = _count_keys((steps - (first + 1)) * size + sources, (last - first) * size)
    step, source = np.divmod(in_order, size)
    return np.repeat(step + (first + 1), number), np.repeat(source, number)


def spikes_by_source(
    steps: np.ndarray, sources: np.ndarray, size: int, first: int, last: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Spikes after step `first`, up to step `last`, sorted by source and counted per step.

    Returns
    -------
    steps, number : ndarray of int64
        Steps with spikes of each source, and the number of spikes in each.
    bounds : ndarray of int64, shape (size - 1,)
        First index of sources 1, 2, ..., as ``np.split`` takes them.
    """
    length = last - first
    in_order, number = _count_keys(sources * length + (steps - (first + 1)), size * length)
    bounds = np.searchsorted(in_order, np.arange(1, size) * length)
    return in_order % length + (first + 1), number, bounds


def _count_keys(keys: np.ndarray, stop: int) -> tuple[np.ndarray, np.ndarray]:
    """Distinct keys from 0 to `stop` in ascending order, and the number of each."""
    if keys.size > stop // 4:
        counts = np.bincount(keys, minlength=1)
        found = np.flatnonzero(counts)
        return found, counts[found]
    return np.unique(keys, return_counts=True)


def occurrence_groups(rows: np.ndarray) -> list[np.ndarray]:
    """Split repeated rows into groups without repetition: first, second, ... occurrences."""
    order = np.argsort(rows, kind="stable")
    begins = np.searchsorted(rows[order], rows[order])
    occurrence = np.empty(len(rows), dtype=np.int64)
    occurrence[order] = np.arange(len(rows)) - begins
    return [rows[occurrence == k] for k in range(int(occurrence.max(initial=-1)) + 1)]
