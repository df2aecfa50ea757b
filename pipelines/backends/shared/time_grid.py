"""The time grid: every time and every delay is a whole number of steps.

Mends (seen in PyNN 0.13.0): NEST and Brian2 round what lies between two steps differently (rows
"delay off grid", "source times on grid", "run(10.05)").
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from pipelines.errors import Unsupported

# Far above the rounding of a product such as 3 * 0.1, far below any time that is meant.
_TOLERANCE = 1e-6
# Decimals of a millisecond at which k * dt is cut, so that equal steps are equal floats; and the
# same for times that lie between two steps.
_DECIMALS, _PRECISE_DECIMALS = 10, 12
# A step far beyond any simulation, at which times are cut: PyNN's "for ever" is no whole number.
FOR_EVER = 1 << 40
# Drawn spikes that are held at once.
SPIKES_AT_ONCE = 4_000_000


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
