"""Faults of stored spikes, weights and signals of a fourth set."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from pipelines.sensitivity.fault import SIGNALS, SPIKES, WEIGHTS, Fault, truth
from pipelines.sensitivity.first_set.cells import BOTH, changed, numbers_of
from pipelines.sensitivity.first_set.recording import (
    kept,
    kept_at_random,
    signals_changed,
    spikes_changed,
    timed,
    weights_changed,
)
from pipelines.sensitivity.second_set.recording import v_changed

_SECOND = ("inh", "driven")


def _even_and_odd(spikes: pd.DataFrame) -> pd.DataFrame:
    cells = ~spikes["population"].str.startswith("input")
    return spikes.assign(neuron=spikes["neuron"].where(~cells, spikes["neuron"] ^ 1))


def _full_buffer(spikes: pd.DataFrame) -> pd.DataFrame:
    """Each population has a buffer of 40 spikes that is emptied every 100 ms."""
    ordered = spikes.sort_values("time_ms", kind="stable")
    window = np.floor(ordered["time_ms"] / 100)
    return ordered[ordered.groupby(["population", window]).cumcount() < 40]


def _merged(spikes: pd.DataFrame) -> pd.DataFrame:
    """Spikes of the same time are taken for one, whichever neuron they are of."""
    return spikes.drop_duplicates(["population", "time_ms"])


def spike_faults() -> Iterator[Fault]:
    """Faults of the recording of spikes, alone and together with others."""
    differently = truth("spikes recorded differently")

    def fault(name: str, causes: frozenset[str], tables: Any, **others: Any) -> Fault:
        broad = (others.pop("broad", frozenset()) | differently) - causes
        return Fault(name, SPIKES, causes, tables=tables, broad=broad, **{"on": BOTH, **others})

    lost = truth("spikes missing from the record")
    yield fault("all spikes recorded -7 steps", truth("constant shift"),
                timed(lambda t: t - 0.7), steps=-7)  # fmt: skip
    yield fault("second population recorded +12 steps", truth("one population recorded late"),
                spikes_changed(lambda s: s.assign(time_ms=np.round(
                    s["time_ms"] + 1.2 * s["population"].isin(_SECOND), 10))),
                steps=12)  # fmt: skip
    yield fault("clock 0.5 % slow", truth("clock at another rate"),
                timed(lambda t: np.round(0.995 * t, 1)))  # fmt: skip
    yield fault("neurons of even and odd number exchanged", truth("neurons in another order"),
                spikes_changed(_even_and_odd))  # fmt: skip
    yield fault("buffer of 40 spikes in 100 ms", lost | truth("gap in the recording"),
                spikes_changed(_full_buffer), is_catalogued=False,
                broad=truth("recording ends early"))  # fmt: skip
    yield fault("spikes of one time taken for one", lost, spikes_changed(_merged))
    yield fault("recording pauses from 300 to 320 ms", truth("gap in the recording"),
                kept(lambda s: (s["time_ms"] < 300) | (s["time_ms"] >= 320)),
                broad=lost)  # fmt: skip
    # What the record lacks hides a part of what the run did, and the other way round.
    yield fault("v_thresh +0.9 mV, and 4 % of the spikes not recorded",
                truth("different v_thresh") | lost, kept_at_random(0.96),
                network=changed("v_thresh", by=0.9))  # fmt: skip
    yield fault("tau_m +6 %, and all spikes recorded +2 steps",
                truth("different tau_m", "constant shift"), timed(lambda t: t + 0.2), steps=2,
                network=changed("tau_m", times=1.06),
                broad=truth("one population recorded late"))  # fmt: skip
    yield fault("v_reset -2 mV, and times rounded to 0.5 ms",
                truth("different v_reset", "times rounded"),
                timed(lambda t: np.rint(2 * t) / 2),
                network=changed("v_reset", by=-2.0))  # fmt: skip


def weight_faults() -> Iterator[Fault]:
    """Faults of the recording of weights."""

    def fault(name: str, causes: frozenset[str], change: Any, **others: Any) -> Fault:
        return Fault(
            name, WEIGHTS, causes, tables=weights_changed(change), **{"on": BOTH, **others}
        )

    differently = truth("weights recorded differently", "different weights")
    yield fault("recorded weights in 7 bits, cut", truth("weights rounded"),
                lambda w: w.assign(weight=np.trunc(128 * w["weight"]) / 128),
                broad=differently | truth("weights scaled"))  # fmt: skip
    yield fault("recorded weights with the other sign",
                truth("sign of the weights", "weights scaled", "different weights",
                      "weights in another unit"),
                lambda w: w.assign(weight=-w["weight"]))  # fmt: skip
    yield fault("recorded weights +2 %",
                truth("weights scaled", "different weights", "weights in another unit",
                      "weights recorded differently"),
                lambda w: w.assign(weight=1.02 * w["weight"]),
                consequences=truth("different initial weights"),
                numbers=numbers_of(1.0, 1.02))  # fmt: skip
    yield fault("delays recorded in the column of weights", differently,
                lambda w: w.assign(weight=w["delay_ms"]), is_catalogued=False,
                broad=truth("weights scaled", "weights in another unit",
                            "sign of the weights"))  # fmt: skip
    yield fault("recorded delays -1 step", truth("different delays", "delays recorded "
                "differently"), lambda w: w.assign(delay_ms=np.round(w["delay_ms"] - 0.1, 10)),
                steps=-1)  # fmt: skip


def _shifted(signals: pd.DataFrame) -> pd.DataFrame:
    by = signals.groupby(["population", "neuron", "variable"], sort=False)["value"]
    return signals.assign(value=by.shift(3).fillna(by.transform("first")))


def _current_for_v(signals: pd.DataFrame) -> pd.DataFrame:
    """The excitatory current is what is stored of v."""
    rows = {name: signals["variable"].eq(name) for name in ("v", "isyn_exc")}
    current = signals.loc[rows["isyn_exc"], "value"].to_numpy()
    signals.loc[rows["v"], "value"] = current
    return signals


def signal_faults() -> Iterator[Fault]:
    """Faults of the recording of signals."""

    def fault(name: str, causes: frozenset[str], change: Any, **others: Any) -> Fault:
        on, tables = ("with_signals",), signals_changed(change)
        return Fault(name, SIGNALS, causes, tables=tables, on=on, **others)

    differently = truth("signals recorded differently")
    yield fault("signals three samples late", truth("signals shifted"), _shifted, steps=3)
    yield fault("v recorded +2 mV", differently | truth("signals in another unit"),
                v_changed(lambda v: v + 2.0), is_catalogued=False)  # fmt: skip
    yield fault("gain of 0.97 of v about rest", differently | truth("signals in another unit"),
                v_changed(lambda v: -65.0 + 0.97 * (v + 65.0)), is_catalogued=False)  # fmt: skip
    yield fault("signals in 16 bits", truth("signals rounded"),
                lambda s: s.assign(value=s["value"].astype(np.float16).astype(float)),
                broad=differently)  # fmt: skip
    yield fault("samples from 150 to 160 ms missing",
                truth("samples missing from the record", "gap in the recording"),
                lambda s: s[~s["time_ms"].between(150, 160)])  # fmt: skip
    yield fault("current recorded as v", differently, _current_for_v,
                is_catalogued=False,
                broad=truth("signals exchanged", "signals in another unit"))  # fmt: skip
