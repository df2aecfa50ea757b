"""Poisson trains that are drawn once, by NumPy, and handed to the simulator as numbers.

Mends (seen in PyNN 0.13.0): `SpikeSourcePoisson`, of which NEST shifts the window and can fire
twice in a step while Brian2's end is inclusive (row "SpikeSourcePoisson"); generators that are
not seeded (row "seeds").
"""

from __future__ import annotations

import json

import numpy as np
from pyNN.standardmodels import cells

from pipelines.errors import Unsupported

from .synapses import same_names

# Above this chance of a spike a step, "at most one spike a step" is not Poisson any more.
_LARGEST_CHANCE = 0.1
# A step far beyond any simulation, at which times are cut: PyNN's "for ever" is no whole number.
_FOR_EVER = 1 << 40


class SpikeSourcePoisson(cells.SpikeSourcePoisson):
    __doc__ = cells.SpikeSourcePoisson.__doc__
    translations = same_names("rate", "start", "duration")


class PoissonTrains:
    """Trains of Poisson sources, drawn as far as a simulation has come.

    Intervals are geometric, so that a source fires with chance ``rate * dt`` in each step: the
    mean rate is exact, and the coefficient of variation is ``sqrt(1 - rate * dt)``. Each source
    has a generator of its own: the same trains come out however a simulation is cut in pieces.

    Parameters
    ----------
    rate, start, duration : ndarray, shape (n,)
        In Hz and ms; a source can fire in (start, start + duration].
    dt
        Time step, in ms.
    first_step
        The first step in which a source can fire.
    seeds
        Source of the generators' seeds.
    """

    def __init__(
        self,
        rate: np.ndarray,
        start: np.ndarray,
        duration: np.ndarray,
        dt: float,
        first_step: int,
        seeds: np.random.SeedSequence,
    ) -> None:
        chance = rate * dt * 1e-3
        if np.any(chance > _LARGEST_CHANCE) or np.any(rate < 0):
            worst = rate[np.argmax(np.abs(chance - _LARGEST_CHANCE / 2))]
            raise Unsupported(
                "SpikeSourcePoisson.rate",
                f"{worst:g} Hz with a time step of {dt:g} ms",
                allowed=f"0 to {_LARGEST_CHANCE / dt * 1e3:g} Hz (one spike in ten steps);"
                " more sources for more",
            )
        if np.any(np.isnan(start) | np.isnan(duration)):
            raise Unsupported("SpikeSourcePoisson.start", "not a number", allowed="times in ms")
        begin, self._end = (
            np.floor(np.minimum(time / dt, _FOR_EVER) + 1e-6).astype(np.int64)
            for time in (start, start + duration)
        )
        self._chance = chance
        # All that the trains follow from, however far they have been drawn.
        self.origin = json.dumps(
            [rate.tolist(), start.tolist(), duration.tolist(), dt, first_step]
            + [str(seeds.entropy), list(seeds.spawn_key)]
        )
        self._generators = [np.random.default_rng(seed) for seed in seeds.spawn(len(rate))]
        # Each source's spikes as far as asked for; all that are drawn, and where the next begins.
        self.steps: list[np.ndarray] = [np.empty(0, dtype=np.int64) for _ in rate]
        self._drawn = list(self.steps)
        self._last = np.maximum(begin, first_step - 1)

    def draw_until(self, step: int) -> None:
        """Extend all trains to include the given step."""
        for k, limit in enumerate(np.minimum(step, self._end).tolist()):
            while self._last[k] <= limit:
                self._drawn[k] = np.concatenate([self._drawn[k], self._draw(k, limit)])
            number = np.searchsorted(self._drawn[k], limit, side="right")
            self.steps[k] = self._drawn[k][:number]

    def _draw(self, k: int, limit: int) -> np.ndarray:
        """The next steps in which a source fires, about as many as there are until `limit`."""
        chance = self._chance[k]
        if chance == 0:
            self._last[k] = _FOR_EVER + 1
            return np.empty(0, dtype=np.int64)
        expected = (limit - self._last[k]) * chance
        number = 2 + int(expected + 2 * np.sqrt(expected))
        intervals = np.minimum(self._generators[k].geometric(chance, number), _FOR_EVER)
        steps = self._last[k] + np.cumsum(intervals)
        self._last[k] = steps[-1]
        return steps
