"""Where two runs part: the first spike that only one of them has, and the last that both have."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Ints = NDArray[np.int64]


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
    """

    populations: tuple[str, ...]
    keys: tuple[Ints, Ints]
    n_neurons: int
    timestep: float

    def parts(self, key: Ints | int) -> tuple[Ints, Ints, Ints]:
        """Step, population and neuron of keys."""
        rest, neuron = np.divmod(key, self.n_neurons)
        step, population = np.divmod(rest, max(len(self.populations), 1))
        return step, population, neuron

    def time_ms(self, step: Ints | int) -> float:
        """Time of one step."""
        return float(np.round(step * self.timestep, 9))


def on_grid(a: pd.DataFrame, b: pd.DataFrame, timestep: float) -> OnGrid:
    """Put the spikes of two runs on one grid of time steps.

    Parameters
    ----------
    a, b
        Columns population, neuron, time_ms.
    timestep
        Width of the grid, in ms.
    """
    populations = sorted(set(a["population"]) | set(b["population"]))
    n_neurons = 1 + max(
        [int(spikes["neuron"].max()) for spikes in (a, b) if len(spikes)], default=0
    )

    def keys(spikes: pd.DataFrame) -> Ints:
        step = np.rint(spikes["time_ms"].to_numpy(float) / timestep).astype(np.int64)
        codes = pd.Categorical(spikes["population"], categories=populations).codes
        key = step * len(populations) + codes.astype(np.int64)
        return key * n_neurons + spikes["neuron"].to_numpy(np.int64)

    return OnGrid(tuple(populations), (keys(a), keys(b)), n_neurons, timestep)


def first_divergence(grid: OnGrid) -> Divergence | None:
    """The first difference between two runs; None if they have the same spikes."""
    a, b = grid.keys
    unique, owner = np.unique(np.concatenate([a, b]), return_inverse=True)
    count_a = np.bincount(owner[: len(a)], minlength=len(unique))
    count_b = np.bincount(owner[len(a) :], minlength=len(unique))
    common = np.minimum(count_a, count_b)
    unequal = np.flatnonzero(count_a != count_b)
    if not len(unequal):
        return None
    # Keys are in order of step, population, neuron: the first is the earliest.
    first = int(unequal[0])
    step, population, neuron = grid.parts(int(unique[first]))
    before = int(common[:first].sum())
    last = grid.time_ms(grid.parts(int(unique[first - 1]))[0]) if before else None
    return Divergence(
        time_ms=grid.time_ms(step),
        population=grid.populations[int(population)],
        neuron=int(neuron),
        on=0 if count_a[first] > count_b[first] else 1,
        last_common_ms=last,
        n_common_before=before,
        n_common=int(common.sum()),
        n_a=len(a),
        n_b=len(b),
    )


def lags(grid: OnGrid, most: int) -> tuple[Ints, Ints, Ints]:
    """By how many steps the k-th spike of each neuron comes later in the second run.

    Parameters
    ----------
    most
        Spikes of each neuron that are looked at, from its first on.

    Returns
    -------
    population : ndarray, shape (n,)
        Of each neuron that fires in both runs, as a number.
    lag : ndarray, shape (n, most)
        In steps; only the first `number` entries of each row count.
    number : ndarray, shape (n,)
        Spikes that the neuron has in both runs, `most` at most.
    """
    trains = []
    for key in grid.keys:
        step, population, neuron = grid.parts(key)
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
    return cells // grid.n_neurons, steps[1] - steps[0], numbers.min(axis=0)
