"""Signatures of spikes, weights and signals that are the same, but were recorded differently.

Each of them explains the whole difference: after its correction both runs are the same. Where a
simulation could differ in the same way, the recorded consequences decide; if there are none,
causes in the simulation are given as alternatives.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from pipelines.diagnosis.consequences import differing_events, judge
from pipelines.diagnosis.known_network import KnownNetwork, known_network
from pipelines.diagnosis.plastic import is_sample
from pipelines.diagnosis.records.recorded_signals import different_signals
from pipelines.diagnosis.records.recorded_spikes import Change, Spikes, spikes_of
from pipelines.diagnosis.records.recorded_weights import different_weights
from pipelines.diagnosis.records.spike_transformations import change_of, shifted
from pipelines.diagnosis.run_pair import Cause, Pair, joined
from pipelines.diagnosis.table_differences import both_weights

# Names of a change of a part of the spikes.
_ALL, _ONE, _NEURONS = (
    "constant shift",
    "one population recorded late",
    "some neurons recorded late",
)
# Spikes differ, or are lost, by no rule.
_OTHERWISE = "spikes recorded differently"
_ANY = "spikes missing from the record"
_OF_CELLS = {"missing or further input", "missing projection", "different connectivity"}
_EXCITABLE = {"less excitable", "more excitable"}
# Names of what the simulation may do, and of the same if only the record differs.
_OF_THE_RECORD = {
    "silent neurons": "neurons not recorded",
    "silent population": "population not recorded",
    "spikes off the grid": "constant shift",
}


def different_recording(pair: Pair) -> Iterator[Cause]:
    """Differences of the record that make spikes, weights or signals of both runs the same."""
    if pair.divergence is None:
        # What only weights or signals show must have had no effect on any spike.
        yield from different_weights(pair)
        yield from different_signals(pair)
        return
    network = known_network(pair)
    of = differing_events(pair).population
    differing = {pair.grid.populations[code] for code in np.unique(of)}
    changes = _changes(pair, network) or [_unexplained(pair, differing)]
    judged = [(names, change, judge(pair, network, change, differing)) for names, change in changes]
    if any(one.contradiction for _, _, one in judged):
        return
    for names, change, judgement in judged:
        if change.name != _OTHERWISE or judgement.proof:
            yield _cause(pair, names, change, judgement.proof)


def _unexplained(pair: Pair, differing: set[str]) -> tuple[list[str], Change]:
    """A difference by no rule, which only recorded consequences can show to be of the record."""
    n, total = len(differing_events(pair).step), max(map(len, pair.grid.keys))
    text = f"{n:,} spikes of {{of}} ({n / total:.2%} of all) differ by no simple rule"
    return sorted(differing), Change(_OTHERWISE, "trains", None, text, share=n / total)


def _cause(pair: Pair, names: list[str], change: Change, proof: str) -> Cause:
    said = change.text.replace("{of}", joined(names)).replace("{there}", pair.where[change.where])
    name, others = change.name, _possible(change.alternatives, pair, names)
    if change.kind != "format" and proof:
        name, others = _OF_THE_RECORD.get(name, name), ()
        said = f"{said}; {proof}, so only the record differs"
    return Cause(name, said, change.share, change.steps, others)


def _possible(others: tuple[str, ...], pair: Pair, names: list[str]) -> tuple[str, ...]:
    """Causes in the simulation that what is known of the network allows."""
    excluded: set[str] = set()
    tables = both_weights(pair)
    if tables and not any(is_sample(one, name) for one in (pair.a, pair.b) for name in tables):
        excluded |= {"missing projection", "different connectivity"}
    network = known_network(pair)
    if network.sources.issuperset(names):
        if _OF_CELLS & {*others}:
            others = (*others, "different inputs")
        excluded |= {"different delays", "different initial potential", *_OF_CELLS, *_EXCITABLE}
    elif network.cells.issuperset(names) and "missing or further input" in others:
        excluded.add("different inputs")
    return tuple(dict.fromkeys(one for one in others if one not in excluded))


def _changes(pair: Pair, network: KnownNetwork) -> list[tuple[list[str], Change]]:
    """Populations and the change of each that together explain all differences; else empty."""
    grid = pair.grid
    a, b = spikes_of(pair)
    codes_a, codes_b = a.cell // grid.n_neurons, b.cell // grid.n_neurons
    apart = [
        code
        for code in range(len(grid.populations))
        if not np.array_equal(a.of(codes_a == code).keys(), b.of(codes_b == code).keys())
    ]
    names = [grid.populations[code] for code in apart]
    everything = len(apart) == len(grid.populations)
    if renamed := _exchanged(pair, a, b, apart) or _merged(pair, a, b, apart):
        return [(names, renamed)]
    parts = a.of(np.isin(codes_a, apart)), b.of(np.isin(codes_b, apart))
    together = change_of(*parts, pair, network.end_ms)
    # Populations whose spikes end at times of their own say more than spikes lost in all.
    if together is not None and (together.name != _ANY or len(apart) == 1):
        return [(names, together if everything else _of_a_part(together, len(apart)))]
    found: dict[object, tuple[list[str], Change]] = {}
    for code, name in zip(apart, names, strict=True):
        parts = a.of(codes_a == code), b.of(codes_b == code)
        change = change_of(*parts, pair, network.end_ms) or _some_neurons(*parts, pair, network)
        if change is None:
            return []
        if len(grid.populations) > 1:
            change = _of_a_part(change, 1)
        key = change.name, change.key, change.where
        before = found.get(key)
        if before is None:
            found[key] = [name], change
        elif change.kind in ("order", "shift", "format"):
            found[key] = [*before[0], name], _together(before[1])
        else:
            found[*key, name] = [name], change
    if together is not None and any(change.name == _ANY for _, change in found.values()):
        return [(names, together)]
    return list(found.values())


def _together(one: Change) -> Change:
    return replace(one, name=_ALL if one.name == _ONE else one.name)


def _of_a_part(change: Change, populations: int) -> Change:
    """Change of some populations, while others are the same."""
    if change.kind != "shift" or change.name != _ALL:
        return change
    others = (*change.alternatives, "different delays")
    text = change.text.replace("from the first on", "from the first on, and no others do")
    return replace(change, name=_ONE if populations == 1 else _ALL, text=text, alternatives=others)


def _some_neurons(a: Spikes, b: Spikes, pair: Pair, network: KnownNetwork) -> Change | None:
    """A shift of some neurons of a population, while the others are the same."""
    cells = np.union1d(a.cell, b.cell)
    counts, moved = [], []
    for one in (a, b):
        begin, end = (np.searchsorted(one.cell, cells, side) for side in ("left", "right"))
        sums = np.append(np.uint64(0), np.cumsum(_mixed(one.step)))
        counts.append(end - begin)
        moved.append(sums[end] - sums[begin])
    apart = cells[(counts[0] != counts[1]) | (moved[0] != moved[1])]
    if not 0 < len(apart) < len(cells):
        return None
    parts = a.of(np.isin(a.cell, apart)), b.of(np.isin(b.cell, apart))
    change = next(shifted(*parts, pair, network.end_ms), None)
    if change is None:
        return None
    text = change.text.replace(
        "spikes of {of} come", f"spikes of {len(apart):,} of {len(cells):,} neurons of {{of}} come"
    )
    others = ("inputs delayed", "different delays")
    return replace(change, name=_NEURONS, text=text, alternatives=others)


def _mixed(step: np.ndarray) -> np.ndarray:
    """Integers whose sums differ between spike trains, wrapping around."""
    with np.errstate(over="ignore"):
        return (step.astype(np.uint64) + np.uint64(1)) ** 2 * np.uint64(0x9E3779B97F4A7C15)


def _exchanged(pair: Pair, a: Spikes, b: Spikes, apart: list[int]) -> Change | None:
    """Populations with the spikes of another population of the other run."""
    grid = pair.grid
    if len(apart) < 2:
        return None
    keys = {}
    for code in apart:
        for which, one in enumerate((a, b)):
            of = one.of(one.cell // grid.n_neurons == code)
            moved = replace(of, cell=of.cell % grid.n_neurons)
            keys[which, code] = moved.keys().tobytes()
    now = {code: [d for d in apart if keys[1, d] == keys[0, code]] for code in apart}
    filled = [code for code in apart if keys[0, code]]
    if any(len(now[code]) != 1 for code in filled) or not filled:
        return None
    if len(filled) != len([code for code in apart if keys[1, code]]):
        return None
    pairs = [(grid.populations[x], grid.populations[now[x][0]]) for x in filled]
    said = joined([f"{x} are those of {y}" for x, y in pairs[:3]])
    text = f"{pair.where[0]}, the spikes of {said} {pair.where[1]}"
    renamed = not {x for x, _ in pairs} & {y for _, y in pairs}
    return Change(
        "populations renamed" if renamed else "populations exchanged", "order", "populations",
        text, alternatives=() if renamed else ("different inputs",),
    )  # fmt: skip


def _merged(pair: Pair, a: Spikes, b: Spikes, apart: list[int]) -> Change | None:
    """Two populations of one run that are one in the other, with further neurons."""
    if len(apart) != 2:
        return None
    for whole, parts, where in ((a, b, 0), (b, a, 1)):
        for into, lost in (apart, apart[::-1]):
            if not _holds_both(whole, parts, into, lost, pair.grid.n_neurons):
                continue
            first, second = (pair.grid.populations[code] for code in (into, lost))
            text = (
                f"{first} {pair.where[where]} has the spikes of {first} and {second}"
                f" {pair.where[1 - where]}, those of {second} as further neurons"
            )
            return Change("populations renamed", "order", "populations", text)
    return None


def _holds_both(whole: Spikes, parts: Spikes, into: int, lost: int, n: int) -> bool:
    """Whether population `into` has the spikes of itself and, as further neurons, of `lost`."""
    if np.any(whole.cell // n == lost):
        return False
    together = whole.of(whole.cell // n == into)
    own, other = (parts.of(parts.cell // n == code) for code in (into, lost))
    further = together.cell[together.cell > own.cell.max(initial=into * n)]
    if not len(other) or not len(further):
        return False
    expected, by = together.keys(), int(further.min() - other.cell.min())
    # The first neuron of the lost population may be silent.
    return any(
        np.array_equal(
            np.sort(np.concatenate([own.keys(), replace(other, cell=other.cell + k).keys()])),
            expected,
        )
        for k in range(by - 3, by + 4)
    )
