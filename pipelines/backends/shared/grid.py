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
# Decimals of a millisecond at which k * dt is cut, so that equal steps are equal floats; and the
# same for times that lie between two steps.
_DECIMALS, _PRECISE_DECIMALS = 10, 12
_TRAINS = "SpikeSourceArray.spike_times"


def to_steps(values: Any, dt: float, what: str) -> np.ndarray:
    """Express times or delays as whole numbers of steps, int64 of the same shape as `values`.

    Parameters
    ----------
    values : array_like
        In ms, as the time step `dt`.
    what
        What the values are, for the message.

    Raises
    ------
    Unsupported
        If a value lies between two steps: NEST and Brian2 round it differently.
    """
    exact = np.asarray(values, dtype=float) / dt
    steps = np.rint(exact)
    off = _between_steps(exact, steps)
    if np.any(off):
        value = float(np.asarray(values, dtype=float)[off].flat[0])
        below = float(to_ms(np.floor(value / dt), dt)) if np.isfinite(value) else 0.0
        raise Unsupported(
            what,
            f"{value:g} ms is not a whole number of time steps of {dt:g} ms",
            allowed=f"multiples of the time step, such as {below:g} or {below + dt:g} ms",
        )
    return steps.astype(np.int64)


def _between_steps(exact: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """Whether times in steps are none of these whole numbers, as infinity is not."""
    with np.errstate(invalid="ignore"):
        return ~(np.abs(exact - steps) <= _TOLERANCE * np.maximum(1.0, np.abs(steps)))


def to_ms(steps: Any, dt: float) -> np.ndarray:
    """Times in ms of whole numbers of steps: the same floats on every backend."""
    return np.round(np.asarray(steps) * dt, _DECIMALS)


def precise_ms(times: Any) -> np.ndarray:
    """Times in ms that need not be on the grid, without the rounding of sums."""
    return np.round(np.asarray(times, dtype=float), _PRECISE_DECIMALS)


def moved_steps(times: Any, dt: float) -> np.ndarray:
    """The nearest step of each time (half goes up), whether it lies on the grid or not."""
    return np.floor(np.asarray(times, dtype=float) / dt + 0.5 + _TOLERANCE).astype(np.int64)


def nearest_steps(values: Any, dt: float, what: str) -> tuple[np.ndarray, int]:
    """The nearest step of each time (ms), and how many times lie between two steps.

    A value that was drawn or measured, as one of many, cannot be expected on the grid: all
    backends get the same step for it, with a warning (`warn_of_moved`). One that is not finite is
    `Unsupported`.
    """
    exact = np.asarray(values, dtype=float) / dt
    if not np.all(np.isfinite(exact)):
        to_steps(values, dt, what)
    steps = moved_steps(values, dt)
    return steps, int(np.count_nonzero(_between_steps(exact, steps)))


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
    return np.where(_between_steps(exact, nearest), np.ceil(exact), nearest).astype(np.int64)


def trains_steps(
    trains: Sequence[Any], dt: float, first_step: int
) -> tuple[np.ndarray, np.ndarray]:
    """Steps of the spikes of many sources, of which each has its times (ms) in order.

    Returns
    -------
    steps : ndarray of int64
        Of the first source's spikes, then of the next one's.
    bounds : ndarray of int64, shape (n_sources - 1,)
        Where the next source begins, as ``np.split`` wants it.

    Raises
    ------
    Unsupported
        For times of a source out of order, twice in one step or before `first_step`.
    """
    values = [np.atleast_1d(np.asarray(train, dtype=float)) for train in trains]
    sizes = [len(value) for value in values]
    times = np.concatenate([np.empty(0), *values])
    steps, moved = nearest_steps(times, dt, _TRAINS)
    warn_of_moved(moved, steps.size, dt, _TRAINS)
    source = np.repeat(np.arange(len(values)), sizes)
    check_trains(times, steps, source[1:] == source[:-1], dt, first_step)
    return steps, np.cumsum(sizes, dtype=np.int64)[:-1]


def check_trains(
    times: np.ndarray, steps: np.ndarray, same: np.ndarray, dt: float, first_step: int
) -> None:
    """Refuse what no source can play; `same`: which spikes are of the source of the one before."""
    if np.any(same & (np.diff(times) < 0)):
        raise InvalidValue(_TRAINS, "spike times are out of order", allowed="increasing order")
    twice = np.flatnonzero(same & (np.diff(steps) == 0))
    if twice.size:
        raise Unsupported(
            _TRAINS,
            "two spikes of one source fall into the time step at"
            f" {to_ms(steps[twice[0]], dt):g} ms",
            allowed="one spike a source and time step",
        )
    early = steps[steps < first_step]
    if early.size:
        raise Unsupported(
            _TRAINS,
            f"a spike at {to_ms(early[0], dt):g} ms is too early",
            allowed=f"{to_ms(first_step, dt):g} ms (min_delay + one time step) and later",
        )
