"""Restriction of two runs to the neurons and connections of which both have recordings.

A run may record some neurons of a population, and some connections of a projection over time
(`pipelines.sweep.record`). What one of two runs has not recorded is left out of both, and named.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from pipelines.diagnosis.plastic import recorded_facts
from pipelines.diagnosis.run_pair import Evidence
from pipelines.tables.mappings import as_mapping

# Delays (ms) of two backends are the same if they agree to this number of decimals.
_DECIMALS = 6


@dataclass(frozen=True)
class RecordedParts:
    """Two runs, restricted to the neurons and connections that both recorded.

    Attributes
    ----------
    a, b
        The runs.
    not_compared
        What was left out of one of them, or recorded in neither, as phrases.
    without_spikes, without_signals
        Populations of which the runs recorded different neurons only.
    """

    a: Evidence
    b: Evidence
    not_compared: tuple[str, ...]
    without_spikes: frozenset[str]
    without_signals: frozenset[str]


def common_parts(a: Evidence, b: Evidence, where: tuple[str, str]) -> RecordedParts:
    """Restrict two runs to the neurons and connections that both recorded.

    Parameters
    ----------
    a, b
        The runs.
    where
        Phrases such as ``"on nest"`` for the runs.
    """
    runs, said = [a, b], []
    without: dict[str, set[str]] = {"spikes": set(), "signals": set()}
    parts = [as_mapping(one.record.get("recorded_neurons")) for one in runs]
    for name in sorted({*parts[0], *parts[1]}):
        known = [int(one[name]["of"]) for one in parts if name in one]
        sizes = [_size(one, name, max(known)) for one in runs]
        size = max(sizes)
        for kind in ("spikes", "signals"):
            chosen = [one.get(name, {}).get(kind) for one in parts]
            # What one run did not record at all is named as a whole.
            if chosen == [None, None] or not all(_has(one, kind, name) for one in runs):
                continue
            sets = [
                {*range(n)} if some is None else {*some}
                for some, n in zip(chosen, sizes, strict=True)
            ]
            common = sets[0] & sets[1]
            said += _phrases(f"{kind} of", f"neuron of {name}", sets, size, where)
            if not common:
                without[kind].add(name)
            if sets[0] != sets[1]:
                runs = [_of_neurons(one, kind, name, common, size) for one in runs]
    for name in sorted({*_projections(a), *_projections(b)}):
        runs, phrases = _of_connections(runs, name, where)
        said += phrases
    apart = (frozenset(without["spikes"]), frozenset(without["signals"]))
    return RecordedParts(runs[0], runs[1], tuple(said), *apart)


def _size(one: Evidence, name: str, otherwise: int) -> int:
    """Number of neurons of a population in the network of a run."""
    part = as_mapping(one.record.get("recorded_neurons")).get(name)
    sizes = as_mapping(one.record.get("population_sizes"))
    return int(part["of"] if part is not None else sizes.get(name, otherwise))


def _has(one: Evidence, kind: str, name: str) -> bool:
    """Whether a run recorded spikes, or a signal, of a population, as far as that is known."""
    table: pd.DataFrame | None = getattr(one, kind)
    if table is not None and len(table) and (table["population"] == name).any():
        return True
    known: frozenset[Any] | None = getattr(one.recorded, kind)
    if known is None:
        # If nothing is known, a run without a spike is one of silent neurons.
        return kind == "spikes" and (table is None or not len(table))
    return any(name == (key if kind == "spikes" else key[0]) for key in known)


def _phrases(
    kind: str, what: str, sets: list[set[Any]], size: int, where: tuple[str, str]
) -> list[str]:
    """What one run alone recorded, and what neither did; `what` is in the singular."""
    one_of_them, _, rest_of_it = what.partition(" ")
    many = f"{one_of_them}s {rest_of_it}"
    both, either = sets[0] & sets[1], sets[0] | sets[1]
    said = [
        f"{kind} {n:,} {what if n == 1 else many} ({place} alone)"
        for mine, place in zip(sets, where, strict=True)
        if (n := len(mine - both))
    ]
    if rest := size - len(either):
        said.append(f"{kind} {rest:,} of {size:,} {many} (not recorded)")
    return said


def _of_neurons(one: Evidence, kind: str, name: str, neurons: set[int], size: int) -> Evidence:
    """A run as if it had recorded these neurons of a population."""
    table: pd.DataFrame | None = getattr(one, kind)
    if table is not None and len(table):
        kept = (table["population"] != name) | table["neuron"].isin(list(neurons))
        one = replace(one, **{kind: table[kept]})
    parts = as_mapping(one.record.get("recorded_neurons"))
    chosen = {"of": size, **parts.get(name, {}), kind: sorted(neurons)}
    record = one.record | {"recorded_neurons": {**parts, name: chosen}}
    if kind == "spikes":
        sizes = as_mapping(record.get("population_sizes"))
        record["population_sizes"] = {**sizes, name: len(neurons)}
    return replace(one, record=record)


def _projections(one: Evidence) -> Iterable[str]:
    """Projections of which some connections were read over time."""
    described = as_mapping(one.record.get("projections"))
    return [name for name, facts in described.items() if "recorded_connections" in facts]


def _of_connections(
    runs: list[Evidence], name: str, where: tuple[str, str]
) -> tuple[list[Evidence], list[str]]:
    """Two runs with the connections of a projection that both read over time, and phrases."""
    facts: list[Mapping[str, Any]] = [recorded_facts(one, name) for one in runs]
    readings = [_Readings(one, name) for one in runs]
    if not all(len(one.keys) for one in readings):
        return runs, []
    at_end = all(one.get("all_at_end", "recorded_connections" not in one) for one in facts)
    size = max(int(one.get("connections", 0)) for one in facts)
    what = f"connection of {name}" + (" before the last reading" if at_end else "")
    first = [{*one.keys[one.time_ms == one.time_ms.min()]} for one in readings]
    if facts[0].get("recorded_connections") == facts[1].get("recorded_connections"):
        # If these are not the same ones, the networks differ.
        return runs, _phrases("weights of", what, [first[0], first[0]], size, where)
    common = first[0] & first[1]
    kept = [
        replace(one, weights=one.weights[of.kept(common, at_end)])
        for one, of in zip(runs, readings, strict=True)
    ]
    return kept, _phrases("weights of", what, first, size, where)


class _Readings:
    """Rows of one projection in the table of weights: times (ms), and pre, post and delay."""

    def __init__(self, one: Evidence, name: str) -> None:
        self.mine = (one.weights["projection"] == name).to_numpy()
        rows = one.weights[self.mine]
        # A single reading may have no time.
        self.time_ms = rows["time_ms"].fillna(0.0).to_numpy(float)
        delay = rows["delay_ms"].fillna(-1.0).round(_DECIMALS)
        self.keys = pd.MultiIndex.from_arrays([rows["pre"], rows["post"], delay])

    def kept(self, connections: set[Any], at_end: bool) -> np.ndarray:
        """Mask of the table: rows of some connections, and all others or of the last reading."""
        mask = ~self.mine
        last = self.time_ms == self.time_ms.max()
        mask[self.mine] = self.keys.isin(list(connections)) | (last & at_end)
        return mask
