"""What the report says of each metric: one verdict for an experiment, and the numbers behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from pipelines.analysis.samples import SPIKE_SAMPLES, WEIGHT_SAMPLES
from pipelines.figures import style
from pipelines.validation.margins import COMPARED
from pipelines.validation.verdicts import DIFFERENT, EQUIVALENT, IDENTICAL, UNDECIDED

# From what is most urgent to what needs no look.
_WORST_FIRST = (DIFFERENT, UNDECIDED, EQUIVALENT, IDENTICAL)
SPIKES = "spikes and weights"
"""The column of the verdicts on whole points."""

_SAMPLES = SPIKE_SAMPLES | WEIGHT_SAMPLES


@dataclass(frozen=True)
class Cell:
    """One verdict for many points.

    Attributes
    ----------
    verdict
        The most urgent one.
    n, n_whole
        Points with this verdict, or (in a cell of a metric) points and populations; and all.
    anchor
        Id of the evidence in the page.
    """

    verdict: str
    n: int
    n_whole: int
    anchor: str


@dataclass(frozen=True)
class Evidence:
    """Numbers of one metric of one population, at the point that needs a look the most."""

    anchor: str
    pair: str
    population: str
    metric: str
    meaning: str
    unit: str
    verdict: str
    counts: str
    numbers: dict[str, Any]


def cell_of(verdicts: Sequence[str], anchor: str) -> Cell | None:
    """The cell for some verdicts; None if there are none."""
    listed = list(verdicts)
    for verdict in _WORST_FIRST:
        if verdict in listed:
            return Cell(verdict, listed.count(verdict), len(listed), anchor)
    return None


def cells_of(name: str, verdicts: pd.DataFrame, comparisons: pd.DataFrame) -> dict[str, Cell]:
    """Cells of an experiment by column: whole points first, then every metric that it has.

    Parameters
    ----------
    name
        The experiment's.
    verdicts, comparisons
        Its tables of these names.
    """
    found = {SPIKES: cell_of(verdicts["verdict"], name)}
    for metric in COMPARED:
        of_metric = comparisons[comparisons["metric"] == metric]
        found[metric] = cell_of(of_metric["verdict"], anchor_of(name, metric))
    return {column: cell for column, cell in found.items() if cell is not None}


def anchor_of(name: str, metric: str) -> str:
    """Id of the first row of evidence on a metric of an experiment."""
    return f"{name}-{metric}"


def evidence_of(name: str, comparisons: pd.DataFrame) -> list[Evidence]:
    """Evidence on every metric of an experiment, in the order of the matrix's columns."""
    order = {verdict: k for k, verdict in enumerate(_WORST_FIRST)}
    seen: set[str] = set()
    found = []
    ranked = comparisons.assign(
        urgency=comparisons["verdict"].map(order),
        place=comparisons["metric"].map({metric: k for k, metric in enumerate(COMPARED)}),
    )
    keys = ["place", "backend_a", "backend_b", "population"]
    for (_, a, b, population), rows in ranked.groupby(keys, sort=True):
        worst = rows.sort_values(
            ["urgency", "p_value", "distance"], ascending=[True, True, False], kind="stable"
        ).iloc[0]
        metric = str(worst["metric"])
        unit, meaning = _SAMPLES[metric]
        anchor = anchor_of(name, metric)
        found.append(
            Evidence(
                anchor="" if anchor in seen else anchor,
                pair=" and ".join(style.style_of(str(backend)).label for backend in (a, b)),
                population=str(population),
                metric=metric,
                meaning=meaning,
                unit=unit,
                verdict=str(worst["verdict"]),
                counts=_counts(rows["verdict"]),
                numbers=worst.to_dict(),
            )
        )
        seen.add(anchor)
    return found


def _counts(verdicts: pd.Series) -> str:
    listed = verdicts.tolist()
    said = [(verdict, listed.count(verdict)) for verdict in _WORST_FIRST]
    return ", ".join(f"{n:,} {verdict}" for verdict, n in said if n)
