"""What does not agree or is undecided: one entry a cause, for all points that share it."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from pipelines.errors import without_numbers
from pipelines.figures import style
from pipelines.metrics.known import BUILT_IN, KnownMetrics
from pipelines.report.evidence import pair_label, raster_anchor, runs_of_pair
from pipelines.report.evidence_list import (
    CAUSES,
    DECIDES,
    FOUND,
    Item,
    evidence_items,
    is_of_draws,
    text_of,
)
from pipelines.report.formatting import (
    commands,
    format_count,
    has_value,
    point_label,
    run_command,
    sweep_command,
)
from pipelines.sweep import Plan
from pipelines.tables.schemas import FAILED
from pipelines.verdicts.ranking import PAIR, points_by_urgency

MOST_LISTED = 20
"""Largest number of causes, and of further points of a cause, that are listed."""


@dataclass(frozen=True)
class Finding:
    """One cause, with the points that share it and the evidence of the first of them.

    Attributes
    ----------
    what
        Verdict, or failure, and the backends.
    cause
        The cause in a few words.
    count
        Number of points or seeds that share it, of all: ``5 of 8 seeds``.
    first
        Swept values and seed of the first of them.
    items
        Evidence of the first.
    commands
        Shell commands that reproduce the first.
    others
        Swept values and seeds of the others.
    n_more
        Number of further ones, which are not listed.
    anchor
        HTML id of the raster of the first; "" without one.
    """

    what: str
    cause: str
    count: str
    first: str
    items: tuple[Item, ...]
    commands: tuple[str, ...]
    others: tuple[str, ...] = ()
    n_more: int = 0
    anchor: str = ""


def failures_of(
    plan: Plan, runs: pd.DataFrame, swept: Mapping[str, str], results: str = "results"
) -> list[Finding]:
    """Failed runs, one entry a backend and error, whatever the numbers in it."""
    failed = runs[runs["status"] == FAILED]
    groups: dict[Hashable, list[pd.Series]] = {}
    for _, run in failed.iterrows():
        groups.setdefault((run["backend"], without_numbers(run["error"])), []).append(run)
    totals = runs["backend"].value_counts()
    found = []
    for of_cause in groups.values():
        run = of_cause[0]
        labels = [point_label(one.to_frame().T, swept) for one in of_cause]
        found.append(
            Finding(
                what=f"failed on {style.style_of(run['backend']).label}",
                cause=str(run["error"]),
                count=f"{len(of_cause):,} of {format_count(int(totals[run['backend']]), 'run')}",
                first=labels[0],
                items=(),
                commands=(run_command(plan, run, results),),
                **_others(labels),
            )
        )
    return found


def findings_of(
    plan: Plan,
    tables: Any,
    verdict: str,
    swept: Mapping[str, str],
    rasters: Collection[str] = (),
    results: str = "results",
    known: KnownMetrics = BUILT_IN,
) -> list[Finding]:
    """Points with one verdict, one entry a cause, the most urgent first.

    Parameters
    ----------
    plan
        Plan of the runs.
    tables
        Tables of the experiment, of which runs, verdicts and comparisons are read.
    verdict
        Which points: those that are *different*, or *undecided*.
    swept
        Units of the swept parameters, by name.
    rasters
        HTML ids of the rasters in the page.
    results
        Path of the folder of all results, as written in shell commands.
    known
        Metrics of the experiment.

    Returns
    -------
    list of Finding
        Points of two runs are grouped by what is known of the cause, or by what keeps them from a
        decision; independent draws by the kind of evidence.
    """
    verdicts = tables.verdicts
    points = dict(list(tables.runs.groupby("point_id", sort=False)))
    statistics = dict(list(tables.comparisons.groupby(["point_id", *PAIR], sort=False)))
    totals = verdicts.groupby(PAIR, sort=False).size()
    groups: dict[Hashable, list[tuple[pd.Series, tuple[Item, ...]]]] = {}
    for _, row in points_by_urgency(verdicts[verdicts["verdict"] == verdict]).iterrows():
        rows = statistics.get((row["point_id"], *row[PAIR]))
        items = evidence_items(row, rows, known)
        key = (*row[PAIR], is_of_draws(row), without_numbers(_cause(row, items)))
        groups.setdefault(key, []).append((row, items))
    found = []
    for of_cause in groups.values():
        row, items = of_cause[0]
        runs = runs_of_pair(points[row["point_id"]], row)
        labels = [
            point_label(points[one["point_id"]].head(1), swept, _n_seeds(one))
            + _deciding(one, told)
            for one, told in of_cause
        ]
        total = int(totals[tuple(row[PAIR])])
        anchor = raster_anchor(plan.experiment.name, row)
        found.append(
            Finding(
                what=f"{row['verdict']}: {pair_label(row)}",
                cause=_cause(row, items),
                count=f"{len(of_cause):,} of {format_count(total, _noun(plan, row))}",
                first=labels[0],
                items=_with_advice(row, items),
                commands=(sweep_command(plan, results),)
                if is_of_draws(row)
                else commands(plan, runs, results),
                anchor=anchor if anchor in rasters else "",
                **_others(labels),
            )
        )
    return found


def _noun(plan: Plan, row: Mapping[str, Any]) -> str:
    """What rows of `verdicts` are counted as: seeds where nothing else varies."""
    return "seed" if not plan.swept and not is_of_draws(row) else "point"


def _others(labels: list[str]) -> dict[str, Any]:
    rest = labels[1:]
    return {
        "others": tuple(rest[:MOST_LISTED]),
        "n_more": max(0, len(rest) - MOST_LISTED),
    }


def _n_seeds(row: Mapping[str, Any]) -> int | None:
    return int(row["n_seeds"]) if is_of_draws(row) else None


def _cause(row: Mapping[str, Any], items: tuple[Item, ...]) -> str:
    """The cause that points share: the known ones, or what was found."""
    if has_value(row, "causes") and row["causes"]:
        return f"known causes that fit: {row['causes']}"
    if row["verdict"] == "different":
        return "more than seeds explain" if is_of_draws(row) else "no known cause fits"
    if is_of_draws(row) and text_of(items, DECIDES):
        return "too few seeds"
    return text_of(items, FOUND)


def _deciding(row: Mapping[str, Any], items: tuple[Item, ...]) -> str:
    """How many seeds would decide independent draws, for the list of points."""
    told = text_of(items, DECIDES) if is_of_draws(row) else ""
    return f" ({told})" if told else ""


def _with_advice(row: Mapping[str, Any], items: tuple[Item, ...]) -> tuple[Item, ...]:
    """Evidence with what would decide a point that is undecided."""
    if row["verdict"] != "undecided" or text_of(items, DECIDES):
        return items
    found = text_of(items, FOUND)
    if " failed (" in found:
        advice = "the same point once the failure is mended: see the failed runs above"
    elif "no run on " in found:
        advice = "the runs that are missing: the same command again"
    elif "no spike" in found or "have no spike" in found:
        advice = (
            "values: parameters at which there are spikes, or recorded signals or weights,"
            " which have values without spikes"
        )
    else:
        advice = "values that both backends record, or more seeds"
    return (*(item for item in items if item.title != CAUSES), Item(DECIDES, (advice,)))
