"""Spikes of one run that are a part of those of the other, or are there several times."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pipelines.diagnosis.records.recorded_spikes import MEMORY_MS, Change, Spikes
from pipelines.diagnosis.run_pair import Pair, joined, steps_in_words

Ints = np.ndarray

# Smallest number of neurons that lose all but their first spikes.
_FEWEST_NEURONS = 3
# Smallest number of lost spikes in a gap, or that other spikes soon follow.
_FEWEST = 3
# Share of the spikes after which another one comes soon, relative to those that are repeated.
_FEW_NEAR = 0.1


def part_of_the_other(a: Spikes, b: Spikes, pair: Pair, end_ms: float) -> Iterator[Change]:
    """Spikes that one run has more than once, or that it lacks, while all others are the same."""
    keys, n_a, n_b = _count(a, b)
    yield from _duplicated(n_a, n_b)
    yield from _incomplete(keys, n_a, n_b, pair)


def _duplicated(n_a: Ints, n_b: Ints) -> Iterator[Change]:
    """Spikes that one run has more than once."""
    for few, many, where in ((n_a, n_b, 1), (n_b, n_a, 0)):
        again = many > few
        if np.any(many < few) or np.any(few[again] == 0):
            continue
        share = float(again.mean())
        times = np.unique(many[again] / few[again])
        which = f"{int(again.sum()):,} spikes ({share:.1%})" if share < 1 else "all spikes"
        number = {2.0: "twice"}.get(times[0], f"{times[0]:g} times") if len(times) == 1 else ""
        text = f"{which} of {{of}} {{there}} are there {number or 'more than once'}"
        yield Change(
            "spikes recorded twice", "duplicate", share == 1, text, where, share,
            alternatives=("different inputs",),
        )  # fmt: skip


def _incomplete(keys: Ints, n_a: Ints, n_b: Ints, pair: Pair) -> Iterator[Change]:
    """Spikes of one run that are a part of those of the other."""
    for full, part, where in ((n_a, n_b, 1), (n_b, n_a, 0)):
        if np.any(part > full):
            continue
        lost, there = full > part, part > 0
        cell, step = _cell(keys), _step(keys)
        n = int((full - part).sum())
        if n >= _FEWEST and (by := _echo(cell, step, lost)):
            text = (
                f"{n:,} spikes of {{of}} ({n / int(full.sum()):.2%}) {pair.where[1 - where]} come"
                f" {steps_in_words(by // pair.grid.parts_per_step, 'after', 'before')} another of"
                f" the same neuron; {pair.where[where]} these are missing, and all others are equal"
            )
            yield Change(
                "spikes recorded twice", "duplicate", "echo", text, 1 - where,
                n / int(full.sum()), alternatives=("spikes missing from the record",),
            )  # fmt: skip
            return
        said = f"the {n:,} spike{'' if n == 1 else 's'} of {{of}} missing {pair.where[where]}"
        share = n / int(full.sum())
        name, text, others = _which(said, share, where, cell, step, lost, there, pair)
        yield Change(name, "loss", name, text, where, share, 0, others)


def _echo(cell: Ints, step: Ints, lost: Ints) -> int:
    """Steps by which each lost spike follows another of the same neuron; 0 if not by the same."""
    order = np.lexsort((step, cell))
    same = np.append(False, np.diff(cell[order]) == 0)
    after = np.append(0, np.diff(step[order]))
    by = after[lost[order]]
    alike = len(by) and bool(np.all(same[lost[order]])) and np.ptp(by) == 0
    if not alike:
        return 0
    # Few others are so near to each other.
    others = after[same & ~lost[order]]
    return int(by[0]) if np.sum(others <= by[0]) <= _FEW_NEAR * len(by) else 0


def _which(
    said: str, share: float, where: int, cell: Ints, step: Ints, lost: Ints, there: Ints, pair: Pair
) -> tuple[str, str, tuple[str, ...]]:
    """Name of a loss, its explanation, and the causes in the simulation that do the same."""
    grid = pair.grid
    if not there.any():
        return "silent population", f"{said} are all there are", (
            "population not recorded", "missing projection",
        )  # fmt: skip
    first, last = step[there].min(), step[there].max()
    if step[lost].min() > last:
        text = f"{said} all come after {grid.time_ms(last):g} ms"
        return "recording ends early", text, ("run ends early", "different inputs")
    if step[lost].max() < first:
        text = f"{said} all come before {grid.time_ms(first):g} ms"
        return "recording begins late", text, ("different inputs",)
    if not np.isin(cell[lost], cell[there]).any():
        cells = np.unique(cell[lost])
        text = f"{said} are all those of {_cells(pair, cells, cell[there])}; all others are equal"
        return "silent neurons", text, (
            "neurons not recorded", "different connectivity",
        )  # fmt: skip
    low, high = step[lost].min(), step[lost].max()
    if not np.any(there & (step >= low) & (step <= high)) and lost.sum() >= _FEWEST:
        around = step[there]
        begin = grid.time_ms(around[around < low].max())
        end = grid.time_ms(around[around > high].min())
        text = f"{said} are all those between {begin:g} and {end:g} ms"
        return "gap in the recording", text, ("different inputs",)
    kept = np.bincount(cell[there])
    at = _last_steps(cell, step, there)
    if np.all(step[lost] > at[cell[lost]]):
        cut = np.unique(cell[lost])
        most = np.unique(np.append(kept, np.zeros(int(cell.max()) + 1 - len(kept), int))[cut])
        whole = np.setdiff1d(np.unique(cell), cut)
        if len(most) == 1 and len(cut) >= _FEWEST_NEURONS and np.all(kept[whole] <= most[0]):
            text = f"{said} come after the first {most[0]} spikes of each neuron"
            return "only first spikes recorded", text, ()
    others: tuple[str, ...] = ("missing or further input", "different inputs")
    second = _every_nth(cell, step, there, grid.n_neurons)
    if second:
        return "spikes missing from the record", f"{said} are {second}", others
    if not _go_on(cell, step, lost, there, pair):
        # Rare responses to single volleys of input may be lost without an effect on later ones.
        others = (*others, "less excitable" if where == 1 else "more excitable")
    before = float(np.mean(step[lost] < at[cell[lost]]))
    text = f"{said}, {share:.2%} of all, are lost here and there; all others are equal"
    if before <= 0.5:
        others = (*others, "silent neurons")
    return "spikes missing from the record", text, others


def _go_on(cell: Ints, step: Ints, lost: Ints, there: Ints, pair: Pair) -> bool:
    """Whether cells that lost a spike fire soon after as if they had been reset by it."""
    order = np.lexsort((step, cell))
    same = np.diff(cell[order]) == 0
    soon = np.diff(step[order]) < MEMORY_MS / pair.timestep * pair.grid.parts_per_step
    return int(np.sum(same & soon & lost[order][:-1] & there[order][1:])) >= _FEWEST


def _last_steps(cell: Ints, step: Ints, there: Ints) -> Ints:
    """Step of the last spike of each cell that is there; -1 without one."""
    last = np.full(int(cell.max()) + 1, -1)
    np.maximum.at(last, cell[there], step[there])
    return last


def _every_nth(cell: Ints, step: Ints, there: Ints, n_neurons: int) -> str:
    """In words, if every second (third, ...) spike is there, of each neuron or of all."""
    by_neuron, by_time = np.lexsort((step, cell)), np.lexsort((cell, step))
    # As the rows of the table are sorted: by population, then by time.
    by_row = np.lexsort((cell, step, cell // n_neurons))
    for order, whose in ((by_neuron, "each neuron"), (by_time, ""), (by_row, "")):
        mask, groups = there[order], cell[order] if whose else np.zeros(len(cell), int)
        begin = np.append(True, np.diff(groups) != 0)
        rank = np.arange(len(groups)) - np.maximum.accumulate(
            np.where(begin, np.arange(len(groups)), 0)
        )
        for n, word in ((2, "second"), (3, "third"), (4, "fourth"), (5, "fifth"), (10, "tenth")):
            for phase in range(n):
                if len(mask) >= 3 * n and np.array_equal(mask, rank % n == phase):
                    return f"all but every {word} one" + (f" of {whose}" if whose else "")
                if n > 2 and len(mask) >= 3 * n and np.array_equal(~mask, rank % n == phase):
                    return f"every {word} one" + (f" of {whose}" if whose else "")
    return ""


def _cells(pair: Pair, cells: Ints, others: Ints) -> str:
    population, neuron = np.divmod(cells, pair.grid.n_neurons)
    said = []
    for code in np.unique(population):
        of = neuron[population == code]
        name = pair.grid.populations[code]
        rest = others[others // pair.grid.n_neurons == code] % pair.grid.n_neurons
        if len(of) > 3 and len(rest) and of.min() > rest.max():
            said.append(f"{len(of):,} neurons of {name}, from {of.min()} on")
            continue
        some = ", ".join(str(k) for k in of[:3]) + (", ..." if len(of) > 3 else "")
        count = f"{len(of):,} neurons ({some})" if len(of) > 3 else some
        word = "" if len(of) > 3 else "neurons " if len(of) > 1 else "neuron "
        said.append(f"{word}{count} of {name}")
    return joined(said)


def _count(a: Spikes, b: Spikes) -> tuple[Ints, Ints, Ints]:
    """Sorted keys of the spikes of both runs, and the number of each in the first and second."""
    keys, owner = np.unique(np.concatenate([a.keys(), b.keys()]), return_inverse=True)
    n_a = np.bincount(owner[: len(a)], minlength=len(keys))
    return keys, n_a, np.bincount(owner[len(a) :], minlength=len(keys))


def _step(keys: Ints) -> Ints:
    return keys >> 32


def _cell(keys: Ints) -> Ints:
    return keys & ((1 << 32) - 1)
