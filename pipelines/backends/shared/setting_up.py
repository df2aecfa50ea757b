"""What a set-up may ask for, on every backend."""

from __future__ import annotations

import warnings

from pipelines import backends
from pipelines.errors import Unsupported

from .grid import to_steps
from .invalid import InvalidValue


def accepted_min_delay(timestep: float, min_delay: float | str, max_delay: float | str) -> float:
    """The minimal delay of a set-up in ms: one time step, unless a script gives one.

    Parameters
    ----------
    timestep
        In ms.
    min_delay, max_delay
        In ms, or ``"auto"``.

    Raises
    ------
    Unsupported
        For a delay that is not a whole number of steps, or a largest one below the smallest.
    """
    delay = timestep if min_delay == "auto" else float(min_delay)
    if to_steps(delay, timestep, "setup(min_delay)") < 1:
        raise Unsupported(
            "setup(min_delay)", f"{delay:g} ms", allowed=f"{timestep:g} ms (one step) and above"
        )
    if max_delay != "auto" and to_steps(max_delay, timestep, "setup(max_delay)") * timestep < delay:
        raise Unsupported(
            "setup(max_delay)", f"{max_delay:g} ms", allowed=f"{delay:g} ms (min_delay) and above"
        )
    return delay


def between_steps(spike_precision: str) -> bool:
    """Whether a script asks for spikes that lie between two time steps.

    Some backends have them, some do not: a script that asks is warned.

    Raises
    ------
    InvalidValue
        For anything but ``"on_grid"`` and ``"off_grid"``.
    """
    if spike_precision not in ("on_grid", "off_grid"):
        raise InvalidValue(
            "setup(spike_precision)", repr(spike_precision), allowed="'on_grid' or 'off_grid'"
        )
    if spike_precision == "on_grid":
        return False
    off, on = (
        " and ".join(one.label for one in backends.found().values() if one.off_grid == wanted)
        for wanted in (True, False)
    )
    warnings.warn(
        f"setup(spike_precision='off_grid'): spikes lie between the time steps on {off}, and at the"
        f" end of each on {on}; the backends will not agree",
        stacklevel=3,
    )
    return True
