"""The network of the current `setup`: what it may ask for, and what it is made of."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from pipelines import backends
from pipelines.errors import Unsupported

from .invalid_value import InvalidValue
from .time_grid import FOR_EVER, SPIKES_AT_ONCE, to_ms, to_steps

# What PyNN gives NEST when a script names no seed.
DEFAULT_SEED = 42


class Registry:
    """Populations and projections since the last `setup`, whether a script names them or not."""

    populations: list[Any]
    projections: list[Any]
    timestep: float  # in ms: asking NEST for it takes a third of a millisecond
    min_delay: float  # smallest delay (ms) allowed: the time step, unless a script gives one
    min_delay_given: float | None  # what a script gives (ms), None for nothing
    max_delay: float | None  # largest delay (ms) allowed, None for any
    between_steps: bool  # on NEST, whether the script asked for spikes between two steps
    present_step: int  # on NEST, steps that the script has seen since the start or last `reset`
    kernel_step: int  # on NEST, steps that were simulated since then
    origin_step: int  # on NEST, the steps that were simulated before the start or last `reset`
    lead_steps: int  # on NEST, the steps that have to be simulated before the start
    slice_steps: int | None  # on NEST, those after which spikes are handed on, once that is settled
    independent_draws: bool  # whether the simulator may draw Poisson trains as it runs
    threads: int  # on NEST, those that it simulates with
    is_over: bool  # on NEST, whether the network is read only from now on
    due_writes: list[Callable[[], object]]  # on NEST, changes of synapses after the next step
    seeds: np.random.SeedSequence  # source of all seeds of this `setup`

    def __init__(self) -> None:
        self.begin(DEFAULT_SEED, 0.1, "auto", "auto")

    def begin(
        self, seed: int, timestep: float, min_delay: float | str, max_delay: float | str
    ) -> None:
        """Forget the network of an earlier `setup`, and begin one.

        Times are in ms, delays may be ``"auto"``.
        """
        self.populations, self.projections = [], []
        self.timestep = timestep
        self.min_delay_given = None if min_delay == "auto" else float(min_delay)
        self.min_delay = self.min_delay_given or timestep
        self.max_delay = None if max_delay == "auto" else float(max_delay)
        self.between_steps, self.independent_draws, self.threads = False, False, 1
        self.is_over = False
        self.begin_again()
        self.seeds = np.random.SeedSequence(seed)

    def begin_again(self) -> None:
        """On NEST, go back to time 0."""
        self.present_step = self.kernel_step = self.origin_step = 0
        self.lead_steps, self.slice_steps, self.due_writes = 0, None, []

    def next_seeds(self) -> np.random.SeedSequence:
        """Seeds for the next construct that draws, by the order in which they are made."""
        return self.seeds.spawn(1)[0]

    def smallest_delay(self) -> float:
        """What PyNN calls the minimal delay, in ms: as given, or the network's smallest."""
        ranges = [p.delay_range_steps for p in self.projections if p.delay_range_steps]
        if self.min_delay_given or not ranges:
            return self.min_delay
        return float(to_ms(min(smallest for smallest, _ in ranges), self.timestep))

    def block_end(self, step: int) -> int:
        """Step up to which the spikes of all drawn sources are held at once, after `step`."""
        trains = [p.trains for p in self.populations if p.trains is not None and not p.generators]
        per_step = sum(one.per_step for one in trains)
        if per_step == 0:
            return FOR_EVER
        length = max(1, int(SPIKES_AT_ONCE / per_step))
        # Where drawn ones begin a block, too, if there is one such population.
        return (step // length + 1) * length


def accepted_min_delay(timestep: float, min_delay: float | str, max_delay: float | str) -> float:
    """The minimal delay of a `setup`: one time step, unless a script gives one.

    Times are in ms, delays may be ``"auto"``. Refused, with `Unsupported`, are delays that are not
    whole numbers of steps, and a largest one below the smallest.
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
    """Whether a script asks for spikes between two steps, with a warning: not all backends do it.

    Anything but ``"on_grid"`` and ``"off_grid"`` is an `InvalidValue`.
    """
    if spike_precision == "on_grid":
        return False
    if spike_precision != "off_grid":
        raise InvalidValue(
            "setup(spike_precision)", repr(spike_precision), allowed="'on_grid' or 'off_grid'"
        )
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
