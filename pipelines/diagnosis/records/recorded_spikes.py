"""Recorded spikes of two runs as arrays, and the form of a transformation between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipelines.diagnosis.run_pair import Pair

Ints = np.ndarray

MEMORY_MS = 20.0
"""Time within which the potential of a neuron still depends on its last spike."""


@dataclass(frozen=True)
class Spikes:
    """Spikes of one run, sorted by cell and step; a cell is a neuron of a population.

    Attributes
    ----------
    cell, step, time : ndarray, shape (n_spikes,)
        Index of the cell, step of the grid of the pair, and time in ms.
    """

    cell: Ints
    step: Ints
    time: np.ndarray

    def __len__(self) -> int:
        return len(self.cell)

    def of(self, mask: np.ndarray) -> Spikes:
        """Spikes that a mask selects."""
        return Spikes(self.cell[mask], self.step[mask], self.time[mask])

    def keys(self, by: int = 0) -> Ints:
        """One sorted integer a spike, of its step and cell; `by` is added to the step."""
        return np.sort((self.step + by) * (1 << 32) + self.cell)


def spikes_of(pair: Pair) -> tuple[Spikes, Spikes]:
    """Spikes of both runs; cells are ``population * n_neurons + neuron`` of the pair's grid."""
    found = []
    for key, one in zip(pair.grid.keys, (pair.a, pair.b), strict=True):
        step, population, neuron = pair.grid.split_keys(key)
        cell, time = population * pair.grid.n_neurons + neuron, one.spikes["time_ms"]
        order = np.lexsort((step, cell))
        found.append(Spikes(cell[order], step[order], time.to_numpy(float)[order]))
    return found[0], found[1]


@dataclass(frozen=True)
class Change:
    """A transformation that makes spikes of both runs the same.

    Attributes
    ----------
    name
        Name of the cause.
    kind
        ``"format"`` (times are written differently), ``"shift"``, ``"loss"`` (spikes of one run
        are a part of the other's), ``"duplicate"`` or ``"order"`` (neurons or populations have
        other names).
    key
        Equal for populations that are changed in the same way.
    text
        Explanation, with ``{of}`` for populations and ``{there}`` for the run that is changed.
    where
        Index of the run that is changed.
    alternatives
        Causes in the simulation that predict the same in these spikes.
    certain
        Reason why it can only be the record, if the spikes themselves show it.
    """

    name: str
    kind: str
    key: object
    text: str
    where: int = 1
    share: float = 1.0
    steps: int = 0
    alternatives: tuple[str, ...] = ()
    certain: str = ""
