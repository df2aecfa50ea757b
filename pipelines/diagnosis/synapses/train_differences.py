"""How trains of sources differ, in words with exact counts."""

from __future__ import annotations

import numpy as np

from pipelines.diagnosis.records.recorded_spikes import Spikes
from pipelines.diagnosis.run_pair import Pair

Ints = np.ndarray

# Smallest number of spikes for a statement on the rate or on a distribution of times.
_FEWEST = 20
# Deviation of a number of spikes, in standard deviations of a Poisson process, that is a rate.
_DEVIATIONS = 3.0
# Largest share of common spikes of another draw, relative to that of unrelated trains.
_UNRELATED = 2.0
# Share of the spikes that have a spike of the other run nearby.
_NEARLY_ALL = 0.9
# Number of mean intervals without a spike at the beginning or the end that is no chance.
_LONG_GAP = 12.0


def one_train(name: str, a: Spikes, b: Spikes, pair: Pair) -> str:
    """In words, if all neurons fire at the same times in one run only; else empty."""
    alike = []
    for one in (a, b):
        cells, number = np.unique(one.cell, return_counts=True)
        same = len(cells) > 2 and bool(np.all(number == number[0]))
        steps = one.step.reshape(len(cells), -1) if same else one.step
        alike.append(same and bool(np.all(steps == steps[0])))
    if alike[0] == alike[1]:
        return ""
    there = pair.where[alike.index(True)]
    return f"all {len(np.unique(b.cell)):,} neurons of {name} fire at the same times {there}"


def shifted_neurons(a: Spikes, b: Spikes) -> tuple[int, int, int] | None:
    """Number of neurons whose trains are all shifted alike, while others are the same.

    Returns
    -------
    tuple or None
        Number of neurons that are shifted, of all, and by how many steps of the grid.
    """
    if not np.array_equal(a.cell, b.cell):
        return None
    apart = b.step - a.step
    changed = np.unique(a.cell[apart != 0])
    by = np.unique(apart[np.isin(a.cell, changed)])
    total = len(np.unique(a.cell))
    return (len(changed), total, int(by[0])) if len(by) == 1 and len(changed) < total else None


def different_window(name: str, a: Spikes, b: Spikes, pair: Pair) -> str:
    """In words, if one run is a part of the other's time, and the same within it; else empty."""
    grid = pair.grid
    for full, part, where in ((a, b, 1), (b, a, 0)):
        begin, end = part.step.min(), part.step.max()
        within = full.of((full.step >= begin) & (full.step <= end))
        if len(within) == len(full) or not np.array_equal(within.keys(), part.keys()):
            continue
        said = []
        for n, text in (
            (int(np.sum(full.step < begin)), f"before {grid.time_ms(begin):g} ms"),
            (int(np.sum(full.step > end)), f"after {grid.time_ms(end):g} ms"),
        ):
            said += [f"{n:,} {text}"] if n else []
        return (
            f"{name} lacks {len(full) - len(part):,} of {len(full):,} spikes"
            f" {pair.where[where]}: {' and '.join(said)}; all others are the same"
        )
    return ""


def further_spikes(name: str, a: Spikes, b: Spikes, pair: Pair) -> str:
    """In words, if most spikes are the same, and one or both runs have further ones; else empty."""
    common = np.intersect1d(a.keys(), b.keys())
    only = [len(np.setdiff1d(one.keys(), common)) for one in (a, b)]
    repeated = len(a) - len(np.unique(a.keys())), len(b) - len(np.unique(b.keys()))
    if len(common) < 0.5 * max(len(a), len(b)):
        return ""
    said = [
        f"{n:,} ({n / len(one):.2%}) {where} alone"
        for n, one, where in zip(only, (a, b), pair.where, strict=True)
        if n
    ]
    if repeated[0] != repeated[1]:
        said.append(
            f"{repeated[0]:,} of them {pair.where[0]} and {repeated[1]:,} {pair.where[1]} come"
            " more than once in a time step"
        )
    return f"of the spikes of {name} {len(common):,} are common, and {', '.join(said)}"


def jittered(name: str, a: Spikes, b: Spikes, pair: Pair) -> str:
    """In words, if nearly every spike comes a little earlier or later; else empty."""
    parts = pair.grid.parts_per_step
    same = np.diff(a.cell) == 0
    if len(a) < _FEWEST or len(b) < _FEWEST or not same.any():
        return ""
    # Cells far apart from each other, so that the nearest spike is one of the same cell.
    width = 4 * (1 + int(max(a.step.max(), b.step.max())))
    x, y = a.cell * width + a.step, b.cell * width + b.step
    after = np.clip(np.searchsorted(y, x), 1, len(y) - 1)
    lags = np.stack([y[after] - x, y[after - 1] - x]) / parts
    lag = lags[np.abs(lags).argmin(axis=0), np.arange(len(x))]
    interval = float(np.median(np.diff(a.step)[same])) / parts
    near = np.abs(lag) <= 0.1 * interval
    # Unrelated spikes are as near to each other by chance in a fifth of the cases.
    if near.mean() < _NEARLY_ALL or not _NEARLY_ALL < len(b) / len(a) < 1 / _NEARLY_ALL:
        return ""
    lag = lag[near]
    moved = float(np.mean(lag != 0))
    text = (
        f"{moved:.1%} of the spikes of {name} are moved {pair.where[1]}, by {lag.min():g} to"
        f" {lag.max():g} steps, {np.mean(lag):.2g} on average"
    )
    return text if len(a) == len(b) else f"{text}; there are {len(a):,} and {len(b):,} spikes"


def other_draw(name: str, a: Spikes, b: Spikes, pair: Pair) -> str:
    """In words, trains that have little in common: another rate, window, or draw."""
    n = len(a), len(b)
    text = f"trains of {name} differ, {n[0]:,} spikes {pair.where[0]} and {n[1]:,} {pair.where[1]}"
    ratio = n[1] / n[0]
    if min(n) >= _FEWEST and abs(n[1] - n[0]) > _DEVIATIONS * np.sqrt(sum(n)):
        error = ratio * np.sqrt(1 / n[0] + 1 / n[1])
        text += f": the rate is {ratio:.3g} ± {error:.1g} times as large"
    bounds = []
    for side, said in ((np.min, "begins"), (np.max, "ends")):
        times = [float(side(one.step)) for one in (a, b)]
        interval = max((float(np.ptp(one.step)) + 1) / len(one) for one in (a, b))
        if abs(times[0] - times[1]) > _LONG_GAP * interval:
            first, second = (pair.grid.time_ms(int(t)) for t in times)
            bounds.append(f"{said} at {first:g} and {second:g} ms")
    if bounds:
        return f"{text}; it {' and '.join(bounds)}"
    common = len(np.intersect1d(a.keys(), b.keys()))
    if common <= max(_UNRELATED * _chance(a, b), 3):
        text += "; no more are common than by chance: another draw"
    else:
        text += f"; {common:,} are common"
    return text


def _chance(a: Spikes, b: Spikes) -> float:
    """Number of spikes in common of unrelated trains of the same rates."""
    steps = 1 + max(a.step.max(), b.step.max()) - min(a.step.min(), b.step.min())
    cells = max(len(np.union1d(a.cell, b.cell)), 1)
    return len(a) * len(b) / float(steps * cells)
