"""Set-up and running on Brian2, under the canonical conventions of time.

Mends (seen in PyNN 0.13.0, Brian2 2.9.0 to 2.11.0): durations off the grid are rounded (row
"run(10.05)"); delays outside the limits of `setup` are accepted.
"""

from __future__ import annotations

from typing import Any

from pyNN import common
from pyNN.recording import get_io

from ..shared.grid import to_steps
from ..shared.registry import DEFAULT_SEED, accepted_min_delay, between_steps
from . import simulation as simulator
from .simulation import registry, state


def setup(timestep: float = 0.1, min_delay: float | str = "auto", **extra_params: Any) -> int:
    """Begin a new network, with `min_delay` one time step unless given.

    Arguments are those of ``pyNN.brian2.setup``. Times are in ms.

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
    state.begin(timestep)
    state.min_delay, state.max_delay = delay, max_delay
    registry.begin(extra_params.get("rng_seed", DEFAULT_SEED), timestep, min_delay, max_delay)
    return 0


def end(compatible_output: bool = True) -> None:
    """Write what was to be written at the end."""
    for population, variables, filename in state.write_on_end:
        population.write_data(get_io(filename), variables)
    state.write_on_end = []


_run, _run_until = common.build_run(simulator)


def run_until(time_point: float, callbacks: Any = None) -> float:
    """Advance the simulation until `time_point`, in ms, a whole number of steps."""
    to_steps(time_point, state.dt, "run_until(time_point)")
    return float(_run_until(time_point, callbacks))


def run(simtime: float, callbacks: Any = None) -> float:
    """Advance the simulation by `simtime`, in ms, a whole number of steps."""
    to_steps(simtime, state.dt, "run(simtime)")
    return float(_run(simtime, callbacks))


run_for = run
reset = common.build_reset(simulator)
initialize = common.initialize
set = common.set
record = common.build_record(simulator)
(
    get_current_time,
    get_time_step,
    _,
    get_max_delay,
    num_processes,
    rank,
) = common.build_state_queries(simulator)


def get_min_delay() -> float:
    """The minimal delay of `setup` in ms, or that of the network if none was given."""
    return registry.smallest_delay()


def record_v(source: Any, filename: str) -> None:
    """Record the membrane potential, and write it to a file at the end."""
    record(["v"], source, filename)


def record_gsyn(source: Any, filename: str) -> None:
    """Record synaptic conductances, and write them to a file at the end."""
    record(["gsyn_exc", "gsyn_inh"], source, filename)
