"""Verdicts on the runs of a script, from their tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pipelines import backends
from pipelines.diagnosis.known_differences import refusals
from pipelines.diagnosis.run_pair import Cause, Evidence, Pair
from pipelines.metrics.selection import ByRun
from pipelines.tables.files import read_table
from pipelines.tables.schemas import DONE, SCHEMAS
from pipelines.verdicts.explanation import ExplainedComparison, explain
from pipelines.verdicts.signal_comparison import (
    Key,
    Signal,
    Traces,
    add_signals,
    compare_bounded_signals,
    read_signals,
)
from pipelines.verdicts.verdict_names import DIFFERENT, UNDECIDED
from pipelines.verdicts.verdict_table import Comparison, compare_pair, reference_agreement

_PARAMETERS = ("arguments", "timestep")
_MARGIN_MS = 2.0


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
    spikes = ByRun(frame, read_table(folder, "spikes"))
    weights = ByRun(frame, _weights(folder))
    signals = read_signals(folder)
    found = []
    for a, b in _pairs(runs):
        first, second = (
            Evidence(_record(run), spikes[run["run_id"]], weights[run["run_id"]]) for run in (a, b)
        )
        names = (str(a["backend"]), str(b["backend"]))
        step = min(a["timestep"], b["timestep"])
        pair = Pair(first, second, step, (f"on {names[0]}", f"on {names[1]}"), uses)
        of_runs = signals.get(a["run_id"], {}), signals.get(b["run_id"], {})
        one = _compared(pair, names, (a, b), of_runs)
        if one.pair.divergence is not None:
            for run in runs:
                if backends.is_reference(run["backend"]) and run not in (a, b) and _done(run):
                    key = run["run_id"]
                    third = Evidence(_record(run), spikes[key], weights[key])
                    told = f"{one.result.evidence}; {reference_agreement(third, pair)}"
                    one = replace(one, result=replace(one.result, evidence=told))
        found.append(one)
    return found


def _done(run: Mapping[str, Any]) -> bool:
    return bool(run["status"] == DONE)


def _compared(
    pair: Pair,
    names: tuple[str, str],
    runs: tuple[Mapping[str, Any], Mapping[str, Any]],
    signals: tuple[Mapping[Key, Signal], Mapping[Key, Signal]],
) -> ExplainedComparison:
    failed = [run for run in runs if not _done(run)]
    if failed:
        known = [why for run in failed for why in refusals(run["backend"], run["error"])]
        # One backend did it, and the other is known to refuse it: they differ.
        verdict = DIFFERENT if known and len(failed) == 1 else UNDECIDED
        said = " and ".join(f"on {run['backend']}" for run in failed)
        nothing = [
            replace(one, spikes=one.spikes[:0], weights=one.weights[:0]) for one in (pair.a, pair.b)
        ]
        silent = replace(pair, a=nothing[0], b=nothing[1])
        result = Comparison(verdict, f"the script failed {said}")
        return ExplainedComparison(silent, names, result, known, [])
    recorded = all(run["population_sizes"] for run in runs)
    result = compare_pair(pair, names, recorded)
    found = compare_bounded_signals(pair, result, signals, names)
    result = add_signals(result, found)
    if result.verdict == UNDECIDED:
        result = Comparison(UNDECIDED, "the script recorded nothing")
    traces = None
    if found is not None and found.first is not None and pair.divergence is None:
        traces = Traces(
            found.first, *(of[found.first.key].of(found.first.neuron) for of in signals)
        )
    states = _states(pair, signals)
    known = _causes_in_script(*runs) if result.verdict == DIFFERENT else []
    return explain(pair, names, result, states, known=known, traces=traces)


def _causes_in_script(a: Mapping[str, Any], b: Mapping[str, Any]) -> list[Cause]:
    """Causes that lie in the script: its own random numbers, the neurons it recorded."""
    found = []
    drawn = [name for name, state in a["drawn"].items() if b["drawn"].get(name, state) != state]
    if drawn:
        generators = " and ".join(drawn)
        text = (
            f"the script drew other numbers from {generators} on each: how many it draws, or how it"
            " seeds, depends on the run"
        )
        found.append(Cause("the script's own random numbers", text, 1.0))
    first, second = a["neurons"], b["neurons"]
    apart = [what for what in first if what in second and first[what] != second[what]]
    if apart:
        text = f"not recorded from the same neurons on both: {', '.join(apart)}"
        found.append(Cause("different neurons recorded", text, 1.0))
    return found


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


def _record(run: Mapping[str, Any]) -> dict[str, object]:
    return {**run, "parameters": {name: run[name] for name in _PARAMETERS}}


def _weights(folder: Path) -> pd.DataFrame:
    if (folder / "weights.parquet").exists():
        return read_table(folder, "weights")
    return SCHEMAS["weights"].empty_table().to_pandas()


def _states(
    pair: Pair, signals: tuple[Mapping[Key, Signal], Mapping[Key, Signal]]
) -> list[dict[str, np.ndarray]]:
    """Signals of the neuron in which the runs first differ, until shortly after that time."""
    parted = pair.divergence
    if parted is None:
        return []
    states = []
    for of_run in signals:
        state: dict[str, np.ndarray] = {}
        for (population, variable), signal in of_run.items():
            mine = signal.neuron == parted.neuron
            mine &= signal.time_ms <= parted.time_ms + _MARGIN_MS
            if population == parted.population and mine.any():
                time_ms = state.setdefault("time_ms", signal.time_ms[mine])
                if len(time_ms) == int(mine.sum()):
                    state[variable] = signal.value[mine]
        states.append(state)
    # A signal that ended long before the divergence cannot explain it.
    near = [bool(state) and state["time_ms"][-1] >= parted.time_ms - _MARGIN_MS for state in states]
    return states if all(near) else []
