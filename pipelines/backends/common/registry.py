"""What the network of the current `setup` is made of, in the order of its making."""

from __future__ import annotations

from typing import Any

import numpy as np

# What PyNN gives NEST when a script names no seed.
DEFAULT_SEED = 42


class Registry:
    """Populations and projections since the last `setup`, whether a script names them or not.

    Attributes
    ----------
    max_delay
        Largest delay (ms) that `setup` allows, None for any.
    """

    def __init__(self) -> None:
        self.populations: list[Any] = []
        self.projections: list[Any] = []
        self.max_delay: float | None = None
        self._seeds = np.random.SeedSequence(DEFAULT_SEED)

    def begin(self, seed: int = DEFAULT_SEED, max_delay: float | None = None) -> None:
        """Forget the network of an earlier `setup`, and begin one with this seed."""
        self.populations.clear()
        self.projections.clear()
        self.max_delay = max_delay
        self._seeds = np.random.SeedSequence(seed)

    def next_seeds(self) -> np.random.SeedSequence:
        """Seeds for the next construct that draws, by the order in which they are made."""
        return self._seeds.spawn(1)[0]

    def draw_until(self, time_ms: float) -> None:
        """Have every drawn input ready beyond `time_ms`."""
        for population in self.populations:
            population.draw_until(time_ms)
