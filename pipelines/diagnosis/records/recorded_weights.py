"""Transformations of the table of weights, of runs whose spikes are all the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from pipelines.diagnosis.known_network import KnownNetwork, known_network
from pipelines.diagnosis.plastic import plastic_projections
from pipelines.diagnosis.records.rounding import bits_how, decimals_how, rounded_in_one
from pipelines.diagnosis.run_pair import Cause, Pair
from pipelines.diagnosis.table_differences import (
    apart,
    both_weights,
    delays_apart,
    same_weights,
    signals_apart,
    sorted_weights,
)

UNIT_FACTORS = (1e3, 1e-3, 1e6, 1e-6, 1e9, 1e-9)
"""Factors between units of weights and signals."""

OTHERWISE = "weights recorded differently"
"""Name of the cause of weights that differ by no rule, though all spikes are the same."""

_EQUAL = 1e-6
# Smallest number of synaptic events, each counted as the share of its weight that differs, that
# would have changed spikes, and of spikes that they reach.
_FEWEST_EVENTS, _FEWEST_SPIKES = 30, 20
_PAIR = ["pre", "post"]


def different_weights(pair: Pair) -> Iterator[Cause]:
    """Differences of the record of weights, if they explain all that differs between the runs."""
    tables = both_weights(pair)
    differ = {name: both for name, both in tables.items() if not same_weights(*both)}
    if not differ or signals_apart(pair) or _digests_differ(pair):
        return
    network, plastic = known_network(pair), plastic_projections(pair)
    if renamed := exchanged_projections(differ):
        yield renamed
        return
    found = []
    for name, (a, b) in differ.items():
        proof = _acts(pair, network, name, a, _size(a, b))
        static = plastic[name] is False
        cause = next(_changes(name, a, b, pair.where, bool(proof), static), None)
        if cause is None:
            return
        if proof:
            said = f"{cause.explanation}; {proof}, so only the record differs"
            cause = replace(cause, explanation=said, alternatives=())
        found.append(cause)
    yield from found


def _digests_differ(pair: Pair) -> bool:
    first, second = (one.record.get("connectivity_sha256") for one in (pair.a, pair.b))
    return bool(first and second and first != second)


def _size(a: pd.DataFrame, b: pd.DataFrame) -> float:
    """Mean difference of synapses relative to their weight, at most 1."""
    if len(a) != len(b) or not np.array_equal(a[_PAIR].to_numpy(), b[_PAIR].to_numpy()):
        common = len(a[_PAIR].merge(b[_PAIR].drop_duplicates(), on=_PAIR))
        return 1 - min(common / max(len(a), 1), 1.0)
    first, second = a["weight"].to_numpy(float), b["weight"].to_numpy(float)
    total = np.nansum(np.abs(first))
    by = np.nansum(np.abs(second - first)) / total if total else 0.0
    return float(min(by + np.mean(delays_apart(a, b) != 0), 1.0))


def _acts(pair: Pair, network: KnownNetwork, name: str, table: pd.DataFrame, size: float) -> str:
    """Spikes that a real difference of these synapses would have changed; empty if not known."""
    pre, post = network.projections.get(name, ("", ""))
    spikes = pair.a.spikes
    if not pre or not len(table):
        return ""
    reached = spikes.loc[spikes["population"] == post, "time_ms"].to_numpy(float)
    if len(reached) < _FEWEST_SPIKES:
        return ""
    latest = np.partition(reached, -_FEWEST_SPIKES)[-_FEWEST_SPIKES]
    sent = spikes[(spikes["population"] == pre) & (spikes["time_ms"] < latest)]
    last = table[(table["time_ms"] == table["time_ms"].max()) | table["time_ms"].isna()]
    number = last[last["weight"] != 0].groupby("pre").size()
    events = int(sent["neuron"].map(number).fillna(0).sum())
    if events * size < _FEWEST_EVENTS:
        return ""
    return f"all spikes of {post}, which {events:,} events of these synapses reach, are the same"


def _changes(
    name: str, a: pd.DataFrame, b: pd.DataFrame, where: tuple[str, str], proof: bool, static: bool
) -> Iterator[Cause]:
    """Changes of the record of a projection; what a simulation does as well needs a proof."""
    if not len(a) or not len(b):
        if proof:
            text = f"{name} has no connections {where[1] if len(a) else where[0]}"
            yield Cause("projection missing from the record", text)
        return
    if len(a) == len(b) and np.array_equal(a[_PAIR].to_numpy(), b[_PAIR].to_numpy()):
        yield from _other_values(name, a, b, where, proof, static)
        return
    yield from _readings(name, a, b, where)
    for column in (["pre"], ["post"], _PAIR):
        for by in (1, -1):
            if same_weights(sorted_weights(a.assign(**{c: a[c] + by for c in column})), b):
                text = f"{' and '.join(column)} of {name} are {by:+d} {where[1]}"
                yield Cause(
                    "neurons counted from 1", text, alternatives=("different connectivity",)
                )
    if not proof:
        return
    if same_weights(sorted_weights(a.rename(columns={"pre": "post", "post": "pre"})), b):
        text = f"{name} goes from post to pre {where[1]}"
        yield Cause("pre and post exchanged", text)
    for full, part, there in ((a, b, where[1]), (b, a, where[0])):
        missing = len(full) - len(part)
        if missing > 0 and _contains(full, part):
            text = f"{missing:,} of {len(full):,} rows of {name} are missing {there}"
            yield Cause("weights missing from the record", text, missing / len(full))


def _contains(full: pd.DataFrame, part: pd.DataFrame) -> bool:
    columns = ["time_ms", "pre", "post", "delay_ms", "weight"]
    keys = [full[columns].round(9), part[columns].round(9)]
    counts = [one.groupby(columns, dropna=False).size() for one in keys]
    return bool((counts[0].reindex(counts[1].index).fillna(0) >= counts[1]).all())


def _readings(
    name: str, a: pd.DataFrame, b: pd.DataFrame, where: tuple[str, str]
) -> Iterator[Cause]:
    """Readings that one run lacks, with all others the same."""
    for full, part, there in ((a, b, where[1]), (b, a, where[0])):
        common = np.intersect1d(full["time_ms"].unique(), part["time_ms"].unique())
        missing = np.setdiff1d(full["time_ms"].unique(), common)
        if not len(missing) or len(common) != part["time_ms"].nunique() or not len(common):
            continue
        if same_weights(sorted_weights(full[full["time_ms"].isin(common)]), part):
            some = ", ".join(f"{t:g}" for t in missing[:3]) + (", ..." if len(missing) > 3 else "")
            text = f"{name} has no reading at {some} ms {there}; all others are the same"
            yield Cause("reading of weights missing", text)


def _other_values(
    name: str, a: pd.DataFrame, b: pd.DataFrame, where: tuple[str, str], proof: bool, static: bool
) -> Iterator[Cause]:
    """Other values of the same synapses."""
    first, second = a["weight"].to_numpy(float), b["weight"].to_numpy(float)
    times = [table["time_ms"].to_numpy(float) for table in (a, b)]
    by = delays_apart(a, b)
    if by.any():
        if proof and not apart(first, second).any():
            yield _other_delays(name, a, b, float(np.mean(by != 0)), where)
        return
    differs = apart(first, second)
    if not differs.any():
        if not np.allclose(times[0], times[1], rtol=0, atol=1e-6):
            text = f"the same weights of {name} have other times of reading {where[1]}"
            yield Cause("weights read at another time", text)
        return
    share = float(differs.mean())
    if how := rounded_in_one(bits_how, first, second, where):
        yield Cause("weights rounded", f"weights of {name} are {how}", share)
        return
    yield from _scaled(name, first, second, where, proof)
    if how := rounded_in_one(decimals_how, first, second, where):
        yield Cause("weights rounded", f"weights of {name} are {how}", share)
        return
    yield from _earlier(name, a, b, where)
    if proof and np.array_equal(np.sort(first), np.sort(second)):
        text = f"the same weights of {name} are at other synapses {where[1]}"
        yield Cause("weights in another order", text, share)
    if not proof:
        return
    if not apart(np.abs(first), np.abs(second)).any():
        text = f"weights of {name} have another sign {where[1]}"
        yield Cause("sign of the weights", text, share)
    elif static:
        # Of a plastic projection the weights of another time may have been read.
        text = f"{share:.1%} of the weights of {name} differ by no simple rule"
        yield Cause(OTHERWISE, text, share)


def _other_delays(
    name: str, a: pd.DataFrame, b: pd.DataFrame, share: float, where: tuple[str, str]
) -> Cause:
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = b["delay_ms"].to_numpy(float) / a["delay_ms"].to_numpy(float)
    known = [one for one in UNIT_FACTORS if abs(np.median(ratio) / one - 1) < _EQUAL]
    if known and np.ptp(ratio) <= _EQUAL * np.abs(ratio).max():
        text = f"delays of {name} are {np.median(ratio):.6g} times as long {where[1]}"
        return Cause("delays in another unit", text)
    return Cause(
        "delays recorded differently", f"{share:.1%} of the delays of {name} differ", share
    )


def _scaled(
    name: str, first: np.ndarray, second: np.ndarray, where: tuple[str, str], proof: bool
) -> Iterator[Cause]:
    acting = first != 0
    if not acting.any() or np.any(second[~acting] != 0):
        return
    ratio = second[acting] / first[acting]
    factor = float(np.median(ratio))
    if factor <= 0 or abs(factor - 1) < _EQUAL or np.abs(ratio / factor - 1).max() > _EQUAL:
        return
    unit = [one for one in UNIT_FACTORS if abs(factor / one - 1) < _EQUAL]
    if unit or proof:
        text = f"weights of {name} are {unit[0] if unit else factor:.6g} times as large {where[1]}"
        yield Cause("weights in another unit", text, alternatives=("weights scaled",))


def _earlier(
    name: str, a: pd.DataFrame, b: pd.DataFrame, where: tuple[str, str]
) -> Iterator[Cause]:
    """Every reading of one run with the values of another reading of the other run."""
    times = np.unique(a["time_ms"].to_numpy(float))
    if len(times) < 3 or not np.array_equal(times, np.unique(b["time_ms"].to_numpy(float))):
        return
    values = [
        [table.loc[table["time_ms"] == t, "weight"].to_numpy(float) for t in times]
        for table in (a, b)
    ]
    for by, how in ((1, "the one before"), (-1, "the next one")):
        early, late = values if by > 0 else values[::-1]
        ours, theirs = early[:-1], late[1:]
        same = all(
            len(x) == len(y) and not apart(x, y).any() for x, y in zip(ours, theirs, strict=True)
        )
        if same:
            text = f"each reading of {name} {where[1]} has the weights of {how} {where[0]}"
            yield Cause("weights read at another time", text)


def exchanged_projections(differ: dict[str, tuple[pd.DataFrame, pd.DataFrame]]) -> Cause | None:
    """Projections that have the table of another projection of the other run."""
    if len(differ) < 2:
        return None
    pairs = [
        (x, y)
        for x, (a, _) in differ.items()
        for y, (_, b) in differ.items()
        if x != y and len(a) and same_weights(a, b)
    ]
    filled = [name for name, (a, _) in differ.items() if len(a)]
    if sorted(x for x, _ in pairs) != sorted(filled) or len({y for _, y in pairs}) != len(pairs):
        return None
    said = ", ".join(f"{x} is {y}" for x, y in pairs[:3])
    renamed = not {x for x, _ in pairs} & {y for _, y in pairs}
    name = "projections renamed" if renamed else "projections exchanged"
    return Cause(name, f"{said} of the other run, and otherwise the same",
                 alternatives=() if renamed else ("different weights",))  # fmt: skip
