"""Signatures in the connections of two runs: pairs, delays and weights."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from pipelines.diagnosis.run_pair import Cause, Pair, mode, steps_in_words

_EQUAL = 1e-9


def different_connections(pair: Pair) -> Iterator[Cause]:
    """Differences of connections: their pairs, delays or weights."""
    for name, a, b in projections(pair):
        index = ["pre", "post"]
        if len(a) != len(b) or not np.array_equal(a[index].to_numpy(), b[index].to_numpy()):
            yield _other_pairs(name, a, b, pair.where)
            continue
        yield from _delays(name, a, b, pair)
        yield from _weights(name, a, b, pair.where)


def _other_pairs(name: str, a: pd.DataFrame, b: pd.DataFrame, where: tuple[str, str]) -> Cause:
    """Cause of different pairs of neurons in a projection."""
    pairs = [table[["pre", "post"]].to_numpy() for table in (a, b)]
    if not len(a) or not len(b):
        text = f"{name} has no connections {where[1] if len(a) else where[0]}"
        return Cause("missing projection", text, 1.0)
    for few, many, there in ((*pairs, where[1]), (*pairs[::-1], where[0])):
        if len(many) == 2 * len(few) and np.array_equal(np.repeat(few, 2, axis=0), many):
            return Cause("synapses doubled", f"every synapse of {name} is there twice {there}", 1.0)
        itself = many[:, 0] == many[:, 1]
        if itself.any() and np.array_equal(many[~itself], few):
            text = f"{int(itself.sum()):,} neurons of {name} are connected to themselves {there}"
            return Cause("autapses", text, 1.0)
    if len(a) == len(b) and np.array_equal(_sorted(pairs[0]), _sorted(pairs[1][:, ::-1])):
        text = f"the connections of {name} go from post to pre {where[1]}"
        return Cause("pre and post exchanged", text, 1.0)
    missing = 1 - min(len(a), len(b)) / max(len(a), len(b))
    text = f"{name} has {len(a):,} connections and {len(b):,}"
    text += f", {missing:.1%} fewer" if missing else ", between other neurons"
    return Cause("different connectivity", text, 1.0)


def _sorted(pairs: np.ndarray) -> np.ndarray:
    return pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]


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


def _delays(name: str, a: pd.DataFrame, b: pd.DataFrame, pair: Pair) -> Iterator[Cause]:
    apart = (b["delay_ms"].to_numpy(float) - a["delay_ms"].to_numpy(float)) / pair.timestep
    # Tables from elsewhere may have no delays.
    steps = np.rint(np.nan_to_num(apart)).astype(int)
    if not steps.any():
        return
    common, share = mode(steps)
    if common:
        text = f"delays of {name} are {steps_in_words(common)} {pair.where[1]}"
        yield Cause("different delays", text, share)
    else:
        yield Cause("different delays", f"some delays of {name} differ", float((steps != 0).mean()))


def _weights(
    name: str, a: pd.DataFrame, b: pd.DataFrame, where: tuple[str, str]
) -> Iterator[Cause]:
    first, second = a["weight"].to_numpy(float), b["weight"].to_numpy(float)
    largest = max(np.abs(first).max(initial=0.0), np.abs(second).max(initial=0.0))
    apart = np.abs(second - first) > _EQUAL * largest
    if not apart.any():
        return
    if text := _one_weight_a_pair(a, b, where):
        yield Cause("one weight for all synapses of a pair", f"{name}: {text}", 1.0)
        return
    known = first != 0
    ratio = second[known] / first[known]
    if len(ratio) and np.ptp(ratio) <= _EQUAL * np.abs(ratio).max():
        if abs(ratio[0] + 1) <= _EQUAL:
            text = f"every weight of {name} has the other sign"
            yield Cause("sign of the weights", text, 1.0)
            return
        text = f"every weight of {name} is {ratio[0]:.6g} times as large {where[1]}"
        yield Cause("weights scaled", text, 1.0)
        return
    for x, y, which in ((first, second, "second"), (second, first, "first")):
        bound = np.abs(x).max()
        if np.sum(np.abs(x) >= bound * (1 - _EQUAL)) > 1 and np.abs(y).max() > bound * (1 + _EQUAL):
            text = (
                f"weights of {name} end at {bound:.6g} in one run, and go up to"
                f" {np.abs(y).max():.6g} in the {which} one"
            )
            yield Cause("no largest weight", text, float(np.mean(np.abs(y) > bound)))
    if np.array_equal(np.sign(first), np.sign(second)):
        text = (
            f"{apart.mean():.1%} of the weights of {name} differ, by up to"
            f" {np.abs(second - first).max() / largest:.2g} of the largest"
        )
        yield Cause("different plasticity", text, float(apart.mean()))


def _one_weight_a_pair(a: pd.DataFrame, b: pd.DataFrame, where: tuple[str, str]) -> str:
    """Text on synapses of a pair that share one weight in one run only; empty if none do."""
    several = a.duplicated(["pre", "post"], keep=False).to_numpy()
    if not several.any():
        return ""
    alike = [
        bool((table[several].groupby(["pre", "post"])["weight"].nunique() == 1).all())
        for table in (a, b)
    ]
    if alike[0] == alike[1]:
        return ""
    return f"several synapses from one neuron to another have one weight {where[alike[1]]}"


def different_weights_only(pair: Pair) -> Iterator[Cause]:
    """Weights that differ although all spikes are the same."""
    if pair.divergence is None and len(pair.a.spikes):
        for cause in different_connections(pair):
            if cause.name == "different plasticity":
                text = f"all spikes are the same, and {cause.explanation}: the rule differs"
                yield Cause("different weight rule", text, cause.share)
