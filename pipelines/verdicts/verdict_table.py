"""Verdicts on pairs of backends: comparison of spikes, weights and signals, point by point."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import combinations

import pandas as pd

from pipelines.backends import in_order, is_reference
from pipelines.diagnosis.causes import causes
from pipelines.diagnosis.known_differences import refusals
from pipelines.diagnosis.run_pair import Evidence
from pipelines.metrics.known import BUILT_IN, KnownMetrics
from pipelines.metrics.selection import ByRun, HasTables, timestep_ms
from pipelines.tables.schemas import DONE, SCHEMAS, UNFIT
from pipelines.verdicts.coverage import recorded_in, recorded_populations
from pipelines.verdicts.draws import SeedStatistics
from pipelines.verdicts.run_comparison import (
    Comparison,
    add_causes,
    compare_evidence,
    compare_pair,
    compare_runs,
    reference_agreement,
)
from pipelines.verdicts.verdict_names import DIFFERENT, EQUIVALENT, IDENTICAL, UNDECIDED
from pipelines.verdicts.weight_comparison import WEIGHT_TOLERANCE

__all__ = [
    "DIFFERENT", "EQUIVALENT", "IDENTICAL", "UNDECIDED", "WEIGHT_TOLERANCE", "Comparison",
    "add_causes", "compare", "compare_pair", "compare_runs", "reference_agreement",
]  # fmt: skip


def compare(
    tables: HasTables,
    comparisons: pd.DataFrame | None = None,
    uses: frozenset[str] = frozenset(),
    known: KnownMetrics = BUILT_IN,
) -> pd.DataFrame:
    """Give a verdict on every point and pair of backends.

    Parameters
    ----------
    tables
        The experiment's tables.
    comparisons
        The table of that name, for the statistics of all seeds.
    uses
        Names that the experiment's code uses from PyNN (`known_differences.names_used`), which
        select the known differences of stock modules that concern it.
    known
        Metrics of the experiment.

    Returns
    -------
    pandas.DataFrame
        Columns of the table `verdicts`; points in the order of the runs, pairs in the order of
        `pipelines.backends.all_names`; one row for all seeds of independent draws.
        *identical*: at least one value was compared, and all are the same: spikes on the grid of
        time steps, weights within `WEIGHT_TOLERANCE` at each reading, signals within
        `signal_metrics.TOLERANCE`. *equivalent*: runs of one seed
        that differ within the bound of their cell types (`bounds`), or runs of different seeds
        with equivalent statistics. *different*: runs of one seed that differ otherwise, runs of
        different seeds with different statistics, or a point that one stock module runs and the
        other is known to refuse. A point that fits the hardware on no backend has no row.
        *undecided*: a run failed otherwise or is missing, nothing
        that both recorded has a value (no spike on either), or there are too few seeds to decide.
        `evidence` says what was compared and what was not.

        For runs of one seed that differ, `causes` names the known causes that fit, and `evidence`
        explains the first of them. If the reference ran the point, `evidence` also says which of
        the two runs it agrees with.
    """
    runs = tables.runs
    backends = in_order(runs["backend"])
    if len(backends) < 2:
        return _frame([])
    evidence_of = evidence_by_run(tables)
    pairs = list(combinations(backends, 2))
    statistics = SeedStatistics(runs, tables.spikes, comparisons, pairs, known)

    def are_identical(a: pd.Series, b: pd.Series) -> bool:
        both = compare_evidence(evidence_of(a), evidence_of(b), timestep_ms(a), ("a", "b"))
        return both[1].verdict == IDENTICAL

    rows = []
    for point_id, of_point in runs.groupby("point_id", sort=False):
        by_backend = {run["backend"]: run for _, run in of_point.iterrows()}
        for a, b in pairs:
            if a not in by_backend and b not in by_backend:
                continue
            unfit = [n for n in (a, b) if n in by_backend and by_backend[n]["status"] == UNFIT]
            if len(unfit) == 2:
                continue  # the network fits neither: nothing ran that could be compared
            draws_at = statistics.first_of_draws(str(point_id), (a, b))
            if draws_at not in (None, point_id):
                continue  # one row for all seeds of independent draws
            draws = draws_at and statistics.of_draws(draws_at, (a, b), are_identical)
            missing = [n for n in (a, b) if n not in by_backend]
            failed = [n for n in (a, b) if n not in missing and by_backend[n]["status"] != DONE]
            if draws:
                result = draws
            elif missing or failed:
                reasons = [f"no run on {n}" for n in missing] + [
                    f"the run on {n} {_ended(by_backend[n])}" for n in failed
                ]
                refused = [why for n in failed for why in refusals(n, by_backend[n]["error"])]
                # A point that one runs, and the other refuses or has no room for, is a difference.
                is_known = bool(refused or unfit) and len(failed) == 1 and not missing
                verdict = DIFFERENT if is_known else UNDECIDED
                result = add_causes(Comparison(verdict, " and ".join(reasons)), refused)
            else:
                first, second = (evidence_of(by_backend[name]) for name in (a, b))
                step, where = timestep_ms(by_backend[a]), (f"on {a}", f"on {b}")
                pair, result = compare_evidence(first, second, step, (a, b), where, uses)
                if result.verdict == DIFFERENT:
                    for name in filter(is_reference, by_backend.keys() - {a, b}):
                        run = by_backend[name]
                        if run["status"] == DONE and run["seed"] == by_backend[a]["seed"]:
                            agreed = reference_agreement(evidence_of(run), pair)
                            told = f"{result.evidence}; {agreed}"
                            result = replace(result, evidence=told)
                    result = add_causes(result, causes(pair))
                    result = statistics.second_opinion(result, str(point_id), (a, b))
            key = {
                "experiment": of_point["experiment"].iloc[0],
                "point_id": point_id,
                "backend_a": a,
                "backend_b": b,
            }
            rows.append(key | vars(result))
    return _frame(rows)


def _ended(run: pd.Series) -> str:
    """How a run ended that is not done, with the reason."""
    return f"{'does not fit' if run['status'] == UNFIT else 'failed'} ({run['error']})"


def evidence_by_run(tables: HasTables) -> Callable[[pd.Series], Evidence]:
    """Function that gives the data of a run of one sweep, from its row of `runs`."""
    runs = tables.runs
    of_sweep = recorded_in(tables.weights, tables.signals)
    spikes, weights = ByRun(runs, tables.spikes), ByRun(runs, tables.weights)
    signals = ByRun(runs, tables.signals) if len(tables.signals) else None

    def evidence_of(run: pd.Series) -> Evidence:
        key, record = run["run_id"], run.to_dict()
        recorded = replace(of_sweep, spikes=recorded_populations(record))
        of_run = None if signals is None else signals[key]
        return Evidence(record, spikes[key], weights[key], of_run, recorded=recorded)

    return evidence_of


def _frame(rows: list[dict[str, object]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=SCHEMAS["verdicts"].names)
    kinds = {"int64": "Int64", "double": "float64"}
    numeric = {f.name: kinds[str(f.type)] for f in SCHEMAS["verdicts"] if str(f.type) in kinds}
    return frame.astype(numeric)
