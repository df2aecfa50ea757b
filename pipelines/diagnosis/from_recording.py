"""Signatures of spikes that are the same, but were recorded differently.

Each of them explains the whole difference: after its correction both runs have the same spikes.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pipelines.diagnosis.first_divergence import OnGrid
from pipelines.diagnosis.run_pair import Cause, Pair, joined, steps_in_words

# Factors between units of time, and the relative tolerance of their detection.
_FACTORS = {1e3: "1000", 1e-3: "1/1000", 1e6: "a million", 1e-6: "a millionth"}
_EQUAL = 1e-6
# Smallest number of spikes for a cause; fewer may agree by chance.
_FEWEST = 3
Ints = np.ndarray


def different_recording(pair: Pair) -> Iterator[Cause]:
    """First difference of recording that fits, if there is one."""
    if pair.divergence is None:
        return
    for signature in (_time_unit, _shifted, _duplicated, _incomplete, _permuted_neurons):
        found = next(signature(pair), None)
        if found is not None:
            yield found
            return


def _time_unit(pair: Pair) -> Iterator[Cause]:
    """Times in s or us, or counted in steps."""
    a, b = (np.sort(one.spikes["time_ms"].to_numpy(float)) for one in (pair.a, pair.b))
    if len(a) != len(b) or len(a) < _FEWEST or not a[-1] > 0:
        return
    steps = {1 / pair.timestep: "one over the time step", pair.timestep: "the time step"}
    for factor, name in {**_FACTORS, **steps}.items():
        if factor != 1 and np.allclose(b, a * factor, rtol=_EQUAL, atol=0):
            text = f"all times {pair.where[1]} are {name} times those {pair.where[0]}"
            yield Cause("times in another unit", text, 1.0)


def _shifted(pair: Pair) -> Iterator[Cause]:
    """All spikes shifted by the same number of steps."""
    a, b = (np.sort(key) for key in pair.grid.keys)
    if not len(a) or not len(b):
        return
    width = pair.grid.n_neurons * len(pair.grid.populations)
    by = int(b[0] // width - a[0] // width)
    if by == 0 or by % pair.grid.parts_per_step:
        return
    # A few spikes may have been shifted beyond an end of the run.
    end = min(a[-1] + by * width, b[-1])
    moved, stayed = a[a + by * width <= end] + by * width, b[b <= end]
    if len(stayed) < _FEWEST or not np.array_equal(moved, stayed):
        return
    if max(len(a) - len(moved), len(b) - len(stayed)) > max(2, 0.05 * len(a)):
        return
    steps = by // pair.grid.parts_per_step
    names = joined(list(pair.grid.populations))
    how = steps_in_words(steps, "later", "earlier")
    text = f"spikes of {names} come {how} {pair.where[1]}, all of them from the first on"
    yield Cause("constant shift", text, 1.0, steps)


def _duplicated(pair: Pair) -> Iterator[Cause]:
    counts = pair.counts
    for one, other, where in ((counts.a, counts.b, 1), (counts.b, counts.a, 0)):
        again = other > one
        if np.any(other < one) or np.any(one[again] == 0):
            continue
        share = float(again.mean())
        which = "every spike" if share == 1 else f"{share:.1%} of the spikes"
        text = f"{which} {pair.where[where]} is there more than once"
        yield Cause("spikes recorded twice", text, share)


def _incomplete(pair: Pair) -> Iterator[Cause]:
    """Spikes of one run that are a part of those of the other."""
    counts, grid = pair.counts, pair.grid
    for full, part, where in ((counts.a, counts.b, 1), (counts.b, counts.a, 0)):
        if np.any(part > full) or not np.any(part):
            continue
        missing = full > part
        step, population, neuron = grid.split_keys(counts.keys)
        there = part > 0
        cell = population * grid.n_neurons + neuron
        n = int((full - part).sum())
        said = f"the {n:,} spikes missing {pair.where[where]}"
        if step[missing].min() > step[there].max():
            begin = grid.time_ms(step[there].max())
            yield Cause("recording ends early", f"{said} all come after {begin:g} ms", 1.0)
        elif step[missing].max() < step[there].min():
            end = grid.time_ms(step[there].min())
            yield Cause("recording begins late", f"{said} all come before {end:g} ms", 1.0)
        elif not np.isin(cell[missing], cell[there]).any():
            cells = np.unique(cell[missing])
            text = f"{said} are all those of {_cells(grid, cells)}; all others are the same"
            yield Cause("silent neurons", text, 1.0)
        elif _fire_again_later(cell, step, missing, there):
            share = n / int(full.sum())
            text = f"{said}, {share:.1%} of all, are lost here and there; all others are the same"
            yield Cause("spikes missing from the record", text, share)


def _fire_again_later(cell: Ints, step: Ints, missing: Ints, there: Ints) -> bool:
    """Whether most missing spikes are followed by spikes of the same neuron that are present."""
    last = np.full(int(cell.max()) + 1, -1)
    np.maximum.at(last, cell[there], step[there])
    return bool(np.mean(last[cell[missing]] > step[missing]) > 0.5)


def _cells(grid: OnGrid, cells: Ints) -> str:
    population, neuron = np.divmod(cells, grid.n_neurons)
    said = []
    for code in np.unique(population):
        of = neuron[population == code]
        some = ", ".join(str(k) for k in of[:3]) + (", ..." if len(of) > 3 else "")
        said.append(f"neuron{'s' if len(of) > 1 else ''} {some} of {grid.populations[code]}")
    return joined(said)


def _permuted_neurons(pair: Pair) -> Iterator[Cause]:
    """The same trains assigned to other neurons or populations."""
    grid = pair.early
    trains = [_trains(grid, key) for key in grid.keys]
    if any(not len(hashes) for _, hashes, _ in trains):
        return
    (cell_a, hash_a, n_a), (cell_b, hash_b, n_b) = trains
    if not np.array_equal(np.sort(hash_a), np.sort(hash_b)) or max(n_a.max(), n_b.max()) < _FEWEST:
        return
    order_a, order_b = np.lexsort((cell_a, hash_a)), np.lexsort((cell_b, hash_b))
    population_a, neuron_a = np.divmod(cell_a[order_a], grid.n_neurons)
    population_b, neuron_b = np.divmod(cell_b[order_b], grid.n_neurons)
    by = np.unique(neuron_b - neuron_a)
    if not np.array_equal(population_a, population_b):
        pairs = sorted({*zip(population_a, population_b, strict=True)})
        said = [
            f"{grid.populations[x]} are those of {grid.populations[y]}" for x, y in pairs if x != y
        ]
        text = f"{pair.where[0]}, the spikes of {joined(said[:3])} {pair.where[1]}"
        yield Cause("populations exchanged", text, 1.0)
    elif len(by) == 1:
        text = f"every train is that of the neuron {by[0]:+d} {pair.where[1]}"
        yield Cause("neuron indices shifted", text, 1.0)
    else:
        text = f"the same trains are there {pair.where[1]}, in another order of neurons"
        yield Cause("neurons in another order", text, 1.0)


def _trains(grid: OnGrid, key: Ints) -> tuple[Ints, Ints, Ints]:
    """Neurons that fire, a hash of the spike times of each, and their number."""
    step, population, neuron = grid.split_keys(key)
    cell = population * grid.n_neurons + neuron
    order = np.argsort(cell, kind="stable")
    cells, begin, number = np.unique(cell[order], return_index=True, return_counts=True)
    if not len(cells):
        return cells, cells, number
    # Steps are hashed (SplitMix64) so that their sums differ between trains.
    with np.errstate(over="ignore"):
        mixed = step[order].astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(30)
        mixed *= np.uint64(0xBF58476D1CE4E5B9)
        mixed ^= mixed >> np.uint64(27)
        mixed *= np.uint64(0x94D049BB133111EB)
        mixed ^= mixed >> np.uint64(31)
        hashes = np.add.reduceat(mixed, begin)
    return cells, hashes, number
