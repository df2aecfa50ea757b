"""Section of the report about one experiment, from its plan, tables and figures."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from pipelines.errors import BadInput, UnusableCode
from pipelines.experiment import describe
from pipelines.figures import style
from pipelines.figures.gallery import figures_of, load_figure
from pipelines.figures.sweep_points import format_value
from pipelines.metrics.selection import finished
from pipelines.report.evidence import (
    Evidence,
    EvidenceImages,
    Raster,
    evidence_of,
    known_causes,
    rasters_of,
)
from pipelines.report.formatting import format_counts
from pipelines.report.images import Image, image_of
from pipelines.report.matrix import Cell, cells_of
from pipelines.report.sweep_points import (
    Group,
    Point,
    Problem,
    disagreements_of,
    failures_of,
    groups_of,
    points_of,
)
from pipelines.sweep import Plan
from pipelines.tables.error_files import PartError, read_errors
from pipelines.tables.reader import Tables
from pipelines.verdicts.ranking import WORST_FIRST
from pipelines.verdicts.verdict_names import DIFFERENT, UNDECIDED, VERDICTS


@dataclass(frozen=True)
class Picture:
    """A figure of an experiment with its title and caption."""

    name: str
    image: Image
    caption: str


@dataclass(frozen=True)
class Parameter:
    """A parameter of an experiment and its values in a sweep."""

    name: str
    unit: str
    doc: str
    values: str


@dataclass(frozen=True)
class Section:
    """Content of the section about one experiment."""

    name: str
    description: str
    profile: str
    backends: tuple[str, ...]
    seeds: str
    n_planned: int
    n_done: int
    n_failed: int
    n_points: int
    independent: bool
    verdicts: dict[str, int]
    expectations: list[dict[str, Any]]
    failures: list[Problem]
    disagreements: list[Problem]
    swept: list[Parameter]
    fixed: list[Parameter]
    pictures: list[Picture]
    timings: list[dict[str, Any]]
    versions: dict[str, dict[str, str]] = field(default_factory=dict)
    cells: dict[str, Cell] = field(default_factory=dict)
    evidence: list[Evidence] = field(default_factory=list)
    rasters: list[Raster] = field(default_factory=list)
    points: list[Point] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    causes: list[tuple[str, int]] = field(default_factory=list)
    errors: list[PartError] = field(default_factory=list)

    @property
    def n_missing(self) -> int:
        """Number of planned runs that are missing in the tables."""
        return max(0, self.n_planned - self.n_done - self.n_failed)

    @property
    def n_met(self) -> int:
        """Number of expectations that are met."""
        return sum(row["passed"] for row in self.expectations)

    @property
    def unmet(self) -> list[dict[str, Any]]:
        """Rows of the expectations that are not met."""
        return [row for row in self.expectations if not row["passed"]]

    @property
    def agrees(self) -> bool:
        """Whether all runs are done, nothing failed, all expectations met and no point open."""
        failed = self.n_failed or self.n_missing or self.errors
        return not (failed or self.unmet or self.n_open)

    @property
    def n_open(self) -> int:
        """Number of comparisons whose verdict is different or undecided."""
        return self.verdicts[DIFFERENT] + self.verdicts[UNDECIDED]

    @property
    def n_compared(self) -> int:
        """Number of comparisons: sweep points times pairs of backends."""
        return sum(self.verdicts.values())

    @property
    def verdict_counts(self) -> str:
        """Number of points with each verdict, the most urgent first."""
        return format_counts({v: self.verdicts[v] for v in WORST_FIRST if self.verdicts[v]})

    @property
    def many_pairs(self) -> bool:
        """Whether more than two backends were compared."""
        return len({point.pair for point in self.points}) > 1

    @property
    def command(self) -> str:
        """Shell command that reproduces the results of this experiment."""
        asked = f"experiments='[\"{self.name}\"]' profile={self.profile}"
        return f"snakemake --cores 8 --config {asked}"


def section_of(plan: Plan, folder: Path, results: str = "results") -> Section:
    """Gather the content of the section about one experiment.

    Parameters
    ----------
    plan
        Plan of the runs.
    folder
        Folder ``results/<experiment>`` with the tables runs, comparisons, verdicts and
        expectations, and the folders `figures` and `evidence`.
    results
        Path of the folder of all results, as written in shell commands.

    Returns
    -------
    Section
        The content.

    Raises
    ------
    BadInput
        If a table, a figure or the evidence is missing.
    """
    tables = Tables(folder)
    runs, verdicts = tables.runs, tables.verdicts
    fields = describe(plan.experiment.parameters)
    found = verdicts["verdict"].value_counts()
    done = finished(runs)
    swept = {n: fields[n].unit or "" for n in plan.swept if n in runs}
    pictures = EvidenceImages(folder / "evidence")
    evidence = evidence_of(plan, tables, swept, pictures, results)
    rasters = rasters_of(plan, tables, swept, pictures, results)
    anchors = {raster.anchor for raster in rasters}
    return Section(
        name=plan.experiment.name,
        description=plan.sweep.description,
        profile=plan.sweep.profile,
        backends=tuple(style.in_order(plan.sweep.backends)),
        seeds=_values(plan.sweep.seeds),
        n_planned=len(plan.runs),
        n_done=len(done),
        n_failed=len(runs) - len(done),
        n_points=runs["point_id"].nunique(),
        independent=plan.sweep.independent,
        verdicts={v: int(found.get(v, 0)) for v in VERDICTS},
        expectations=tables.expectations.to_dict("records"),
        failures=failures_of(plan, runs, swept),
        disagreements=disagreements_of(plan, runs, verdicts, swept, anchors, results),
        swept=[_parameter(fields[n], runs[n].unique()) for n in swept],
        fixed=[_parameter(fields[n], runs[n].unique()) for n in fields if n not in swept],
        pictures=_pictures(plan, folder / "figures"),
        errors=_errors(plan, folder / "errors"),
        timings=_timings(done),
        versions=_versions(runs),
        cells=cells_of(plan.experiment.name, verdicts, tables.comparisons, evidence),
        evidence=evidence,
        rasters=rasters,
        points=points_of(runs, verdicts, swept),
        groups=groups_of(runs, verdicts, swept),
        causes=known_causes(verdicts),
    )


def _parameter(described: Any, values: Iterable[object]) -> Parameter:
    return Parameter(described.name, described.unit or "", described.doc, _values(values))


def _values(values: Iterable[object]) -> str:
    """Up to eight values as text; of more, the first three, the last and their number."""
    listed = [format_value(value) for value in values]
    if len(listed) <= 8:
        return ", ".join(listed)
    few = [*listed[:3], "\N{HORIZONTAL ELLIPSIS}", listed[-1]]
    return f"{', '.join(few)} ({len(listed)} values)"


def _pictures(plan: Plan, folder: Path) -> list[Picture]:
    pictures = []
    for name in figures_of(plan.experiment, plan.sweep.figures):
        path = folder / f"{name}.png"
        if not path.is_file():
            raise BadInput(str(path), "this figure has not been drawn")
        title, caption = name.replace("_", " ").capitalize(), "It could not be drawn."
        try:
            module = load_figure(name, plan.experiment)
            title, caption = getattr(module, "TITLE", title), module.CAPTION
        except UnusableCode:
            # The picture says why.
            pass
        pictures.append(
            Picture(
                name=title,
                image=image_of(path, f"{title} of {plan.experiment.name}. {caption}"),
                caption=caption,
            )
        )
    return pictures


def _errors(plan: Plan, folder: Path) -> list[PartError]:
    """Errors of metrics and figures; that of an expectation is one of its checks."""
    figures = (f"figures/{name}" for name in figures_of(plan.experiment, plan.sweep.figures))
    return [
        error for part in ("metrics", *figures) for error in read_errors(folder / f"{part}.json")
    ]


def _timings(done: pd.DataFrame) -> list[dict[str, Any]]:
    """Median times (s) and peak memory (MB) over the finished runs of each backend."""
    rows = []
    for backend in style.in_order(done["backend"]):
        of_backend = done[done["backend"] == backend]
        columns = ("build_s", "simulate_s", "collect_s", "peak_rss_mb")
        medians = {column: float(of_backend[column].median()) for column in columns}
        total = float(of_backend[list(columns[:3])].sum().sum())
        rows.append({"backend": backend, "n": len(of_backend), "total_s": total, **medians})
    return rows


def _versions(runs: pd.DataFrame) -> dict[str, dict[str, str]]:
    """Package versions by backend; several versions of a package are joined by commas."""
    found: dict[str, dict[str, str]] = {}
    for backend in style.in_order(runs["backend"]):
        merged: dict[str, list[str]] = {}
        for text in runs.loc[runs["backend"] == backend, "versions"].unique():
            for name, version in json.loads(text or "{}").items():
                merged.setdefault(name, [])
                if version not in merged[name]:
                    merged[name].append(version)
        found[backend] = {name: ", ".join(versions) for name, versions in merged.items()}
    return found
