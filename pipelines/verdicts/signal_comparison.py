"""Comparison of the signals of two runs, sample by sample, for each population and variable."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from pipelines.metrics.distances import LEAST_RANGE
from pipelines.metrics.recorded import Signal, Trace
from pipelines.metrics.signal_metrics import TOLERANCE
from pipelines.tables.files import iterate_table
from pipelines.verdicts.bounds import BOUNDS, bounded_populations
from pipelines.verdicts.verdict_names import DIFFERENT, EQUIVALENT, IDENTICAL, UNDECIDED

if TYPE_CHECKING:
    import pandas as pd

    from pipelines.diagnosis.run_pair import Pair
    from pipelines.verdicts.verdict_table import Comparison

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


def read_signals(folder: Path) -> dict[str, dict[Key, Signal]]:
    """Signals of the runs of a folder by run_id; empty if it has no table `signals`."""
    if not (folder / "signals.parquet").exists():
        return {}
    parts: dict[str, dict[Key, list[Signal]]] = {}
    for group in iterate_table(folder, "signals"):
        for run_id, key, signal in _signal_parts(group):
            parts.setdefault(run_id, {}).setdefault(key, []).append(signal)
    return {
        run_id: {key: _joined(pieces) for key, pieces in found.items()}
        for run_id, found in parts.items()
    }


def signals_of(rows: pd.DataFrame) -> dict[Key, Signal]:
    """Signals of one run from its rows of the table `signals`."""
    return {
        (str(population), str(variable)): Signal(
            *(part[name].to_numpy() for name in ("neuron", "time_ms", "value"))
        )
        for (population, variable), part in rows.groupby(["population", "variable"], sort=False)
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
    """

    same: bool
    within: bool
    evidence: str
    first: SignalDifference | None = None


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
    found, worst, n_samples = [], 0.0, 0
    for key in a:
        if key in b:
            first, second = (one[key].until(until_ms) for one in (a, b))
            n_samples += len(first.value)
            difference = _difference(key, first, second)
            if difference is None:
                missing.append(f"{key[1]} of {key[0]} has other samples on {names[1]}")
            else:
                worst = max(worst, difference.share)
                found += [difference] if difference.share > TOLERANCE else []
    earliest = min(found, key=lambda one: one.time_ms, default=None)
    said = missing[:_MOST_NAMED]
    if earliest is not None:
        said.append(_in_words(earliest, found, len(a), names))
    if not said:
        apart = "equal" if worst == 0 else f"apart by up to {worst:.1e} of their range"
        said = [f"{n_samples:,} samples of signals {apart}"]
    within = not missing and worst <= max(bound, TOLERANCE)
    return SignalComparison(not missing and not found, within, "; ".join(said), earliest)


def compare_bounded_signals(
    pair: Pair,
    result: Comparison,
    signals: tuple[Mapping[Key, Signal], Mapping[Key, Signal]],
    names: tuple[str, str],
) -> SignalComparison | None:
    """Compare the signals of two runs within the bound of their cells.

    Samples after the first shifted spike are left out if the bound allows the shift.

    Parameters
    ----------
    pair
        The runs.
    result
        Comparison of their spikes and weights.
    signals
        Signals of the two runs.
    names
        Names of the runs in the evidence.
    """
    held = bounded_populations(pair.a.record).values()
    bound = max((BOUNDS[one].signals for one in held), default=0.0)
    # After a shifted spike, which the bound allows, signals differ too.
    parted = pair.divergence if result.verdict == EQUIVALENT else None
    until_ms = np.inf if parted is None else parted.time_ms - pair.timestep
    return compare_signals(*signals, names, bound, until_ms)


def add_signals(result: Comparison, signals: SignalComparison | None) -> Comparison:
    """Combine a verdict on spikes and weights (`verdict_table.compare_pair`) with the signals."""
    if signals is None:
        return result
    alone = result.verdict == UNDECIDED
    verdict = IDENTICAL if alone else result.verdict
    if not signals.same:
        held = signals.within and verdict in (IDENTICAL, EQUIVALENT)
        verdict = EQUIVALENT if held else DIFFERENT
    evidence = signals.evidence if alone else f"{result.evidence}; {signals.evidence}"
    result = replace(result, verdict=verdict, evidence=evidence)
    first = signals.first
    if first is None or result.first_difference_ms is not None:
        return result
    return replace(
        result,
        first_difference_ms=first.time_ms,
        first_difference_population=first.key[0],
        first_difference_neuron=first.neuron,
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


def _signal_parts(group: pa.Table) -> Iterator[tuple[str, Key, Signal]]:
    """Split a row group into consecutive rows of one run, population and variable."""
    whole = group.combine_chunks()
    texts = [whole.column(name) for name in ("run_id", "population", "variable")]
    codes = [
        text.dictionary_encode().combine_chunks().indices.to_numpy(zero_copy_only=False)
        for text in texts
    ]
    changes = np.flatnonzero(np.any([np.diff(code) != 0 for code in codes], axis=0)) + 1
    numbers = [
        whole.column(name).to_numpy(zero_copy_only=False) for name in ("neuron", "time_ms", "value")
    ]
    for first, end in pairwise([0, *changes.tolist(), whole.num_rows]):
        if end > first:
            run_id, population, variable = (text[first].as_py() for text in texts)
            yield run_id, (population, variable), Signal(*(one[first:end] for one in numbers))


def _joined(pieces: list[Signal]) -> Signal:
    return Signal(
        *(
            np.concatenate([getattr(piece, name) for piece in pieces])
            for name in ("neuron", "time_ms", "value")
        )
    )
