"""Functions of a script that are called while a simulation runs.

Mends (seen in PyNN 0.13.0): callbacks whose times are added up in floating point are called too
often, or a step early; of several that are due within one step only some are called; the last
one is called at the end of the run, though it asked for a later time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from .invalid_value import InvalidValue
from .time_grid import FOR_EVER, moved_steps, to_ms


def run_with(
    callbacks: Iterable[Callable[[float], float]] | None,
    first: int,
    last: int,
    dt: float,
    advance_to: Callable[[int], None],
) -> None:
    """Run until a step, and call functions on the way.

    Each is called at once, and then at the step nearest to every time that it asks for, the last
    step of the run included. One that asks for the present, or for what is past, is called in the
    next step.

    Parameters
    ----------
    callbacks
        Functions of the present time (ms) that return the time of their next call.
    first, last
        The present step, and the one to run to.
    dt
        Time step, in ms.
    advance_to
        Runs the simulation until a step.

    Raises
    ------
    InvalidValue
        If a callback returns no number.
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
    """Call a function, and find the step in which it wants to be called again."""
    asked = callback(float(to_ms(step, dt)))
    try:
        time = float(asked)
    except (TypeError, ValueError):
        time = np.nan
    if np.isnan(time):
        raise InvalidValue(
            f"callback {getattr(callback, '__name__', type(callback).__name__)}",
            f"it returned {asked!r}",
            allowed="the time in ms of its next call; float('inf') for none",
        )
    if time >= FOR_EVER * dt:
        return FOR_EVER
    return max(int(moved_steps(time, dt)), step + 1)
