"""Set-up, running and the end of a simulation."""

from __future__ import annotations

from functools import partial
from typing import Any

from pyNN import common
from pyNN.connectors import FixedProbabilityConnector
from pyNN.recording import get_io

from ..shared.grid import moved_steps, to_ms, to_steps
from ..shared.registry import DEFAULT_SEED, accepted_min_delay, between_steps
from . import simulator
from .populations import Population
from .projections import Projection
from .simulator import registry, state
from .synapses import StaticSynapse

__all__ = [
    "connect", "create", "end", "get_current_time", "get_max_delay", "get_min_delay",
    "get_time_step", "initialize", "num_processes", "rank", "record", "record_gsyn", "record_v",
    "reset", "run", "run_for", "run_until", "set", "setup",
]  # fmt: skip


def setup(timestep: float = 0.1, min_delay: float | str = "auto", **extra_params: Any) -> int:
    """Begin a new network. Times are in ms; `rng_seed` is the seed of everything that is drawn.

    Raises
    ------
    Unsupported
        For a `min_delay` or `max_delay` that is not a whole number of steps.
    """
    between_steps(extra_params.pop("spike_precision", "on_grid"))
    # Trains are drawn by NumPy from the seed here, whether others are to have the same or not.
    extra_params.pop("independent_draws", None)
    max_delay = extra_params.get("max_delay", "auto")
    delay = accepted_min_delay(timestep, min_delay, max_delay)
    common.setup(timestep, delay, **extra_params)
    state.clear()
    state.dt, state.min_delay, state.max_delay = timestep, delay, max_delay
    registry.begin(extra_params.get("rng_seed", DEFAULT_SEED), timestep, min_delay, max_delay)
    return 0


def end(compatible_output: bool = True) -> None:
    """Write what was to be written at the end."""
    for population, variables, filename in state.write_on_end:
        population.write_data(get_io(filename), variables)
    state.write_on_end = []


def run_until(time_point: float, callbacks: Any = None) -> float:
    """Advance the simulation until `time_point`, in ms, a whole number of steps.

    Callbacks are functions of the present time (ms) that return when they are to be called next.
    Each is called now, and at the step nearest to each time that it asks for, up to the last.
    """
    last = int(to_steps(time_point, state.dt, "run_until(time_point)"))
    if last < state.step:
        raise ValueError(f"{time_point:g} ms is in the past (current time {state.t:g} ms)")

    def next_step(callback: Any) -> int:
        return max(int(moved_steps(callback(state.t), state.dt)), state.step + 1)

    due = {callback: next_step(callback) for callback in callbacks or ()}
    while due and min(due.values()) <= last:
        state.run_until(float(to_ms(min(due.values()), state.dt)))
        due |= {callback: next_step(callback) for callback in due if due[callback] == state.step}
    state.run_until(time_point)
    return state.t


def run(simtime: float, callbacks: Any = None) -> float:
    """Advance the simulation by `simtime`, in ms, a whole number of steps."""
    to_steps(simtime, state.dt, "run(simtime)")
    return run_until(state.t + simtime, callbacks)


run_for = run
reset = common.build_reset(simulator)
initialize, set = common.initialize, common.set
# The minimal delay of `setup` in ms, or that of the network if none was given.
get_min_delay = registry.smallest_delay
get_current_time, get_time_step, _, get_max_delay, num_processes, rank = common.build_state_queries(
    simulator
)
create = common.build_create(Population)
connect = common.build_connect(Projection, FixedProbabilityConnector, StaticSynapse)
record = common.build_record(simulator)
record_v = partial(record, ["v"])
record_gsyn = partial(record, ["gsyn_exc", "gsyn_inh"])
