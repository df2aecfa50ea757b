"""Verdicts on signals, which come on top of those on spikes and weights."""

import numpy as np
import pytest

from pipelines.execution.recordings import signal_rows
from pipelines.verdicts.run_comparison import Comparison
from pipelines.verdicts.signal_comparison import Signal, add_signals, compare_signals, signals_of
from pipelines.verdicts.verdict_names import DIFFERENT, EQUIVALENT, IDENTICAL, UNDECIDED

KEY = ("cells", "v")
TIMES = np.arange(0.0, 5.0, 0.5)
V = -65.0 + np.sin(TIMES)


def signal(values, neuron=0, times=TIMES):
    return Signal(np.full(len(values), neuron), times, np.asarray(values, dtype=float))


def verdict(a, b, before=IDENTICAL, **more):
    found = compare_signals(a, b, ("one", "other"), **more)
    return add_signals(Comparison(before, "no spike on either"), found)


def test_equal_signals():
    found = verdict({KEY: signal(V)}, {KEY: signal(V)})
    assert found.verdict == IDENTICAL
    assert found.evidence == "no spike on either; 10 samples of v of cells equal"


def test_rounding_is_no_difference():
    found = verdict({KEY: signal(V)}, {KEY: signal(V * (1 + 1e-12))})
    assert found.verdict == IDENTICAL and "apart by up to" in found.evidence


def test_the_first_difference():
    other = V.copy()
    other[4] += 1e-3
    other[7] += 0.2
    found = verdict({KEY: signal(V)}, {KEY: signal(other)})
    assert found.verdict == DIFFERENT
    share = 0.2 / np.ptp(np.concatenate([V, other]))
    assert f"1 of 1 signals differ, by up to {share:.1e} of the range" in found.evidence
    assert f"first v of cells at 2 ms, neuron 0: {V[4]:.9g} on one and" in found.evidence
    assert found.first_difference_ms == 2.0 and found.first_difference_neuron == 0
    assert found.first_difference_population == "cells"


def test_signals_alone_decide_where_nothing_else_was_recorded():
    found = verdict({KEY: signal(V)}, {KEY: signal(V)}, UNDECIDED)
    assert found.verdict == IDENTICAL and found.evidence == "10 samples of v of cells equal"
    assert verdict({KEY: signal(V)}, {KEY: signal(V + 1)}, UNDECIDED).verdict == DIFFERENT
    assert verdict({}, {}, UNDECIDED).verdict == UNDECIDED


def test_different_spikes_stay_different():
    found = verdict({KEY: signal(V)}, {KEY: signal(V)}, DIFFERENT)
    assert found.verdict == DIFFERENT


@pytest.mark.parametrize(
    ("other", "part"),
    [
        ({}, "v of cells on one alone"),
        ({KEY: signal(V[:-1], times=TIMES[:-1])}, "v of cells has other samples on other"),
        ({KEY: signal(V, neuron=1)}, "v of cells has other samples on other"),
        ({KEY: signal(V, times=TIMES + 0.1)}, "v of cells has other samples on other"),
        ({KEY: signal(np.where(TIMES == 3, np.nan, V))}, "at 3 ms, neuron 0"),
    ],
)
def test_what_cannot_be_the_same(other, part):
    found = verdict({KEY: signal(V)}, other)
    assert found.verdict == DIFFERENT and part in found.evidence


def test_cells_with_a_bound_are_held_to_it():
    off = {KEY: signal(V * (1 + 1e-6))}
    assert verdict({KEY: signal(V)}, off).verdict == DIFFERENT
    found = verdict({KEY: signal(V)}, off, bound=1e-3)
    assert found.verdict == EQUIVALENT and "signals differ, by up to" in found.evidence
    assert verdict({KEY: signal(V)}, {KEY: signal(V * 1.01)}, bound=1e-3).verdict == DIFFERENT
    assert verdict({KEY: signal(V)}, off, DIFFERENT, bound=1e-3).verdict == DIFFERENT


def test_later_samples_can_be_left_out():
    other = np.where(TIMES < 3.0, V, 0.0)
    assert verdict({KEY: signal(V)}, {KEY: signal(other)}).verdict == DIFFERENT
    found = verdict({KEY: signal(V)}, {KEY: signal(other)}, until_ms=3.0)
    assert found.verdict == IDENTICAL and found.evidence.endswith("6 samples of v of cells equal")


def test_a_constant_signal_is_known_to_the_rounding_of_its_value():
    flat = np.full(10, -65.0)
    assert verdict({KEY: signal(flat)}, {KEY: signal(flat + 1e-12)}).verdict == IDENTICAL
    assert verdict({KEY: signal(flat)}, {KEY: signal(flat + 1e-3)}).verdict == DIFFERENT
    zero = np.zeros(10)
    assert verdict({KEY: signal(zero)}, {KEY: signal(zero)}).verdict == IDENTICAL


def test_signals_of_a_table():
    import pyarrow as pa

    values = np.column_stack([V, V + 1])
    parts = [
        signal_rows("a", "p", variable, TIMES, values, np.array([3, 1])) for variable in ("v", "w")
    ]
    again = signal_rows("a", "p", "v", TIMES + 5, values, np.array([3, 1]))
    rows = pa.concat_tables([*parts, again]).to_pandas()
    for table in (rows, rows.astype({"population": "category", "variable": "category"})):
        found = signals_of(table)
        assert set(found) == {("p", "v"), ("p", "w")}
        v = found["p", "v"]
        assert v.neuron.tolist() == ([1] * 10 + [3] * 10) * 2
        assert np.array_equal(v.value, np.tile(np.concatenate([V + 1, V]), 2))
        assert np.array_equal(v.time_ms[20:30], TIMES + 5)
    assert signals_of(None) == {} == signals_of(rows.iloc[:0])
