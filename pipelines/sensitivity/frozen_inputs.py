"""With frozen inputs: is every fault found, and is it named?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from pipelines.backends import in_order
from pipelines.diagnosis.causes import causes
from pipelines.diagnosis.run_pair import Evidence, Pair
from pipelines.metrics.selection import ByRun, HasTables, finished, timestep_ms
from pipelines.sensitivity.faults import FAULTS, is_possible
from pipelines.verdicts.verdict_names import IDENTICAL
from pipelines.verdicts.verdict_table import compare_runs

_RECORDED_LATE = "spikes recorded late"
_OFF_GRID_SIGNATURE = "spikes off the grid"


@dataclass(frozen=True)
class FaultResult:
    """What the validation says of one fault in one backend.

    Attributes
    ----------
    fault, strength, meaning
        What was put in.
    backend, other
        Where, and what it was compared with.
    verdict, divergence_ms
        Of the comparison with the other backend, which has no fault.
    named
        The fault that makes the same of the other backend, spike for spike; empty if none does.
    signatures
        Causes that the two runs' tables show by themselves.
    """

    fault: str
    strength: float
    description: str
    backend: str
    other: str
    verdict: str
    divergence_ms: float | None
    named: str
    signatures: tuple[str, ...]

    @property
    def is_found(self) -> bool:
        """Whether a fault was seen; without a fault, whether none was."""
        return (self.verdict != IDENTICAL) == bool(self.fault)

    @property
    def is_named(self) -> bool:
        """Whether it was called by its name."""
        return self.named == fault_label(self.fault, self.strength)


def fault_label(fault: str, strength: float) -> str:
    """A fault with its strength, as a verdict names it; empty for none."""
    if not fault:
        return ""
    return f"{fault} ({FAULTS[fault].description.format(f'{strength:+g}')})"


def find_faults(tables: HasTables) -> list[FaultResult]:
    """Compare every faulty run with the run of the other backend that has no fault.

    A fault is named by carrying the hypothesis out: each known fault is put into the other
    backend too, and that one which makes the two identical is the cause.

    Parameters
    ----------
    tables
        Of the study's sweep with frozen inputs.
    """
    runs = finished(tables.runs)
    spikes, weights = ByRun(runs, tables.spikes), ByRun(runs, tables.weights)
    evidence: dict[tuple[str, str, float], Evidence] = {}
    for _, run in runs.iterrows():
        record = {**run.to_dict(), "parameters": {}}
        run_evidence = Evidence(record, spikes[run["run_id"]], weights[run["run_id"]])
        evidence[run["backend"], run["fault"], run["strength"]] = run_evidence
    timestep = timestep_ms(runs.iloc[0]) if len(runs) else np.nan
    evidence |= dict(_late_recordings(evidence, timestep))
    backends = in_order(runs["backend"])
    found = []
    for backend in backends:
        for other in backends:
            if other == backend:
                continue
            healthy = evidence[other, "", 0.0]
            candidates = {
                k: run_evidence for k, run_evidence in evidence.items() if k[0] == other and k[1]
            }
            for (owner, fault, strength), run_evidence in evidence.items():
                if owner == backend and is_possible(fault, owner):
                    pair = Pair(healthy, run_evidence, timestep)
                    found.append(_judge_fault(pair, candidates, fault, strength, backend, other))
    return found


def _late_recordings(
    evidence: dict[tuple[str, str, float], Evidence], timestep: float
) -> Iterator[tuple[tuple[str, str, float], Evidence]]:
    """Runs without a fault whose spikes are written down some steps late."""
    for (backend, fault, _), run_evidence in list(evidence.items()):
        if fault:
            continue
        for strength in FAULTS[_RECORDED_LATE].strengths:
            late = np.round(run_evidence.spikes["time_ms"] + strength * timestep, 10)
            spikes = run_evidence.spikes.assign(time_ms=late)
            yield (
                (backend, _RECORDED_LATE, strength),
                Evidence(run_evidence.record, spikes, run_evidence.weights),
            )


def _judge_fault(
    pair: Pair,
    candidates: dict[Any, Evidence],
    fault: str,
    strength: float,
    backend: str,
    other: str,
) -> FaultResult:
    result = _compare_evidence(pair.a, pair.b, pair.timestep)
    shown = tuple(dict.fromkeys(cause.name for cause in causes(pair)))
    named = ""
    if result.verdict != IDENTICAL:
        for (_, name, at), candidate in candidates.items():
            if _compare_evidence(candidate, pair.b, pair.timestep).verdict == IDENTICAL:
                named = fault_label(name, at)
                break
        else:
            if _OFF_GRID_SIGNATURE in shown:
                # No other backend has spikes there: what the tables show is the name.
                named = fault_label("off grid", strength)
    return FaultResult(
        fault, strength, fault_label(fault, strength), backend, other, result.verdict,
        None if pair.divergence is None else pair.divergence.time_ms, named, shown,
    )  # fmt: skip


def _compare_evidence(a: Evidence, b: Evidence, timestep: float) -> Any:
    # Spikes of the inputs too: a fault of the input is found in them first.
    return compare_runs(a.spikes, b.spikes, a.weights, b.weights, timestep)


def fault_table(found: list[FaultResult]) -> pd.DataFrame:
    """One row a fault and backend."""
    rows = [
        {
            "fault": result.description or "(none)", "backend": result.backend,
            "verdict": result.verdict, "divergence_ms": result.divergence_ms,
            "found": result.is_found, "named": result.named, "is_named": result.is_named,
            "signatures": ", ".join(result.signatures),
        }
        for result in found
    ]  # fmt: skip
    return pd.DataFrame(rows)
