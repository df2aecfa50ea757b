"""The matrix of the report: for every metric of an experiment one verdict, and a way to why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from pipelines.metrics.known import in_order
from pipelines.report.evidence import Evidence
from pipelines.verdicts.ranking import WORST_FIRST

SPIKES = "spikes and weights"
"""The column of the verdicts on whole points."""


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


def cell_of(verdicts: Sequence[str], anchor: str) -> Cell | None:
    """The cell for some verdicts; None if there are none."""
    listed = list(verdicts)
    for verdict in WORST_FIRST:
        if verdict in listed:
            return Cell(verdict, listed.count(verdict), len(listed), anchor)
    return None


def cells_of(
    name: str, verdicts: pd.DataFrame, comparisons: pd.DataFrame, evidence: Sequence[Evidence]
) -> dict[str, Cell]:
    """Cells of an experiment by column: whole points first, then every metric that it has.

    Parameters
    ----------
    name
        The experiment's.
    verdicts, comparisons
        Its tables of these names.
    evidence
        On each metric; a cell leads to the population that needs a look the most.
    """
    found = {SPIKES: cell_of(verdicts["verdict"], points_anchor(name))}
    for metric in in_order(list(comparisons["metric"])):
        of_metric = comparisons[comparisons["metric"] == metric]
        ranked = sorted(
            (one for one in evidence if one.metric == metric),
            key=lambda one: WORST_FIRST.index(one.verdict),
        )
        found[metric] = cell_of(of_metric["verdict"], ranked[0].anchor if ranked else name)
    return {column: cell for column, cell in found.items() if cell is not None}


def points_anchor(name: str) -> str:
    """Id of what the page says about whole points of an experiment."""
    return f"{name}-points"
