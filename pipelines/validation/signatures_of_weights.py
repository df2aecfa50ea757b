"""Signatures of connections: who is connected to whom, how late, and how strongly."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from pipelines.validation.pairs import Cause, Pair, mode, more

_EQUAL = 1e-9
_PLASTICITY = "different plasticity"


def connections(pair: Pair) -> Iterator[Cause]:
    """Missing connections, other delays, weights that are larger by a factor or learn otherwise."""
    found = [
        cause
        for name, a, b in _projections(pair)
        for cause in _of_projection(name, a, b, pair.timestep)
    ]
    yield from found
    if pair.divergence is None and len(pair.a.spikes):
        # Runs of the same spikes have had the same input to every synapse.
        for cause in found:
            if cause.name == _PLASTICITY:
                text = f"all spikes are the same, and {cause.explanation}: the rule differs"
                yield Cause("different weight rule", text, cause.share)


def _of_projection(name: str, a: pd.DataFrame, b: pd.DataFrame, timestep: float) -> Iterator[Cause]:
    index = ["pre", "post"]
    if len(a) != len(b) or not np.array_equal(a[index].to_numpy(), b[index].to_numpy()):
        missing = 1 - min(len(a), len(b)) / max(len(a), len(b))
        yield Cause(
            "different connectivity",
            f"{name} has {len(a):,} connections and {len(b):,}"
            + (f", {missing:.1%} fewer" if missing else ", between other neurons"),
            1.0,
        )
        return
    yield from _delays(name, a, b, timestep)
    yield from _weights(name, a, b)


def _projections(pair: Pair) -> Iterator[tuple[str, pd.DataFrame, pd.DataFrame]]:
    order = ["pre", "post", "delay_ms", "weight"]
    for name in sorted({*pair.a.weights["projection"], *pair.b.weights["projection"]}):
        tables = []
        for one in (pair.a, pair.b):
            rows = one.weights[one.weights["projection"] == name]
            rows = rows[rows["time_ms"] == rows["time_ms"].max()]
            tables.append(rows.sort_values(order, kind="stable"))
        yield str(name), tables[0], tables[1]


def _delays(name: str, a: pd.DataFrame, b: pd.DataFrame, timestep: float) -> Iterator[Cause]:
    steps = np.rint((b["delay_ms"].to_numpy() - a["delay_ms"].to_numpy()) / timestep).astype(int)
    if not steps.any():
        return
    common, share = mode(steps)
    if common:
        text = f"delays of {name} are {more(common, 'step')} in the second run"
        yield Cause("different delays", text, share)
    else:
        yield Cause("different delays", f"some delays of {name} differ", float((steps != 0).mean()))


def _weights(name: str, a: pd.DataFrame, b: pd.DataFrame) -> Iterator[Cause]:
    first, second = a["weight"].to_numpy(float), b["weight"].to_numpy(float)
    largest = max(np.abs(first).max(initial=0.0), np.abs(second).max(initial=0.0))
    apart = np.abs(second - first) > _EQUAL * largest
    if not apart.any():
        return
    known = first != 0
    ratio = second[known] / first[known]
    if len(ratio) and np.ptp(ratio) <= _EQUAL * np.abs(ratio).max():
        text = f"every weight of {name} is {ratio[0]:.6g} times as large in the second run"
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
        yield Cause(_PLASTICITY, text, float(apart.mean()))
