"""Sweep points in the report: the table of all points, failed runs and disagreements."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from pipelines.figures import style
from pipelines.figures.sweep_points import format_value
from pipelines.report.evidence import pair_label, raster_anchor, runs_of_pair
from pipelines.report.formatting import (
    commands,
    format_count,
    format_number,
    has_value,
    point_label,
    run_command,
)
from pipelines.sweep import Plan
from pipelines.verdicts.ranking import points_by_urgency
from pipelines.verdicts.verdict_names import EQUIVALENT, IDENTICAL

MOST_LISTED = 20
"""Largest number of failed runs, or of points that disagree, that are listed one by one."""

MOST_IN_TABLE = 2000
"""Largest number of rows in the table of all points."""


@dataclass(frozen=True)
class Problem:
    """A failed run or a point that disagrees, its cause and commands that reproduce it."""

    what: str
    where: str
    why: str
    commands: tuple[str, ...]
    causes: str = ""
    anchor: str = ""  # HTML id of its raster; "" without one


@dataclass(frozen=True)
class Point:
    """Row of the table of all points."""

    values: tuple[str, ...]  # values of the swept parameters
    seed: str
    pair: str
    verdict: str
    spikes: str
    common: str
    first: str
    causes: str
    runs: str


@dataclass(frozen=True)
class Group:
    """Verdict on all seeds of independent draws, and the evidence for it in words."""

    where: str
    pair: str
    verdict: str
    evidence: str


def failures_of(plan: Plan, runs: pd.DataFrame, swept: Mapping[str, str]) -> list[Problem]:
    """The first `MOST_LISTED` failed runs, with their errors and commands."""
    failed = runs[runs["status"] != "done"].head(MOST_LISTED)
    return [
        Problem(
            what=f"failed on {style.style_of(run['backend']).label}",
            where=point_label(failed.loc[[label]], swept),
            why=run["error"],
            commands=(run_command(plan, run),),
        )
        for label, run in failed.iterrows()
    ]


def disagreements_of(
    plan: Plan,
    runs: pd.DataFrame,
    verdicts: pd.DataFrame,
    swept: Mapping[str, str],
    rasters: Collection[str],
    results: str,
) -> list[Problem]:
    """Points that are neither identical nor equivalent, the most urgent first.

    Parameters
    ----------
    plan
        Plan of the runs.
    runs, verdicts
        Tables of these names.
    swept
        Units of the swept parameters, by name.
    rasters
        HTML ids of the rasters in the page.
    results
        Path of the folder of all results, as written in shell commands.

    Returns
    -------
    list of Problem
        At most `MOST_LISTED` points.
    """
    still_open = verdicts[~verdicts["verdict"].isin([IDENTICAL, EQUIVALENT])]
    points = dict(list(runs.groupby("point_id", sort=False)))
    problems = []
    for _, row in points_by_urgency(still_open).head(MOST_LISTED).iterrows():
        of_point = points[row["point_id"]]
        raster = raster_anchor(plan.experiment.name, row)
        problems.append(
            Problem(
                what=f"{row['verdict']}: {pair_label(row)}",
                where=point_label(of_point.head(1), swept, n_draws(row)),
                why=row["evidence"],
                commands=commands(plan, runs_of_pair(of_point, row), results),
                causes=causes_of(row),
                anchor=raster if raster in rasters else "",
            )
        )
    return problems


def points_of(runs: pd.DataFrame, verdicts: pd.DataFrame, swept: Mapping[str, str]) -> list[Point]:
    """Rows of the table of all points, the most urgent first, `MOST_IN_TABLE` at most."""
    points = dict(list(runs.groupby("point_id", sort=False)))
    found = []
    for _, row in points_by_urgency(verdicts).head(MOST_IN_TABLE).iterrows():
        of_pair = runs_of_pair(points[row["point_id"]], row)
        first = of_pair.iloc[0]
        time_ms = row["first_difference_ms"]
        n_spikes = [format_number(row[key]) for key in ("n_spikes_a", "n_spikes_b")]
        found.append(
            Point(
                values=tuple(format_value(first[name]) for name in swept),
                seed=", ".join(dict.fromkeys(str(seed) for seed in of_pair["seed"]))
                if n_draws(row) is None
                else format_count(int(row["n_seeds"]), "seed"),
                pair=pair_label(row),
                verdict=row["verdict"],
                spikes=", ".join(dict.fromkeys(n_spikes)),
                common=format_number(row["n_common"]),
                first=f"{time_ms:g}" if pd.notna(time_ms) else "",
                causes=causes_of(row),
                runs=" ".join(run_id[:8] for run_id in of_pair["run_id"]),
            )
        )
    return found


def groups_of(runs: pd.DataFrame, verdicts: pd.DataFrame, swept: Mapping[str, str]) -> list[Group]:
    """Verdicts on independent draws, the most urgent first, `MOST_LISTED` at most."""
    points = dict(list(runs.groupby("point_id", sort=False)))
    found: list[Group] = []
    for _, row in points_by_urgency(verdicts).iterrows():
        n_seeds = n_draws(row)
        if n_seeds is not None and len(found) < MOST_LISTED:
            where = point_label(points[row["point_id"]].head(1), swept, n_seeds)
            found.append(Group(where, pair_label(row), row["verdict"], row["evidence"]))
    return found


def n_draws(row: Mapping[str, Any]) -> int | None:
    """Number of seeds of a row of `verdicts` about independent draws; None for two runs."""
    return (
        int(row["n_seeds"])
        if has_value(row, "n_seeds") and not has_value(row, "statistics")
        else None
    )


def causes_of(row: Mapping[str, Any]) -> str:
    """Names of the known causes that fit a point; "" if the table has no column `causes`."""
    causes = row.get("causes")
    return "" if causes is None or pd.isna(causes) else str(causes)
