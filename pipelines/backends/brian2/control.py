"""Set-up and running on Brian2, under the canonical conventions of time.

Mends (seen in PyNN 0.13.0, Brian2 2.9.0 to 2.11.0): durations off the grid are rounded (row
"run(10.05)"); delays outside the limits of `setup` are accepted.
"""

from __future__ import annotations

from typing import Any

import brian2
import pyNN.brian2 as stock
from pyNN.brian2 import simulator
from pyNN.brian2.standardmodels.electrodes import update_currents

from ..shared.grid import to_steps
from ..shared.registry import DEFAULT_SEED, Registry
from ..shared.setting_up import accepted_min_delay, between_steps
from .names import forget_names
from .steps import quicker

# The network of the current `setup`.
registry = Registry()


def setup(timestep: float = 0.1, min_delay: float | str = "auto", **extra_params: Any) -> int:
    """Begin a new network, with `min_delay` one time step unless given.

    Arguments are those of ``pyNN.brian2.setup``. Times are in ms.

    Raises
    ------
    Unsupported
        For a `min_delay` or `max_delay` that is not a whole number of steps.
    """
    between_steps(extra_params.pop("spike_precision", "on_grid"))
    max_delay = extra_params.get("max_delay", "auto")
    delay = accepted_min_delay(timestep, min_delay, max_delay)
    state = simulator.state
    forget_names(state.network)
    rank = stock.setup(timestep, delay, **extra_params)
    state.network = quicker(state.network)
    seed = extra_params.get("rng_seed", DEFAULT_SEED)
    registry.begin(seed, timestep, min_delay, max_delay)
    # For what a script draws with Brian2 itself.
    brian2.seed(seed)
    return rank


def run_until(time_point: float, callbacks: Any = None) -> float:
    """Advance the simulation until `time_point`, in ms, a whole number of steps."""
    to_steps(time_point, simulator.state.dt, "run_until(time_point)")
    registry.draw_until(time_point)
    _ask_current_sources()
    return stock.run_until(time_point, callbacks)


def run(simtime: float, callbacks: Any = None) -> float:
    """Advance the simulation by `simtime`, in ms, a whole number of steps."""
    to_steps(simtime, simulator.state.dt, "run(simtime)")
    registry.draw_until(simulator.state.t + simtime)
    _ask_current_sources()
    return stock.run(simtime, callbacks)


run_for = run


def _ask_current_sources() -> None:
    """Let PyNN ask its current sources in every step, where there is one.

    It is a call of Python a time step, which takes a small network as long as the rest.
    """
    for item in simulator.state.network.objects:
        if getattr(item, "function", None) is update_currents:
            item.active = bool(simulator.state.current_sources)


def get_min_delay() -> float:
    """The minimal delay of `setup` in ms, or that of the network if none was given."""
    return registry.smallest_delay()
