"""Comparison of the signals of two runs, sample by sample, for each population and variable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from pipelines.metrics.distances import LEAST_RANGE
from pipelines.metrics.recorded import Signal, Trace
from pipelines.metrics.signal_metrics import TOLERANCE
from pipelines.verdicts.bounds import BOUNDS, bounded_populations
from pipelines.verdicts.coverage import few
from pipelines.verdicts.verdict_names import DIFFERENT, EQUIVALENT, IDENTICAL, UNDECIDED

if TYPE_CHECKING:
    import pandas as pd

    from pipelines.diagnosis.run_pair import Pair
    from pipelines.verdicts.run_comparison import Comparison

_SAME_TIME_MS = 1e-6
_MOST_NAMED = 3

Key = tuple[str, str]
"""Population and variable."""


@dataclass(frozen=True)
class SignalDifference:
    """First sample in which two signals differ, and their largest difference (share of range)."""

    key: Key
    time_ms: float
    neuron: int
    values: tuple[float, float]
    share: float


def signals_of(rows: pd.DataFrame | None) -> dict[Key, Signal]:
    """Signals of one run from its rows of the table `signals`; none without a table."""
    if rows is None or not len(rows):
        return {}
    names = ["population", "variable"]
    return {
        (str(population), str(variable)): Signal(
            *(part[name].to_numpy() for name in ("neuron", "time_ms", "value"))
        )
        for (population, variable), part in rows.groupby(names, sort=False, observed=True)
    }


@dataclass(frozen=True)
class Traces:
    """Traces in both runs of the neuron and variable with a difference."""

    difference: SignalDifference
    a: Trace
    b: Trace


@dataclass(frozen=True)
class SignalComparison:
    """Result of the comparison of the signals of two runs.

    Attributes
    ----------
    same
        Whether both runs have the same signals, within `TOLERANCE`.
    within
        Whether the signals are within the bound of their cells; equal to `same` without a bound.
    evidence
        The result in words.
    first
        Earliest difference in a signal that both runs have; None if there is none.
    n_values
        Number of compared samples that are numbers in both runs.
    covered
        Names of the compared signals, as a phrase.
    """

    same: bool
    within: bool
    evidence: str
    first: SignalDifference | None = None
    n_values: int = 0
    covered: str = ""


def compare_signals(
    a: Mapping[Key, Signal],
    b: Mapping[Key, Signal],
    names: tuple[str, str],
    bound: float = TOLERANCE,
    until_ms: float = np.inf,
) -> SignalComparison | None:
    """Compare the signals of two runs; None if neither has any.

    Parameters
    ----------
    a, b
        Signals of the runs, by population and variable.
    names
        Names of the runs in the evidence.
    bound
        Largest difference that the bound of the cells allows, as a share of the range.
    until_ms
        End of the comparison in ms; samples from then on are left out.
    """
    if not a and not b:
        return None
    missing = [
        f"{variable} of {population} on {name} alone"
        for mine, other, name in ((a, b, names[0]), (b, a, names[1]))
        for population, variable in mine
        if (population, variable) not in other
    ]
    found, worst, n_samples, n_values = [], 0.0, 0, 0
    covered = few(
        f"{variable} of {population}" for population, variable in sorted(a.keys() & b.keys())
    )
    for key in a:
        if key in b:
            first, second = (one[key].until(until_ms) for one in (a, b))
            n_samples += len(first.value)
            difference = _difference(key, first, second)
            if difference is None:
                missing.append(f"{key[1]} of {key[0]} has other samples on {names[1]}")
            else:
                worst = max(worst, difference.share)
                n_values += min(int(np.isfinite(one.value).sum()) for one in (first, second))
                found += [difference] if difference.share > TOLERANCE else []
    earliest = min(found, key=lambda one: one.time_ms, default=None)
    said = missing[:_MOST_NAMED]
    if earliest is not None:
        said.append(_in_words(earliest, found, len(a), names))
    if not said:
        apart = " equal" if worst == 0 else f", apart by up to {worst:.1e} of their range"
        said = [f"{n_samples:,} samples of {covered}{apart}"]
    within = not missing and worst <= max(bound, TOLERANCE)
    same = not missing and not found
    return SignalComparison(same, within, "; ".join(said), earliest, n_values, covered)


def compare_bounded_signals(
    pair: Pair, result: Comparison, names: tuple[str, str]
) -> SignalComparison | None:
    """Compare the signals of two runs within the bound of their cells.

    Samples after the first shifted spike are left out if the bound allows the shift.

    Parameters
    ----------
    pair
        The runs.
    result
        Comparison of their spikes and weights.
    names
        Names of the runs in the evidence.
    """
    signals = signals_of(pair.a.signals), signals_of(pair.b.signals)
    held = bounded_populations(pair.a.record).values()
    bound = max((BOUNDS[one].signals for one in held), default=0.0)
    # After a shifted spike, which the bound allows, signals differ too.
    parted = pair.divergence if result.verdict == EQUIVALENT else None
    until_ms = np.inf if parted is None else parted.time_ms - pair.timestep
    return compare_signals(*signals, names, bound, until_ms)


def first_traces(pair: Pair) -> Traces | None:
    """Traces of the neuron and variable with the first difference; None if no signal differs."""
    signals = signals_of(pair.a.signals), signals_of(pair.b.signals)
    found = compare_signals(*signals, ("", ""))
    if found is None or found.first is None:
        return None
    first = found.first
    return Traces(first, *(of[first.key].of(first.neuron) for of in signals))


def add_signals(result: Comparison, signals: SignalComparison | None) -> Comparison:
    """Combine a verdict on spikes and weights with that on the signals."""
    if signals is None:
        return result
    alone = result.verdict == UNDECIDED
    verdict = IDENTICAL if alone else result.verdict
    if not signals.same:
        held = signals.within and verdict in (IDENTICAL, EQUIVALENT)
        verdict = EQUIVALENT if held else DIFFERENT
    said = [] if alone else [result.evidence]
    evidence = "; ".join(part for part in [*said, signals.evidence] if part)
    result = replace(result, verdict=verdict, evidence=evidence)
    first = signals.first
    if first is None or result.first_difference_ms is not None:
        return result
    return replace(
        result,
        first_difference_ms=first.time_ms,
        first_difference_population=first.key[0],
        first_difference_neuron=first.neuron,
        first_difference_variable=first.key[1],
    )


def _in_words(
    first: SignalDifference, found: list[SignalDifference], number: int, names: tuple[str, str]
) -> str:
    population, variable = first.key
    values = " and ".join(
        f"{value:.9g} on {name}" for value, name in zip(first.values, names, strict=True)
    )
    most = max(one.share for one in found)
    return (
        f"{len(found)} of {number} signals differ, by up to {most:.1e} of the range, first"
        f" {variable} of {population} at {first.time_ms:g} ms, neuron {first.neuron}: {values}"
    )


def _difference(key: Key, a: Signal, b: Signal) -> SignalDifference | None:
    """Difference of two signals; None if their neurons or times differ."""
    if not _same_samples(a, b):
        a, b = _ordered(a), _ordered(b)
        if not _same_samples(a, b):
            return None
    if not len(a.value):
        return SignalDifference(key, 0.0, 0, (0.0, 0.0), 0.0)
    low, high = (of([of(a.value), of(b.value)]) for of in (np.min, np.max))
    scale = max(float(high - low), LEAST_RANGE * float(max(abs(low), abs(high))))
    # Two NaN are the same.
    apart = np.where(np.isnan(a.value) & np.isnan(b.value), 0.0, np.abs(a.value - b.value))
    share = apart / scale if scale > 0 else apart
    # Written so that NaN is a difference.
    beyond = ~(share <= TOLERANCE)
    which = np.flatnonzero(beyond)
    at = int(which[np.lexsort((a.neuron[which], a.time_ms[which]))[0]]) if len(which) else 0
    most = float("inf") if np.isnan(share).any() else float(share.max())
    values = (float(a.value[at]), float(b.value[at]))
    return SignalDifference(key, float(a.time_ms[at]), int(a.neuron[at]), values, most)


def _same_samples(a: Signal, b: Signal) -> bool:
    """Whether two signals are of the same neurons and times, in the same order."""
    return np.array_equal(a.neuron, b.neuron) and bool(
        np.allclose(a.time_ms, b.time_ms, rtol=0, atol=_SAME_TIME_MS)
    )


def _ordered(signal: Signal) -> Signal:
    order = np.lexsort((signal.time_ms, signal.neuron))
    return Signal(signal.neuron[order], signal.time_ms[order], signal.value[order])
