"""Further faults of stored tables of spikes, weights and signals; the runs are the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from pipelines.sensitivity.fault import SIGNALS, SPIKES, WEIGHTS, Fault, truth
from pipelines.sensitivity.first_set.cells import BOTH, numbers_of
from pipelines.sensitivity.first_set.recording import (
    signals_changed,
    spikes_changed,
    weights_changed,
)
from pipelines.sensitivity.simulator.run import SmallRun

_TRAIN = ["population", "neuron"]


def _times(change: Any) -> Any:
    return spikes_changed(lambda s: s.assign(time_ms=np.round(change(s["time_ms"]), 10)))


def _rank(spikes: pd.DataFrame, last_first: bool = False) -> pd.Series:
    """Number of each spike in the train of its neuron, from the first or from the last one."""
    ordered = spikes.sort_values("time_ms", ascending=not last_first, kind="stable")
    return ordered.groupby(_TRAIN).cumcount()


def _to_neighbour(spikes: pd.DataFrame) -> pd.DataFrame:
    return spikes.assign(neuron=spikes["neuron"].replace(3, 4))


def _two_exchanged(spikes: pd.DataFrame) -> pd.DataFrame:
    return spikes.assign(neuron=spikes["neuron"].replace({2: 3, 3: 2}))


def _apart(spikes: pd.DataFrame) -> pd.DataFrame:
    ordered = spikes.sort_values("time_ms", kind="stable")
    return ordered[~(ordered.groupby(_TRAIN)["time_ms"].diff() < 15.0)]


def _global_ids(spikes: pd.DataFrame) -> pd.DataFrame:
    by = 48 * spikes["population"].eq("inh") + 40 * spikes["population"].eq("driven")
    return spikes.assign(neuron=(spikes["neuron"] + by).astype(np.int32))


def _one_name(spikes: pd.DataFrame) -> pd.DataFrame:
    joined = _global_ids(spikes)
    names = {"inh": "exc", "driven": "cells"}
    return joined.assign(population=joined["population"].replace(names))


def _late_sources(spikes: pd.DataFrame) -> pd.DataFrame:
    late = 1.0 * spikes["population"].str.startswith("input")
    return spikes.assign(time_ms=np.round(spikes["time_ms"] + late, 10))


def _jittered(times: pd.Series) -> pd.Series:
    return times + 0.1 * np.random.default_rng(51).integers(0, 4, len(times))


def _block_twice(spikes: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([spikes, spikes[spikes["time_ms"].between(200, 300)]])


def spike_faults() -> Iterator[Fault]:
    """Faults of the recording of spikes."""
    differently = truth("spikes recorded differently")

    def fault(name: str, causes: frozenset[str], tables: Any, **others: Any) -> Fault:
        broad = others.pop("broad", frozenset()) | differently
        return Fault(name, SPIKES, causes, tables=tables, broad=broad, **{"on": BOTH, **others})

    lost = truth("spikes missing from the record")
    yield fault("last spike of each neuron missing", lost,
                spikes_changed(lambda s: s[_rank(s, True).reindex(s.index) > 0]))  # fmt: skip
    yield fault("first spike of each neuron missing", lost,
                spikes_changed(lambda s: s[_rank(s).reindex(s.index) > 0]))  # fmt: skip
    yield fault("at most two spikes of a step recorded", lost, spikes_changed(
        lambda s: s[s.groupby("time_ms").cumcount() < 2]))  # fmt: skip
    yield fault("at most three spikes of a neuron recorded",
                lost | truth("only first spikes recorded"),
                spikes_changed(lambda s: s[_rank(s).reindex(s.index) < 3]))  # fmt: skip
    yield fault("close spikes not recorded", lost, spikes_changed(_apart))
    yield fault("spikes at whole ms not recorded", lost, spikes_changed(
        lambda s: s[~np.isclose(s["time_ms"] % 1.0, 0.0)]))  # fmt: skip
    yield fault("spikes of one neuron under another", differently, spikes_changed(_to_neighbour),
                broad=lost | truth("neurons not recorded", "silent neurons"))  # fmt: skip
    yield fault("two neurons exchanged", truth("neurons in another order"),
                spikes_changed(_two_exchanged))  # fmt: skip
    yield fault("every other neuron recorded",
                truth("neurons not recorded", "neurons missing from the record"),
                spikes_changed(lambda s: s[s["neuron"] % 2 == 0]))  # fmt: skip
    yield fault("recording pauses for 50 ms", truth("gap in the recording"), spikes_changed(
        lambda s: s[~s["time_ms"].between(200, 250)]))  # fmt: skip
    yield fault("one population recorded from 100 ms on", truth("recording begins late"),
                spikes_changed(lambda s: s[(s["time_ms"] > 100)
                               | ~s["population"].isin(["inh", "cells"])]))  # fmt: skip
    yield fault("neurons with global numbers", truth("neuron indices shifted"),
                spikes_changed(_global_ids))  # fmt: skip
    yield fault("two populations under one name", differently | truth("populations renamed"),
                spikes_changed(_one_name), is_catalogued=False,
                broad=truth("population not recorded"))  # fmt: skip
    yield fault(
        "sources recorded at their arrival",
        truth("one population recorded late", "some populations recorded late", "constant shift",
              "inputs recorded differently"),
        spikes_changed(_late_sources), steps=10,
    )  # fmt: skip
    rounded = truth("times rounded")
    yield fault("times in 16 bits", rounded, _times(lambda t: t.astype(np.float16).astype(float)))
    yield fault("times of the end of 5 ms", rounded, _times(lambda t: 5 * np.ceil(t / 5 - 1e-9)))
    yield fault("times late by up to 3 steps",
                differently | truth("times jittered"), _times(_jittered))  # fmt: skip
    yield fault("a block of 100 ms written twice", truth("spikes recorded twice"),
                spikes_changed(_block_twice))  # fmt: skip
    yield fault("times since the first spike", truth("constant shift"),
                _times(lambda t: t - t.min()))  # fmt: skip
    yield fault("counter of times overflows", differently, _times(lambda t: t % 409.6),
                is_catalogued=False, consequences=truth("recording ends early"))  # fmt: skip


def _of(table: pd.DataFrame, projection: str) -> pd.Series:
    return table["projection"].eq(projection)


def _last_is_first(weights: pd.DataFrame) -> pd.DataFrame:
    start = weights[weights["time_ms"] == 0]
    return pd.concat([start, start.assign(time_ms=weights["time_ms"].max())])


def _global_synapses(weights: pd.DataFrame) -> pd.DataFrame:
    pre = 48 * weights["projection"].isin(["inh_exc", "inh_inh"])
    post = 48 * weights["projection"].isin(["exc_inh", "inh_inh"])
    return weights.assign(pre=weights["pre"] + pre, post=weights["post"] + post)


def _backwards(weights: pd.DataFrame) -> pd.DataFrame:
    by = weights.groupby(["projection", "time_ms"], sort=False)["weight"]
    return weights.assign(weight=by.transform(lambda w: w.to_numpy()[::-1]))


def weight_faults() -> Iterator[Fault]:
    """Faults of the recording of weights."""

    def fault(name: str, causes: frozenset[str], change: Any, **others: Any) -> Fault:
        on = others.pop("on", BOTH)
        return Fault(name, WEIGHTS, causes, tables=weights_changed(change), on=on, **others)

    plastic = ("plastic",)
    missing = truth("weights missing from the record", "synapses missing from the record")
    broad = truth("different connectivity", "missing projection")
    yield fault("weights backwards", truth("weights in another order"), _backwards)
    yield fault("first 100 weights recorded", missing, lambda w: w[w.groupby(
        ["projection", "time_ms"]).cumcount() < 100], broad=broad)  # fmt: skip
    yield fault("weights of three decimals", truth("weights rounded"),
                lambda w: w.assign(weight=w["weight"].round(3)))  # fmt: skip
    yield fault("every 20th weight is NaN", missing | truth("different weights"),
                lambda w: w.assign(weight=w["weight"].where(np.arange(len(w)) % 20 > 0)),
                is_catalogued=False)  # fmt: skip
    yield fault("first weights given as the last ones",
                truth("weights read at another time", "weights of another time"),
                _last_is_first, on=plastic)  # fmt: skip
    yield fault("first weights not recorded", truth("reading of weights missing"),
                lambda w: w[w["time_ms"] > 0], on=plastic)  # fmt: skip
    yield fault("recorded delays all the shortest", truth("delays recorded differently"),
                lambda w: w.assign(delay_ms=0.1))  # fmt: skip
    yield fault("recorded delays in s",
                truth("delays in another unit", "delays recorded differently"),
                lambda w: w.assign(delay_ms=1e-3 * w["delay_ms"]))  # fmt: skip
    yield fault("synapses with global numbers", truth("neuron indices shifted"), _global_synapses,
                on=plastic, broad=broad)  # fmt: skip
    names = {"inh_exc": "exc_inh", "exc_inh": "inh_exc", "input_exc_cells": "input_inh_cells",
             "input_inh_cells": "input_exc_cells"}  # fmt: skip
    yield fault("projections under each other's name", truth("projections exchanged"),
                lambda w: w.assign(projection=w["projection"].replace(names)))  # fmt: skip
    yield fault("a projection not recorded", truth("projection missing from the record"),
                lambda w: w[~_of(w, "inh_exc") & ~_of(w, "input_inh_cells")])  # fmt: skip
    yield fault("weights written twice", truth("weights recorded twice"),
                lambda w: pd.concat([w, w]), is_catalogued=False,
                broad=broad | truth("synapses doubled"))  # fmt: skip
    yield fault("recorded weights in units of w_max",
                truth("weights in another unit", "weights scaled"),
                lambda w: w.assign(weight=w["weight"] / 0.06),
                numbers=numbers_of(0.06, 1.0))  # fmt: skip
    yield fault("last pre counted from 1", truth("neuron indices shifted",
                "neurons counted from 1"), lambda w: w.assign(pre=w["pre"] + 1))  # fmt: skip


def _after_spikes(run: SmallRun) -> None:
    """v at the time of a spike is recorded before the reset."""
    signals, spikes = run.signals.copy(), run.spikes
    keys = zip(spikes["population"], spikes["neuron"], spikes["time_ms"], strict=True)
    at = set(keys)
    sample = zip(signals["population"], signals["neuron"], signals["time_ms"], strict=True)
    fired = np.array([key in at for key in sample]) & signals["variable"].eq("v").to_numpy()
    signals.loc[fired, "value"] = -49.95
    run.signals = signals


def _averaged(signals: pd.DataFrame) -> pd.DataFrame:
    by = signals.groupby(["population", "variable", "time_ms"])["value"]
    return signals.assign(value=by.transform("mean"))


def _exchanged(column: str, names: dict[Any, Any], population: str = "") -> Any:
    def of(signals: pd.DataFrame) -> pd.DataFrame:
        rows = signals["population"].eq(population) if population else slice(None)
        signals.loc[rows, column] = signals.loc[rows, column].replace(names)
        return signals

    return of


def _held(signals: pd.DataFrame, interpolated: bool = False) -> pd.DataFrame:
    """Only every fifth sample is taken; those between are filled."""
    step = np.rint(signals["time_ms"] / 0.1).astype(int)
    few = signals["value"].where(step % 5 == 0)
    by = few.groupby([signals[name] for name in ("population", "neuron", "variable")])
    filled = by.transform(lambda v: v.interpolate()) if interpolated else by.ffill()
    return signals.assign(value=filled)


def v_changed(change: Any) -> Any:
    """A change of the samples of v (mV) alone."""

    def of(signals: pd.DataFrame) -> pd.DataFrame:
        other = signals["variable"] != "v"
        return signals.assign(value=signals["value"].where(other, change(signals["value"])))

    return of


def _noisy(values: pd.Series) -> pd.Series:
    return values + np.random.default_rng(52).normal(0.0, 0.05, len(values))


def signal_faults() -> Iterator[Fault]:
    """Faults of the recording of signals."""

    def fault(name: str, causes: frozenset[str], change: Any, **others: Any) -> Fault:
        tables = signals_changed(change)
        return Fault(name, SIGNALS, causes, tables=tables, on=("with_signals",), **others)

    new = {"is_catalogued": False}
    differently = truth("signals recorded differently")
    currents = {"isyn_exc": "isyn_inh", "isyn_inh": "isyn_exc"}
    yield fault("currents exchanged", truth("signals exchanged"),
                _exchanged("variable", currents))  # fmt: skip
    yield fault("recorded neurons exchanged",
                truth("signals exchanged", "neurons in another order"),
                _exchanged("neuron", {0: 1, 1: 0}, "cells"))  # fmt: skip
    yield fault("recorded neurons counted from 1", truth("neurons counted from 1",
                "neuron indices shifted"), lambda s: s.assign(neuron=s["neuron"] + 1))  # fmt: skip
    yield fault("signals averaged over neurons", differently, _averaged, **new)
    yield fault("signals times 1.001", differently | truth("signals in another unit"),
                lambda s: s.assign(value=1.001 * s["value"]), **new)  # fmt: skip
    yield fault("noise in the record of v", differently, v_changed(_noisy), **new)
    yield fault("v relative to rest", differently | truth("signals in another unit"),
                v_changed(lambda v: v + 65.0), **new)  # fmt: skip
    yield fault("signals of two decimals", truth("signals rounded"),
                lambda s: s.assign(value=s["value"].round(2)))  # fmt: skip
    missing = truth("samples missing from the record")
    yield fault("first sample missing", missing | truth("recording begins late"),
                lambda s: s[s["time_ms"] > 0])  # fmt: skip
    yield fault("signals end early", missing | truth("recording ends early"),
                lambda s: s[s["time_ms"] < 200])  # fmt: skip
    coarse = truth("signals sampled less often")
    yield fault("signals held for five steps", coarse, _held)
    yield fault("signals interpolated", coarse, lambda s: _held(s, True), **new)
    yield fault("times of signals in s",
                truth("signals in another unit", "times in another unit"),
                lambda s: s.assign(time_ms=1e-3 * s["time_ms"]))  # fmt: skip
    yield Fault("v recorded before the reset", SIGNALS, differently, tables=_after_spikes,
                on=("with_signals",), is_catalogued=False)  # fmt: skip
