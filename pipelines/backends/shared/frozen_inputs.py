"""Spike trains drawn by NumPy from the run's seed, and passed to simulators as spike times.

Trains are drawn in blocks of time, of which only the last two are kept. Blocks begin at fixed
steps, so that trains do not depend on how a simulation is divided into runs. After a change of
parameters in mid-run blocks are short, because the next change may come soon.

Mends (seen in PyNN 0.13.0): NEST shifts the window of a `SpikeSourcePoisson`, and Brian2 has at
most one spike per step and includes the end of the window (row "SpikeSourcePoisson"); generators
are not seeded (row "seeds").
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import ClassVar

import numpy as np
from pyNN.standardmodels import cells

from .invalid_value import InvalidValue
from .synapse_types import same_names
from .time_grid import MAX_BLOCK_SPIKES, UNLIMITED_STEPS

# Maximal length of a block, in steps.
_MAX_BLOCK_STEPS = 1 << 20
# Expected number of spikes of a block after a change in mid-run: the larger of a constant and a
# number per source, since each source costs time in every block.
_BLOCK_SPIKES_AFTER_CHANGE, _BLOCK_SPIKES_PER_SOURCE = 4096, 4


class SpikeSourcePoisson(cells.SpikeSourcePoisson):
    __doc__ = cells.SpikeSourcePoisson.__doc__
    translations = same_names("rate", "start", "duration")


class DrawnTrains:
    """Base of drawn trains. A source can spike in (start, start + duration].

    Parameters
    ----------
    values : dict of ndarray, each of shape (n_sources,)
        Parameters by PyNN's names, in its units.
    dt
        Time step, in ms.
    seeds
        Seed sequence of the generators.
    after_step
        Step after which the process begins, unless `start` is later.

    Attributes
    ----------
    origin
        Text with everything that the trains depend on.

    Raises
    ------
    InvalidValue
        For a parameter outside its range.
    """

    celltype: ClassVar[str]  # for messages
    first_step = 1

    def __init__(
        self,
        values: Mapping[str, np.ndarray],
        dt: float,
        seeds: np.random.SeedSequence,
        after_step: int = 0,
    ) -> None:
        self.values, self.dt, self._seeds = values, dt, seeds
        self.size = len(values["start"])
        start, duration = values["start"], values["duration"]
        if np.any(np.isnan(start) | np.isnan(duration)):
            raise InvalidValue(f"{self.celltype}.start", "not a number", allowed="times in ms")
        begin, end = (
            np.floor(np.clip(time / dt, 0, UNLIMITED_STEPS) + 1e-6).astype(np.int64)
            for time in (start, start + duration)
        )
        # A source can spike after step `_begin`, up to and including step `_end`.
        self._begin, self._end = np.maximum(begin, after_step), end
        self.spikes_per_step = float(np.sum(self._rates())) * dt * 1e-3
        spikes = MAX_BLOCK_SPIKES
        if after_step:
            spikes = min(
                spikes, max(_BLOCK_SPIKES_AFTER_CHANGE, _BLOCK_SPIKES_PER_SOURCE * self.size)
            )
        block_steps = spikes / self.spikes_per_step if self.spikes_per_step > 0 else np.inf
        self._block_steps = int(max(1, min(block_steps, _MAX_BLOCK_STEPS)))
        self._after_step = after_step  # start of the first block
        self._blocks: dict[int, tuple[np.ndarray, np.ndarray]] = {}
        self.specification = json.dumps(
            [self.celltype, *([np.ravel(value).tolist() for value in _flat_values(values)]), dt]
            + [after_step, str(seeds.entropy), list(seeds.spawn_key)]
        )

    @property
    def window(self) -> tuple[np.ndarray, np.ndarray]:
        """Step after which each source can spike, and its last step; each of shape (n_sources,)."""
        return self._begin, self._end

    def restarted(self) -> DrawnTrains:
        """Trains with the same parameters and seeds, from step 0 on."""
        return type(self)(self.values, self.dt, self._seeds)

    def _rates(self) -> np.ndarray:
        """Mean rate (Hz) of each source within its window; checks the parameters."""
        raise NotImplementedError

    def _draw_block(self, block: int, first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
        """Draw a block: steps and sources of the spikes after step `first`, up to `last`."""
        raise NotImplementedError

    def _refuse_value(self, name: str, value: float, allowed: str) -> None:
        raise InvalidValue(f"{self.celltype}.{name}", f"{value:g}", allowed=allowed)

    def spikes_between(self, first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
        """Spikes after step `first`, up to step `last`: steps and sources, in any order."""
        parts = []
        start, length = self._after_step, self._block_steps
        first = max(first, start)
        for block in range((first - start) // length, (last - 1 - start) // length + 1):
            steps, sources = self._block(block)
            begin = start + block * length
            if first > begin or last < begin + length:
                inside = (steps > first) & (steps <= last)
                steps, sources = steps[inside], sources[inside]
            parts.append((steps, sources))
        if len(parts) == 1:
            return parts[0]
        none = np.empty(0, dtype=np.int64)
        steps, sources = zip((none, none), *parts, strict=True)
        return np.concatenate(steps), np.concatenate(sources)

    def _block(self, block: int) -> tuple[np.ndarray, np.ndarray]:
        if block not in self._blocks:
            # The previous block is kept: a run may end within it.
            self._blocks = {k: spikes for k, spikes in self._blocks.items() if k == block - 1}
            first = self._after_step + block * self._block_steps
            self._blocks[block] = self._draw_block(block, first, first + self._block_steps)
        return self._blocks[block]


def _flat_values(values: Mapping[str, np.ndarray]) -> list[np.ndarray]:
    """Values in the order of their names, with PyNN's sequences as arrays of floats."""
    return [
        np.concatenate([np.append(one.value, np.nan) for one in np.ravel(value)])
        if value.dtype == object
        else value
        for _, value in sorted(values.items())
    ]


class PoissonTrains(DrawnTrains):
    """Poisson processes: the number of spikes in a step is Poisson with mean ``rate * dt``.

    For each source and block, the number of spikes is drawn from a Poisson distribution, and the
    step of each spike uniformly: the same process, at a cost per spike and not per step.
    """

    celltype = "SpikeSourcePoisson"

    def _rates(self) -> np.ndarray:
        rate: np.ndarray = self.values["rate"]
        wrong = ~((rate >= 0) & (rate < np.inf))
        if np.any(wrong):
            self._refuse_value("rate", rate[wrong][0], "0 Hz and above")
        return rate

    def _draw_block(self, block: int, first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
        rng = block_generator(self._seeds, block)
        begin = np.maximum(self._begin, first)
        steps = np.maximum(np.minimum(self._end, last) - begin, 0)
        number = rng.poisson(self.values["rate"] * (self.dt * 1e-3) * steps)
        source = np.repeat(np.arange(self.size), number)
        offset = (rng.random(len(source)) * steps[source]).astype(np.int64)
        return begin[source] + 1 + offset, source


def block_generator(seeds: np.random.SeedSequence, block: int) -> np.random.Generator:
    """Generator of one block, independent of which blocks were drawn before."""
    key = (*seeds.spawn_key, block)
    return np.random.default_rng(np.random.SeedSequence(seeds.entropy, spawn_key=key))
