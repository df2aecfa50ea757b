"""Matrix of the report: one verdict per experiment and metric, linked to its evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from pipelines.metrics.known import in_table_order
from pipelines.report.evidence import Evidence
from pipelines.verdicts.ranking import WORST_FIRST

SPIKES = "spikes and weights"
"""Name of the column with the verdicts on whole sweep points."""


@dataclass(frozen=True)
class Cell:
    """Cell of the matrix: the most urgent verdict of many points.

    Attributes
    ----------
    verdict
        The most urgent verdict.
    n, n_whole
        Number of points (in a cell of a metric: of points and populations) with this verdict,
        and of all.
    anchor
        HTML id of the evidence in the page.
    """

    verdict: str
    n: int
    n_whole: int
    anchor: str


def cell_of(verdicts: Sequence[str], anchor: str) -> Cell | None:
    """Cell for a sequence of verdicts; None if it is empty."""
    listed = list(verdicts)
    for verdict in WORST_FIRST:
        if verdict in listed:
            return Cell(verdict, listed.count(verdict), len(listed), anchor)
    return None


def cells_of(
    name: str, verdicts: pd.DataFrame, comparisons: pd.DataFrame, evidence: Sequence[Evidence]
) -> dict[str, Cell]:
    """Cells of an experiment by column: whole points first, then its metrics.

    Parameters
    ----------
    name
        Name of the experiment.
    verdicts, comparisons
        Tables of these names.
    evidence
        Evidence of the experiment; a cell links to the population with the most urgent verdict.

    Returns
    -------
    dict
        Cells by name of the column; columns without a verdict are left out.
    """
    found = {SPIKES: cell_of(verdicts["verdict"], points_anchor(name))}
    for metric in in_table_order(list(comparisons["metric"])):
        of_metric = comparisons[comparisons["metric"] == metric]
        ranked = sorted(
            (one for one in evidence if one.metric == metric),
            key=lambda one: WORST_FIRST.index(one.verdict),
        )
        found[metric] = cell_of(of_metric["verdict"], ranked[0].anchor if ranked else name)
    return {column: cell for column, cell in found.items() if cell is not None}


def points_anchor(name: str) -> str:
    """HTML id of the table of all points of an experiment."""
    return f"{name}-points"
