"""Matrix of the report: one verdict per experiment and metric, linked to its evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from pipelines.metrics.known import in_table_order
from pipelines.metrics.labels import metric_label
from pipelines.metrics.metric import POPULATION, PROJECTION, SIGNAL, Metric
from pipelines.report.evidence import Evidence
from pipelines.sweep.model import Record
from pipelines.verdicts.ranking import WORST_FIRST
from pipelines.verdicts.verdict_names import EQUIVALENT, IDENTICAL, UNDECIDED

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


def why_no_value(metric: Metric | None, record: Record) -> str:
    """Why an experiment has no verdict on a metric, in a few words.

    Parameters
    ----------
    metric
        The metric; None if it is not one of the experiment's.
    record
        What the sweep records.
    """
    if metric is None:
        return "not one of its metrics"
    if metric.of == POPULATION:
        has_spikes = any(one.spikes for one in record.populations.values())
        return "too few spikes or neurons" if has_spikes else "no spikes recorded"
    if metric.of == PROJECTION:
        return "no run has one" if record.readings else "no weights recorded"
    if metric.of == SIGNAL:
        has_signals = any(one.signals for one in record.populations.values())
        return "no run has one" if has_signals else "no signals recorded"
    return "no run has one"


def why_mixed(cells: Mapping[str, Cell], *, draws: bool) -> list[str]:
    """Why the cells of one row of the matrix have different verdicts, a sentence a verdict.

    Parameters
    ----------
    cells
        Cells of an experiment by column.
    draws
        Whether its runs are independent draws.
    """
    if len({cell.verdict for cell in cells.values()}) < 2 or SPIKES not in cells:
        return []
    whole = cells[SPIKES].verdict
    said = []
    for verdict in WORST_FIRST:
        names = [metric_label(c) for c, cell in cells.items() if cell.verdict == verdict]
        names = [name for name in names if name != SPIKES]
        if names and verdict != whole:
            said.append(f"{', '.join(names)}: {verdict}, because {_because(verdict, whole, draws)}")
    return said


def _because(verdict: str, whole: str, draws: bool) -> str:
    if verdict == IDENTICAL:
        if whole == UNDECIDED:
            return "it is the same wherever both backends have a value; other points have none"
        return "its values are the same in both runs, although others of what was compared differ"
    if verdict == EQUIVALENT:
        return "over all seeds it is the same within its margin"
    if verdict == UNDECIDED:
        if draws:
            return "so many seeds do not tell whether it is the same within its margin"
        return (
            "its values differ, and there are too few seeds to tell whether by more than seeds"
            " alone would make them"
        )
    return "it differs by more than its margin and more than seeds explain, at some point"
