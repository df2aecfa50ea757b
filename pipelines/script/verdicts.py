"""Verdicts on the runs of a script, from their tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import pandas as pd

from pipelines import backends
from pipelines.diagnosis.known_differences import refusals
from pipelines.diagnosis.run_pair import Cause, Evidence
from pipelines.metrics.selection import ByRun
from pipelines.tables.files import read_table
from pipelines.tables.schemas import DONE, RECORDED, schema_of
from pipelines.verdicts.coverage import recorded_in, recorded_populations
from pipelines.verdicts.explanation import ExplainedComparison, explain, recorded_states
from pipelines.verdicts.run_comparison import Comparison, compare_evidence, reference_agreement
from pipelines.verdicts.verdict_names import DIFFERENT, UNDECIDED

_PARAMETERS = ("arguments", "timestep")


def compare(
    folder: Path, runs: Sequence[Mapping[str, Any]], uses: frozenset[str] = frozenset()
) -> list[ExplainedComparison]:
    """Compare all backends with each other, and each stock module with its backend.

    Parameters
    ----------
    folder
        Of the script's tables.
    runs
        What `run_script.run_script` returned.
    uses
        Names that the script takes from PyNN.
    """
    frame = pd.DataFrame([{"run_id": run["run_id"]} for run in runs])
    tables = {name: _table(folder, name) for name in RECORDED}
    by_run = {name: ByRun(frame, table) for name, table in tables.items()}
    of_all = recorded_in(tables["weights"], tables["signals"])

    def evidence_of(run: Mapping[str, Any]) -> Evidence:
        record = {**run, "parameters": {name: run[name] for name in _PARAMETERS}}
        recorded = replace(of_all, spikes=recorded_populations(run))
        spikes, weights, signals = (by_run[name][run["run_id"]] for name in RECORDED)
        return Evidence(record, spikes, weights, signals, recorded=recorded)

    found = []
    for a, b in _pairs(runs):
        one = _compared(a, b, evidence_of, uses)
        if one.result.verdict == DIFFERENT and _done(a) and _done(b):
            for run in runs:
                if backends.is_reference(run["backend"]) and run not in (a, b) and _done(run):
                    agreed = reference_agreement(evidence_of(run), one.pair)
                    told = f"{one.result.evidence}; {agreed}"
                    one = replace(one, result=replace(one.result, evidence=told))
        found.append(one)
    return found


def _done(run: Mapping[str, Any]) -> bool:
    return bool(run["status"] == DONE)


def _compared(
    a: Mapping[str, Any],
    b: Mapping[str, Any],
    evidence_of: Callable[[Mapping[str, Any]], Evidence],
    uses: frozenset[str],
) -> ExplainedComparison:
    names = (str(a["backend"]), str(b["backend"]))
    first, second = evidence_of(a), evidence_of(b)
    failed = [run for run in (a, b) if not _done(run)]
    if failed:
        # What a run recorded before it failed is no evidence.
        first, second = (
            replace(one, spikes=one.spikes[:0], weights=one.weights[:0], signals=None)
            for one in (first, second)
        )
    step, where = min(a["timestep"], b["timestep"]), (f"on {names[0]}", f"on {names[1]}")
    pair, result = compare_evidence(first, second, step, names, where, uses)
    if failed:
        known = [why for run in failed for why in refusals(run["backend"], run["error"])]
        # One backend did it, and the other is known to refuse it: they differ.
        verdict = DIFFERENT if known and len(failed) == 1 else UNDECIDED
        said = " and ".join(f"on {run['backend']}" for run in failed)
        result = Comparison(verdict, f"the script failed {said}")
        return ExplainedComparison(pair, names, result, known, [])
    if not any(_has_recorded(one) for one in (first, second)):
        result = replace(result, evidence="the script recorded nothing")
    known = _causes_in_script(a, b) if result.verdict == DIFFERENT else []
    return explain(pair, names, result, recorded_states(pair), known=known)


def _has_recorded(one: Evidence) -> bool:
    signals = one.signals is not None and len(one.signals) > 0
    return bool(one.recorded.spikes) or len(one.weights) > 0 or signals


def _causes_in_script(a: Mapping[str, Any], b: Mapping[str, Any]) -> list[Cause]:
    """Causes that lie in the script: its own random numbers."""
    drawn = [name for name, state in a["drawn"].items() if b["drawn"].get(name, state) != state]
    if not drawn:
        return []
    generators = " and ".join(drawn)
    text = (
        f"the script drew other numbers from {generators} on each: how many it draws, or how it"
        " seeds, depends on the run"
    )
    return [Cause("the script's own random numbers", text, 1.0)]


def _pairs(runs: Sequence[Mapping[str, Any]]) -> list[tuple[Any, Any]]:
    of_stock = backends.stock_names()
    by_name = {run["backend"]: run for run in runs}
    ours = [run for run in runs if run["backend"] not in of_stock]
    stock = [
        (by_name[backend], by_name[name])
        for name, backend in of_stock.items()
        if name in by_name and backend in by_name
    ]
    return [*combinations(ours, 2), *stock]


def _table(folder: Path, name: str) -> pd.DataFrame:
    if (folder / f"{name}.parquet").exists():
        return read_table(folder, name)
    return schema_of(name).empty_table().to_pandas()
