"""Transformations of the table of signals, of runs whose spikes and weights are the same."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from pipelines.diagnosis.records.recorded_weights import UNIT_FACTORS
from pipelines.diagnosis.records.rounding import rounded_how, rounded_in_one
from pipelines.diagnosis.run_pair import Cause, Pair, joined
from pipelines.diagnosis.table_differences import (
    both_signals,
    same_signal,
    same_values,
    weights_apart,
)

_MOST_SAMPLES = 200
# Smallest share of the samples that a shift keeps, and of different values that it moves.
_FEWEST_SHARE, _FEWEST_VALUES = 0.5, 10
_SAMPLES = ["neuron", "time_ms"]
# Largest number of steps between samples that are measured.
_MOST_STEPS_HELD = 50


def different_signals(pair: Pair) -> Iterator[Cause]:
    """Differences of the record of signals, if they explain all that differs between the runs."""
    both = both_signals(pair)
    differ = {k: t for k, t in both.items() if len(t[0]) and len(t[1]) and not same_signal(*t)}
    if not differ or weights_apart(pair):
        return
    if exchanged := _exchanged(differ):
        yield exchanged
        return
    found = []
    for (population, variable), (a, b) in differ.items():
        cause = next(_changes(f"{variable} of {population}", a, b, pair, population), None)
        if cause is None:
            return
        found.append(cause)
    yield from found


def _changes(
    name: str, a: pd.DataFrame, b: pd.DataFrame, pair: Pair, population: str
) -> Iterator[Cause]:
    where = pair.where
    if len(a) == len(b) and np.array_equal(a["neuron"].to_numpy(), b["neuron"].to_numpy()):
        yield from _other_values(name, a, b, pair, population)
    yield from _other_neurons(name, a, b, where)
    for full, part, there in ((a, b, where[1]), (b, a, where[0])):
        if len(part) < len(full):
            yield from _fewer(name, full, part, there)


def _other_values(
    name: str, a: pd.DataFrame, b: pd.DataFrame, pair: Pair, population: str
) -> Iterator[Cause]:
    times = [table["time_ms"].to_numpy(float) for table in (a, b)]
    first, second = a["value"].to_numpy(float), b["value"].to_numpy(float)
    where = pair.where
    if same_values(first, second):
        by = np.unique(np.round(times[1] - times[0], 9))
        if len(by) == 1:
            text = f"the same samples of {name} have times {by[0]:+g} ms {where[1]}"
            yield Cause("signals shifted", text)
        for factor in UNIT_FACTORS:
            if np.allclose(times[1], times[0] * factor, rtol=1e-6, atol=1e-9):
                text = f"times of samples of {name} are {factor:g} times as large {where[1]}"
                yield Cause("signals in another unit", text)
        return
    if not np.allclose(times[0], times[1], rtol=0, atol=1e-6):
        return
    for factor in UNIT_FACTORS:
        if same_values(first, second / factor):
            text = f"{name} is {factor:g} times as large {where[1]}"
            yield Cause("signals in another unit", text)
            return
    if how := rounded_in_one(rounded_how, first, second, where):
        yield Cause("signals rounded", f"samples of {name} are {how}")
        return
    yield from _shifted(name, a, b, pair, population)
    yield from _thinned(name, a, b, where)


def _thinned(
    name: str, a: pd.DataFrame, b: pd.DataFrame, where: tuple[str, str]
) -> Iterator[Cause]:
    """Samples of which only every k-th is measured, and the others are held or interpolated."""
    n = a.groupby("neuron").size()
    if n.nunique() != 1:
        return
    values = [table["value"].to_numpy(float).reshape(len(n), -1) for table in (a, b)]
    at = np.arange(values[0].shape[1])
    for fine, coarse, there in ((values[0], values[1], where[1]), (values[1], values[0], where[0])):
        for k in range(2, min(_MOST_STEPS_HELD, len(at) // _FEWEST_VALUES) + 1):
            kept = fine[:, ::k]
            held = np.repeat(kept, k, axis=1)[:, : len(at)]
            between = np.stack([np.interp(at, at[::k], one) for one in kept])
            for given, how in ((held, "held"), (between, "interpolated")):
                if same_values(given.ravel(), coarse.ravel()):
                    text = f"only every {k}th sample of {name} is measured {there}, the rest {how}"
                    yield Cause("signals sampled less often", text)
                    return


def _shifted(
    name: str, a: pd.DataFrame, b: pd.DataFrame, pair: Pair, population: str
) -> Iterator[Cause]:
    """Samples that are those of some samples before; a constant signal shows none."""
    n = a.groupby("neuron").size()
    if n.nunique() != 1:
        return
    shape = len(n), int(n.iloc[0])
    first, second = (t["value"].to_numpy(float).reshape(shape) for t in (a, b))
    step = float(np.diff(a["time_ms"].to_numpy(float)[:2])[0]) if shape[1] > 1 else 0.0
    for k in range(1, min(_MOST_SAMPLES, int(shape[1] * _FEWEST_SHARE)) + 1):
        for early, late, how in ((first, second, "later"), (second, first, "earlier")):
            kept = early[:, :-k]
            if len(np.unique(kept)) < _FEWEST_VALUES or not same_values(
                kept.ravel(), late[:, k:].ravel()
            ):
                continue
            text = f"{name} comes {k * step:g} ms {how} {pair.where[1]}, and all spikes do not"
            fires = bool((pair.a.spikes["population"] == population).any())
            yield Cause("signals shifted", text, alternatives=() if fires else ("inputs delayed",))
            return


def _other_neurons(
    name: str, a: pd.DataFrame, b: pd.DataFrame, where: tuple[str, str]
) -> Iterator[Cause]:
    """Traces that are those of other neurons."""
    traces = [
        {int(k): t["value"].to_numpy(float) for k, t in table.groupby("neuron")} for table in (a, b)
    ]
    if sorted(map(len, traces[0].values())) != sorted(map(len, traces[1].values())):
        return
    left = dict(traces[1])
    found: dict[int, int] = {}
    for neuron, values in traces[0].items():
        # A neuron keeps its own trace if it has it.
        for other in sorted(left, key=lambda k: k != neuron):
            if len(left[other]) == len(values) and same_values(values, left[other]):
                found[neuron] = other
                del left[other]
                break
        else:
            return
    by = {other - neuron for neuron, other in found.items()}
    if by == {0}:
        return
    if len(by) == 1 and abs(next(iter(by))) == 1:
        text = f"traces of {name} have neuron indices {next(iter(by)):+d} {where[1]}"
        yield Cause("neurons counted from 1", text)
        return
    some = ", ".join(f"{x} is {y}" for x, y in found.items() if x != y)
    yield Cause("neurons in another order", f"traces of {name} {where[1]}: neuron {some[:60]}")


def _fewer(name: str, full: pd.DataFrame, part: pd.DataFrame, there: str) -> Iterator[Cause]:
    """Samples or neurons of one run that are a part of the other's."""
    keys = [pd.MultiIndex.from_arrays([t["neuron"], t["time_ms"].round(6)]) for t in (full, part)]
    if not keys[1].isin(keys[0]).all():
        return
    kept = full[keys[0].isin(keys[1])]
    if not same_signal(kept, part):
        return
    lost = full[~keys[0].isin(keys[1])]
    neurons = np.setdiff1d(full["neuron"].unique(), part["neuron"].unique())
    times = np.unique(part["time_ms"].to_numpy(float))
    if len(neurons) and set(lost["neuron"]) == set(neurons):
        some = ", ".join(str(k) for k in neurons[:3]) + (", ..." if len(neurons) > 3 else "")
        text = f"{name} of neurons {some} is missing {there}; all others are the same"
        yield Cause("neurons not recorded", text)
    elif lost["time_ms"].min() > times[-1]:
        yield Cause("recording ends early", f"{name} ends at {times[-1]:g} ms {there}")
    elif lost["time_ms"].max() < times[0]:
        yield Cause("recording begins late", f"{name} begins at {times[0]:g} ms {there}")
    elif step := _regular_step(part):
        yield Cause("signals sampled less often", f"{name} has a sample every {step:g} ms {there}")
    else:
        text = f"{len(lost):,} of {len(full):,} samples of {name} are missing {there}"
        yield Cause("samples missing from the record", text, len(lost) / len(full))


def _regular_step(table: pd.DataFrame) -> float:
    """Interval (ms) between the samples of each neuron, if it is one for all; otherwise 0."""
    steps = np.diff(table["time_ms"].to_numpy(float))[np.diff(table["neuron"].to_numpy()) == 0]
    return float(steps[0]) if len(steps) > 1 and np.ptp(steps) < 1e-6 else 0.0


def _exchanged(differ: dict[tuple[str, str], tuple[pd.DataFrame, pd.DataFrame]]) -> Cause | None:
    """Variables or populations that have the samples of another one."""
    for x, (a, b) in differ.items():
        for y, (c, d) in differ.items():
            if len(differ) == 2 and x < y and same_signal(a, d) and same_signal(c, b):
                said = joined([f"{variable} of {population}" for population, variable in (x, y)])
                return Cause("signals exchanged", f"{said} are exchanged")
    return None
