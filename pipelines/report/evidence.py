"""Evidence for each cell of the matrix: picture, numbers and commands that reproduce the runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from pipelines.figures import style
from pipelines.figures.evidence_files import INDEX, EvidenceImage, read_index
from pipelines.metrics.known import known_metrics
from pipelines.report.evidence_list import Item, evidence_items
from pipelines.report.explanations import explain_verdict
from pipelines.report.formatting import (
    anchor,
    commands,
    format_counts,
    point_label,
    sweep_command,
)
from pipelines.report.images import Image, image_of
from pipelines.sweep import Plan
from pipelines.verdicts.ranking import PAIR, count_verdicts, most_urgent


@dataclass(frozen=True)
class Evidence:
    """Comparison of one metric of one population, at the point with the most urgent verdict.

    Attributes
    ----------
    anchor
        HTML id in the page.
    pair
        Labels of the two backends.
    population, metric
        Names of the population and of the metric.
    meaning, unit
        Meaning and unit of the metric.
    verdict
        Verdict at this point.
    counts
        Number of points with each verdict, as text.
    explanation
        What the numbers mean, in a sentence.
    where
        Swept values and seeds of the point.
    row
        Row of the table `comparisons`.
    image
        Picture of the distributions, if drawn.
    commands
        Shell commands that reproduce the two runs and compare them; of independent draws, the
        runs of all seeds.
    """

    anchor: str
    pair: str
    population: str
    metric: str
    meaning: str
    unit: str
    verdict: str
    counts: str
    explanation: str
    where: str
    row: Mapping[str, Any]
    image: Image | None
    commands: tuple[str, ...]


@dataclass(frozen=True)
class Raster:
    """Raster of a sweep point on two backends."""

    anchor: str
    where: str
    verdict: str
    items: tuple[Item, ...]
    image: Image
    commands: tuple[str, ...]


class EvidenceImages:
    """Pictures in the evidence folder of an experiment.

    Parameters
    ----------
    path
        The folder.
    page_folder
        Folder of the page that links to the files.
    optional
        Whether the folder may be missing, as where `counterpoint sweep` made the tables alone.
    """

    def __init__(
        self, path: Path, page_folder: Path | None = None, *, optional: bool = False
    ) -> None:
        self._path, self._page_folder = path, page_folder
        self.drawn = [] if optional and not (path / INDEX).is_file() else read_index(path)
        self._by_key = {self._key(vars(one)): one for one in self.drawn}

    def image_of_row(self, row: Mapping[str, Any]) -> Image | None:
        """Picture of a row of `comparisons`; None if it was not drawn."""
        drawn = self._by_key.get(self._key(row))
        return None if drawn is None else self.image(drawn)

    def rasters(self) -> list[EvidenceImage]:
        """Index entries of the rasters."""
        return [one for one in self.drawn if not one.metric]

    def image(self, drawn: EvidenceImage) -> Image:
        """Read a picture with its alternative text."""
        return image_of(self._path / drawn.file, drawn.alt, self._page_folder)

    @staticmethod
    def _key(row: Mapping[str, Any]) -> tuple[str, ...]:
        return tuple(str(row[key]) for key in ("point_id", *PAIR, "population", "metric"))


def evidence_of(
    plan: Plan,
    tables: Any,
    swept: Mapping[str, str],
    folder: EvidenceImages,
    results: str = "results",
) -> list[Evidence]:
    """Evidence on every metric of an experiment, in the order of the matrix's columns.

    Parameters
    ----------
    plan
        Plan of the runs.
    tables
        Tables of the experiment, of which runs, comparisons and verdicts are read.
    swept
        Units of the swept parameters, by name.
    folder
        Pictures of the evidence.
    results
        Path of the folder of all results, as written in shell commands.

    Returns
    -------
    list of Evidence
        One entry for each metric, population and pair of backends.
    """
    comparisons, known = tables.comparisons, known_metrics(plan.experiment)
    verdicts = {
        key: rows["verdict"]
        for key, rows in comparisons.groupby([*PAIR, "population", "metric"], sort=False)
    }
    points = dict(list(tables.runs.groupby("point_id", sort=False)))
    many_pairs = len(comparisons.drop_duplicates(PAIR)) > 1
    found: list[Evidence] = []
    for _, row in most_urgent(comparisons, tables.verdicts).iterrows():
        key = tuple(row[[*PAIR, "population", "metric"]])
        runs = runs_of_pair(points[row["point_id"]], row)
        metric = known[row["metric"]]
        names = [plan.experiment.name, row["metric"], row["population"]]
        n_draws = _n_draws(runs, row)
        found.append(
            Evidence(
                anchor=anchor(
                    {one.anchor for one in found}, *names, *(row[PAIR] if many_pairs else ())
                ),
                pair=pair_label(row),
                population=row["population"],
                metric=row["metric"],
                meaning=metric.meaning,
                unit="" if metric.unit == "1" else metric.unit,
                verdict=row["verdict"],
                counts=format_counts(count_verdicts(verdicts[key])),
                explanation=explain_verdict(row),
                where=point_label(runs, swept, n_draws),
                row=row.to_dict(),
                image=folder.image_of_row(row),
                commands=commands(plan, runs, results)
                if n_draws is None
                else (sweep_command(plan, results),),
            )
        )
    return found


def _n_draws(runs: pd.DataFrame, row: Mapping[str, Any]) -> int | None:
    """Number of runs of each backend if they are independent draws."""
    return int(min(row["n_a"], row["n_b"])) if runs["seed"].nunique() > 1 else None


def rasters_of(
    plan: Plan,
    tables: Any,
    swept: Mapping[str, str],
    folder: EvidenceImages,
    results: str = "results",
) -> list[Raster]:
    """Rasters of the points with the most urgent verdicts; parameters as of `evidence_of`."""
    verdicts = tables.verdicts.set_index(["point_id", *PAIR])
    points = dict(list(tables.runs.groupby("point_id", sort=False)))
    found = []
    for drawn in folder.rasters():
        row = verdicts.loc[(drawn.point_id, drawn.backend_a, drawn.backend_b)]
        runs = runs_of_pair(points[drawn.point_id], vars(drawn))
        found.append(
            Raster(
                anchor=raster_anchor(plan.experiment.name, vars(drawn)),
                where=point_label(runs, swept),
                verdict=row["verdict"],
                items=evidence_items(row),
                image=folder.image(drawn),
                commands=commands(plan, runs, results),
            )
        )
    return found


def raster_anchor(name: str, row: Mapping[str, Any]) -> str:
    """HTML id of the raster of a sweep point; `row` names the point and the backends."""
    return anchor((), name, "raster", *(str(row[key]) for key in ("point_id", *PAIR)))


def runs_of_pair(of_point: pd.DataFrame, row: Mapping[str, Any]) -> pd.DataFrame:
    """Runs of a point on the two backends of a row, in this order."""
    backends = [str(row[key]) for key in PAIR]
    rows = of_point[of_point["backend"].isin(backends)]
    return rows.sort_values("backend", key=lambda column: column.map(backends.index))


def pair_label(row: Mapping[str, Any]) -> str:
    """Labels of the two backends of a row, joined by "and"."""
    return " and ".join(style.style_of(str(row[key])).label for key in PAIR)
