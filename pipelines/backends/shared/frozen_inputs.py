"""Spike trains that are drawn by NumPy from the run's seed, and handed to simulators as numbers.

They are drawn a block of time at a time, played and dropped. Blocks begin at fixed steps, so the
same trains come out however a simulation is cut into pieces. After a change of parameters in
mid-run they are short: the next change, which ends the trains, may come soon.

Mends (seen in PyNN 0.13.0): `SpikeSourcePoisson`, of which NEST shifts the window, while Brian2 has
one spike a step at most and an inclusive end (row "SpikeSourcePoisson"); generators that are not
seeded (row "seeds").
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import ClassVar

import numpy as np
from pyNN.standardmodels import cells

from .invalid_value import InvalidValue
from .synapse_types import same_names
from .time_grid import FOR_EVER, SPIKES_AT_ONCE

# Steps for which spikes are drawn at once at most.
_STEPS_AT_ONCE = 1 << 20
# Spikes that are drawn at once after a change in mid-run; more where there are more sources, each
# of which takes time in every block.
_AFTER_A_CHANGE, _OF_EACH_SOURCE = 4096, 4


class SpikeSourcePoisson(cells.SpikeSourcePoisson):
    __doc__ = cells.SpikeSourcePoisson.__doc__
    translations = same_names("rate", "start", "duration")


class DrawnTrains:
    """Base of trains that are drawn. A source can spike in (start, start + duration].

    Parameters
    ----------
    values : dict of ndarray, each of shape (n,)
        Parameters by PyNN's names, in its units.
    dt
        Time step, in ms.
    seeds
        What the generators are seeded with.
    after_step
        Step after which the process begins, if `start` is not later.

    Attributes
    ----------
    origin
        All that the trains follow from, as text.

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
            np.floor(np.clip(time / dt, 0, FOR_EVER) + 1e-6).astype(np.int64)
            for time in (start, start + duration)
        )
        # A source can spike after the first of these steps, up to the second.
        self._begin, self._end = np.maximum(begin, after_step), end
        self.per_step = float(np.sum(self._rates())) * dt * 1e-3
        spikes = SPIKES_AT_ONCE
        if after_step:
            spikes = min(spikes, max(_AFTER_A_CHANGE, _OF_EACH_SOURCE * self.size))
        room = spikes / self.per_step if self.per_step > 0 else np.inf
        self._length = int(max(1, min(room, _STEPS_AT_ONCE)))
        self._after_step = after_step  # where the first block begins
        self._blocks: dict[int, tuple[np.ndarray, np.ndarray]] = {}
        self.origin = json.dumps(
            [self.celltype, *([np.ravel(value).tolist() for value in _plain(values)]), dt]
            + [after_step, str(seeds.entropy), list(seeds.spawn_key)]
        )

    @property
    def window(self) -> tuple[np.ndarray, np.ndarray]:
        """Steps after which each source can spike, and up to which; each of shape (n,)."""
        return self._begin, self._end

    def from_the_start(self) -> DrawnTrains:
        """The same parameters and seeds, without a step before which there is nothing."""
        return type(self)(self.values, self.dt, self._seeds)

    def _rates(self) -> np.ndarray:
        """Mean rate (Hz) of each source, while it can spike; checks the parameters."""
        raise NotImplementedError

    def _draw(self, block: int, first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
        """Steps and sources of the spikes of a block: those after step `first`, up to `last`."""
        raise NotImplementedError

    def _refuse(self, name: str, value: float, allowed: str) -> None:
        raise InvalidValue(f"{self.celltype}.{name}", f"{value:g}", allowed=allowed)

    def between(self, first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
        """Spikes after step `first`, up to step `last`: steps and sources, in any order."""
        found = []
        origin, length = self._after_step, self._length
        first = max(first, origin)
        for block in range((first - origin) // length, (last - 1 - origin) // length + 1):
            steps, sources = self._block(block)
            begin = origin + block * length
            if first > begin or last < begin + length:
                inside = (steps > first) & (steps <= last)
                steps, sources = steps[inside], sources[inside]
            found.append((steps, sources))
        if len(found) == 1:
            return found[0]
        none = np.empty(0, dtype=np.int64)
        steps, sources = zip((none, none), *found, strict=True)
        return np.concatenate(steps), np.concatenate(sources)

    def _block(self, block: int) -> tuple[np.ndarray, np.ndarray]:
        if block not in self._blocks:
            # The one before is kept: a run may end within it.
            self._blocks = {k: found for k, found in self._blocks.items() if k == block - 1}
            first = self._after_step + block * self._length
            self._blocks[block] = self._draw(block, first, first + self._length)
        return self._blocks[block]


def _plain(values: Mapping[str, np.ndarray]) -> list[np.ndarray]:
    """Values without PyNN's sequences."""
    return [
        np.concatenate([np.append(one.value, np.nan) for one in np.ravel(value)])
        if value.dtype == object
        else value
        for _, value in sorted(values.items())
    ]


class PoissonTrains(DrawnTrains):
    """Poisson processes: a source's spikes in a step are a Poisson number of mean ``rate * dt``.

    Of each block, the number of a source's spikes is drawn from a Poisson distribution, and then
    for each spike one of the steps, all of them being as likely: the same process, whose cost is
    that of its spikes and not of the steps.
    """

    celltype = "SpikeSourcePoisson"

    def _rates(self) -> np.ndarray:
        rate: np.ndarray = self.values["rate"]
        wrong = ~((rate >= 0) & (rate < np.inf))
        if np.any(wrong):
            self._refuse("rate", rate[wrong][0], "0 Hz and above")
        return rate

    def _draw(self, block: int, first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
        rng = generator_of(self._seeds, block)
        begin = np.maximum(self._begin, first)
        steps = np.maximum(np.minimum(self._end, last) - begin, 0)
        number = rng.poisson(self.values["rate"] * (self.dt * 1e-3) * steps)
        source = np.repeat(np.arange(self.size), number)
        place = (rng.random(len(source)) * steps[source]).astype(np.int64)
        return begin[source] + 1 + place, source


def generator_of(seeds: np.random.SeedSequence, block: int) -> np.random.Generator:
    """A generator for one block, whichever was drawn before."""
    key = (*seeds.spawn_key, block)
    return np.random.default_rng(np.random.SeedSequence(seeds.entropy, spawn_key=key))
