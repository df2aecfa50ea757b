"""Causes that equal potentials rule out: what moves a potential before the first spike.

Until a neuron fires for the first time, its potential depends on the constants of the membrane and
on the integration scheme. If samples of a moving potential are the same in both runs until then,
these are the same, and a first spike that differs all the same is one of the threshold or of the
time step.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipelines.diagnosis.run_pair import Pair
from pipelines.diagnosis.table_differences import both_signals

MEMBRANE = frozenset({
    "different tau_m", "different cm", "different v_rest", "different i_offset",
    "different initial potential", "integration scheme", "forward Euler", "exponential Euler",
    "Runge-Kutta of low order", "noise in the membrane",
})  # fmt: skip
"""Causes that change the potential before the first spike."""

AFTER_A_SPIKE = frozenset({
    "different v_reset", "different tau_refrac", "different cell constants",
})  # fmt: skip
"""Causes that do not change the time of a neuron's first spike."""

# Smallest number of samples, how far (mV) they must move in all, and the share of this distance by
# which samples that are the same may differ.
_FEWEST, _MOVED_MV, _SAME = 5, 1.0, 1e-9


def ruled_out(pair: Pair, population: str) -> frozenset[str]:
    """Names of causes that cannot explain differences of a population's spikes.

    Parameters
    ----------
    pair
        The runs. Only the table of signals is used; without potentials nothing is ruled out.
    population
        Population whose spikes differ. Every neuron whose potential was recorded must agree.
    """
    tables = both_signals(pair).get((population, "v"))
    if tables is None:
        return frozenset()
    first = [_first_spikes(one.spikes, population) for one in (pair.a, pair.b)]
    samples = [dict(list(table.groupby("neuron"))) for table in tables]
    if samples[0].keys() != samples[1].keys():
        return frozenset()
    differs = False
    for neuron in samples[0]:
        ends = [times.get(neuron, np.inf) for times in first]
        if not _same_until(samples[0][neuron], samples[1][neuron], min(ends)):
            return frozenset()
        differs |= ends[0] != ends[1]
    return MEMBRANE | AFTER_A_SPIKE if differs else MEMBRANE


def _first_spikes(spikes: pd.DataFrame, population: str) -> dict[int, float]:
    """Time (ms) of the first spike of each neuron."""
    return spikes[spikes["population"] == population].groupby("neuron")["time_ms"].min().to_dict()


def _same_until(a: pd.DataFrame, b: pd.DataFrame, end_ms: float) -> bool:
    """Whether the samples before a time move, and are the same."""
    before = [table[table["time_ms"] < end_ms] for table in (a, b)]
    times, values = ([t[name].to_numpy(float) for t in before] for name in ("time_ms", "value"))
    if len(values[0]) < _FEWEST or len(values[0]) != len(values[1]):
        return False
    moved = float(np.ptp(values[0]))
    return bool(
        moved >= _MOVED_MV
        and np.allclose(times[0], times[1], rtol=0, atol=1e-6)
        and np.max(np.abs(values[1] - values[0])) <= _SAME * moved
    )
