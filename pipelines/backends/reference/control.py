"""Set-up, running and the end of a simulation."""

from __future__ import annotations

from typing import Any

from pyNN import common
from pyNN.connectors import FixedProbabilityConnector
from pyNN.recording import get_io

from pipelines.errors import Unsupported

from ..shared.grid import to_steps
from ..shared.registry import DEFAULT_SEED
from ..shared.setting_up import accepted_min_delay, between_steps
from . import simulator
from .populations import Population
from .projections import Projection
from .simulator import registry, state
from .synapses import StaticSynapse


def setup(timestep: float = 0.1, min_delay: float | str = "auto", **extra_params: Any) -> int:
    """Begin a new network. Times are in ms; `rng_seed` is that of everything drawn.

    Raises
    ------
    Unsupported
        For a `min_delay` or `max_delay` that is not a whole number of steps, and for several
        processes.
    """
    between_steps(extra_params.pop("spike_precision", "on_grid"))
    max_delay = extra_params.get("max_delay", "auto")
    delay = accepted_min_delay(timestep, min_delay, max_delay)
    common.setup(timestep, delay, **extra_params)
    if extra_params.get("num_processes", 1) != 1:
        raise Unsupported("setup(num_processes)", "several processes", allowed="1")
    state.clear()
    state.dt, state.min_delay, state.max_delay = timestep, delay, max_delay
    registry.begin(extra_params.get("rng_seed", DEFAULT_SEED), timestep, min_delay, max_delay)
    return 0


def end(compatible_output: bool = True) -> None:
    """Write what was to be written at the end."""
    for population, variables, filename in state.write_on_end:
        population.write_data(get_io(filename), variables)
    state.write_on_end = []


_, _run_until = common.build_run(simulator)


def run_until(time_point: float, callbacks: Any = None) -> float:
    """Advance the simulation until `time_point`, in ms, a whole number of steps."""
    to_steps(time_point, state.dt, "run_until(time_point)")
    registry.draw_until(time_point)
    return float(_run_until(time_point, callbacks))


def run(simtime: float, callbacks: Any = None) -> float:
    """Advance the simulation by `simtime`, in ms, a whole number of steps."""
    to_steps(simtime, state.dt, "run(simtime)")
    return run_until(state.t + simtime, callbacks)


run_for = run
reset = common.build_reset(simulator)
initialize = common.initialize
get_current_time, get_time_step, _, get_max_delay, num_processes, rank = (
    common.build_state_queries(simulator)
)


def get_min_delay() -> float:
    """The minimal delay of `setup` in ms, or that of the network if none was given."""
    return registry.smallest_delay()


create = common.build_create(Population)
connect = common.build_connect(Projection, FixedProbabilityConnector, StaticSynapse)
record = common.build_record(simulator)


def record_v(source: Any, filename: str) -> Any:
    """Record the membrane potential of a population, view, assembly or cell."""
    return record(["v"], source, filename)


def record_gsyn(source: Any, filename: str) -> Any:
    """Record the synaptic conductances of a population, view, assembly or cell."""
    return record(["gsyn_exc", "gsyn_inh"], source, filename)
