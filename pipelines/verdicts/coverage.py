"""What can be compared of two runs, and what cannot: only what both of them recorded can be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from pipelines.diagnosis.run_pair import Evidence, Recorded, joined
from pipelines.tables.mappings import mapping_or_none
from pipelines.verdicts.recorded_parts import common_parts

# Largest number of names that a phrase lists.
_MOST_NAMED = 4


@dataclass(frozen=True)
class Coverage:
    """The part of two runs that both recorded.

    Attributes
    ----------
    a, b
        The runs, with the rows of what both recorded; `signals` is None if no signal is left.
    populations
        Populations whose spikes both recorded, also those without a spike; None if neither has a
        spike and it is not known which were recorded.
    not_compared
        What one of them recorded, or neither, as phrases.
    names_differ
        Whether both have spikes, but of no population of the same name.
    """

    a: Evidence
    b: Evidence
    populations: tuple[str, ...] | None
    not_compared: tuple[str, ...]
    names_differ: bool = False


def comparable(a: Evidence, b: Evidence, where: tuple[str, str]) -> Coverage:
    """Restrict two runs to what both recorded.

    A population, projection or signal that both recorded stays, also if one run has no rows of
    it: that is a difference. One that a run did not record is left out and named. A run of which
    it is not known what it recorded has recorded what it has rows of; and if it has no spike at
    all, every population, as its table of spikes says that it is silent.

    Parameters
    ----------
    a, b
        The runs.
    where
        Phrases such as ``"on nest"`` for the runs.
    """
    parts = common_parts(a, b, where)
    # Populations and signals of which the runs have no neuron in common.
    none_of = parts.without_spikes
    no_signals = frozenset(
        key
        for one in (a, b)
        for key in _signal_keys(one.signals)
        if key[0] in parts.without_signals
    )
    seen = tuple(frozenset(_names(one.spikes, "population")) for one in (a, b))
    spikes = _Kind("spikes", seen, (a.recorded.spikes, b.recorded.spikes), none_of, True)
    a, b = parts.a, parts.b
    seen_weights = tuple(frozenset(_names(one.weights, "projection")) for one in (a, b))
    weights = _Kind("weights", seen_weights, (a.recorded.weights, b.recorded.weights))
    seen_signals = tuple(_signal_keys(one.signals) for one in (a, b))
    signals = _Kind("signals", seen_signals, (a.recorded.signals, b.recorded.signals), no_signals)

    said = [
        *parts.not_compared,
        *spikes.one_sided(where),
        *weights.one_sided(where),
        *signals.one_sided(where),
    ]
    both_a, both_b = (
        replace(
            one,
            spikes=_rows_of(one.spikes, "population", spikes.dropped),
            weights=_rows_of(one.weights, "projection", weights.dropped),
            signals=_signal_rows(one.signals, signals.dropped),
        )
        for one in (a, b)
    )
    is_unknown = not spikes.all and None in spikes.known
    both_a, both_b, without = _with_times(both_a, both_b, where)
    said += without
    said += [] if is_unknown else _in_neither("spikes", spikes.all, _listed((a, b), "cell_types"))
    said += _in_neither("weights", weights.all, _listed((a, b), "projections"))
    said += [] if signals.all else ["signals (none recorded)"]
    populations = None if is_unknown else tuple(sorted(spikes.both))
    apart = bool(seen[0] and seen[1]) and not spikes.both
    return Coverage(both_a, both_b, populations, tuple(said), apart)


def few(names: Iterable[object]) -> str:
    """Names as an enumeration; after the first ones the number of the others."""
    listed = [str(name) for name in names]
    more = len(listed) - _MOST_NAMED
    if more <= 1:
        return joined(listed) if listed else ""
    return joined([*listed[:_MOST_NAMED], f"{more} more"])


@dataclass(frozen=True)
class _Kind:
    """Names of one kind of recording in two runs: those with rows, those known to be recorded.

    `apart` are those of which each run recorded other neurons.
    """

    kind: str
    seen: tuple[frozenset[Any], ...]
    known: tuple[frozenset[Any] | None, ...]
    apart: frozenset[Any] = frozenset()
    silent_is_known: bool = False

    @property
    def all(self) -> frozenset[Any]:
        return frozenset().union(*self.seen, *(one for one in self.known if one is not None))

    def _has(self, side: int, name: Any) -> bool:
        seen, known = self.seen[side], self.known[side]
        if known is None:
            return name in seen or (self.silent_is_known and not seen)
        return name in seen or name in known

    @property
    def both(self) -> frozenset[Any]:
        found = {name for name in self.all if self._has(0, name) and self._has(1, name)}
        return frozenset(found - self.apart)

    @property
    def dropped(self) -> frozenset[Any]:
        return self.all - self.both

    def one_sided(self, where: tuple[str, str]) -> list[str]:
        """Phrases on what one run alone has recorded."""
        said = []
        for side, place in enumerate(where):
            alone = sorted(n for n in self.dropped - self.apart if self._has(side, n))
            if alone:
                said.append(f"{_of(self.kind, alone)} ({place} alone)")
        return said


def _of(kind: str, names: Iterable[Any]) -> str:
    if kind == "signals":
        return few(f"{variable} of {population}" for population, variable in names)
    return f"{kind} of {few(names)}"


def _names(table: pd.DataFrame, column: str) -> list[str]:
    return [str(name) for name in table[column].unique()] if len(table) else []


def _signal_keys(signals: pd.DataFrame | None) -> frozenset[tuple[str, str]]:
    if signals is None or not len(signals):
        return frozenset()
    rows = signals[["population", "variable"]].drop_duplicates()
    return frozenset((str(one), str(other)) for one, other in rows.itertuples(index=False))


def _rows_of(table: pd.DataFrame, column: str, dropped: frozenset[str]) -> pd.DataFrame:
    return table[~table[column].isin(list(dropped))] if dropped and len(table) else table


def _signal_rows(
    signals: pd.DataFrame | None, dropped: frozenset[tuple[str, str]]
) -> pd.DataFrame | None:
    if signals is None or not len(signals):
        return None
    for population, variable in dropped:
        mine = (signals["population"] == population) & (signals["variable"] == variable)
        signals = signals[~mine]
    return signals if len(signals) else None


def _with_times(
    a: Evidence, b: Evidence, where: tuple[str, str]
) -> tuple[Evidence, Evidence, list[str]]:
    """Weights whose times are known; of tables without times they are the last reading."""
    unknown = [len(one.weights) > 0 and one.weights["time_ms"].isna().all() for one in (a, b)]
    if not any(unknown):
        return a, b, []
    said, runs = [], [a, b]
    for side, one in enumerate((a, b)):
        if unknown[side]:
            runs[side] = replace(one, weights=one.weights.assign(time_ms=0.0))
            continue
        weights = one.weights
        last = weights.groupby("projection", observed=True)["time_ms"].transform("max")
        if (weights["time_ms"] < last).any():
            said.append(f"weights before the last reading ({where[side]} alone)")
        kept = weights[weights["time_ms"] == last]
        runs[side] = replace(one, weights=kept.assign(time_ms=0.0))
    return runs[0], runs[1], said


def _listed(runs: Iterable[Evidence], column: str) -> set[str] | None:
    """Names of populations or projections in the networks of runs; None if no run names them."""
    found: set[str] | None = None
    for one in runs:
        if (named := mapping_or_none(one.record.get(column))) is not None:
            found = (found or set()) | {*named}
    return found


def _in_neither(kind: str, recorded: Iterable[str], network: set[str] | None) -> list[str]:
    """Phrase on what neither run recorded of the populations or projections of the network."""
    if network:
        rest = sorted(network - {*recorded})
        return [f"{kind} of {few(rest)} (not recorded)"] if rest else []
    # Where the network's contents are not known, all that can be said is that there is nothing.
    return [f"{kind} (none recorded)"] if network is None and not {*recorded} else []


def recorded_populations(record: Mapping[str, object]) -> frozenset[str] | None:
    """Populations whose spikes a run recorded, from its row of `runs`; None if unknown."""
    sizes = mapping_or_none(record.get("population_sizes"))
    return None if sizes is None else frozenset(sizes)


def recorded_in(
    weights: pd.DataFrame, signals: pd.DataFrame | None, spikes: pd.DataFrame | None = None
) -> Recorded:
    """What all runs of a folder or sweep recorded, from the tables of all of them.

    All runs of a sweep record the same, so what one has rows of was recorded of the others. If
    there is no spike at all, it is not known of which populations spikes were recorded.
    """
    return Recorded(
        (frozenset(_names(spikes, "population")) or None) if spikes is not None else None,
        frozenset(_names(weights, "projection")),
        _signal_keys(signals),
    )
