"""Registry of the network since `setup`: its populations, projections, time grid and seeds."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from pipelines import backends
from pipelines.errors import Unsupported

from .invalid_value import InvalidValue
from .time_grid import MAX_BLOCK_SPIKES, UNLIMITED_STEPS, to_ms, to_steps

# PyNN's default seed for NEST.
DEFAULT_SEED = 42


class Registry:
    """Populations and projections since the last `setup`, and its settings.

    Attributes marked "NEST" are used by that backend only.
    """

    populations: list[Any]
    projections: list[Any]
    timestep: float  # in ms; kept here because reading it from NEST takes 0.3 ms
    min_delay: float  # smallest allowed delay (ms): the time step unless given
    min_delay_given: float | None  # `min_delay` of `setup` (ms), None for "auto"
    max_delay: float | None  # largest allowed delay (ms), None for any
    off_grid: bool  # NEST: whether spikes may lie between two time steps
    present_step: int  # NEST: the script's present step, since the start or last `reset`
    kernel_step: int  # NEST: number of simulated steps since then
    origin_step: int  # NEST: number of steps simulated before the start or last `reset`
    lead_steps: int  # NEST: number of steps to simulate before the start
    slice_steps: int | None  # NEST: communication interval, None until it is fixed
    independent_draws: bool  # whether the simulator's own generators may draw Poisson trains
    threads: int  # NEST: number of threads
    is_read_only: bool  # NEST: whether data are only read from now on, without further runs
    pending_writes: list[Callable[[], object]]  # NEST: synapse changes due after the next step
    seeds: np.random.SeedSequence  # parent of all seed sequences of this `setup`

    def __init__(self) -> None:
        self.begin(DEFAULT_SEED, 0.1, "auto", "auto")

    def begin(
        self, seed: int, timestep: float, min_delay: float | str, max_delay: float | str
    ) -> None:
        """Start an empty network.

        The time step and delays are in ms; delays may be ``"auto"``.
        """
        self.populations, self.projections = [], []
        self.timestep = timestep
        self.min_delay_given = None if min_delay == "auto" else float(min_delay)
        self.min_delay = self.min_delay_given or timestep
        self.max_delay = None if max_delay == "auto" else float(max_delay)
        self.off_grid, self.independent_draws, self.threads = False, False, 1
        self.is_read_only = False
        self.reset_steps()
        self.seeds = np.random.SeedSequence(seed)

    def reset_steps(self) -> None:
        """Go back to time 0 (NEST)."""
        self.present_step = self.kernel_step = self.origin_step = 0
        self.lead_steps, self.slice_steps, self.pending_writes = 0, None, []

    def next_seeds(self) -> np.random.SeedSequence:
        """Seed sequence of the next construct that draws, in the order of their creation."""
        return self.seeds.spawn(1)[0]

    def smallest_delay(self) -> float:
        """PyNN's minimal delay in ms: that of `setup`, or else the smallest of the network."""
        ranges = [p.delay_range_steps for p in self.projections if p.delay_range_steps]
        if self.min_delay_given or not ranges:
            return self.min_delay
        return float(to_ms(min(smallest for smallest, _ in ranges), self.timestep))

    def block_end(self, step: int) -> int:
        """Last step of the block after `step` in which drawn spikes are passed to the simulator."""
        trains = [p.trains for p in self.populations if p.trains is not None and not p.generators]
        spikes_per_step = sum(one.spikes_per_step for one in trains)
        if spikes_per_step == 0:
            return UNLIMITED_STEPS
        length = max(1, int(MAX_BLOCK_SPIKES / spikes_per_step))
        # A single population of drawn trains has its own blocks at the same steps.
        return (step // length + 1) * length


def checked_min_delay(timestep: float, min_delay: float | str, max_delay: float | str) -> float:
    """The minimal delay (ms) of `setup`: one time step unless given.

    The time step and delays are in ms; delays may be ``"auto"``.

    Raises
    ------
    Unsupported
        If a delay is off the grid, or `max_delay` below `min_delay`.
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


def is_off_grid(spike_precision: str) -> bool:
    """Whether `setup` allows spikes between two time steps; warns if so.

    Raises
    ------
    InvalidValue
        If `spike_precision` is neither ``"on_grid"`` nor ``"off_grid"``.
    """
    if spike_precision == "on_grid":
        return False
    if spike_precision != "off_grid":
        raise InvalidValue(
            "setup(spike_precision)", repr(spike_precision), allowed="'on_grid' or 'off_grid'"
        )
    off, on = (
        " and ".join(
            one.label for one in backends.descriptions().values() if one.off_grid == wanted
        )
        for wanted in (True, False)
    )
    warnings.warn(
        f"setup(spike_precision='off_grid'): spikes lie between the time steps on {off}, and at the"
        f" end of each on {on}; the backends will not agree",
        stacklevel=3,
    )
    return True
