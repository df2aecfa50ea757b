"""The first divergence of two runs: the first spike that only one of them has."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Ints = NDArray[np.int64]

# Deviation from the grid (in steps) above which a spike is off the grid and not just rounded
# (tables may hold 32-bit floats).
_OFF_GRID = 0.02
# Parts of a time step on the finer grid; off-grid spikes in the same part are the same.
_PARTS_PER_STEP = 1000


@dataclass(frozen=True)
class Divergence:
    """The first difference between the spikes of two runs.

    Attributes
    ----------
    time_ms, population, neuron
        Time, population and neuron of the first spike that only one run has.
    on
        Index of the run that has this spike: 0 or 1.
    last_common_ms
        Time of the last spike before it, which both have; None if there is none.
    n_common_before
        Number of spikes in common before it.
    n_common, n_a, n_b
        Total number of spikes in common, and in each run.
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
    """Spikes of two runs as integers: steps of the grid and indices of populations and neurons.

    Attributes
    ----------
    populations
        Names, sorted.
    keys : pair of ndarray of int64
        For each run one integer per spike that encodes its step, population and neuron, the step
        most significant.
    n_neurons
        Largest index of a neuron plus one.
    timestep
        Time step in ms.
    parts_per_step
        Parts of a time step on the grid: 1, or more if a run has spikes between the time steps.
    off
        For each run, whether it has spikes between the time steps.
    """

    populations: tuple[str, ...]
    keys: tuple[Ints, Ints]
    n_neurons: int
    timestep: float
    parts_per_step: int = 1
    off: tuple[bool, bool] = (False, False)

    def split_keys(self, key: Ints | int) -> tuple[Ints, Ints, Ints]:
        """Step, population and neuron encoded in keys."""
        rest, neuron = np.divmod(key, self.n_neurons)
        step, population = np.divmod(rest, max(len(self.populations), 1))
        return step, population, neuron

    def time_ms(self, step: Ints | int) -> float:
        """Time (ms) of one step of the grid."""
        return float(self.times_ms(step))

    def times_ms(self, steps: Ints | int) -> NDArray[np.float64]:
        """Times (ms) of steps of the grid."""
        return np.round(np.asarray(steps) * self.timestep / self.parts_per_step, 9)

    def first_spikes(self, most: int) -> OnGrid:
        """Spikes of both runs before the step in which one of them exceeds `most` spikes."""
        width = self.n_neurons * max(len(self.populations), 1)
        late = [np.partition(key, most)[most] // width for key in self.keys if len(key) > most]
        if not late:
            return self
        end = min(late) * width
        return replace(
            self, keys=(self.keys[0][self.keys[0] < end], self.keys[1][self.keys[1] < end])
        )


def on_grid(a: pd.DataFrame, b: pd.DataFrame, timestep: float) -> OnGrid:
    """Convert the spikes of two runs to one grid of time steps, or to a finer grid.

    Parameters
    ----------
    a, b
        Columns population, neuron, time_ms.
    timestep
        Time step in ms. If a run has spikes between the steps, the grid is finer: rounding to
        whole steps would make different times equal.
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
    """Number of occurrences of each key in the first and second run; keys ascend."""

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
    """Find the first difference between two runs; None if they have the same spikes.

    Parameters
    ----------
    grid
        Spikes of the runs.
    counts
        Result of `counts_of`, if it is computed already.
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
    """Lag of the k-th spike of each neuron in the second run relative to the first.

    Parameters
    ----------
    grid
        Spikes of the runs.
    most
        Number of spikes compared of each neuron, from its first on.

    Returns
    -------
    population : ndarray, shape (n,)
        Index of the population of each neuron that fires in both runs.
    first : ndarray, shape (2, n)
        Step of its first spike in each run.
    lag : ndarray, shape (n, most)
        In steps of the grid; only the first `number` entries of each row are valid.
    number : ndarray, shape (n,)
        Number of compared spikes, at most `most`.
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
