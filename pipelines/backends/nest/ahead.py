"""How far NEST stands beyond the time that a script sees.

Mends (seen in PyNN 0.13.0, NEST 3.10.0): PyNN runs NEST one minimal delay beyond the time that was
asked for, to have all recorded data, so what is set between two runs acts that much too late (row
"changes in mid-run"). Here NEST stands where the script does, and goes that slice further when
something is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import nest
from pyNN.nest import simulator

from ..shared.grid import to_ms
from ..shared.registry import Registry
from ..shared.subnormals import flushed


def kernel_step(registry: Registry) -> int:
    """Steps that NEST has simulated since the start, or since `reset`."""
    return _steps(registry)[1]


def present_step(registry: Registry) -> int:
    """Steps that the script has seen."""
    return _steps(registry)[0]


def has_begun() -> bool:
    """Whether time has passed since the start or `reset`: asking NEST for the time is slow."""
    return bool(simulator.state.running and simulator.state.t > 0)


def is_beyond(registry: Registry) -> bool:
    """Whether NEST has simulated more than the script has seen."""
    present, kernel = _steps(registry)
    return kernel > present


def advance(registry: Registry, steps: int, by_itself: Callable[[int, int], int]) -> int:
    """Simulate until the script's time is `steps` later.

    Parameters
    ----------
    by_itself
        Called with the first step and the step to stop at; simulates some steps by itself, and
        says how many.

    Returns
    -------
    int
        Steps that the script has seen then.
    """
    state = simulator.state
    present, kernel = _steps(registry)
    target = present + steps
    state.running = True
    left = target - kernel
    if left > 0:
        first = target - left
        left -= by_itself(first, target)
    if left > 0:
        _simulate(registry, left)
    _stand(registry, target, max(target, kernel))
    return target


def go_beyond(registry: Registry) -> tuple[int, int]:
    """Simulate the slice after the present, after which everything until now can be read.

    Returns
    -------
    tuple of int
        Steps that the script has seen, and that NEST has simulated then.
    """
    present, kernel = _steps(registry)
    if not simulator.state.running or registry.slice_steps is None:
        return present, kernel
    left = present + registry.slice_steps - kernel
    if left > 0:
        _simulate(registry, left)
        _stand(registry, present, kernel + left)
    return present, kernel + max(left, 0)


def _simulate(registry: Registry, steps: int) -> None:
    # The mode is a thread's own, and all threads have to compute alike.
    with flushed(wanted=registry.threads == 1):
        nest.Simulate(float(to_ms(steps, registry.timestep)))


def _steps(registry: Registry) -> tuple[int, int]:
    """Steps that the script has seen, and that NEST has simulated.

    NEST is asked once, and not before the first run: whatever it is asked about itself, it tells
    all, which takes a third of a millisecond.
    """
    state, dt = simulator.state, registry.timestep
    if not state.running and state._time_offset == 0.0:
        return 0, 0
    now = state.t_kernel
    seen = round((now - state._time_offset) / dt) - (registry.slice_steps or 1)
    return max(seen, 0), round(now / dt) - registry.origin_step


def _stand(registry: Registry, present: int, kernel: int) -> None:
    """Let PyNN see step `present` as the present, NEST standing at step `kernel`."""
    slice_steps = registry.slice_steps or 1
    shift = registry.origin_step + kernel - slice_steps - present
    simulator.state._time_offset = float(to_ms(shift, registry.timestep))
    # The next set-up, be it stock PyNN's, begins where PyNN's begin.
    simulator.state.clear = _clear


def _clear() -> None:
    state = simulator.state
    state.__dict__.pop("clear", None)
    state._time_offset = 0.0
    state.clear()


@contextmanager
def times_from_the_start(registry: Registry) -> Iterator[None]:
    """Within this block PyNN counts times that it hands to NEST from the start, or `reset`."""
    state = simulator.state
    before = state._time_offset
    state._time_offset = float(to_ms(registry.origin_step, registry.timestep))
    try:
        yield
    finally:
        state._time_offset = before
