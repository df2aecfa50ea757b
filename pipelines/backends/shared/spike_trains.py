"""Spike trains of sources: what is given as times, and the order in which simulators take spikes.

A train is a list of steps: a spike of step k is stamped k dt, and one of step 0 is there when a
simulation begins. A source can spike several times in a step.

Mends (seen in PyNN 0.13.0): NEST and Brian2 round times between two steps differently (row "source
times on grid"); two spikes in a step, which Brian2 fails on ("two spikes in one bin").
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
from pyNN.parameters import ArrayParameter, LazyArray
from pyNN.parameters import Sequence as Train
from pyNN.standardmodels import cells

from .invalid_value import InvalidValue
from .parameter_values import numbers
from .synapse_types import same_names
from .time_grid import ceil_steps, nearest_steps, precise_ms, to_ms, warn_of_moved

WHERE = "SpikeSourceArray.spike_times"


class Trains(Protocol):
    """Trains of the sources of a population.

    Attributes
    ----------
    size
        Number of sources.
    per_step
        Mean number of spikes in a step, of all sources; 0 where all are known already.
    first_step
        First step in which there can be a spike; None where there is none.
    """

    size: int
    per_step: float
    first_step: int | None

    def between(self, first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
        """Spikes after step `first`, up to step `last`: steps and sources, in any order."""


class GivenTrains:
    """Trains that a script gives.

    Parameters
    ----------
    trains
        Of each source the times of its spikes (ms), in order.
    dt
        Time step, in ms.
    precise
        Whether spikes stay between two steps. Otherwise each is moved to the nearest step.

    Attributes
    ----------
    times : list of ndarray
        Times (ms) of each source's spikes, as they are played.

    Raises
    ------
    InvalidValue
        For negative times, or times of a source out of order.
    Unsupported
        For a time that is not finite.
    """

    per_step = 0.0

    def __init__(self, trains: Sequence[np.ndarray], dt: float, precise: bool = False) -> None:
        self.size = len(trains)
        sizes = np.array([len(train) for train in trains], dtype=np.int64)
        given = np.concatenate([np.empty(0), *trains])
        steps, moved = nearest_steps(given, dt, WHERE)
        source = np.repeat(np.arange(self.size, dtype=np.int64), sizes)
        _check(given, steps, source, precise)
        if precise:
            steps, times = ceil_steps(given, dt), precise_ms(given)
        else:
            warn_of_moved(moved, steps.size, dt, WHERE)
            times = to_ms(steps, dt)
        self.times = np.split(times, np.cumsum(sizes)[:-1]) if self.size else []
        order = np.argsort(steps, kind="stable")
        self._steps, self._source = steps[order], source[order]
        self.first_step = int(self._steps[0]) if steps.size else None

    def between(self, first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
        """Spikes after step `first`, up to step `last`: steps and sources, by step and source."""
        here = slice(*np.searchsorted(self._steps, [first, last], side="right"))
        return self._steps[here], self._source[here]


def _check(times: np.ndarray, steps: np.ndarray, source: np.ndarray, precise: bool) -> None:
    """Refuse trains that no source can play."""
    if np.any((source[1:] == source[:-1]) & (np.diff(times) < 0)):
        raise InvalidValue(WHERE, "spike times are out of order", allowed="increasing order")
    early = times[times < 0] if precise else times[steps < 0]
    if early.size:
        raise InvalidValue(
            WHERE, f"a spike at {early[0]:g} ms: time begins at 0", allowed="0 ms and later"
        )


def given_trains(value: Any, size: int) -> list[np.ndarray]:
    """The times (ms) of each source, in whichever form a script gives them.

    Parameters
    ----------
    value
        One train for all sources (numbers, or PyNN's `Sequence`); a train for each of them (a list,
        an array of two dimensions or of objects); or a function from a source's index to its
        train.
    size
        Number of sources.

    Raises
    ------
    InvalidValue
        If there are not as many trains as sources, or something in them is no number.
    """
    if callable(value):
        return given_trains(_each(value, size), size)
    value = _as_held(value)
    if _is_train(value):
        return [_numbers(value)] * size
    trains = [_numbers(train) for train in value]
    if len(trains) != size:
        raise InvalidValue(
            WHERE, f"{len(trains)} trains for {size} sources", allowed="one train a source, or one"
        )
    return trains


def _each(function: Callable[[Any], Any], size: int) -> Any:
    """What a function gives for every source; it may take one index, or all of them."""
    try:
        return [function(k) for k in range(size)]
    except TypeError:
        return function(np.arange(size))


def _as_held(value: Any) -> Any:
    """What a generator gives, or a table holds."""
    if hasattr(value, "__next__"):
        return list(value)
    return value.to_numpy() if hasattr(value, "to_numpy") else value


def _is_train(value: Any) -> bool:
    """Whether something holds numbers, and not trains."""
    if isinstance(value, ArrayParameter) or not hasattr(value, "__len__"):
        return True
    if isinstance(value, np.ndarray) and value.dtype != object:
        return value.ndim == 1
    return all(np.ndim(one) == 0 and not isinstance(one, ArrayParameter) for one in value)


def _numbers(train: Any) -> np.ndarray:
    times = np.atleast_1d(numbers(train, ("ms",), WHERE))
    if times.ndim != 1:
        raise InvalidValue(WHERE, f"{train!r} is no train", allowed="a list of times in ms")
    return times


def parameter_of(value: Any) -> Any:
    """Spike times in a form that PyNN takes."""
    if callable(value) or isinstance(value, LazyArray):
        return value
    value = _as_held(value)
    if _is_train(value):
        return Train(_numbers(value))
    return as_parameter([_numbers(train) for train in value])


class SpikeSourceArray(cells.SpikeSourceArray):
    __doc__ = cells.SpikeSourceArray.__doc__
    translations = same_names("spike_times")

    def __init__(self, **parameters: Any) -> None:
        times = {name: parameter_of(value) for name, value in parameters.items()}
        super().__init__(**times)


def as_parameter(trains: Sequence[np.ndarray]) -> np.ndarray:
    """Trains as PyNN holds them: an array of its sequences."""
    values = np.empty(len(trains), dtype=Train)
    values[:] = [Train(train) for train in trains]
    return values


def by_step(
    steps: np.ndarray, sources: np.ndarray, size: int, first: int, last: int
) -> tuple[np.ndarray, np.ndarray]:
    """Spikes in order of steps, then of sources; `first` and `last` as in `Trains.between`."""
    in_order, number = _counted((steps - (first + 1)) * size + sources, (last - first) * size)
    step, source = np.divmod(in_order, size)
    return np.repeat(step + (first + 1), number), np.repeat(source, number)


def by_source(
    steps: np.ndarray, sources: np.ndarray, size: int, first: int, last: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Spikes in order of sources, then of steps, those of one source in one step together.

    Returns
    -------
    steps, number : ndarray of int64
        Where spikes are, and how many.
    bounds : ndarray of int64, shape (size - 1,)
        Where the next source begins, as ``np.split`` wants it.
    """
    length = last - first
    in_order, number = _counted(sources * length + (steps - (first + 1)), size * length)
    bounds = np.searchsorted(in_order, np.arange(1, size) * length)
    return in_order % length + (first + 1), number, bounds


def _counted(keys: np.ndarray, stop: int) -> tuple[np.ndarray, np.ndarray]:
    """The different keys from 0 to `stop` in ascending order, and how often each occurs."""
    if keys.size > stop // 4:
        counts = np.bincount(keys, minlength=1)
        found = np.flatnonzero(counts)
        return found, counts[found]
    return np.unique(keys, return_counts=True)


def in_turn(rows: np.ndarray) -> list[np.ndarray]:
    """Rows that may be repeated, as groups in which none is: first, second, ... occurrences."""
    order = np.argsort(rows, kind="stable")
    begins = np.searchsorted(rows[order], rows[order])
    occurrence = np.empty(len(rows), dtype=np.int64)
    occurrence[order] = np.arange(len(rows)) - begins
    return [rows[occurrence == k] for k in range(int(occurrence.max(initial=-1)) + 1)]
