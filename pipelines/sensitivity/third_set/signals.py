"""Faults of stored signals of a third set, unlike those of the first two; the runs are the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from pipelines.sensitivity.fault import SIGNALS, Fault, truth
from pipelines.sensitivity.first_set.recording import signals_changed
from pipelines.sensitivity.second_set.recording import v_changed


def _by(signals: pd.DataFrame) -> Any:
    return signals.groupby(["population", "neuron", "variable"], sort=False)["value"]


def _sampled_early(signals: pd.DataFrame) -> pd.DataFrame:
    early = _by(signals).shift(-1)
    return signals.assign(value=early.fillna(signals["value"]))


def _smoothed(signals: pd.DataFrame) -> pd.DataFrame:
    return signals.assign(value=_by(signals).transform(lambda v: v.ewm(com=5).mean()))


def _first_for_second(signals: pd.DataFrame) -> pd.DataFrame:
    of = signals["population"].eq("cells")
    first, second = of & signals["neuron"].eq(0), of & signals["neuron"].eq(1)
    signals.loc[second, "value"] = signals.loc[first, "value"].to_numpy()
    return signals


def _inhibition(change: Any) -> Any:
    def of(signals: pd.DataFrame) -> pd.DataFrame:
        rows = signals["variable"].eq("isyn_inh")
        return signals.assign(value=signals["value"].where(~rows, change(signals["value"])))

    return of


def _all_currents(signals: pd.DataFrame) -> pd.DataFrame:
    """The excitatory current is that of both receptors."""
    rows = {name: signals["variable"].eq(name) for name in ("isyn_exc", "isyn_inh")}
    inhibition = signals.loc[rows["isyn_inh"], "value"].to_numpy()
    signals.loc[rows["isyn_exc"], "value"] += inhibition
    return signals


def _hum(signals: pd.DataFrame) -> pd.DataFrame:
    hum = 0.2 * np.sin(2 * np.pi * 0.05 * signals["time_ms"])
    return signals.assign(value=signals["value"] + hum.where(signals["variable"].eq("v"), 0.0))


def _converted(v: pd.Series) -> pd.Series:
    """An analog-to-digital converter of 8 bits between -80 and -40 mV."""
    unit = 40.0 / 255
    return -80.0 + unit * np.rint((v + 80.0) / unit)


def signal_faults() -> Iterator[Fault]:
    """Faults of the recording of signals."""

    def fault(name: str, causes: frozenset[str], change: Any, **others: Any) -> Fault:
        on, tables = ("with_signals",), signals_changed(change)
        return Fault(name, SIGNALS, causes, tables=tables, on=on, **others)

    differently, unit = truth("signals recorded differently"), truth("signals in another unit")
    shifted, missing = truth("signals shifted"), truth("samples missing from the record")
    yield fault("signals a sample early", shifted, _sampled_early, steps=-1)
    yield fault("signals in the middle of steps", shifted,
                lambda s: s.assign(time_ms=s["time_ms"] + 0.05), broad=differently)  # fmt: skip
    yield fault("every second sample", truth("signals sampled less often") | missing,
                lambda s: s[np.rint(s["time_ms"] / 0.1) % 2 == 0])  # fmt: skip
    yield fault("currents in pA", unit, lambda s: s.assign(
        value=s["value"].where(s["variable"] == "v", 1e3 * s["value"])),
                numbers=(1e3, 1e-3))  # fmt: skip
    yield fault("inhibition recorded without sign", unit | differently,
                _inhibition(lambda i: i.abs()))  # fmt: skip
    yield fault("inhibition not recorded", missing,
                lambda s: s[s["variable"] != "isyn_inh"], broad=differently)  # fmt: skip
    yield fault("one recorded neuron missing", missing | truth("neurons not recorded"),
                lambda s: s[s["neuron"] != 1], broad=differently)  # fmt: skip
    yield fault("signals of one neuron given for another", differently, _first_for_second,
                broad=truth("signals exchanged"))  # fmt: skip
    yield fault("excitation recorded with inhibition", differently, _all_currents)
    yield fault("v recorded by a converter of 8 bits", differently | truth("signals rounded"),
                v_changed(_converted))  # fmt: skip
    yield fault("v recorded at -55 mV at most", differently,
                v_changed(lambda v: v.clip(upper=-55.0)), is_catalogued=False)  # fmt: skip
    yield fault("signals smoothed", differently, _smoothed, is_catalogued=False)
    yield fault("hum of 50 Hz in the record of v", differently, _hum, is_catalogued=False)
