"""Sweep points in the report: the table of all points, and verdicts on independent draws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from pipelines.figures.sweep_points import format_value
from pipelines.metrics.known import BUILT_IN, KnownMetrics
from pipelines.report.evidence import pair_label, runs_of_pair
from pipelines.report.evidence_list import Item, evidence_items, is_of_draws
from pipelines.report.formatting import format_count, format_number, has_value, point_label
from pipelines.verdicts.ranking import PAIR, points_by_urgency

MOST_IN_TABLE = 2000
"""Largest number of rows in the table of all points."""

MOST_GROUPS = 20
"""Largest number of independent draws whose evidence is listed."""


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
    """Verdict on all seeds of independent draws, and the evidence for it."""

    where: str
    pair: str
    verdict: str
    items: tuple[Item, ...]


def points_of(runs: pd.DataFrame, verdicts: pd.DataFrame, swept: Mapping[str, str]) -> list[Point]:
    """Rows of the table of all points, the most urgent first, `MOST_IN_TABLE` at most."""
    points = dict(list(runs.groupby("point_id", sort=False)))
    found = []
    for _, row in points_by_urgency(verdicts).head(MOST_IN_TABLE).iterrows():
        of_pair = runs_of_pair(points[row["point_id"]], row)
        first = of_pair.iloc[0]
        time_ms = row["first_difference_ms"]
        n_spikes = [format_number(row[key]) for key in ("n_spikes_a", "n_spikes_b")]
        draws = is_of_draws(row)
        found.append(
            Point(
                values=tuple(format_value(first[name]) for name in swept),
                seed=", ".join(dict.fromkeys(str(seed) for seed in of_pair["seed"]))
                if not draws
                else format_count(int(row["n_seeds"]), "seed"),
                pair=pair_label(row),
                verdict=row["verdict"],
                spikes=", ".join(dict.fromkeys(n_spikes))
                if has_value(row, "n_spikes_a")
                else "no value: no two finished runs",
                # No seed of independent draws belongs to one of the other backend.
                common=format_number(row["n_common"]) if has_value(row, "n_common") else "",
                first=f"{time_ms:g}" if pd.notna(time_ms) and not draws else "",
                causes=causes_of(row),
                runs="" if draws else " ".join(run_id[:8] for run_id in of_pair["run_id"]),
            )
        )
    return found


def groups_of(tables: Any, swept: Mapping[str, str], known: KnownMetrics = BUILT_IN) -> list[Group]:
    """Verdicts on independent draws, the most urgent first, `MOST_GROUPS` at most."""
    points = dict(list(tables.runs.groupby("point_id", sort=False)))
    statistics = dict(list(tables.comparisons.groupby(["point_id", *PAIR], sort=False)))
    found: list[Group] = []
    for _, row in points_by_urgency(tables.verdicts).iterrows():
        if is_of_draws(row) and len(found) < MOST_GROUPS:
            where = point_label(points[row["point_id"]].head(1), swept, int(row["n_seeds"]))
            items = evidence_items(row, statistics.get((row["point_id"], *row[PAIR])), known)
            found.append(Group(where, pair_label(row), row["verdict"], items))
    return found


def causes_of(row: Mapping[str, Any]) -> str:
    """Names of the known causes that fit a point; "" if the table has no column `causes`."""
    causes = row.get("causes")
    return "" if causes is None or pd.isna(causes) else str(causes)
