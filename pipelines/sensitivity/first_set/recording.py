"""Faults of stored tables of spikes, weights and signals; the runs themselves are the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from pipelines.sensitivity.fault import SIGNALS, SPIKES, WEIGHTS, Fault, truth
from pipelines.sensitivity.first_set.cells import BOTH
from pipelines.sensitivity.simulator.run import SmallRun, simulate


def spikes_changed(change: Callable[[pd.DataFrame], pd.DataFrame]) -> Callable[[SmallRun], None]:
    """A change of the table of spikes; the function gets a copy."""

    def of(run: SmallRun) -> None:
        run.spikes = change(run.spikes.copy()).reset_index(drop=True)

    return of


def timed(change: Callable[[pd.Series], Any], population: str = "") -> Any:
    """A change of spike times, of all or of one population."""

    def of(spikes: pd.DataFrame) -> pd.DataFrame:
        rows = spikes["population"].eq(population) if population else slice(None)
        spikes.loc[rows, "time_ms"] = np.round(change(spikes.loc[rows, "time_ms"]), 10)
        return spikes

    return spikes_changed(of)


def _shifted(steps: int) -> Callable[[pd.Series], pd.Series]:
    return lambda times: times + 0.1 * steps


def kept(rows: Callable[[pd.DataFrame], Any]) -> Any:
    """A change that keeps the spikes of a mask."""
    return spikes_changed(lambda spikes: spikes[rows(spikes)])


def permuted(spikes: pd.DataFrame) -> pd.DataFrame:
    """Spikes whose neurons have other indices, drawn at random within each population."""
    rng = np.random.default_rng(8)
    for name, of in spikes.groupby("population"):
        order = rng.permutation(int(of["neuron"].max()) + 1).astype(np.int32)
        spikes.loc[of.index, "neuron"] = order[of["neuron"].to_numpy()]
        assert name
    return spikes


def kept_at_random(share: float) -> Callable[[SmallRun], None]:
    """A change that keeps a share of the spikes."""
    return spikes_changed(lambda spikes: spikes[_random(spikes) < share])


def _random(spikes: pd.DataFrame) -> np.ndarray:
    return np.random.default_rng(6).random(len(spikes))


def spike_faults() -> Iterator[Fault]:
    """Faults of the recording of spikes; the runs are the same."""

    def fault(name: str, causes: frozenset[str], tables: Any, **others: Any) -> Fault:
        return Fault(name, SPIKES, causes, tables=tables, on=others.pop("on", BOTH), **others)

    for steps in (1, -1, 20):
        shift = truth("constant shift")
        yield fault(f"all spikes recorded {steps:+d} steps", shift,
                    timed(_shifted(steps)), steps=steps)  # fmt: skip
    for population, on in (("exc", ("plastic",)), ("cells", ("feed_forward",)),
                           ("input_exc", BOTH)):  # fmt: skip
        yield fault(
            f"{population} recorded +2 steps",
            truth("one population recorded late", "inputs recorded differently"),
            timed(lambda t: t + 0.2, population), on=on, steps=2,
        )  # fmt: skip
    unit = truth("times in another unit")
    yield fault("times in s", unit, timed(lambda t: t * 1e-3))
    yield fault("times in steps", unit, timed(lambda t: t * 10))
    lost = truth("spikes missing from the record")
    yield fault("1 % of the spikes not recorded", lost, kept_at_random(0.99))
    yield fault("20 % of the spikes not recorded", lost, kept_at_random(0.8))
    part = truth("silent neurons", "neurons not recorded", "population not recorded")
    yield fault("only 5 neurons recorded", part, kept(lambda s: s["neuron"] < 5))
    yield fault(
        "one population not recorded", part | truth("silent population"),
        kept(lambda s: ~s["population"].isin(["inh", "driven"])),
    )  # fmt: skip
    yield fault("first 50 ms not recorded", truth("recording begins late"),
                kept(lambda s: s["time_ms"] > 50))  # fmt: skip
    yield fault("last 50 ms not recorded", truth("recording ends early"),
                kept(lambda s: s["time_ms"] < 450))  # fmt: skip
    twice = truth("spikes recorded twice")
    yield fault("all spikes recorded twice", twice, spikes_changed(lambda s: pd.concat([s, s])))
    yield fault("5 % of the spikes recorded twice", twice,
                spikes_changed(lambda s: pd.concat([s, s[_random(s) < 0.05]])))  # fmt: skip
    yield fault("neurons in another order", truth("neurons in another order"),
                spikes_changed(permuted))  # fmt: skip
    yield fault("neurons counted from 1", truth("neurons counted from 1", "neuron indices shifted"),
                spikes_changed(lambda s: s.assign(neuron=s["neuron"] + 1)))  # fmt: skip
    names = {"exc": "inh", "inh": "exc", "cells": "driven", "driven": "cells"}
    yield fault("populations exchanged", truth("populations exchanged"), spikes_changed(
        lambda s: s.assign(population=s["population"].replace(names))))  # fmt: skip
    rounded = truth("times rounded")
    yield fault("times rounded to 1 ms", rounded, timed(np.round))
    yield fault("times cut to 0.5 ms", rounded, timed(lambda t: np.floor(2 * t) / 2))
    yield fault("times off the grid", truth("spikes off the grid", "times jittered"),
                timed(lambda t: t - 0.1 * np.random.default_rng(2).random(len(t))))  # fmt: skip
    yield fault("half a step late", truth("constant shift", "spikes off the grid"),
                timed(lambda t: t + 0.05))  # fmt: skip
    clock = truth("clock at another rate")
    yield fault("clock 0.1 % fast", clock, timed(lambda t: np.round(t * 1.001, 1)))
    yield fault(
        "clock 2 % slow", clock, timed(lambda t: t * 0.98), broad=truth("times in another unit"),
        # Such times are between the steps.
        consequences=truth("spikes off the grid"),
    )  # fmt: skip


def weights_changed(change: Callable[[pd.DataFrame], pd.DataFrame]) -> Callable[[SmallRun], None]:
    """A change of the table of weights; the function gets a copy."""

    def of(run: SmallRun) -> None:
        run.weights = change(run.weights.copy()).reset_index(drop=True)

    return of


def _read_early(run: SmallRun) -> None:
    shorter = run.asked.copy()
    shorter.duration -= 100.0
    early = simulate(shorter).weights
    weights, last = run.weights.copy(), run.weights["time_ms"] == run.asked.duration
    weights.loc[last, "weight"] = early["weight"][early["time_ms"] > 0].to_numpy()
    run.weights = weights


def weight_faults() -> Iterator[Fault]:
    """Faults of the recording of weights; the runs are the same."""

    def fault(name: str, causes: frozenset[str], change: Any, **others: Any) -> Fault:
        return Fault(name, WEIGHTS, causes, tables=change, **{"on": BOTH, **others})

    scaled = truth("weights scaled", "different weights", "weights in another unit")
    yield fault("recorded weights in pA", scaled, weights_changed(
        lambda w: w.assign(weight=1e3 * w["weight"])), numbers=(1e3, 1e-3))  # fmt: skip
    yield fault("recorded weights without sign",
                truth("sign of the weights", "weights in another unit"),
                weights_changed(lambda w: w.assign(weight=w["weight"].abs())))  # fmt: skip
    yield fault(
        "recorded pre and post exchanged", truth("pre and post exchanged"),
        weights_changed(lambda w: w.rename(columns={"pre": "post", "post": "pre"})),
        broad=truth("different connectivity"),
    )  # fmt: skip
    yield fault("1 % of the weights not recorded",
                truth("different connectivity", "weights missing from the record"),
                weights_changed(lambda w: w[_random(w) >= 0.01]))  # fmt: skip
    yield fault("recorded delays in steps",
                truth("different delays", "delays in another unit", "delays recorded differently"),
                weights_changed(lambda w: w.assign(delay_ms=10 * w["delay_ms"])))  # fmt: skip
    yield fault("weights read 100 ms early",
                truth("weights read at another time", "weights of another time"),
                _read_early, on=("plastic",))  # fmt: skip


def signals_changed(change: Callable[[pd.DataFrame], pd.DataFrame]) -> Callable[[SmallRun], None]:
    """A change of the table of signals; the function gets a copy."""

    def of(run: SmallRun) -> None:
        run.signals = change(run.signals.copy()).reset_index(drop=True)

    return of


def _sampled_late(signals: pd.DataFrame) -> pd.DataFrame:
    by = signals.groupby(["population", "neuron", "variable"], sort=False)["value"]
    return signals.assign(value=by.shift(1).fillna(by.transform("first")))


def signal_faults() -> Iterator[Fault]:
    """Faults of the recording of signals; the runs are the same."""

    def fault(
        name: str, causes: frozenset[str], change: Callable[[pd.DataFrame], pd.DataFrame]
    ) -> Fault:
        return Fault(name, SIGNALS, causes, tables=signals_changed(change), on=("with_signals",))

    yield fault("signals a sample late", truth("signals shifted"), _sampled_late)  # fmt: skip
    yield fault("v in V", truth("signals in another unit"), lambda s: s.assign(
        value=s["value"].where(s["variable"] != "v", 1e-3 * s["value"])))  # fmt: skip
    coarser = truth("signals sampled less often", "samples missing from the record")
    yield fault("signals at every tenth step", coarser, lambda s: s.iloc[::10])
