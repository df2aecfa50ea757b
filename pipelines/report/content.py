"""What the report says about one experiment, gathered from its plan, tables and figures."""

from __future__ import annotations

import base64
import json
import shlex
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from pipelines.analysis.selection import finished
from pipelines.errors import BadInput
from pipelines.experiment import describe
from pipelines.figures import style
from pipelines.figures.load import figures_of, load_figure
from pipelines.figures.points import shown
from pipelines.report.matrix import Cell, Evidence, cells_of, evidence_of
from pipelines.sweep import Plan
from pipelines.tables.reader import Tables
from pipelines.validation.verdicts import DIFFERENT, EQUIVALENT, IDENTICAL, UNDECIDED, VERDICTS

MOST_LISTED = 20
"""Failed runs, or points that do not agree, that are listed one by one."""


@dataclass(frozen=True)
class Picture:
    """A figure, ready to be put into a page."""

    name: str
    source: str  # data URI
    alt: str
    caption: str


@dataclass(frozen=True)
class Problem:
    """One run or point that needs a look, and how to make it again."""

    what: str
    where: str
    why: str
    commands: tuple[str, ...]


@dataclass(frozen=True)
class Parameter:
    """A parameter and the values that it takes in a sweep."""

    name: str
    unit: str
    doc: str
    values: str


@dataclass(frozen=True)
class Section:
    """All that the page says about one experiment."""

    name: str
    description: str
    profile: str
    backends: tuple[str, ...]
    seeds: str
    n_planned: int
    n_done: int
    n_failed: int
    n_points: int
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

    @property
    def n_missing(self) -> int:
        """Runs of the plan that are not in the tables."""
        return max(0, self.n_planned - self.n_done - self.n_failed)

    @property
    def n_met(self) -> int:
        """Expectations that hold."""
        return sum(row["passed"] for row in self.expectations)

    @property
    def unmet(self) -> list[dict[str, Any]]:
        """Expectations that do not hold."""
        return [row for row in self.expectations if not row["passed"]]

    @property
    def agrees(self) -> bool:
        """Whether nothing of this experiment needs a look."""
        return not (self.n_failed or self.n_missing or self.unmet or self.n_open)

    @property
    def n_open(self) -> int:
        """Points that are different or undecided."""
        return self.verdicts[DIFFERENT] + self.verdicts[UNDECIDED]

    @property
    def command(self) -> str:
        """Shell command that makes this experiment's results again."""
        asked = f"experiments='[\"{self.name}\"]' profile={self.profile}"
        return f"snakemake --cores 8 --config {asked}"


def section_of(plan: Plan, folder: Path) -> Section:
    """Gather what the report says about one experiment.

    Parameters
    ----------
    plan
        The plan that was carried out.
    folder
        ``results/<experiment>`` with the tables runs, comparisons, verdicts and expectations,
        and the folder `figures`.

    Raises
    ------
    BadInput
        If a table or a figure is missing.
    """
    tables = Tables(folder)
    runs, verdicts = tables.runs, tables.verdicts
    fields = describe(plan.experiment.parameters)
    counts = verdicts["verdict"].value_counts()
    done = finished(runs)
    swept = [n for n in plan.swept if n in runs]
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
        verdicts={v: int(counts.get(v, 0)) for v in VERDICTS},
        expectations=tables.expectations.to_dict("records"),
        failures=_failures(plan, runs, swept),
        disagreements=_disagreements(plan, runs, verdicts, swept),
        swept=[_parameter(fields[n], runs[n].unique()) for n in swept],
        fixed=[_parameter(fields[n], runs[n].unique()) for n in fields if n not in swept],
        pictures=_pictures(plan, folder / "figures"),
        timings=_timings(done),
        versions=_versions(runs),
        cells=cells_of(plan.experiment.name, verdicts, tables.comparisons),
        evidence=evidence_of(plan.experiment.name, tables.comparisons),
    )


def _failures(plan: Plan, runs: pd.DataFrame, swept: list[str]) -> list[Problem]:
    failed = runs[runs["status"] != "done"]
    return [
        Problem(
            what=f"failed on {style.style_of(run['backend']).label}",
            where=_where(run, swept),
            why=run["error"],
            commands=(_command(plan, run),),
        )
        for _, run in failed.head(MOST_LISTED).iterrows()
    ]


def _disagreements(
    plan: Plan, runs: pd.DataFrame, verdicts: pd.DataFrame, swept: list[str]
) -> list[Problem]:
    open_points = verdicts[~verdicts["verdict"].isin([IDENTICAL, EQUIVALENT])].copy()
    # What differs is more urgent than what could not be compared.
    open_points["order"] = (open_points["verdict"] != DIFFERENT).astype(int)
    problems = []
    for _, row in open_points.sort_values("order", kind="stable").head(MOST_LISTED).iterrows():
        of_point = runs[runs["point_id"] == row["point_id"]]
        pair = of_point[of_point["backend"].isin([row["backend_a"], row["backend_b"]])]
        names = [style.style_of(row[key]).label for key in ("backend_a", "backend_b")]
        problems.append(
            Problem(
                what=f"{row['verdict']}: {' and '.join(names)}",
                where=_where(of_point.iloc[0], swept),
                why=row["evidence"],
                commands=tuple(_command(plan, run) for _, run in pair.iterrows()),
            )
        )
    return problems


def _where(run: pd.Series, swept: list[str]) -> str:
    return ", ".join([*(f"{n} = {shown(run[n])}" for n in swept), f"seed {run['seed']}"])


def _command(plan: Plan, run: pd.Series) -> str:
    """Shell command for one run: its profile, and what differs from that profile's values."""
    fields = describe(plan.experiment.parameters)
    usual = {name: field.default for name, field in fields.items()} | dict(plan.sweep.fixed)
    words = ["counterpoint", "run", plan.experiment.name]
    if plan.sweep.profile != "quick":
        words += ["--profile", plan.sweep.profile]
    words += ["--backend", run["backend"]]
    for name in fields:
        if name in run and run[name] != usual[name]:
            words += ["--set", f"{name}={run[name]!s}"]
    return shlex.join([*words, "--seed", str(run["seed"])])


def _parameter(described: Any, values: Iterable[object]) -> Parameter:
    return Parameter(described.name, described.unit or "", described.doc, _values(values))


def _values(values: Iterable[object]) -> str:
    """All of a few values; first, last and number of many."""
    listed = [shown(value) for value in values]
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
        module = load_figure(name, plan.experiment)
        caption = module.CAPTION
        title = getattr(module, "TITLE", name.replace("_", " ").capitalize())
        pictures.append(
            Picture(
                name=title,
                source="data:image/png;base64," + base64.b64encode(path.read_bytes()).decode(),
                alt=f"{title} of {plan.experiment.name}. {caption}",
                caption=caption,
            )
        )
    return pictures


def _timings(done: pd.DataFrame) -> list[dict[str, Any]]:
    """Medians over the finished runs of each backend."""
    rows = []
    for backend in style.in_order(done["backend"]):
        of_backend = done[done["backend"] == backend]
        columns = ("build_s", "simulate_s", "collect_s", "peak_rss_mb")
        medians = {column: float(of_backend[column].median()) for column in columns}
        total = float(of_backend[list(columns[:3])].sum().sum())
        rows.append({"backend": backend, "n": len(of_backend), "total_s": total, **medians})
    return rows


def _versions(runs: pd.DataFrame) -> dict[str, dict[str, str]]:
    """Versions with which the runs of each backend were made; several are listed together."""
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
