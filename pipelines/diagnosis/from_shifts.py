"""Causes that move all early spikes of a population alike: shifts, longer intervals, one train.

Lags are in time steps. Between a run with spikes on the grid and one with spikes between the steps
a lag is not an integer: on the grid a spike is at the end of its step, up to one step after the
exact time. Lags are rounded so that such a delay becomes 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipelines.diagnosis.first_divergence import lags
from pipelines.diagnosis.kinds.spikes import BEFORE_A_SPIKE, CELL
from pipelines.diagnosis.root_differences import NEVER, roots, sources_of
from pipelines.diagnosis.run_pair import Cause, Pair, joined, mode, steps_in_words

# Number of early spikes of each neuron.
_EARLY = 4
# Share of the neurons that must fit.
_FITTING_SHARE = 0.9
# Number of different intervals needed to distinguish a refractory period from a slower membrane.
_FEW_INTERVALS = 3
# Smallest number of spikes for a statement on their grid.
_FEWEST_ON_GRID = 20
# Smallest number of spikes after the last one of the other run, which has none so long once in a
# thousand times.
_FEWEST_LATE = 7
_FEWEST_CELLS = 8
# Smallest number of spikes of a neuron for a statement on its train.
_FEWEST_SPIKES = 5
# Smallest number of first spikes and intervals that show a shift.
_FEWEST_SHIFTED = 5
Ints = np.ndarray


def off_grid(pair: Pair) -> Iterator[Cause]:
    """Spikes of one run that lie between time steps."""
    for one, where in zip((pair.a, pair.b), pair.where, strict=True):
        exact = one.spikes["time_ms"].to_numpy(float) / pair.timestep
        off = np.abs(exact - np.rint(exact)) > 1e-4
        if len(off) and off.mean() > 0.1:
            text = f"{off.mean():.0%} of the spikes {where} lie between time steps"
            yield Cause("spikes off the grid", text, float(off.mean()))


def coarser_grid(pair: Pair) -> Iterator[Cause]:
    """Spikes of one run that all fall on multiples of several time steps."""
    if any(pair.grid.off) or pair.divergence is None:
        return
    own = [_steps_of(pair, key, sources=False) for key in pair.grid.keys]
    if len(np.unique(np.concatenate([key % pair.grid.n_neurons for key in pair.grid.keys]))) < (
        _FEWEST_CELLS
    ):
        # Few neurons that fire regularly have few independent times.
        return
    for which, (coarse, fine) in enumerate((own, own[::-1])):
        by = int(np.gcd.reduce(coarse)) if len(coarse) >= _FEWEST_ON_GRID else 1
        # Spikes that are only shifted have one remainder, those of a finer grid all of them.
        # Times in another unit may be whole numbers as well, but run on for longer.
        late = coarse.max(initial=1) / max(int(fine.max(initial=1)), 1)
        if by > 1 and len(np.unique(fine % by)) > by / 2 and 0.5 < late < 2:
            text = (
                f"all {len(coarse):,} spikes of cells {pair.where[which]} are at multiples of"
                f" {by} time steps ({by * pair.timestep:g} ms)"
            )
            coarse_sources, fine_sources = (
                _steps_of(pair, pair.grid.keys[k], sources=True) for k in (which, 1 - which)
            )
            # Times of all spikes may be rounded, and the cells may differ otherwise.
            rounded = not len(fine_sources) or (
                not np.any(coarse_sources % by) and bool(np.any(fine_sources % by))
            )
            yield Cause("coarser time grid", text, alternatives=("times rounded",) * rounded)


def _steps_of(pair: Pair, key: Ints, sources: bool) -> Ints:
    """Steps of the spikes of populations that are known to be sources, or of the others."""
    step, population, _ = pair.grid.split_keys(key)
    known = [pair.grid.populations.index(n) for n in sources_of(pair) & {*pair.grid.populations}]
    return step[np.isin(population, known) == sources]


def ended_early(pair: Pair) -> Iterator[Cause]:
    """All spikes the same until one run has no more, in all populations."""
    counts, grid = pair.counts, pair.grid
    step, population, _ = grid.split_keys(counts.keys)
    for which, (short, long) in enumerate(((counts.a, counts.b), (counts.b, counts.a))):
        if not np.any(short):
            continue
        end = int(step[short > 0].max())
        late = step > end
        if not late.any() or not np.array_equal(short[~late], long[~late]):
            continue
        given = [one.record.get("simulated_ms") for one in (pair.a, pair.b)]
        ends = [end for end in given if isinstance(end, int | float)]
        # Spikes after the end of what was asked for cannot be chance.
        beyond = len(ends) == 2 and grid.time_ms(int(step[late].min())) > max(ends)
        if not beyond and late.sum() < _FEWEST_LATE:
            continue
        # Every population that still fires is cut off; by chance a few would fall silent later.
        before, after = (
            {grid.populations[code] for code in np.unique(population[of])} for of in (~late, late)
        )
        if not beyond and not before - sources_of(pair) <= after:
            continue
        text = (
            f"all spikes until {grid.time_ms(end):g} ms are the same, and {pair.where[which]} there"
            f" are no further ones; {int(long[late].sum()):,} follow in the other run"
        )
        yield Cause("run ends early", text, alternatives=("recording ends early",))


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
            # Neurons with the same constants and inputs fire alike without one train.
            is_source = name in sources_of(pair)
            others = () if is_source else (*CELL, "different inputs", "different initial potential")
            yield Cause("one train for all", text, alternatives=others)


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


def shifted_spikes(pair: Pair) -> Iterator[Cause]:
    """Spikes shifted, or intervals lengthened, by the same number of steps in all neurons."""
    if pair.divergence is None:
        return
    moved: dict[str, int] = {}
    longer: dict[str, int] = {}
    slower: dict[str, tuple[int, int]] = {}
    alone: set[str] = set()
    earlier = set() if is_stock(pair) else _differ_before(pair)
    for name, found in _lags_of(pair).items():
        first, share = mode(found.lag[:, 0])
        # A shift stays as it is; with another membrane, lags grow from spike to spike.
        stays = bool(len(found.growth)) and mode(found.growth)[1] >= _FITTING_SHARE
        enough = len(found.lag) + len(found.growth) >= _FEWEST_SHIFTED
        regular = share >= _FITTING_SHARE and (
            not first or (enough and (stays or not len(found.growth)))
        )
        if regular:
            moved[name] = first
        if not len(found.growth):
            continue
        growth, share = mode(found.growth)
        if not growth or share < _FITTING_SHARE or (len(found.growth) < 2 and found.intervals > 1):
            continue
        if name in earlier and not (regular and first):
            # A refractory period leaves the first spike as it is.
            if found.intervals < _FEW_INTERVALS and first * growth > 0:
                slower[name] = (first, growth)
            continue
        longer[name] = growth
        if found.intervals < _FEW_INTERVALS:
            alone.add(name)
            if regular and first * growth > 0 and not is_stock(pair):
                slower[name] = (moved.pop(name), longer.pop(name))
    if any(pair.grid.off):
        # A difference of one step may come from the grid as well as from the membrane.
        slower = {k: by for k, by in slower.items() if max(abs(by[0]), abs(by[1])) > 1}
    yield from _shifted_populations(pair, moved)
    yield from _longer_intervals(pair, longer, alone if not is_stock(pair) else set())
    for name, (first, growth) in slower.items():
        text = (
            f"the first spike of {name} comes {steps_in_words(first, 'later', 'earlier')}"
            f" {pair.where[1]}, and its intervals are {steps_in_words(growth)}: the time to the"
            " threshold differs"
        )
        what = "less excitable" if growth > 0 else "more excitable"
        yield Cause(
            what,
            text,
            alternatives=tuple(
                name for name in BEFORE_A_SPIKE if name != "different initial potential"
            ),
        )


def _differ_before(pair: Pair) -> set[str]:
    """Populations whose first spikes differ before another difference can have reached them."""
    found = set()
    for name, of in roots(pair).items():
        first = of.first[:, of.compared]
        there = np.all(first < NEVER, axis=0)
        if np.any(_steps(pair, (first[1] - first[0])[there])):
            found.add(name)
    return found


def is_stock(pair: Pair) -> bool:
    """Whether a run is on a module of PyNN that is not corrected."""
    return any(name.startswith("stock_") for name in pair.backends)


def _shifted_populations(pair: Pair, moved: dict[str, int]) -> Iterator[Cause]:
    still = [name for name, by in moved.items() if not by]
    for steps in sorted(set(moved.values()) - {0}):
        names = [name for name, by in moved.items() if by == steps]
        by = steps_in_words(steps, "later", "earlier")
        where = f"spikes of {joined(names)} come {by} {pair.where[1]}"
        if still:
            text = f"{where}, those of {joined(still)} do not: what reaches them is delayed"
            others: tuple[str, ...] = ("different delays",)
            if all(_is_regular(pair, name) for name in names):
                # Of a neuron that a constant current drives only the phase differs.
                others += ("different initial potential", "different i_offset", "different start")
            yield Cause("inputs delayed", text, 1.0, steps, others)
        else:
            yield Cause("constant shift", f"{where}, from the first on", 1.0, steps)


def _is_regular(pair: Pair, name: str) -> bool:
    """Whether each neuron of a population fires at equal intervals."""
    step, population, neuron = pair.early.split_keys(pair.early.keys[0])
    of = population == pair.early.populations.index(name)
    step, neuron = step[of], neuron[of]
    order = np.lexsort((step, neuron))
    same = np.diff(neuron[order]) == 0
    intervals = pd.Series(np.diff(step[order])[same]).groupby(neuron[order][1:][same])
    spread = intervals.max() - intervals.min()
    return len(spread) > 0 and bool(spread.max() <= pair.early.parts_per_step)


def _longer_intervals(pair: Pair, longer: dict[str, int], alone: set[str]) -> Iterator[Cause]:
    for steps in sorted(set(longer.values())):
        names = [name for name, by in longer.items() if by == steps]
        text = (
            f"intervals of {joined(names)} are {steps_in_words(steps)} {pair.where[1]}, from the"
            " first on"
        )
        # A single interval does not show which part of it is longer.
        other = ("different v_reset",) if alone.issuperset(names) else ()
        yield Cause("different tau_refrac", text, 1.0, steps, other)
