"""`setup`, `run` and `end` for backends that count time in steps.

Mends (seen in PyNN 0.13.0, Brian2 2.9.0 to 2.11.0): durations off the grid are rounded (row
"run(10.05)"); delays outside the limits of `setup` are accepted.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from pyNN import common
from pyNN.recording import get_io

from .callbacks import run_with_callbacks
from .network_registry import DEFAULT_SEED, checked_min_delay, is_off_grid
from .time_grid import to_steps


class Control:
    """The functions of a PyNN module that control a simulation.

    Parameters
    ----------
    simulator
        Simulator module as PyNN's common code requires, with the `registry` of its network. Its
        `state` has `begin(timestep)`, which starts a new network, `step`, the present step, and
        `run_to(step)`.
    """

    def __init__(self, simulator: Any) -> None:
        self._state, self._registry = simulator.state, simulator.registry
        self.run_for = self.run
        self.reset = common.build_reset(simulator)
        self.record = common.build_record(simulator)
        self.record_v = partial(self.record, ["v"])
        self.record_gsyn = partial(self.record, ["gsyn_exc", "gsyn_inh"])
        (
            self.get_current_time, self.get_time_step, _, self.get_max_delay, self.num_processes,
            self.rank,
        ) = common.build_state_queries(simulator)  # fmt: skip

    def setup(
        self, timestep: float = 0.1, min_delay: float | str = "auto", **extra_params: Any
    ) -> int:
        """Start a new network.

        Parameters
        ----------
        timestep, min_delay
            In ms; ``"auto"`` is one time step.
        extra_params
            As in PyNN; ``rng_seed`` is the seed of all random numbers.

        Raises
        ------
        Unsupported
            For a `min_delay` or `max_delay` that is not a whole number of steps.
        """
        is_off_grid(extra_params.pop("spike_precision", "on_grid"))
        # Has no effect: trains are always drawn by NumPy from the seed.
        extra_params.pop("independent_draws", None)
        max_delay = extra_params.get("max_delay", "auto")
        delay = checked_min_delay(timestep, min_delay, max_delay)
        common.setup(timestep, delay, **extra_params)
        self._state.begin(timestep)
        self._state.min_delay, self._state.max_delay = delay, max_delay
        seed = extra_params.get("rng_seed", DEFAULT_SEED)
        self._registry.begin(seed, timestep, min_delay, max_delay)
        return 0

    def end(self, compatible_output: bool = True) -> None:
        """Write the data whose file names were given to `record`."""
        for population, variables, filename in self._state.write_on_end:
            population.write_data(get_io(filename), variables)
        self._state.write_on_end = []

    def run_until(self, time_point: float, callbacks: Any = None) -> float:
        """Advance the simulation until `time_point` (ms, a whole number of steps).

        See `shared.callbacks` for `callbacks`.
        """
        return self._run_to(
            to_steps(time_point, self._state.dt, "run_until(time_point)"), callbacks
        )

    def run(self, simtime: float, callbacks: Any = None) -> float:
        """Advance the simulation by `simtime` (ms, a whole number of steps)."""
        steps = to_steps(simtime, self._state.dt, "run(simtime)")
        return self._run_to(self._state.step + steps, callbacks)

    def _run_to(self, last: Any, callbacks: Any) -> float:
        state = self._state
        run_with_callbacks(callbacks, state.step, int(last), state.dt, state.run_to)
        return float(state.t)

    def get_min_delay(self) -> float:
        """The `min_delay` of `setup` in ms, or the smallest delay of the network if not given."""
        return self._registry.smallest_delay()
