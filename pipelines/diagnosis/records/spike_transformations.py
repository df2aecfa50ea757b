"""Exact transformations of recorded spikes: each makes the spikes of both runs the same.

A transformation is tested on the spikes of some populations (or neurons) of both runs. It is
found only if it explains all their differences.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from pipelines.diagnosis.records.lost_spikes import part_of_the_other
from pipelines.diagnosis.records.neuron_orders import other_order
from pipelines.diagnosis.records.recorded_spikes import MEMORY_MS, Change, Spikes
from pipelines.diagnosis.records.rounding import bits_how
from pipelines.diagnosis.run_pair import Pair, steps_in_words

Ints = np.ndarray

# Factors between units of time, and the relative tolerance of their detection.
_FACTORS = {1e3: "1000", 1e-3: "1/1000", 1e6: "a million", 1e-6: "a millionth"}
_EQUAL = 1e-6
# Smallest number of spikes for a transformation, and of intervals between spikes of one neuron
# that a shift preserves; fewer may agree by chance.
_FEWEST, _FEWEST_INTERVALS = 3, 3
# Largest change of a latency, in steps, and smallest number of intervals that show a memory.
_MOST_LATENCY, _FEWEST_SHORT = 3, 10
# The same for a clock at another rate, whose factor is free.
_FEWEST_ON_CLOCK = 20
# Largest probability that all times are multiples of a width by chance.
_CHANCE = 1e-6
# Widths (ms) of decimal grids of times, and multiples of the time step.
_DECIMALS = (10.0, 1.0, 0.5, 0.1, 0.01, 0.001)
_MULTIPLES = (1, 2, 3, 4, 5, 8, 10, 20, 25, 50, 100)
# Smallest mean difference of two consecutive intervals of irregular trains, relative to them.
_IRREGULAR = 0.1


Test = Callable[[Spikes, Spikes, Pair, float], Iterator[Change]]


def change_of(a: Spikes, b: Spikes, pair: Pair, end_ms: float) -> Change | None:
    """The first transformation that makes some spikes of both runs the same; None if none does.

    Parameters
    ----------
    a, b
        Spikes of the same populations in both runs, which are not the same.
    pair
        The runs.
    end_ms
        End of the runs in ms; NaN if unknown.
    """
    for test in (_unit, shifted, part_of_the_other, _rounded, _clock, _order):
        found = next(test(a, b, pair, end_ms), None)
        if found is not None and test is shifted and len(a) != len(b) and not found.certain:
            return _or_lost(found, next(part_of_the_other(a, b, pair, end_ms), None))
        if found is not None:
            return found
    return None


def _or_lost(moved: Change, lost: Change | None) -> Change:
    """A shift that loses spikes at an end, or only their loss, if that explains regular trains."""
    if lost is None:
        return moved
    others = (*lost.alternatives, moved.name, *moved.alternatives)
    return replace(lost, alternatives=tuple(dict.fromkeys(others)))


def _same_cells(a: Spikes, b: Spikes) -> bool:
    return len(a) == len(b) and np.array_equal(a.cell, b.cell)


def _unit(a: Spikes, b: Spikes, pair: Pair, end_ms: float) -> Iterator[Change]:
    """Times in s or us, or counted in steps, from 0 or from 1."""
    if not _same_cells(a, b) or len(a) < _FEWEST or not a.time.max() > 0:
        return
    steps = {1 / pair.timestep: "one over the time step", pair.timestep: "the time step"}
    for factor, name in {**_FACTORS, **steps}.items():
        for added in (0, 1 if factor > 1 else -factor) if factor in steps else (0,):
            if factor == 1 or not np.allclose(b.time, a.time * factor + added, rtol=_EQUAL, atol=0):
                continue
            text = f"all times of {{of}} {pair.where[1]} are {name} times those {pair.where[0]}"
            text += ", counted from 1" if added else ""
            yield Change("times in another unit", "format", factor, text)
            return


def shifted(a: Spikes, b: Spikes, pair: Pair, end_ms: float) -> Iterator[Change]:
    """All spikes later by the same number of steps, but for those that this moves past an end."""
    if not len(a) or not len(b):
        return
    parts = pair.grid.parts_per_step
    for by in {int(b.step.min() - a.step.min()), int(b.step.max() - a.step.max())} - {0}:
        early, late, k = (a, b, by) if by > 0 else (b, a, -by)
        last = max(early.step.max(), late.step.max())
        kept, new = early.step + k <= last, late.step >= k
        core, expected = early.of(kept).keys(k), late.of(new).keys()
        cells = len(np.unique(early.cell[kept]))
        if len(core) < max(_FEWEST, 0.5 * len(early)) or not np.array_equal(core, expected):
            continue
        if len(core) - cells < _FEWEST_INTERVALS:
            continue
        words, steps = _shift_in_words(by, pair)
        text = f"spikes of {{of}} come {words} {pair.where[1]}, all of them from the first on"
        others, certain = ["inputs delayed"], ""
        end = end_ms / pair.timestep * parts
        if late.step.max() > end + 0.5:
            certain = f"some come after the end of the run, at {end_ms:g} ms"
        cut = int(np.sum(~kept))
        if cut:
            text += f"; {cut:,} that would come after the last one are missing"
        if _alike(early):
            others.append("different initial potential")
        if abs(steps) <= _MOST_LATENCY and not _remembers(early, pair):
            # Single responses to strong inputs may all have another latency.
            others.append("less excitable" if by > 0 else "more excitable")
        name = "constant shift"
        if by % parts and abs(by) < parts and pair.grid.off[0] != pair.grid.off[1]:
            # Exact times of regular trains are as far from the grid.
            name, others = "spikes off the grid", ["constant shift", *others]
        yield Change(
            name, "shift", by, text, 1, 1.0, steps, tuple(others), certain,
        )  # fmt: skip


def _shift_in_words(by: int, pair: Pair) -> tuple[str, int]:
    parts = pair.grid.parts_per_step
    if by % parts == 0:
        return steps_in_words(by // parts, "later", "earlier"), by // parts
    how = "later" if by > 0 else "earlier"
    return f"{abs(by) / parts:g} steps ({pair.grid.time_ms(abs(by)):g} ms) {how}", 0


def _alike(spikes: Spikes) -> bool:
    """Whether each cell fires regularly, and all at the same times: one phase describes them."""
    same = np.diff(spikes.cell) == 0
    intervals = np.diff(spikes.step)[same]
    first = spikes.step[np.append(True, ~same)]
    return bool(np.ptp(intervals) <= 1 and np.ptp(first) == 0)


def _remembers(spikes: Spikes, pair: Pair) -> bool:
    """Whether cells fire at irregular intervals so short that spikes depend on those before."""
    intervals = np.diff(spikes.step)[np.diff(spikes.cell) == 0]
    short = intervals[intervals < MEMORY_MS / pair.timestep * pair.grid.parts_per_step]
    return len(short) >= _FEWEST_SHORT and bool(np.ptp(short) > 2 * pair.grid.parts_per_step)


def _rounded(a: Spikes, b: Spikes, pair: Pair, end_ms: float) -> Iterator[Change]:
    """Times rounded to a coarser grid, to decimals, or to 32-bit numbers."""
    if not _same_cells(a, b) or len(a) < _FEWEST:
        return
    widths = sorted({*_DECIMALS, *(np.round(pair.timestep * m, 9) for m in _MULTIPLES)})
    for fine, coarse, where in ((a, b, 1), (b, a, 0)):
        text = f"times of {{of}} are %s {pair.where[where]}"
        if how := bits_how(np.sort(fine.time), np.sort(coarse.time)):
            yield Change("times rounded", "format", how, text % how, where)
            return
        for width in widths[::-1]:
            if not _on(coarse.time, width) or _on(fine.time, width):
                continue
            coarser = width > pair.timestep * (1 + 1e-9)
            if coarser and _free(coarse) * np.log(width / pair.timestep) < -np.log(_CHANCE):
                continue
            apart = (coarse.time - fine.time) / width
            for low, high, how in (
                (-0.5, 0.5, "rounded"),
                (-1.0, 0.0, "rounded down"),
                (0.0, 1.0, "rounded up"),
            ):
                if apart.min() < low - 1e-4 or apart.max() > high + 1e-4:
                    continue
                said = text % f"{how} to multiples of {width:g} ms"
                # A coarse step does the same to the first spike of a neuron, not to later ones.
                few = len(fine) - len(np.unique(fine.cell)) < 10
                name, others = "times rounded", ["coarser time grid"] if few else []
                if not coarser:
                    # Spikes of simulations on and off the grid may be as near to each other.
                    name, others = "spikes off the grid", ["times rounded"]
                changed = float(np.mean(np.abs(apart) > 1e-6))
                yield Change(
                    name, "format", (width, how), said, where, changed,
                    alternatives=tuple(others),
                )  # fmt: skip
                return


def _free(spikes: Spikes) -> int:
    """Number of first times and intervals of trains that are not the same."""
    same = np.diff(spikes.cell) == 0
    first = spikes.step[np.append(True, ~same)]
    return len(np.unique(first)) + len(np.unique(np.diff(spikes.step)[same]))


def _on(time: np.ndarray, width: float) -> bool:
    """Whether times are multiples of a width (ms), but for the rounding of numbers."""
    steps = time / width
    return bool(np.all(np.abs(steps - np.rint(steps)) < 1e-5))


def _clock(a: Spikes, b: Spikes, pair: Pair, end_ms: float) -> Iterator[Change]:
    """Times of a clock that runs at another rate; the factor must fit every irregular interval."""
    if not _same_cells(a, b) or len(a) < _FEWEST_ON_CLOCK:
        return
    # Trains with equal intervals are scaled by another drive as well.
    intervals, same = np.diff(a.time), np.diff(a.cell) == 0
    both = same[1:] & same[:-1]
    x, y = intervals[1:][both], intervals[:-1][both]
    if len(x) < _FEWEST_ON_CLOCK or np.mean(np.abs(x - y)) < _IRREGULAR * np.mean(x):
        return
    fits = a.time > 0
    exact = _on(b.time, pair.timestep) and _on(a.time, pair.timestep)
    # Each time is known within half a step on a grid, or within the precision of numbers.
    error = pair.timestep / 2 + 1e-6 if exact else 1e-6 + 1e-7 * b.time[fits]
    low = float(np.max((b.time[fits] - error) / a.time[fits]))
    high = float(np.min((b.time[fits] + error) / a.time[fits]))
    drift = abs((low + high) / 2 - 1) * a.time.max()
    if low > high or drift < 4 * float(np.max(error)):
        return
    rate, half = (low + high) / 2 - 1, max((high - low) / 2, 1e-7)
    text = (
        f"every time of {{of}} is {1 + rate:.8g} (within {half:.1g}) times as large"
        f" {pair.where[1]}: a clock at another rate"
    )
    yield Change("clock at another rate", "format", "clock", text)


def _order(a: Spikes, b: Spikes, pair: Pair, end_ms: float) -> Iterator[Change]:
    """The same trains of other neurons."""
    n = pair.grid.n_neurons
    found = other_order((a.cell % n, a.step), (b.cell % n, b.step))
    if found is None or a.cell[0] // n != a.cell[-1] // n:
        return
    yield Change(
        found.name, "order", (found.name, found.said), f"{found.said} {pair.where[1]}",
        alternatives=("different inputs", "different connectivity"),
    )  # fmt: skip
