"""Faults of stored spikes and weights of a third set, unlike those of the first two."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from pipelines.sensitivity.fault import SPIKES, WEIGHTS, Fault, truth
from pipelines.sensitivity.first_set.cells import BOTH
from pipelines.sensitivity.first_set.recording import (
    kept,
    permuted,
    spikes_changed,
    timed,
    weights_changed,
)

_FIRST, _SECOND = ("exc", "cells"), ("inh", "driven")
_NEW = {"is_catalogued": False}


def _random(table: pd.DataFrame) -> np.ndarray:
    return np.random.default_rng(91).random(len(table))


def _times_of(names: tuple[str, ...], change: Any) -> Any:
    """A change of spike times (ms) of some populations."""

    def of(spikes: pd.DataFrame) -> pd.DataFrame:
        rows = spikes["population"].isin(names)
        changed = np.round(change(spikes["time_ms"]), 10)
        return spikes.assign(time_ms=spikes["time_ms"].where(~rows, changed))

    return spikes_changed(of)


def _later_again(spikes: pd.DataFrame) -> pd.DataFrame:
    again = spikes[_random(spikes) < 0.05]
    return pd.concat([spikes, again.assign(time_ms=np.round(again["time_ms"] + 0.1, 10))])


def _one_permuted(spikes: pd.DataFrame) -> pd.DataFrame:
    rows = spikes["population"].isin(_FIRST)
    return pd.concat([permuted(spikes[rows].copy()), spikes[~rows]])


def _few_neurons_wrong(spikes: pd.DataFrame) -> pd.DataFrame:
    wrong = _random(spikes) < 0.03
    return spikes.assign(neuron=spikes["neuron"].where(~wrong, (spikes["neuron"] + 5) % 10))


def _reversed(spikes: pd.DataFrame) -> pd.DataFrame:
    last = spikes["population"].map({"exc": 47, "inh": 11, "cells": 39, "driven": 9})
    backwards = (last - spikes["neuron"]).where(last.notna(), spikes["neuron"])
    return spikes.assign(neuron=backwards.astype(np.int32))


def _intervals(spikes: pd.DataFrame) -> pd.DataFrame:
    ordered = spikes.sort_values("time_ms", kind="stable")
    times = ordered.groupby(["population", "neuron"])["time_ms"]
    return ordered.assign(time_ms=np.round(times.diff().fillna(ordered["time_ms"]), 10))


def _one_more(spikes: pd.DataFrame) -> pd.DataFrame:
    rows = spikes[spikes["population"].isin(_FIRST)]
    return pd.concat([spikes, rows.iloc[[40]].assign(time_ms=222.2)])


def _without_one(spikes: pd.DataFrame) -> pd.DataFrame:
    rows = spikes.index[spikes["population"].isin(_FIRST)]
    return spikes.drop(rows[len(rows) // 2])


def spike_faults() -> Iterator[Fault]:
    """Faults of the recording of spikes."""
    differently = truth("spikes recorded differently")

    def fault(name: str, causes: frozenset[str], tables: Any, **others: Any) -> Fault:
        broad = others.pop("broad", frozenset()) | differently
        return Fault(name, SPIKES, causes, tables=tables, broad=broad, **{"on": BOTH, **others})

    unit, late = truth("times in another unit"), truth("one population recorded late")
    yield fault("times in us", unit, timed(lambda t: 1e3 * t))
    yield fault("times of one population in s", unit, _times_of(_FIRST, lambda t: 1e-3 * t))
    yield fault("times in steps counted from 1", unit | truth("constant shift"),
                timed(lambda t: 10 * t + 1), **_NEW)  # fmt: skip
    yield fault("one population recorded -1 step", late,
                _times_of(_SECOND, lambda t: t - 0.1), steps=-1)  # fmt: skip
    yield fault("two populations recorded by different steps late",
                late | truth("some populations recorded late"),
                spikes_changed(lambda s: s.assign(time_ms=np.round(
                    s["time_ms"] + 0.1 * s["population"].isin(_FIRST)
                    + 0.3 * s["population"].isin(_SECOND), 10))),
                broad=truth("constant shift"))  # fmt: skip
    lost = truth("spikes missing from the record")
    yield fault("last 50 ms of one population not recorded",
                lost | truth("recording ends early"),
                kept(lambda s: (s["time_ms"] < 450) | ~s["population"].isin(_SECOND)))  # fmt: skip
    yield fault("3 % of the spikes of one population not recorded", lost,
                kept(lambda s: (_random(s) > 0.03) | ~s["population"].isin(_FIRST)))  # fmt: skip
    yield fault("one spike not recorded", lost, spikes_changed(_without_one))
    yield fault("first 300 spikes recorded", lost | truth("recording ends early"),
                spikes_changed(lambda s: s.sort_values("time_ms", kind="stable").head(300)),
                broad=truth("run ends early"))  # fmt: skip
    yield fault("5 % of the spikes recorded again a step late",
                differently | truth("spikes recorded twice"),
                spikes_changed(_later_again), **_NEW)  # fmt: skip
    # The table does not say of which run the record is wrong.
    yield fault("one spike recorded that is none", differently | lost,
                spikes_changed(_one_more))  # fmt: skip
    order = truth("neurons in another order")
    yield fault("neurons of one population in another order", order,
                spikes_changed(_one_permuted))  # fmt: skip
    yield fault("neurons of cells reversed", order, spikes_changed(_reversed))
    yield fault("3 % of the spikes with wrong neurons", differently,
                spikes_changed(_few_neurons_wrong), broad=lost)  # fmt: skip
    yield fault("neurons counted modulo 8", differently,
                spikes_changed(lambda s: s.assign(neuron=s["neuron"] % 8)), **_NEW,
                broad=truth("neurons not recorded", "silent neurons"))  # fmt: skip
    rounded = truth("times rounded")
    yield fault("times rounded to 10 ms", rounded, timed(lambda t: 10 * np.rint(t / 10)))
    yield fault("times of one population cut to 1 ms", rounded,
                _times_of(_SECOND, np.floor))  # fmt: skip
    yield fault("clock jumps by 5 ms at 250 ms", differently | truth("clock jumps"),
                timed(lambda t: t + 5.0 * (t > 250)), **_NEW,
                broad=truth("constant shift"))  # fmt: skip
    yield fault("intervals instead of times", differently | truth("intervals recorded"),
                spikes_changed(_intervals), **_NEW)  # fmt: skip
    yield fault("one population renamed", truth("populations renamed"),
                spikes_changed(lambda s: s.assign(
                    population=s["population"].replace(dict.fromkeys(_FIRST, "E")))),
                consequences=truth("population not recorded", "silent population"))  # fmt: skip
    yield fault("sources not recorded", truth("population not recorded"),
                kept(lambda s: ~s["population"].str.startswith("input")),
                consequences=truth("silent population", "silent sources"))  # fmt: skip


def _of(weights: pd.DataFrame, *names: str) -> pd.Series:
    return weights["projection"].isin(names)


def _one_in_pa(weights: pd.DataFrame) -> pd.DataFrame:
    rows = _of(weights, "exc_inh", "input_exc_cells")
    return weights.assign(weight=weights["weight"].where(~rows, 1e3 * weights["weight"]))


def _one_transposed(weights: pd.DataFrame) -> pd.DataFrame:
    rows = _of(weights, "inh_exc", "input_exc_cells")
    pre, post = weights["pre"], weights["post"]
    return weights.assign(pre=pre.where(~rows, post), post=post.where(~rows, pre))


def _next_row(weights: pd.DataFrame) -> pd.DataFrame:
    by = weights.groupby(["projection", "time_ms"], sort=False)["weight"]
    return weights.assign(weight=by.transform(lambda w: np.roll(w.to_numpy(), 1)))


def _of_largest(weights: pd.DataFrame) -> pd.DataFrame:
    largest = weights["weight"].abs().groupby(weights["projection"]).transform("max")
    return weights.assign(weight=weights["weight"] / largest)


def _noisy(weights: pd.DataFrame) -> pd.DataFrame:
    noise = np.random.default_rng(92).normal(1.0, 0.01, len(weights))
    return weights.assign(weight=weights["weight"] * noise)


def weight_faults() -> Iterator[Fault]:
    """Faults of the recording of weights."""

    def fault(name: str, causes: frozenset[str], change: Any, **others: Any) -> Fault:
        return Fault(name, WEIGHTS, causes, tables=weights_changed(change), **{"on": BOTH} | others)

    plastic = ("plastic",)
    scaled = truth("weights scaled", "different weights", "weights in another unit")
    differently = truth("different weights", "weights recorded differently")
    missing = truth("weights missing from the record", "different connectivity")
    delays = truth("different delays", "delays recorded differently")
    readings = truth("reading of weights missing")
    yield fault("recorded weights of one projection in pA", scaled, _one_in_pa,
                numbers=(1e3, 1e-3))  # fmt: skip
    yield fault("recorded weights in units of the largest", scaled, _of_largest)
    yield fault("every other weight recorded", missing, lambda w: w.iloc[::2])
    yield fault("recorded pre and post of one projection exchanged",
                truth("pre and post exchanged"), _one_transposed,
                broad=truth("different connectivity"))  # fmt: skip
    yield fault("weights of the next row", truth("weights in another order"), _next_row,
                broad=truth("different weights"))  # fmt: skip
    yield fault("negative weights recorded as zero", differently,
                lambda w: w.assign(weight=w["weight"].clip(lower=0.0)), **_NEW,
                broad=scaled | truth("sign of the weights"))  # fmt: skip
    yield fault("recorded weights with noise of 1 %", differently, _noisy, **_NEW)
    yield fault("recorded weights in 16 bits", truth("weights rounded"),
                lambda w: w.assign(weight=w["weight"].astype(np.float16).astype(float)),
                broad=scaled)  # fmt: skip
    yield fault("last reading with the time 400 ms",
                truth("weights read at another time"),
                lambda w: w.assign(time_ms=w["time_ms"].replace(500.0, 400.0)),
                on=plastic, consequences=readings)  # fmt: skip
    yield fault("times of readings in s",
                truth("weights read at another time", "times in another unit"),
                lambda w: w.assign(time_ms=1e-3 * w["time_ms"]), on=plastic,
                consequences=readings)  # fmt: skip
    yield fault("recorded delays +1 step", delays,
                lambda w: w.assign(delay_ms=np.round(w["delay_ms"] + 0.1, 10)),
                steps=1)  # fmt: skip
    yield fault("recorded delays in whole ms", delays,
                lambda w: w.assign(delay_ms=np.rint(w["delay_ms"])))  # fmt: skip
    yield fault("post of one projection counted from 1",
                truth("neuron indices shifted", "neurons counted from 1"),
                lambda w: w.assign(post=w["post"] + _of(w, "exc_inh", "input_inh_cells")),
                broad=truth("different connectivity"))  # fmt: skip
    yield fault("a projection renamed", truth("projections renamed"),
                lambda w: w.assign(projection=w["projection"].replace(
                    {"inh_exc": "I to E", "input_inh_cells": "I to E"})),
                broad=truth("missing projection", "projection missing from the record"),
                )  # fmt: skip
