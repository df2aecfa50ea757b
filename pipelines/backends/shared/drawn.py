"""Random inputs that are drawn once, by NumPy, and handed to the simulator as numbers.

Mends (seen in PyNN 0.13.0): `SpikeSourcePoisson`, of which NEST shifts the window and can fire
twice in a step while Brian2's end is inclusive (row "SpikeSourcePoisson"); `NoisyCurrentSource`,
of which Brian2 gives every cell the same noise (row "NoisyCurrentSource"); generators that are
not seeded (row "seeds").
"""

from __future__ import annotations

import json
from copy import copy
from typing import Any

import numpy as np
from pyNN.parameters import LazyArray, ParameterSpace, Sequence, simplify
from pyNN.standardmodels import cells

from pipelines.errors import Unsupported

from .grid import to_steps
from .populations import as_array
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
        self._chance = chance
        begin = np.floor(np.minimum(start / dt, _FOR_EVER) + 1e-6).astype(np.int64)
        end = np.floor(np.minimum((start + duration) / dt, _FOR_EVER) + 1e-6)
        self._end = end.astype(np.int64)
        # All that the trains follow from, however far they have been drawn.
        self.origin = json.dumps(
            [rate.tolist(), start.tolist(), duration.tolist(), dt, first_step]
            + [str(seeds.entropy), list(seeds.spawn_key)]
        )
        self._generators = [np.random.default_rng(seed) for seed in seeds.spawn(len(rate))]
        self.steps: list[np.ndarray] = [np.empty(0, dtype=np.int64) for _ in rate]
        # Where the next interval of each source begins, and what of its train is still to come.
        self._last = np.maximum(begin, first_step - 1)
        self._ahead = list(self.steps)

    def draw_until(self, step: int) -> None:
        """Extend all trains to include the given step."""
        for k, limit in enumerate(np.minimum(step, self._end).tolist()):
            ahead = [self._ahead[k]]
            while self._last[k] <= limit:
                ahead.append(self._draw(k, limit))
            train = np.concatenate(ahead)
            number = np.searchsorted(train, limit, side="right")
            if number:
                self.steps[k] = np.concatenate([self.steps[k], train[:number]])
            self._ahead[k] = train[number:]

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


class PlaysDrawnTrains:
    """Mixin of populations: Poisson sources are played as arrays of drawn spike times."""

    size: int
    celltype: Any
    _registry: Any
    _simulator: Any
    _array_celltype: Any
    drawn_trains: PoissonTrains | None = None

    def _create_cells(self) -> None:
        poisson = self.celltype
        if not isinstance(poisson, SpikeSourcePoisson):
            self._evaluate_trains_once()
            super()._create_cells()  # type: ignore[misc]
            return
        self.celltype = self._array_celltype(spike_times=[])
        super()._create_cells()  # type: ignore[misc]
        self.celltype = poisson
        self._draw_anew()

    def _evaluate_trains_once(self) -> None:
        """Replace trains given by a function, which may draw them, by the trains themselves."""
        space = self.celltype.parameter_space
        if "spike_times" not in space.keys() or not callable(space["spike_times"].base_value):  # noqa: SIM118
            return
        drawn = copy(space["spike_times"])
        drawn.shape = (self.size,)
        trains = LazyArray(drawn.evaluate(simplify=False), shape=(self.size,), dtype=Sequence)
        self.celltype = copy(self.celltype)
        others = {name: value for name, value in space.items() if name != "spike_times"}
        self.celltype.parameter_space = ParameterSpace(
            others | {"spike_times": trains}, space.schema, (self.size,), space.component
        )

    def _draw_anew(self) -> None:
        space = self.celltype.parameter_space
        rate, start, duration = (
            as_array(space[name], self.size) for name in ("rate", "start", "duration")
        )
        first = self._registry.min_delay_steps + 1
        self.drawn_trains = PoissonTrains(
            rate, start, duration, self._registry.timestep, first, self._registry.next_seeds()
        )

    def draw_until(self, time_ms: float) -> None:
        """Have trains ready that reach beyond `time_ms`, for sources that are drawn."""
        if self.drawn_trains is None:
            return
        ahead = 2 * (self._registry.slice_steps or 1) + 2
        self.drawn_trains.draw_until(round(time_ms / self._registry.timestep) + ahead)
        self._play(self.drawn_trains.steps)

    def _play(self, steps: list[np.ndarray]) -> None:
        """Hand the simulator each source's spikes, as steps."""
        raise NotImplementedError

    def _get_parameters(self, *names: str) -> Any:
        if self.drawn_trains is None:
            return super()._get_parameters(*names)  # type: ignore[misc]
        return _subset(self.celltype.parameter_space, names, self.size)

    def _set_parameters(self, parameter_space: Any) -> None:
        if self.drawn_trains is None:
            super()._set_parameters(parameter_space)  # type: ignore[misc]
            return
        if self._simulator.state.t > 0:
            raise Unsupported(
                "SpikeSourcePoisson.set()",
                "the simulation has begun, and its trains are drawn",
                allowed="rates before the first run; or SpikeSourceArray",
            )
        for name, value in parameter_space.items():
            self.celltype.parameter_space[name] = value
        self._draw_anew()


class PartOfDrawnTrains:
    """Mixin of views: rates and windows of drawn sources are those of the whole population."""

    grandparent: Any

    def _get_parameters(self, *names: str) -> Any:
        if self.grandparent.drawn_trains is None:
            return super()._get_parameters(*names)  # type: ignore[misc]
        whole = self.grandparent._get_parameters(*names)
        whole.evaluate(simplify=False)
        rows = self._rows()  # type: ignore[attr-defined]
        values = {name: simplify(np.asarray(value)[rows]) for name, value in whole.items()}
        return ParameterSpace(values, shape=(self.size,))  # type: ignore[attr-defined]

    def _set_parameters(self, parameter_space: Any) -> None:
        whole = self.grandparent
        if whole.drawn_trains is None:
            super()._set_parameters(parameter_space)  # type: ignore[misc]
            return
        parameter_space.evaluate(simplify=False)
        changed = {}
        for name, value in parameter_space.items():
            changed[name] = as_array(whole.celltype.parameter_space[name], whole.size)
            changed[name][self._rows()] = value  # type: ignore[attr-defined]
        whole._set_parameters(ParameterSpace(changed, shape=(whole.size,)))


def _subset(space: Any, names: tuple[str, ...], size: int) -> Any:
    values = {name: simplify(as_array(space[name], size)) for name in names}
    return ParameterSpace(values, shape=(size,))


def noise_steps(
    mean: float, stdev: float, start: float, stop: float, interval: float, dt: float, seed: Any
) -> tuple[np.ndarray, np.ndarray]:
    """Times (ms) and amplitudes (nA) of a step current that is Gaussian noise.

    A new amplitude is drawn every `interval` from `start` on; at `stop` the current is 0.

    Raises
    ------
    Unsupported
        If a time is off the grid, or `stop` has no bound.
    """
    if not stop < 1e9:
        raise Unsupported(
            "NoisyCurrentSource.stop", f"{stop:g} ms", allowed="the time at which the noise ends"
        )
    first, last = (
        int(to_steps(time, dt, f"NoisyCurrentSource.{name}"))
        for name, time in (("start", start), ("stop", stop))
    )
    every = int(to_steps(interval, dt, "NoisyCurrentSource.dt"))
    if every < 1:
        raise Unsupported("NoisyCurrentSource.dt", f"{interval:g} ms", allowed=f"{dt:g} and above")
    steps = np.arange(first, last, every)
    amplitudes = mean + stdev * np.random.default_rng(seed).standard_normal(len(steps))
    times = np.round(np.append(steps, last) * dt, 10)
    return times, np.append(amplitudes, 0.0)
