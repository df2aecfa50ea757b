"""Functions of a script that are called while a simulation runs.

Mends (seen in PyNN 0.13.0): callbacks are called too often, or a step early, because their times
are summed in floating point; of several callbacks due within one step only some are called; the
last one is called at the end of the run though it returned a later time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from .invalid_value import InvalidValue
from .time_grid import UNLIMITED_STEPS, round_to_steps, to_ms


def run_with_callbacks(
    callbacks: Iterable[Callable[[float], float]] | None,
    first: int,
    last: int,
    dt: float,
    advance_to: Callable[[int], None],
) -> None:
    """Run until a step, and call callbacks during the run.

    Each callback is called at the start, and then at the step nearest to the time that it returned,
    up to and including the last step. If it returned a present or past time, it is called in the
    next step.

    Parameters
    ----------
    callbacks
        Functions of the present time (ms) that return the time of their next call (ms).
    first, last
        Present step, and last step of the run.
    dt
        Time step, in ms.
    advance_to
        Runs the simulation until a step.

    Raises
    ------
    InvalidValue
        If a callback does not return a number, or `last` is in the past.
    """
    if last < first:
        raise InvalidValue(
            f"run_until({to_ms(last, dt):g})",
            f"it is in the past: the present time is {to_ms(first, dt):g} ms",
            allowed=f"{to_ms(first, dt):g} ms and later",
        )
    due = [(_next_step(one, first, dt), one) for one in callbacks or ()]
    step = first
    while due and (soonest := min(when for when, _ in due)) <= last:
        advance_to(soonest)
        step = soonest
        due = [(_next_step(one, step, dt) if when == step else when, one) for when, one in due]
    advance_to(last)


def _next_step(callback: Callable[[float], Any], step: int, dt: float) -> int:
    """Call a callback, and return the step of its next call."""
    returned = callback(float(to_ms(step, dt)))
    try:
        time = float(returned)
    except (TypeError, ValueError):
        time = np.nan
    if np.isnan(time):
        raise InvalidValue(
            f"callback {getattr(callback, '__name__', type(callback).__name__)}",
            f"it returned {returned!r}",
            allowed="the time in ms of its next call; float('inf') for none",
        )
    if time >= UNLIMITED_STEPS * dt:
        return UNLIMITED_STEPS
    return max(int(round_to_steps(time, dt)), step + 1)
