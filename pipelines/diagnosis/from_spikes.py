"""Signatures in the first spikes of each neuron: shifts, longer intervals, random differences.

Lags are in time steps. Between a run with spikes on the grid and one with spikes between the steps
a lag is not an integer: on the grid a spike is at the end of its step, up to one step after the
exact time. Lags are rounded so that such a delay becomes 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pipelines.diagnosis.first_divergence import lags
from pipelines.diagnosis.run_pair import Cause, Pair, joined, mode, steps_in_words

# Number of early spikes of each neuron.
_EARLY = 4
# Share of the neurons that must fit.
_FITTING_SHARE = 0.9
# A long common history before the first difference.
_LONG_MS, _MANY_SPIKES = 50.0, 200
# Number of different intervals needed to distinguish a refractory period from a slower membrane.
_FEW_INTERVALS = 3
# Smallest number of neurons for a statement on the distribution of their lags.
_FEWEST_NEURONS = 8
# Share of earlier (or later) spikes above which lags are one-sided, and below which they are not.
_ONE_SIDE, _BOTH_SIDES = 0.85, 0.8
# Smallest number of spikes in one run for which silence in the other is no chance.
_FEWEST_SPIKES = 5
Ints = np.ndarray


@dataclass(frozen=True)
class _Lags:
    """Early spikes of the neurons of one population that fire in both runs.

    Attributes
    ----------
    first
        First spike of each neuron in either run, in steps of the grid.
    lag
        Lag of its k-th spike in the second run, in time steps.
    growth
        Growth of each early interval in the second run, in time steps.
    intervals
        Number of different times of the first spike in the first run.
    """

    first: Ints
    lag: Ints
    growth: Ints
    intervals: int


def _lags_of(pair: Pair) -> dict[str, _Lags]:
    """Early spikes by population; populations without common neurons are left out."""
    grid = pair.early
    population, first, lag, number = lags(grid, _EARLY)
    found = {}
    for code, name in enumerate(grid.populations):
        of = (population == code) & (number >= 1)
        if not of.any():
            continue
        there = np.arange(1, lag.shape[1])[None, :] < number[of][:, None]
        growth = np.diff(lag[of], axis=1)[there]
        found[name] = _Lags(
            first[:, of].min(axis=0), _steps(pair, lag[of]), _steps(pair, growth),
            len(np.unique(first[0, of])),
        )  # fmt: skip
    return found


def _steps(pair: Pair, parts: Ints) -> Ints:
    """Lags on the grid in time steps, rounded so that equal spikes have lag 0."""
    size, off = pair.grid.parts_per_step, pair.grid.off
    if off == (True, False):
        return np.floor_divide(parts, size)
    if off == (False, True):
        return -np.floor_divide(-parts, size)
    return np.rint(parts / size).astype(np.int64)


def off_grid(pair: Pair) -> Iterator[Cause]:
    """Spikes of one run that lie between time steps."""
    for one, where in zip((pair.a, pair.b), pair.where, strict=True):
        exact = one.spikes["time_ms"].to_numpy(float) / pair.timestep
        off = np.abs(exact - np.rint(exact)) > 1e-4
        if len(off) and off.mean() > 0.1:
            text = f"{off.mean():.0%} of the spikes {where} lie between time steps"
            yield Cause("spikes off the grid", text, float(off.mean()))


def silent_neurons(pair: Pair) -> Iterator[Cause]:
    """Neurons or populations that fire in one run only."""
    grid = pair.early
    width = grid.n_neurons * max(len(grid.populations), 1)
    cells = [key % width for key in grid.keys]
    sizes = [np.bincount(cell, minlength=width) for cell in cells]
    for loud, quiet, where in (
        (sizes[0], sizes[1], pair.where[1]),
        (sizes[1], sizes[0], pair.where[0]),
    ):
        for code, name in enumerate(grid.populations):
            of = slice(code * grid.n_neurons, (code + 1) * grid.n_neurons)
            silent = np.flatnonzero((loud[of] >= _FEWEST_SPIKES) & (quiet[of] == 0))
            active = int(np.sum(loud[of] > 0))
            if not len(silent):
                continue
            if not quiet[of].any():
                text = f"no neuron of {name} fires {where}, {active} do in the other run"
                yield Cause("silent population", text, 1.0)
            elif quiet[of].sum() > 0.5 * loud[of].sum() and len(silent) <= 0.2 * active:
                some = ", ".join(str(k) for k in silent[:3]) + (", ..." if len(silent) > 3 else "")
                text = f"neuron {some} of {name} never fires {where}; the others go on"
                yield Cause("silent neurons", text, 1.0)


def same_train_for_all(pair: Pair) -> Iterator[Cause]:
    """All neurons of a population with the same train, in one run only."""
    grid = pair.early
    for code, name in enumerate(grid.populations):
        alike = []
        for key in grid.keys:
            step, population, neuron = grid.split_keys(key)
            step, neuron = step[population == code], neuron[population == code]
            n = len(np.unique(neuron))
            _, together = np.unique(step, return_counts=True)
            alike.append(n > 2 and len(step) >= _FEWEST_SPIKES * n and bool(np.all(together == n)))
        if alike[0] != alike[1]:
            text = f"all neurons of {name} fire at the same times {pair.where[alike.index(True)]}"
            yield Cause("one train for all", text, 1.0)


def shifted_spikes(pair: Pair) -> Iterator[Cause]:
    """Spikes shifted, or intervals lengthened, by the same number of steps in all neurons."""
    if pair.divergence is None:
        return
    moved: dict[str, int] = {}
    longer: dict[str, int] = {}
    slower: dict[str, tuple[int, int]] = {}
    alone: set[str] = set()
    for name, found in _lags_of(pair).items():
        first, share = mode(found.lag[:, 0])
        regular = share >= _FITTING_SHARE
        if regular:
            moved[name] = first
        if not len(found.growth):
            continue
        growth, share = mode(found.growth)
        if not growth or share < _FITTING_SHARE or (len(found.growth) < 2 and found.intervals > 1):
            continue
        longer[name] = growth
        if found.intervals < _FEW_INTERVALS:
            alone.add(name)
            if regular and first * growth > 0 and not _is_stock(pair):
                slower[name] = (moved.pop(name), longer.pop(name))
    if any(pair.grid.off):
        # A difference of one step may come from the grid as well as from the membrane.
        slower = {k: by for k, by in slower.items() if max(abs(by[0]), abs(by[1])) > 1}
    yield from _shifted_populations(pair, moved)
    yield from _longer_intervals(pair, longer, alone if not _is_stock(pair) else set())
    for name, (first, growth) in slower.items():
        text = (
            f"the first spike of {name} comes {steps_in_words(first, 'later', 'earlier')}"
            f" {pair.where[1]}, and its intervals are {steps_in_words(growth)}: the time to the"
            " threshold differs (threshold, membrane, or what drives it)"
        )
        yield Cause("less excitable" if growth > 0 else "more excitable", text, 1.0)


def _is_stock(pair: Pair) -> bool:
    return any(name.startswith("stock_") for name in pair.backends)


def _shifted_populations(pair: Pair, moved: dict[str, int]) -> Iterator[Cause]:
    still = [name for name, by in moved.items() if not by]
    for steps in sorted(set(moved.values()) - {0}):
        names = [name for name, by in moved.items() if by == steps]
        by = steps_in_words(steps, "later", "earlier")
        where = f"spikes of {joined(names)} come {by} {pair.where[1]}"
        if still:
            text = f"{where}, those of {joined(still)} do not: what reaches them is delayed"
            yield Cause("shifted response", text, 1.0, steps)
        else:
            yield Cause("constant shift", f"{where}, from the first on", 1.0, steps)


def _longer_intervals(pair: Pair, longer: dict[str, int], alone: set[str]) -> Iterator[Cause]:
    for steps in sorted(set(longer.values())):
        names = [name for name, by in longer.items() if by == steps]
        text = (
            f"intervals of {joined(names)} are {steps_in_words(steps)} {pair.where[1]}, from the"
            " first on: as with another refractory period"
        )
        if alone.issuperset(names):
            # A single interval does not show which part of it is longer.
            yield Cause("refractory period or reset", f"{text} or reset potential", 1.0, steps)
        else:
            yield Cause("refractory period", text, 1.0, steps)


def additional_spikes(pair: Pair) -> Iterator[Cause]:
    """A population with all spikes of the other run and further ones."""
    grid, counts = pair.grid, pair.counts
    _, population, _ = grid.split_keys(counts.keys)
    more_in = [
        np.bincount(population[x > y], minlength=len(grid.populations)) > 0
        for x, y in ((counts.a, counts.b), (counts.b, counts.a))
    ]
    for code, name in enumerate(grid.populations):
        if more_in[0][code] == more_in[1][code] or not np.any(
            (population == code) & (np.minimum(counts.a, counts.b) > 0)
        ):
            continue
        of = population == code
        number = int(np.abs(counts.a[of] - counts.b[of]).sum())
        there = pair.where[0 if more_in[0][code] else 1]
        text = f"{name} has {number:,} further spikes {there}, and all others are the same"
        yield Cause("different inputs or initial values", text, 1.0)


def unrelated_first_spikes(pair: Pair) -> Iterator[Cause]:
    """First spikes with random lags: another draw of inputs or initial values."""
    names, crowd = [], 0
    for name, found in _lags_of(pair).items():
        lag = _earliest(found)
        apart = np.abs(lag) > 1
        if len(lag) < _FEWEST_NEURONS or apart.mean() < 0.5:
            continue
        earlier = float(np.mean(lag[apart] < 0))
        typical = np.median(found.first) / pair.grid.parts_per_step
        if max(earlier, 1 - earlier) <= _BOTH_SIDES and np.median(np.abs(lag)) > 0.2 * typical:
            names.append(name)
            crowd += len(lag)
    if names:
        text = (
            f"first spikes of {joined(names)} come earlier or later by any time ({crowd} neurons):"
            " as with another draw of inputs, initial values or connections"
        )
        yield Cause("different inputs or initial values", text, 1.0)


def _earliest(found: _Lags) -> Ints:
    """Lags of the first third of the neurons to fire, before they affect each other."""
    n = max(_FEWEST_NEURONS, len(found.first) // 3)
    return found.lag[np.argsort(found.first, kind="stable")[:n], 0]


def different_excitability(pair: Pair) -> Iterator[Cause]:
    """First spikes that are all earlier or all later, or equal while later spikes differ."""
    if pair.divergence is None:
        return
    sooner: list[str] = []
    later: list[str] = []
    counted, same, followed = 0, 0, 0
    for name, found in _lags_of(pair).items():
        lag = _earliest(found)
        apart = lag[lag != 0]
        same += int(np.sum(lag == 0))
        counted += len(lag)
        followed += int(np.sum(found.lag[:, 1:] != 0))
        if not len(apart) or (len(lag) > 1 and len(apart) < max(2, 0.2 * len(lag))):
            continue
        earlier = float(np.mean(apart < 0))
        if max(earlier, 1 - earlier) >= _ONE_SIDE:
            (sooner if earlier > 0.5 else later).append(name)
    for names, by, name in (
        (sooner, "earlier", "more excitable"),
        (later, "later", "less excitable"),
    ):
        if names:
            text = (
                f"first spikes of {joined(names)} come {by} {pair.where[1]}, by different times:"
                " another threshold, membrane, weight, current or initial value"
            )
            yield Cause(name, text, 1.0)
    most_same = counted >= _FEWEST_NEURONS and same >= _FITTING_SHARE * counted
    if most_same and followed and not sooner and not later:
        text = (
            f"{same} of {counted} neurons fire first at the same time in both runs, and later"
            " spikes differ: reset, refractory period, or what their spikes do to others"
        )
        yield Cause("what follows a spike", text, same / counted)


def late_single_difference(pair: Pair) -> Iterator[Cause]:
    """One spike that differs after a long time without any difference."""
    found = pair.divergence
    if found is None or found.last_common_ms is None:
        return
    if found.last_common_ms < _LONG_MS or found.n_common_before < _MANY_SPIKES:
        return
    text = (
        f"{found.n_common_before:,} spikes until {found.last_common_ms:g} ms are the same, then"
        f" neuron {found.neuron} of {found.population} differs alone: a potential that meets the"
        " threshold within rounding, or a small difference of parameters that had to grow"
    )
    yield Cause("threshold tie or slow growth", text, 1.0)
