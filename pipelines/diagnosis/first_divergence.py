"""Where two runs part: the first spike that only one of them has, and the last that both have."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Ints = NDArray[np.int64]

# Share of a step by which a spike is off the grid, and not rounded (tables may hold 32 bits).
_OFF_GRID = 0.02
# Where spikes lie between the steps, they are the same if they are in the same part of a step.
_PARTS_PER_STEP = 1000


@dataclass(frozen=True)
class Divergence:
    """The first difference between the spikes of two runs.

    Attributes
    ----------
    time_ms, population, neuron
        Of the first spike that one run has and the other one has not.
    on
        0 if the first run has it, 1 if the second.
    last_common_ms
        Time of the last spike before it, which both have; None if there is none.
    n_common_before
        Spikes until then.
    n_common, n_a, n_b
        Spikes in common, and of each run, in all.
    """

    time_ms: float
    population: str
    neuron: int
    on: int
    last_common_ms: float | None
    n_common_before: int
    n_common: int
    n_a: int
    n_b: int


@dataclass(frozen=True)
class OnGrid:
    """Spikes of two runs as whole steps, with populations as numbers of one list.

    Attributes
    ----------
    populations
        Names, sorted.
    keys : pair of ndarray of int64
        For each run one number a spike that holds its step, its population and its neuron, in
        this order of weight.
    n_neurons
        One more than the largest index of a neuron.
    timestep
        In ms.
    parts_per_step
        1; more if the grid is finer than the time steps, because there are spikes between them.
    off
        Whether the first run has spikes between the time steps, and the second one.
    """

    populations: tuple[str, ...]
    keys: tuple[Ints, Ints]
    n_neurons: int
    timestep: float
    parts_per_step: int = 1
    off: tuple[bool, bool] = (False, False)

    def split_keys(self, key: Ints | int) -> tuple[Ints, Ints, Ints]:
        """Step, population and neuron of keys."""
        rest, neuron = np.divmod(key, self.n_neurons)
        step, population = np.divmod(rest, max(len(self.populations), 1))
        return step, population, neuron

    def time_ms(self, step: Ints | int) -> float:
        """Time of one step of the grid."""
        return float(self.times_ms(step))

    def times_ms(self, steps: Ints | int) -> NDArray[np.float64]:
        """Times of steps of the grid."""
        return np.round(np.asarray(steps) * self.timestep / self.parts_per_step, 9)

    def first_spikes(self, most: int) -> OnGrid:
        """The first spikes: of both runs until one of them has had `most`."""
        width = self.n_neurons * max(len(self.populations), 1)
        late = [np.partition(key, most)[most] // width for key in self.keys if len(key) > most]
        if not late:
            return self
        end = min(late) * width
        return replace(
            self, keys=(self.keys[0][self.keys[0] < end], self.keys[1][self.keys[1] < end])
        )


def on_grid(a: pd.DataFrame, b: pd.DataFrame, timestep: float) -> OnGrid:
    """Put the spikes of two runs on one grid of time steps, or on a finer one.

    Parameters
    ----------
    a, b
        Columns population, neuron, time_ms.
    timestep
        Width of the grid, in ms. If a run has spikes between the steps, the grid is finer: there
        rounding to whole steps would make equal what is not.
    """
    off = (_is_off_grid(a, timestep), _is_off_grid(b, timestep))
    parts = _PARTS_PER_STEP if any(off) else 1
    populations = sorted(set(a["population"]) | set(b["population"]))
    n_neurons = 1 + max(
        [int(spikes["neuron"].max()) for spikes in (a, b) if len(spikes)], default=0
    )

    def keys(spikes: pd.DataFrame) -> Ints:
        exact = spikes["time_ms"].to_numpy(float) / timestep * parts
        step = np.rint(exact).astype(np.int64)
        codes = pd.Categorical(spikes["population"], categories=populations).codes
        key = step * len(populations) + codes.astype(np.int64)
        return key * n_neurons + spikes["neuron"].to_numpy(np.int64)

    return OnGrid(tuple(populations), (keys(a), keys(b)), n_neurons, timestep, parts, off)


def _is_off_grid(spikes: pd.DataFrame, timestep: float) -> bool:
    exact = spikes["time_ms"].to_numpy(float) / timestep
    return bool(np.any(np.abs(exact - np.rint(exact)) > _OFF_GRID))


@dataclass(frozen=True)
class Counts:
    """How often each key occurs in the first run, and in the second; keys ascend."""

    keys: Ints
    a: Ints
    b: Ints


def counts_of(grid: OnGrid) -> Counts:
    """Count the spikes of both runs at each step and neuron."""
    a, b = grid.keys
    keys, owner = np.unique(np.concatenate([a, b]), return_inverse=True)
    count_a = np.bincount(owner[: len(a)], minlength=len(keys))
    count_b = np.bincount(owner[len(a) :], minlength=len(keys))
    return Counts(keys, count_a, count_b)


def first_divergence(grid: OnGrid, counts: Counts | None = None) -> Divergence | None:
    """The first difference between two runs; None if they have the same spikes.

    Parameters
    ----------
    counts
        What `counts_of` gives, if it is known already.
    """
    counts = counts_of(grid) if counts is None else counts
    unique, count_a, count_b = counts.keys, counts.a, counts.b
    common = np.minimum(count_a, count_b)
    unequal = np.flatnonzero(count_a != count_b)
    if not len(unequal):
        return None
    # Keys are in order of step, population, neuron: the first is the earliest.
    first = int(unequal[0])
    step, population, neuron = grid.split_keys(int(unique[first]))
    before = int(common[:first].sum())
    last = grid.time_ms(grid.split_keys(int(unique[first - 1]))[0]) if before else None
    return Divergence(
        time_ms=grid.time_ms(step),
        population=grid.populations[int(population)],
        neuron=int(neuron),
        on=0 if count_a[first] > count_b[first] else 1,
        last_common_ms=last,
        n_common_before=before,
        n_common=int(common.sum()),
        n_a=len(grid.keys[0]),
        n_b=len(grid.keys[1]),
    )


def lags(grid: OnGrid, most: int) -> tuple[Ints, Ints, Ints, Ints]:
    """By how much the k-th spike of each neuron comes later in the second run.

    Parameters
    ----------
    most
        Spikes of each neuron that are looked at, from its first on.

    Returns
    -------
    population : ndarray, shape (n,)
        Of each neuron that fires in both runs, as a number.
    first : ndarray, shape (2, n)
        When it fires first, in each of them.
    lag : ndarray, shape (n, most)
        In parts of the grid; only the first `number` entries of each row count.
    number : ndarray, shape (n,)
        Spikes that the neuron has in both runs, `most` at most.
    """
    trains = []
    for key in grid.keys:
        step, population, neuron = grid.split_keys(key)
        cell = population * grid.n_neurons + neuron
        order = np.lexsort((step, cell))
        trains.append((cell[order], step[order]))
    cells = np.intersect1d(trains[0][0], trains[1][0])
    steps = np.zeros((2, len(cells), most), dtype=np.int64)
    numbers = np.zeros((2, len(cells)), dtype=np.int64)
    for which, (cell, step) in enumerate(trains):
        first = np.searchsorted(cell, cells)
        numbers[which] = np.minimum(np.searchsorted(cell, cells, side="right") - first, most)
        for k in range(most):
            there = numbers[which] > k
            steps[which, there, k] = step[first[there] + k]
    number = numbers.min(axis=0)
    return cells // grid.n_neurons, steps[:, :, 0], steps[1] - steps[0], number
