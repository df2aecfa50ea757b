"""The grid of time steps: conversion of times and delays to whole numbers of steps.

Mends (seen in PyNN 0.13.0): NEST and Brian2 round times and delays off the grid differently (rows
"delay off grid", "source times on grid", "run(10.05)").
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from pipelines.errors import Unsupported

# In steps: far above the rounding error of a product such as 3 * 0.1, far below any real offset.
_TOLERANCE = 1e-6
# Decimals of a millisecond to which k * dt is rounded, so that equal steps are equal floats; and
# the same for times off the grid.
_DECIMALS, _OFF_GRID_DECIMALS = 10, 12
# A step beyond any simulation, at which times are clipped: PyNN's infinite times are not integers.
UNLIMITED_STEPS = 1 << 40
# Maximal expected number of drawn spikes in memory.
MAX_BLOCK_SPIKES = 4_000_000


def to_steps(values: Any, dt: float, what: str) -> np.ndarray:
    """Convert times or delays to whole numbers of steps, int64 of the same shape as `values`.

    Parameters
    ----------
    values : array_like
        In ms, like the time step `dt`.
    what
        Description of the values, for messages.

    Raises
    ------
    Unsupported
        If a value is off the grid.
    """
    exact = np.asarray(values, dtype=float) / dt
    steps = np.rint(exact)
    off = _is_off_grid(exact, steps)
    if np.any(off):
        value = float(np.asarray(values, dtype=float)[off].flat[0])
        below = float(to_ms(np.floor(value / dt), dt)) if np.isfinite(value) else 0.0
        raise Unsupported(
            what,
            f"{value:g} ms is not a whole number of time steps of {dt:g} ms",
            allowed=f"multiples of the time step, such as {below:g} or {below + dt:g} ms",
        )
    return steps.astype(np.int64)


def _is_off_grid(exact: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """Whether exact times in steps differ from these whole numbers; True for infinity."""
    with np.errstate(invalid="ignore"):
        return ~(np.abs(exact - steps) <= _TOLERANCE * np.maximum(1.0, np.abs(steps)))


def to_ms(steps: Any, dt: float) -> np.ndarray:
    """Convert whole numbers of steps to times in ms: the same floats on every backend."""
    return np.round(np.asarray(steps) * dt, _DECIMALS)


def off_grid_ms(times: Any) -> np.ndarray:
    """Round times in ms that may be off the grid, to remove the rounding errors of sums."""
    return np.round(np.asarray(times, dtype=float), _OFF_GRID_DECIMALS)


def round_to_steps(times: Any, dt: float) -> np.ndarray:
    """Nearest step of each time in ms (half a step is rounded up)."""
    return np.floor(np.asarray(times, dtype=float) / dt + 0.5 + _TOLERANCE).astype(np.int64)


def round_and_count(values: Any, dt: float, what: str) -> tuple[np.ndarray, int]:
    """Nearest step of each time in ms, and the number of times off the grid.

    For values that were drawn or measured, which need not be on the grid; the caller warns with
    `warn_of_rounding`.

    Raises
    ------
    Unsupported
        If a value is not finite.
    """
    exact = np.asarray(values, dtype=float) / dt
    if not np.all(np.isfinite(exact)):
        to_steps(values, dt, what)
    steps = round_to_steps(values, dt)
    return steps, int(np.count_nonzero(_is_off_grid(exact, steps)))


def warn_of_rounding(moved: int, number: int, dt: float, what: str) -> None:
    """Warn that `moved` of `number` times were rounded to the nearest step, if any."""
    if moved:
        warnings.warn(
            f"{what}: {moved} of {number} values lie between time steps of"
            f" {dt:g} ms and are moved to the nearest one, alike on every backend",
            stacklevel=3,
        )


def ceil_steps(values: Any, dt: float) -> np.ndarray:
    """Number of steps that cover a duration in ms: ``ceil(duration / dt)`` with a tolerance."""
    exact = np.asarray(values, dtype=float) / dt
    nearest = np.rint(exact)
    return np.where(_is_off_grid(exact, nearest), np.ceil(exact), nearest).astype(np.int64)
