"""A clock that says quickly who it is.

Brian2 describes an object's clock for its log whenever it makes an object, in the unit that fits
the time step best: 0.5 ms each, a seventh of what building a small network takes, though nobody
reads that log (seen in Brian2 2.9.0 to 2.11.0). No row of the register: it mends time alone.
"""

from __future__ import annotations

import brian2


class Clock(brian2.Clock):
    """Brian2's clock with a description that needs no units worked out."""

    def __repr__(self) -> str:
        return f"Clock(dt={self.dt_!r} * second, name={self.name!r})"


def described_quickly(clock: brian2.Clock) -> Clock:
    """The same clock, which objects hold already, with the quicker description."""
    if type(clock) is brian2.Clock:
        # Brian2 takes attributes that are set in the usual way for variables.
        object.__setattr__(clock, "__class__", Clock)
    return clock
