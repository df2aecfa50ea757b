"""Signatures in the connections of two runs: pairs, delays and weights, as facts with counts.

Weights of plastic projections are a consequence of spikes; only those before the first spike are
facts. Of projections that may be plastic, only differences that no learning makes are named.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from pipelines.diagnosis.plastic import plastic_projections, recorded_facts
from pipelines.diagnosis.records.recorded_weights import OTHERWISE, exchanged_projections
from pipelines.diagnosis.run_pair import Cause, Pair
from pipelines.diagnosis.synapses.connection_pairs import different_pairs
from pipelines.diagnosis.synapses.weight_values import LOST, different_delays, different_values
from pipelines.diagnosis.table_differences import both_weights, same_weights

_INITIAL = "different initial weights"
_RULE = "different weight rule"
_CONNECTIVITY = "different connectivity"
_PAIR = ["pre", "post"]


def different_connections(pair: Pair) -> Iterator[Cause]:
    """Differences of connections: their populations, pairs, delays or weights."""
    plastic = plastic_projections(pair)
    tables = both_weights(pair)
    differ = {name: both for name, both in tables.items() if not same_weights(*both)}
    if exchanged := exchanged_projections(differ):
        yield exchanged
        return
    for name, (a, b) in tables.items():
        yield from _other_populations(pair, name)
        if name not in differ:
            continue
        first, second = (_reading(one, bool(plastic[name])) for one in (a, b))
        if _other_samples(pair, name, first, second):
            yield Cause(_CONNECTIVITY, f"other connections of {name} were read in each run")
            continue
        if other := different_pairs(name, first, second, pair.where):
            yield other
            continue
        if other := different_delays(name, first, second, pair.timestep, pair.where):
            yield other
        yield from _weights(pair, name, first, second, plastic[name])


def _other_samples(pair: Pair, name: str, a: pd.DataFrame, b: pd.DataFrame) -> bool:
    """Whether readings are of some connections, and of other ones in each run.

    Which ones follows from all connections, so these differ; the readings do not show how.
    """
    sampled = any("recorded_connections" in recorded_facts(one, name) for one in (pair.a, pair.b))
    columns = [*_PAIR, "delay_ms"]
    return sampled and not np.array_equal(a[columns].to_numpy(), b[columns].to_numpy())


def _reading(table: pd.DataFrame, plastic: bool) -> pd.DataFrame:
    """The first reading of a plastic projection, the last one of others."""
    times = table["time_ms"]
    at = times.min() if plastic else times.max()
    return table if np.isnan(at) else table[times == at].reset_index(drop=True)


def _weights(
    pair: Pair, name: str, a: pd.DataFrame, b: pd.DataFrame, plastic: bool | None
) -> Iterator[Cause]:
    """Differences of weights that learning from these spikes does not make."""
    initial = _before_spikes(pair, a, b)
    # Weights that differ in the simulation, too, would change spikes sooner or later.
    also = (OTHERWISE,) if pair.divergence is None and len(pair.a.spikes) else ()
    for cause, exact in different_values(name, a, b, pair.where):
        cause = replace(cause, alternatives=(*cause.alternatives, *also))
        if cause.name == LOST:
            yield cause
        elif plastic and initial:
            yield replace(cause, name=_INITIAL)
        elif plastic is False or initial:
            yield cause
        elif plastic is None and exact:
            others = (*cause.alternatives, _RULE) if pair.divergence is None else ()
            yield replace(cause, alternatives=others)
        elif plastic is None and pair.divergence is None and len(pair.a.spikes):
            yield replace(cause, alternatives=(*cause.alternatives, _RULE))


def _before_spikes(pair: Pair, a: pd.DataFrame, b: pd.DataFrame) -> bool:
    """Whether weights were read before the first spike of either run."""
    spikes = [one.spikes["time_ms"].min() for one in (pair.a, pair.b) if len(one.spikes)]
    read = [table["time_ms"].max() for table in (a, b)]
    # Written so that unknown times are no evidence.
    return bool(max(read) <= min(spikes, default=0.0))


def _other_populations(pair: Pair, name: str) -> Iterator[Cause]:
    """Projections between other populations, or with another receptor, by the records."""
    facts = [recorded_facts(one, name) for one in (pair.a, pair.b)]
    for key, said, cause in (
        ("pre", "comes from", _CONNECTIVITY),
        ("post", "goes to", _CONNECTIVITY),
        ("receptor", "acts on the receptor", "different receptor"),
    ):
        values = [str(one.get(key) or "") for one in facts]
        if all(values) and values[0] != values[1]:
            text = f"{name} {said} {values[0]} {pair.where[0]} and {values[1]} {pair.where[1]}"
            yield Cause(cause, text)


def projections(pair: Pair) -> Iterator[tuple[str, pd.DataFrame, pd.DataFrame]]:
    """Name of each projection, and its last weights in both runs in the same order."""
    order = ["pre", "post", "delay_ms", "weight"]
    for name in sorted({*pair.a.weights["projection"], *pair.b.weights["projection"]}):
        tables = []
        for one in (pair.a, pair.b):
            rows = one.weights[one.weights["projection"] == name]
            rows = rows[rows["time_ms"] == rows["time_ms"].max()]
            tables.append(rows.sort_values(order, kind="stable"))
        yield str(name), tables[0], tables[1]
