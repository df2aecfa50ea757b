"""Signatures in the connections of two runs: pairs, delays and weights, as facts with counts.

Weights of plastic projections are a consequence of spikes; only those before the first spike are
facts. Of projections that may be plastic, only differences that no learning makes are named.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from pipelines.diagnosis.cause_kind import CauseKind
from pipelines.diagnosis.connection_pairs import different_pairs
from pipelines.diagnosis.plastic import plastic_projections, recorded_facts
from pipelines.diagnosis.recorded_weights import exchanged_projections
from pipelines.diagnosis.run_pair import Cause, Pair
from pipelines.diagnosis.table_differences import both_weights, same_weights
from pipelines.diagnosis.weight_values import different_delays, different_values

_INITIAL = "different initial weights"
_RULE = "different weight rule"
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
        if other := different_pairs(name, first, second, pair.where):
            yield other
            continue
        if other := different_delays(name, first, second, pair.timestep, pair.where):
            yield other
        yield from _weights(pair, name, first, second, plastic[name])


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
    for cause, exact in different_values(name, a, b, pair.where):
        if plastic and initial:
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
        ("pre", "comes from", "different connectivity"),
        ("post", "goes to", "different connectivity"),
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


def different_weights_only(pair: Pair) -> Iterator[Cause]:
    """Weights of projections that may be plastic, which differ although all spikes are the same."""
    if pair.divergence is not None or not len(pair.a.spikes):
        return
    plastic = plastic_projections(pair)
    for name, a, b in projections(pair):
        same_pairs = np.array_equal(a[_PAIR].to_numpy(), b[_PAIR].to_numpy())
        if plastic[name] is False or not same_pairs:
            continue
        for cause, exact in different_values(name, a, b, pair.where):
            if exact:
                continue
            text = f"all spikes are the same, and {cause.explanation}: the rule differs"
            yield Cause(_RULE, text, cause.share)


_COUNTED = "Rows of the table are compared one by one, for each projection by itself."

# Entries of causes that tables of connections share with those of the record ("neuron indices
# shifted", "weights rounded", "projections exchanged") are in `recording_kinds`.
KINDS: tuple[CauseKind, ...] = (
    CauseKind(
        "missing projection",
        "a projection has no synapses in one run",
        spikes="those of the target neurons differ from the first spike of the source on",
        weights="no rows of the projection",
        digests="those of the connections may differ",
        test=_COUNTED,
        rivals=("projection missing from the record",),
    ),
    CauseKind(
        "synapses doubled",
        "some or all synapses are there several times",
        weights="pairs are repeated",
        test=_COUNTED,
        rivals=("weights scaled",),
    ),
    CauseKind(
        "autapses",
        "neurons are connected to themselves in one run only",
        weights="rows with equal pre and post; all others are the same",
        test=_COUNTED,
    ),
    CauseKind(
        "pre and post exchanged",
        "a projection goes from post to pre",
        weights="the same rows with pre and post exchanged",
        test=f"{_COUNTED} If the targets' spikes do not respond, it is called one of the record.",
    ),
    CauseKind(
        "different connectivity",
        "other pairs of neurons are connected, or other populations",
        weights="pairs are missing, further, or between other neurons; degrees are compared",
        digests="those of the connections differ",
        test=_COUNTED,
        rivals=("synapses missing from the record",),
    ),
    CauseKind(
        "different receptor",
        "a projection acts on another receptor, such as an inhibitory one",
        test="The records of both runs name the receptor.",
        rivals=("sign of the weights",),
    ),
    CauseKind(
        "different delays",
        "delays of the same synapses differ",
        spikes="those of the target neurons, from the first delayed event on",
        weights="the column of delays differs",
        test=f"{_COUNTED} All by the same steps, or the share that differs and its range.",
        rivals=("delays recorded differently",),
    ),
    CauseKind(
        "weights scaled",
        "all weights of a projection are multiplied by one factor",
        weights="the ratio of weights is the same for all synapses, within rounding",
        test=f"{_COUNTED} With the same spikes a rule of plasticity can do so.",
        rivals=("weights in another unit", _RULE),
    ),
    CauseKind(
        "sign of the weights",
        "all weights of a projection have the other sign",
        weights="every weight is that of the other run times -1",
        test=_COUNTED,
        rivals=("different receptor",),
    ),
    CauseKind(
        "one weight for all synapses of a pair",
        "several synapses between two neurons share a weight in one run only",
        weights="synapses of one pair have different weights in one run, one in the other",
        test=_COUNTED,
    ),
    CauseKind(
        "different weights",
        "weights of static synapses differ: one, some, or all of them",
        spikes="those of the target neurons differ",
        weights="counted, with what the differences have in common",
        test=(
            f"{_COUNTED} For static projections. For those that may be plastic only if each weight"
            " is a function of that in the other run, or with the rule as an alternative."
        ),
        rivals=("weights in another order", _RULE),
    ),
    CauseKind(
        _INITIAL,
        "weights of plastic synapses differ before the first spike",
        weights="the first reading differs, and no spike came before it",
        test=_COUNTED,
        rivals=(_RULE,),
    ),
)
