"""The time grid: every time and every delay is a whole number of steps.

Mends (seen in PyNN 0.13.0): NEST and Brian2 round what lies between two steps differently (rows
"delay off grid", "source times on grid", "run(10.05)").
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from pipelines.errors import Unsupported

from .invalid import InvalidValue

# Far above the rounding of a product such as 3 * 0.1, far below any time that is meant.
_TOLERANCE = 1e-6
# Decimals of a millisecond at which k * dt is cut, so that equal steps are equal floats.
_DECIMALS = 10
# The same for times that lie between two steps.
_PRECISE_DECIMALS = 12


def to_steps(values: Any, dt: float, what: str) -> np.ndarray:
    """Express times as whole numbers of steps.

    Parameters
    ----------
    values : array_like
        Times or delays, in ms.
    dt
        Time step, in ms.
    what
        What the values are, for the message.

    Returns
    -------
    ndarray of int64, same shape as `values`

    Raises
    ------
    Unsupported
        If a value lies between two steps: NEST and Brian2 round it differently.
    """
    exact = np.asarray(values, dtype=float) / dt
    steps = np.rint(exact)
    with np.errstate(invalid="ignore"):  # infinity is off the grid too
        off = ~(np.abs(exact - steps) <= _TOLERANCE * np.maximum(1.0, np.abs(steps)))
    if np.any(off):
        value = float(np.atleast_1d(np.asarray(values, dtype=float))[np.atleast_1d(off)][0])
        below = float(to_ms(np.floor(value / dt), dt)) if np.isfinite(value) else 0.0
        raise Unsupported(
            what,
            f"{value:g} ms is not a whole number of time steps of {dt:g} ms",
            allowed=f"multiples of the time step, such as {below:g} or {below + dt:g} ms",
        )
    return steps.astype(np.int64)


def to_ms(steps: Any, dt: float) -> np.ndarray:
    """Times in ms of whole numbers of steps: the same floats on every backend."""
    return np.round(np.asarray(steps) * dt, _DECIMALS)


def precise_ms(times: Any) -> np.ndarray:
    """Times in ms that need not be on the grid, without the rounding of sums."""
    return np.round(np.asarray(times, dtype=float), _PRECISE_DECIMALS)


def moved_steps(times: Any, dt: float) -> np.ndarray:
    """The nearest step of each time (half goes up), whether it lies on the grid or not."""
    return np.floor(np.asarray(times, dtype=float) / dt + 0.5 + _TOLERANCE).astype(np.int64)


def nearest_steps(values: Any, dt: float, what: str) -> np.ndarray:
    """Times that were drawn or measured, moved to the nearest step (half goes up).

    A value that is one of many cannot be expected on the grid; both backends get the same step
    for it, with a warning. A single value off the grid is refused by `to_steps`.

    Parameters
    ----------
    values : array_like
        In ms.
    dt
        Time step, in ms.
    what
        What the values are, for the warning.
    """
    steps, moved = steps_and_moved(values, dt, what)
    warn_of_moved(moved, steps.size, dt, what)
    return steps


def steps_and_moved(values: Any, dt: float, what: str) -> tuple[np.ndarray, int]:
    """The nearest step of each time (ms), and how many times lie between two steps.

    Raises
    ------
    Unsupported
        If a value is not finite.
    """
    exact = np.asarray(values, dtype=float) / dt
    if not np.all(np.isfinite(exact)):
        return to_steps(values, dt, what), 0
    steps = moved_steps(values, dt)
    moved = np.abs(exact - steps) > _TOLERANCE * np.maximum(1.0, np.abs(steps))
    return steps, int(np.count_nonzero(moved))


def warn_of_moved(moved: int, number: int, dt: float, what: str) -> None:
    """Warn that some of a number of times were moved to the nearest step."""
    if moved:
        warnings.warn(
            f"{what}: {moved} of {number} values lie between time steps of"
            f" {dt:g} ms and are moved to the nearest one, alike on every backend",
            stacklevel=3,
        )


def ceil_steps(values: Any, dt: float) -> np.ndarray:
    """Whole steps that cover a duration in ms: ``ceil(duration / dt)``, safe from rounding."""
    exact = np.asarray(values, dtype=float) / dt
    nearest = np.rint(exact)
    close = np.abs(exact - nearest) <= _TOLERANCE * np.maximum(1.0, np.abs(nearest))
    return np.where(close, nearest, np.ceil(exact)).astype(np.int64)


def source_steps(times: Any, dt: float, first_step: int) -> np.ndarray:
    """Steps of one spike source's spikes, in order, checked to be playable.

    Parameters
    ----------
    times : array_like, shape (n,)
        Spike times in ms.
    dt
        Time step, in ms.
    first_step
        The first step at which a source can fire.

    Raises
    ------
    Unsupported
        For times out of order, twice in one step or too early.
    """
    where = "SpikeSourceArray.spike_times"
    steps = nearest_steps(times, dt, where)
    if steps.size == 0:
        return steps
    if np.any(np.diff(np.asarray(times, dtype=float)) < 0):
        raise InvalidValue(where, "spike times are out of order", allowed="increasing order")
    if np.any(np.diff(steps) == 0):
        step = steps[np.flatnonzero(np.diff(steps) == 0)[0]]
        raise Unsupported(
            where,
            f"two spikes of one source fall into the time step at {to_ms(step, dt):g} ms",
            allowed="one spike a source and time step",
        )
    if steps[0] < first_step:
        raise Unsupported(
            where,
            f"a spike at {to_ms(steps[0], dt):g} ms is too early",
            allowed=f"{to_ms(first_step, dt):g} ms (min_delay + one time step) and later",
        )
    return steps


def trains_steps(
    trains: Sequence[Any], dt: float, first_step: int
) -> tuple[np.ndarray, np.ndarray]:
    """Steps of the spikes of many sources, checked as `source_steps` does, all at once.

    Returns
    -------
    steps : ndarray of int64
        Of the first source's spikes, then of the next one's.
    bounds : ndarray of int64, shape (n_sources - 1,)
        Where the next source begins, as ``np.split`` wants it.
    """
    values = [np.atleast_1d(np.asarray(train, dtype=float)) for train in trains]
    sizes = np.array([len(value) for value in values], dtype=np.int64)
    joined = np.concatenate([np.empty(0), *values])
    steps = nearest_steps(joined, dt, "SpikeSourceArray.spike_times")
    source = np.repeat(np.arange(len(values)), sizes)
    same = source[1:] == source[:-1]
    bounds = np.cumsum(sizes)[:-1]
    first = steps[np.append(0, bounds)[sizes > 0]] if steps.size else steps
    if np.any((np.diff(steps) <= 0) & same) or np.any(first < first_step):
        for value in values:
            source_steps(value, dt, first_step)
    return steps, bounds
