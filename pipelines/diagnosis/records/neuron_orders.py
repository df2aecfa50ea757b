"""The same spike trains, or rows of another kind, that belong to other neurons."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Ints = np.ndarray

# Smallest number of spikes of a train that is recognised; shorter ones may be alike by chance.
_FEWEST = 3


@dataclass(frozen=True)
class Order:
    """How the neurons of the second run are numbered: name of the cause, and in words."""

    name: str
    said: str


def other_order(a: tuple[Ints, Ints], b: tuple[Ints, Ints]) -> Order | None:
    """Order of neurons that makes the trains of both runs the same; None if there is none.

    Parameters
    ----------
    a, b
        Neuron and time (as an integer) of each event of one population in both runs, sorted by
        neuron and time.
    """
    if len(a[0]) != len(b[0]) or not len(a[0]):
        return None
    (cell_a, hash_a, n_a), (cell_b, hash_b, _) = (_trains(*one) for one in (a, b))
    if not np.array_equal(np.sort(hash_a), np.sort(hash_b)) or n_a.max() < _FEWEST:
        return None
    if len(np.unique(hash_a)) < 2 and not len(cell_a) == len(cell_b) == 1:
        return None
    order_a, order_b = np.lexsort((cell_a, hash_a)), np.lexsort((cell_b, hash_b))
    first, second = cell_a[order_a], cell_b[order_b]
    by, total = np.unique(second - first), np.unique(second + first)
    if len(by) == 1:
        name = "neuron indices shifted"
        low = sorted((int(first.min()), int(second.min())))
        if abs(by[0]) == 1 and low == [0, 1]:
            name = "neurons counted from 1"
        how = "larger" if by[0] > 0 else "smaller"
        return Order(name, f"indices of the neurons of {{of}} are {how} by {abs(by[0])}")
    at = np.arange(len(cell_a))
    if np.array_equal(cell_a, cell_b):
        at = np.flatnonzero(hash_a != hash_b)
    name = "neurons in another order"
    if len(at) == 2:
        return Order(name, f"neurons {cell_a[at[0]]} and {cell_a[at[1]]} of {{of}} are exchanged")
    if len(total) == 1:
        return Order(name, "the neurons of {of} are in reversed order")
    said = f"{len(at):,} trains of {{of}} are those of other neurons"
    return Order(name, said)


def _trains(cell: Ints, step: Ints) -> tuple[Ints, Ints, Ints]:
    """Neurons that fire, a hash of the spike times of each, and their number."""
    cells, begin, number = np.unique(cell, return_index=True, return_counts=True)
    # Steps are hashed (SplitMix64) so that their sums differ between trains.
    with np.errstate(over="ignore"):
        mixed = step.astype(np.int64).astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(30)
        mixed *= np.uint64(0xBF58476D1CE4E5B9)
        mixed ^= mixed >> np.uint64(27)
        mixed *= np.uint64(0x94D049BB133111EB)
        mixed ^= mixed >> np.uint64(31)
        hashes = np.add.reduceat(mixed, begin)
    return cells, hashes, number
