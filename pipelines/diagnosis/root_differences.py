"""Neurons whose first difference is not a consequence of another neuron's difference.

After the first spike that differs, its consequences spread through the network and hide their
origin. A spike that differs at another neuron can have acted on a neuron only if it arrived there
before: connections and delays tell when. What is left are the *roots* of the difference, which
show its cause directly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipelines.diagnosis.plastic import is_sample
from pipelines.diagnosis.run_pair import Pair
from pipelines.diagnosis.synapses.transmissions import cell_types_of, projections_of

Ints = np.ndarray

NEVER = np.iinfo(np.int64).max // 2
"""Step of an event that does not occur."""

# Without connections, the first spikes of this share of the neurons, the earliest to fire, are
# taken to come before the first difference reaches them.
_EARLIEST_SHARE = 1 / 3
_FEWEST_EARLIEST = 8


@dataclass(frozen=True)
class Roots:
    """Neurons of one population: their first spikes, and their first difference.

    All steps are steps of the common grid (`Pair.grid`), and `NEVER` if there is no such event.

    Attributes
    ----------
    neuron
        Index of each neuron that fires in either run, shape (n,).
    first
        Step of its first spike in each run, shape (2, n).
    compared
        Whether no difference of another neuron can have reached it by its first spike in either
        run, shape (n,).
    differs
        Whether it has a difference that no other neuron can have caused, shape (n,).
    common
        Number of its spikes before this difference, which are the same in both runs.
    previous
        Step of the last of them.
    at
        Step of its spike number `common` (counted from 0) in each run, shape (2, n): the first
        that differs if the neuron `differs`.
    later_same
        Number of its further spikes, after the first, that are the same in both runs and that no
        difference of another neuron can have reached.
    """

    neuron: Ints
    first: Ints
    compared: np.ndarray
    differs: np.ndarray
    common: Ints
    previous: Ints
    at: Ints
    later_same: Ints


def sources_of(pair: Pair) -> frozenset[str]:
    """Populations of spike sources, as far as the records of the runs say."""
    found: set[str] = set()
    for one in (pair.a, pair.b):
        for name, types in cell_types_of(one).items():
            listed = types if isinstance(types, list | tuple) else [types]
            if listed and all(str(kind).startswith("SpikeSource") for kind in listed):
                found.add(name)
    return frozenset(found)


def roots(pair: Pair) -> dict[str, Roots]:
    """The roots of the difference of two runs, by population; only populations that fire.

    Where the records do not name the projections, only the first spikes of the neurons that fire
    earliest count as compared, and only the differences of the first step are roots.
    """
    grid = pair.early
    trains = []
    for key in grid.keys:
        step, population, neuron = grid.split_keys(key)
        cell = population * grid.n_neurons + neuron
        order = np.lexsort((step, cell))
        trains.append((cell[order], step[order]))
    cells = np.union1d(trains[0][0], trains[1][0])
    if not len(cells):
        return {}
    common, at, previous = _first_differences(cells, trains)
    first = np.stack([_nth(cells, train, np.zeros(len(cells), np.int64)) for train in trains])
    differs_at = at.min(axis=0)
    differs_at[at[0] == at[1]] = NEVER
    known = [projections_of(one) for one in (pair.a, pair.b)]
    if known[0] or known[1]:
        reach = _reach(pair, known[0] or known[1], cells, differs_at)
        compared = first.min(axis=0) <= reach
    else:
        reach = np.full(len(cells), min(differs_at.min(), NEVER - 1) + grid.parts_per_step)
        compared = (first.min(axis=0) <= reach) | _earliest(cells // grid.n_neurons, first)
    differs = (differs_at < NEVER) & (differs_at <= reach)
    same_until = np.minimum(reach, differs_at - 1)
    later_same = np.maximum(_count_until(cells, trains[0], same_until) - 1, 0)
    found = {}
    for code, name in enumerate(grid.populations):
        of = cells // grid.n_neurons == code
        if of.any():
            found[name] = Roots(
                cells[of] % grid.n_neurons, first[:, of], compared[of], differs[of], common[of],
                previous[of], at[:, of], later_same[of],
            )  # fmt: skip
    return found


def _nth(cells: Ints, train: tuple[Ints, Ints], number: Ints) -> Ints:
    """Step of spike `number` of each cell in sorted spikes."""
    cell, step = train
    start, end = (np.searchsorted(cell, cells, side=side) for side in ("left", "right"))
    index = start + number
    there = index < end
    found = np.full(len(cells), NEVER)
    found[there] = step[index[there]]
    return found


def _count_until(cells: Ints, train: tuple[Ints, Ints], until: Ints) -> Ints:
    """Number of spikes of each cell up to a step."""
    cell, step = train
    index = np.searchsorted(cells, cell)
    return np.bincount(index[step <= until[index]], minlength=len(cells))


def _first_differences(cells: Ints, trains: list[tuple[Ints, Ints]]) -> tuple[Ints, Ints, Ints]:
    """Number of common spikes of each cell, steps of the next one, and of the last common one."""
    positions = []
    for cell, step in trains:
        start = np.searchsorted(cell, cell, side="left")
        positions.append(np.column_stack([cell, np.arange(len(cell)) - start, step]))
    # The k-th spikes of a cell are the same in both runs up to its first difference.
    a, b = positions
    width = max(int(p[:, 1].max(initial=0)) for p in positions) + 1
    keys = [p[:, 0] * width + p[:, 1] for p in positions]
    _, in_a, in_b = np.intersect1d(keys[0], keys[1], return_indices=True)
    same = a[in_a, 2] == b[in_b, 2]
    number = {
        which: np.bincount(np.searchsorted(cells, train[0]), minlength=len(cells))
        for which, train in enumerate(trains)
    }
    common = np.minimum(number[0], number[1])
    unequal = in_a[~same]
    np.minimum.at(common, np.searchsorted(cells, a[unequal, 0]), a[unequal, 1])
    at = np.stack([_nth(cells, train, common) for train in trains])
    previous = np.where(common > 0, _nth(cells, trains[0], np.maximum(common - 1, 0)), -NEVER)
    return common, at, previous


def _reach(
    pair: Pair, projections: Mapping[str, Mapping[str, Any]], cells: Ints, differs_at: Ints
) -> Ints:
    """Earliest step at which a difference of another neuron reaches each cell."""
    grid = pair.early
    reach = np.full(len(cells), NEVER)
    code_of = {name: code for code, name in enumerate(grid.populations)}
    population = cells // grid.n_neurons
    for name, projection in projections.items():
        pre, post = (code_of.get(str(projection.get(key, ""))) for key in ("pre", "post"))
        if post is None:
            continue
        onto = population == post
        if pre is None:
            # The presynaptic population is not recorded, so when it differs is not known; a
            # source that is not recorded is taken to be the same in both runs.
            continue
        rows = [one.weights[one.weights["projection"] == name] for one in (pair.a, pair.b)]
        if any(
            not len(table) or table["delay_ms"].isna().any() or is_sample(one, name)
            for one, table in zip((pair.a, pair.b), rows, strict=True)
        ):
            of_pre = differs_at[population == pre]
            arrival = int(of_pre.min(initial=NEVER - 1)) + grid.parts_per_step
            reach[onto] = np.minimum(reach[onto], arrival)
            continue
        for table in rows:
            ends = [
                code * grid.n_neurons + table[key].to_numpy(np.int64)
                for code, key in ((pre, "pre"), (post, "post"))
            ]
            delay = np.rint(table["delay_ms"] / grid.timestep * grid.parts_per_step)
            places = [np.searchsorted(cells, end) for end in ends]
            places = [np.minimum(place, len(cells) - 1) for place in places]
            fire = (cells[places[0]] == ends[0]) & (cells[places[1]] == ends[1])
            arrival = differs_at[places[0][fire]] + delay.to_numpy(np.int64)[fire]
            np.minimum.at(reach, places[1][fire], arrival)
    return reach


def _earliest(population: Ints, first: Ints) -> np.ndarray:
    """Whether each cell is among those of its population that fire earliest."""
    early = np.zeros(len(population), bool)
    for code in np.unique(population):
        of = np.flatnonzero(population == code)
        most = max(_FEWEST_EARLIEST, int(len(of) * _EARLIEST_SHARE))
        early[of[np.argsort(first[:, of].min(axis=0), kind="stable")[:most]]] = True
    return early
