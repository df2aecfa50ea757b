"""Whether the weights and signals of two runs are the same, projection by projection."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipelines.diagnosis.run_pair import Pair

WEIGHT_TOLERANCE = 1e-9
"""Weights are the same if they differ by at most this share of the largest of the projection."""

# Signals are the same if they differ by at most this share of their range, as in verdicts; the
# range is at least the other share of the largest value.
TOLERANCE, LEAST_RANGE = 1e-6, 1e-3

_ORDER = ["time_ms", "pre", "post", "delay_ms", "weight"]
_SAMPLES = ["neuron", "time_ms"]


def both_weights(pair: Pair) -> dict[str, tuple[pd.DataFrame, pd.DataFrame]]:
    """Tables of each projection in both runs, all readings, in the same order.

    Empty if one run has no weights at all and nothing says that it should: they are unknown then,
    not missing.
    """
    if (not len(pair.a.weights) or not len(pair.b.weights)) and not _described(pair):
        return {}
    return {
        name: (_weights_of(pair.a.weights, name), _weights_of(pair.b.weights, name))
        for name in sorted({*pair.a.weights["projection"], *pair.b.weights["projection"]})
    }


def _described(pair: Pair) -> bool:
    """Whether both records say something of the connections."""
    said = [
        one.record.get("connectivity_sha256") or one.record.get("projections")
        for one in (pair.a, pair.b)
    ]
    return all(isinstance(one, str | dict) for one in said)


def _weights_of(table: pd.DataFrame, name: str) -> pd.DataFrame:
    return sorted_weights(table[table["projection"] == name])


def sorted_weights(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of the table of weights in a defined order; columns that are missing are NaN."""
    rows = rows.reindex(columns=[*dict.fromkeys([*rows.columns, *_ORDER])])
    # Multapses: rounding must not exchange equal rows, so weights come last.
    return rows.sort_values(_ORDER, kind="stable").reset_index(drop=True)


def apart(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Mask of the weights that differ, beyond `WEIGHT_TOLERANCE` of the largest; NaN equals NaN."""
    largest = max(np.nanmax(np.abs(first), initial=0.0), np.nanmax(np.abs(second), initial=0.0))
    same = np.abs(second - first) <= WEIGHT_TOLERANCE * largest
    return ~(same | (np.isnan(first) & np.isnan(second)))


def delays_apart(a: pd.DataFrame, b: pd.DataFrame) -> np.ndarray:
    """Differences of delays (ms) of the same synapses; 0 where one is unknown."""
    by = b["delay_ms"].to_numpy(float) - a["delay_ms"].to_numpy(float)
    return np.where(np.abs(np.nan_to_num(by)) > 1e-9, by, 0.0)


def weights_apart(pair: Pair) -> list[str]:
    """Names of the projections whose pairs, delays or weights differ at any reading."""
    return [name for name, tables in both_weights(pair).items() if not same_weights(*tables)]


def same_weights(a: pd.DataFrame, b: pd.DataFrame) -> bool:
    """Whether two sorted tables of a projection are the same."""
    if len(a) != len(b):
        return False
    if not np.array_equal(a[["pre", "post"]].to_numpy(), b[["pre", "post"]].to_numpy()):
        return False
    # The time of a single reading is ignored: other programs may not write it.
    if a["time_ms"].nunique() > 1 and not np.allclose(
        a["time_ms"].to_numpy(float), b["time_ms"].to_numpy(float), rtol=0, atol=1e-6
    ):
        return False
    if delays_apart(a, b).any():
        return False
    return not apart(a["weight"].to_numpy(float), b["weight"].to_numpy(float)).any()


def both_signals(pair: Pair) -> dict[tuple[str, str], tuple[pd.DataFrame, pd.DataFrame]]:
    """Samples of each population and variable in both runs, by neuron and time.

    Empty if one run has no signals at all.
    """
    a, b = pair.a.signals, pair.b.signals
    if a is None or b is None or not len(a) or not len(b):
        return {}
    index = ["population", "variable"]
    parts = [dict(list(table.groupby(index, sort=True))) for table in (a, b)]
    empty = a.iloc[:0]
    return {
        (str(key[0]), str(key[1])): (
            parts[0].get(key, empty).sort_values(_SAMPLES, kind="stable"),
            parts[1].get(key, empty).sort_values(_SAMPLES, kind="stable"),
        )
        for key in sorted({*parts[0], *parts[1]})
    }


def same_signal(a: pd.DataFrame, b: pd.DataFrame) -> bool:
    """Whether two sorted tables of one variable hold the same samples."""
    if len(a) != len(b) or not np.array_equal(a["neuron"].to_numpy(), b["neuron"].to_numpy()):
        return False
    if not np.allclose(a["time_ms"].to_numpy(float), b["time_ms"].to_numpy(float), atol=1e-6):
        return False
    return same_values(a["value"].to_numpy(float), b["value"].to_numpy(float))


def same_values(first: np.ndarray, second: np.ndarray) -> bool:
    """Whether samples are the same, within `TOLERANCE` of their range; NaN equals NaN."""
    if np.isnan(first).all() or np.isnan(second).all():
        return bool(np.array_equal(np.isnan(first), np.isnan(second)))
    span = float(np.nanmax(first) - np.nanmin(first))
    near = np.abs(second - first) <= TOLERANCE * max(
        span, LEAST_RANGE * float(np.nanmax(np.abs(first)))
    )
    return bool(np.all(near | (np.isnan(first) & np.isnan(second))))


def signals_apart(pair: Pair) -> list[tuple[str, str]]:
    """Populations and variables whose samples differ."""
    return [key for key, tables in both_signals(pair).items() if not same_signal(*tables)]
