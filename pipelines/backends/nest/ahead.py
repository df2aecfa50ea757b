"""How far NEST stands beyond the time that a script sees.

Mends (seen in PyNN 0.13.0, NEST 3.10.0): PyNN runs NEST one minimal delay beyond the time that was
asked for, to have all recorded data, so what is set between two runs acts that much too late (row
"changes in mid-run"). Here NEST stands where the script does, and goes that slice further when
something is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import nest
from pyNN.nest import simulator

from ..shared.grid import to_ms
from ..shared.registry import Registry
from ..shared.subnormals import flushed
from . import early_currents

# The network of the current `setup`.
registry = Registry()
# Steps at a time: generators are told of all changes of their currents in them.
_BLOCK = 10_000


def has_begun() -> bool:
    """Whether time has passed since the start or `reset`."""
    return registry.present_step > 0


def is_beyond() -> bool:
    """Whether NEST has simulated more than the script has seen."""
    return registry.kernel_step > registry.present_step


def advance(steps: int) -> None:
    """Simulate until the script's time is `steps` later."""
    simulator.state.running = True
    target = registry.present_step + steps
    _simulate_until(target)
    registry.present_step = target
    _let_pynn_know()


def go_beyond() -> None:
    """Simulate the slice after the present, after which everything until now can be read."""
    if simulator.state.running and registry.slice_steps is not None:
        _simulate_until(registry.present_step + registry.slice_steps)
        _let_pynn_know()


def _simulate_until(stop: int) -> None:
    dt = registry.timestep
    # The mode is a thread's own, and all threads have to compute alike.
    with flushed(wanted=registry.threads == 1):
        while registry.kernel_step < stop:
            first = registry.kernel_step
            last = min(stop, first + _BLOCK) if simulator.state.current_sources else stop
            first += early_currents.simulate_early(first, last, dt)
            if last > first:
                nest.Simulate(float(to_ms(last - first, dt)))
            registry.kernel_step = last


def _let_pynn_know() -> None:
    """Let PyNN see the script's present as the present: it counts from NEST's time."""
    ahead = registry.kernel_step - registry.present_step - (registry.slice_steps or 1)
    shift = registry.origin_step + ahead
    simulator.state._time_offset = float(to_ms(shift, registry.timestep))
    # The next set-up, be it stock PyNN's, begins where PyNN's begin.
    simulator.state.clear = _clear


def _clear() -> None:
    state = simulator.state
    state.__dict__.pop("clear", None)
    state._time_offset = 0.0
    state.clear()


@contextmanager
def times_from_the_start() -> Iterator[None]:
    """Within this block PyNN counts times that it hands to NEST from the start, or `reset`."""
    state = simulator.state
    before = state._time_offset
    state._time_offset = float(to_ms(registry.origin_step, registry.timestep))
    try:
        yield
    finally:
        state._time_offset = before
