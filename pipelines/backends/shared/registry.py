"""What the network of the current `setup` is made of, in the order of its making."""

from __future__ import annotations

from typing import Any

import numpy as np

from .grid import to_ms, to_steps

# What PyNN gives NEST when a script names no seed.
DEFAULT_SEED = 42


class Registry:
    """Populations and projections since the last `setup`, whether a script names them or not.

    Attributes
    ----------
    timestep
        In ms: asking NEST for it takes a third of a millisecond.
    between_steps
        On NEST, whether the script asked for spikes that lie between two steps.
    min_delay
        Smallest delay (ms) that `setup` allows: the time step, unless a script gives one.
    max_delay
        Largest delay (ms) that `setup` allows, None for any.
    present_step, kernel_step
        On NEST, the steps that the script has seen, and that were simulated, since the start or
        the last `reset`.
    origin_step
        On NEST, the steps that were simulated before the last `reset`.
    slice_steps
        On NEST, the time steps after which it hands spikes on, None until that is settled.
    threads
        On NEST, those that it simulates with.
    """

    def __init__(self) -> None:
        self.populations: list[Any] = []
        self.projections: list[Any] = []
        self.timestep = 0.1
        self.between_steps = False
        self.min_delay = 0.0
        self._min_delay_given = False
        self.max_delay: float | None = None
        self.present_step = self.kernel_step = self.origin_step = 0
        self.slice_steps: int | None = None
        self.threads = 1
        self._seeds = np.random.SeedSequence(DEFAULT_SEED)

    def begin(
        self, seed: int, timestep: float, min_delay: float | str, max_delay: float | str
    ) -> None:
        """Forget the network of an earlier `setup`, and begin one.

        Times are in ms, delays may be ``"auto"``.
        """
        self.populations.clear()
        self.projections.clear()
        self.timestep = timestep
        self.between_steps = False
        self._min_delay_given = min_delay != "auto"
        self.min_delay = float(min_delay) if self._min_delay_given else timestep
        self.max_delay = None if max_delay == "auto" else float(max_delay)
        self.present_step = self.kernel_step = self.origin_step = 0
        self.slice_steps = None
        self.threads = 1
        self._seeds = np.random.SeedSequence(seed)

    @property
    def min_delay_steps(self) -> int:
        """The smallest delay, in time steps."""
        return int(to_steps(self.min_delay, self.timestep, "min_delay"))

    def next_seeds(self) -> np.random.SeedSequence:
        """Seeds for the next construct that draws, by the order in which they are made."""
        return self._seeds.spawn(1)[0]

    def smallest_delay(self) -> float:
        """What PyNN calls the minimal delay, in ms: as given, or the network's smallest."""
        if self._min_delay_given:
            return self.min_delay
        ranges = [p.delay_range_steps for p in self.projections if p.delay_range_steps]
        if not ranges:
            return self.min_delay
        return float(to_ms(min(smallest for smallest, _ in ranges), self.timestep))

    def draw_until(self, time_ms: float) -> None:
        """Have every drawn input ready beyond `time_ms`."""
        for population in self.populations:
            population.draw_until(time_ms)
