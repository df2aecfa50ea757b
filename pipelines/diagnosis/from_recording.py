"""Signatures of spikes, weights and signals that are the same, but were recorded differently.

Each of them explains the whole difference: after its correction both runs are the same. Where a
simulation could differ in the same way, the recorded consequences decide; if there are none,
causes in the simulation are given as alternatives.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from pipelines.diagnosis.consequences import judge
from pipelines.diagnosis.known_network import KnownNetwork, known_network
from pipelines.diagnosis.recorded_signals import different_signals
from pipelines.diagnosis.recorded_spikes import Change, Spikes, spikes_of
from pipelines.diagnosis.recorded_weights import different_weights
from pipelines.diagnosis.recording_kinds import KINDS
from pipelines.diagnosis.run_pair import Cause, Pair, joined
from pipelines.diagnosis.spike_transformations import change_of, shifted
from pipelines.diagnosis.table_differences import both_weights

__all__ = ["KINDS", "different_recording"]

# Names of a change of a part of the spikes.
_ONE, _SEVERAL, _NEURONS = (
    "one population recorded late",
    "some populations recorded late",
    "some neurons recorded late",
)
# Spikes are lost, but by no rule.
_ANY = "spikes missing from the record"
_OF_CELLS = {"missing or further input", "missing projection", "different connectivity"}
_ALONE = {
    # cause: (name if it is the record, name if it is the simulation)
    "silent neurons": ("neurons missing from the record", "silent neurons"),
    "silent population": ("population missing from the record", "silent population"),
}


def different_recording(pair: Pair) -> Iterator[Cause]:
    """Differences of the record that make spikes, weights or signals of both runs the same."""
    if pair.divergence is None:
        # What only weights or signals show must have had no effect on any spike.
        yield from different_weights(pair)
        yield from different_signals(pair)
        return
    network = known_network(pair)
    changes = _changes(pair, network)
    judged = [(names, change, judge(pair, network, change, names)) for names, change in changes]
    if any(one.contradiction for _, _, one in judged):
        return
    for names, change, judgement in judged:
        yield _cause(pair, names, change, judgement.proof)


def _cause(pair: Pair, names: list[str], change: Change, proof: str) -> Cause:
    said = change.text.replace("{of}", joined(names)).replace("{there}", pair.where[change.where])
    name, others = change.name, _possible(change.alternatives, pair, names)
    if change.kind != "format" and proof:
        name, others = _ALONE.get(name, (name, ""))[0], ()
        said = f"{said}; {proof}, so only the record differs"
    return Cause(name, said, change.share, change.steps, others)


def _possible(others: tuple[str, ...], pair: Pair, names: list[str]) -> tuple[str, ...]:
    """Causes in the simulation that what is known of the network allows."""
    excluded: set[str] = set()
    if both_weights(pair):
        excluded |= {"missing projection", "different connectivity"}
    if known_network(pair).sources.issuperset(names):
        excluded |= {"different delays", "different initial potential", *_OF_CELLS}
    elif known_network(pair).cells.issuperset(names) and "missing or further input" in others:
        excluded.add("different inputs")
        if excluded & {*others} & _OF_CELLS:
            others = (*others, "different inputs")
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
    if renamed := _exchanged(pair, a, b, apart):
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
            found[key] = [*before[0], name], _together(before[1], change)
        else:
            found[*key, name] = [name], change
    if together is not None and any(change.name == _ANY for _, change in found.values()):
        return [(names, together)]
    return list(found.values())


def _together(one: Change, other: Change) -> Change:
    name = _SEVERAL if one.name == _ONE else one.name
    return replace(
        one, name=name, cells=np.append(one.cells, other.cells),
        events=np.append(one.events, other.events),
    )  # fmt: skip


def _of_a_part(change: Change, populations: int) -> Change:
    """Change of some populations, while others are the same."""
    if change.kind != "shift" or change.name != "constant shift":
        return change
    others = (*change.alternatives, "different delays")
    text = change.text.replace("from the first on", "from the first on, and no others do")
    return replace(
        change, name=_ONE if populations == 1 else _SEVERAL, text=text, alternatives=others
    )


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
    everything = np.unique(np.append(a.cell, b.cell))
    changed = everything[np.isin(everything // grid.n_neurons, apart)]
    return Change(
        "populations renamed" if renamed else "populations exchanged", "order", "populations",
        text, cells=changed, events=np.append(a.step, b.step),
        alternatives=() if renamed else ("different inputs",),
    )  # fmt: skip
