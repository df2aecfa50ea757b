"""Section of the report about one experiment, from its plan, tables and figures."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipelines.experiment import describe
from pipelines.figures import style
from pipelines.figures.sweep_points import format_value
from pipelines.metrics.known import known_metrics
from pipelines.metrics.selection import finished
from pipelines.report.evidence import Evidence, EvidenceImages, Raster, evidence_of, rasters_of
from pipelines.report.evidence_list import is_of_draws
from pipelines.report.explanations import known_causes
from pipelines.report.findings import Finding, failures_of, findings_of
from pipelines.report.formatting import format_counts, has_value, sweep_command
from pipelines.report.hardware import HardwareSection, hardware_of
from pipelines.report.matrix import SPIKES, Cell, cells_of, why_mixed, why_no_value
from pipelines.report.origin import Origin
from pipelines.report.pictures import Picture, errors_of, pictures_of
from pipelines.report.sweep_points import Group, Point, groups_of, points_of
from pipelines.report.timings import timings_of, versions_of
from pipelines.sweep import Plan
from pipelines.sweep.model import Record
from pipelines.tables.error_files import PartError
from pipelines.tables.reader import Tables
from pipelines.tables.schemas import FAILED, UNFIT
from pipelines.verdicts.ranking import WORST_FIRST
from pipelines.verdicts.verdict_names import DIFFERENT, UNDECIDED, VERDICTS


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
    failures: list[Finding]
    differences: list[Finding]
    undecided: list[Finding]
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
    # What the sweep records, and why metrics of the built-in ones have no verdict, by name.
    recorded: tuple[str, ...] = ()
    no_values: dict[str, str] = field(default_factory=dict)
    why_mixed: list[str] = field(default_factory=list)
    command: str = ""
    origin: Origin = field(default_factory=Origin)
    errors: list[PartError] = field(default_factory=list)
    hardware: HardwareSection | None = None
    n_unfit: int = 0

    @property
    def n_missing(self) -> int:
        """Number of planned runs that are missing in the tables."""
        return max(0, self.n_planned - self.n_done - self.n_failed - self.n_unfit)

    @property
    def n_met(self) -> int:
        """Number of expectations that are met."""
        return sum(row["passed"] for row in self.expectations)

    @property
    def unmet(self) -> list[dict[str, Any]]:
        """Rows of the expectations that are not met."""
        return [row for row in self.expectations if not row["passed"]]

    @property
    def n_different(self) -> int:
        """Number of comparisons whose verdict is different."""
        return self.verdicts[DIFFERENT]

    @property
    def n_undecided(self) -> int:
        """Number of comparisons whose verdict is undecided."""
        return self.verdicts[UNDECIDED]

    @property
    def has_problems(self) -> bool:
        """Whether anything failed or is missing, an expectation is not met, or backends differ."""
        failed = self.n_failed or self.n_missing or self.errors
        return bool(failed or self.unmet or self.n_different)

    @property
    def agrees(self) -> bool:
        """Whether all runs are done, all expectations met, and every point agrees."""
        return not (self.has_problems or self.n_undecided)

    @property
    def outcome(self) -> tuple[str, str]:
        """The result of the experiment in a word, and its kind: good, open or bad."""
        if self.n_different:
            return "bad", "differs"
        if self.unmet:
            return "bad", "expectation not met"
        if self.n_failed or self.n_missing:
            return "bad", "runs failed" if self.n_failed else "runs missing"
        if self.errors:
            return "bad", "code failed"
        if self.n_undecided:
            return "open", "undecided"
        return "good", "agrees" if self.n_compared else "done"

    @property
    def statistics_shown(self) -> list[str]:
        """Columns of statistics over seeds that have a value in any row of the evidence."""
        columns = ("seed_floor", "p_value", "difference", "margin")
        return [c for c in columns if any(has_value(one.row, c) for one in self.evidence)]

    def why_no_value(self, column: str) -> str:
        """Why there is no cell in a column of the matrix."""
        if column == SPIKES:
            return "nothing to compare"
        return self.no_values.get(column, "not one of its metrics")

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


def section_of(
    plan: Plan, folder: Path, results: str = "results", origin: Origin | None = None
) -> Section:
    """Gather the content of the section about one experiment.

    Parameters
    ----------
    plan
        Plan of the runs.
    folder
        Folder ``results/<experiment>`` with the tables runs, comparisons, verdicts and
        expectations, and the folders `figures` and `evidence`.
    results
        Path of the folder of all results, as written in shell commands; the page, which links to
        figures, is in the folder above `folder`.
    origin
        When the tables were made. Figures and evidence of an earlier call may be missing.

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
    axes = plan.axes
    swept = {n: axes[n].unit or "" for n in plan.swept if n in runs}
    origin = origin or Origin()
    known = known_metrics(plan.experiment)
    pictures = EvidenceImages(folder / "evidence", folder.parent, optional=origin.is_older)
    evidence = evidence_of(plan, tables, swept, pictures, results)
    rasters = rasters_of(plan, tables, swept, pictures, results)
    anchors = {raster.anchor for raster in rasters}
    rows = verdicts.to_dict("records")
    draws = plan.sweep.independent or (bool(rows) and all(map(is_of_draws, rows)))
    cells = cells_of(plan.experiment.name, verdicts, tables.comparisons, evidence)
    different, undecided = (
        findings_of(plan, tables, verdict, swept, anchors, results, known)
        for verdict in (DIFFERENT, UNDECIDED)
    )
    return Section(
        name=plan.experiment.name,
        description=plan.sweep.description,
        profile=plan.sweep.profile,
        backends=tuple(style.in_order(plan.sweep.backends)),
        seeds=_values(plan.sweep.seeds),
        n_planned=len(plan.runs),
        n_done=len(done),
        n_failed=int((runs["status"] == FAILED).sum()),
        n_unfit=int((runs["status"] == UNFIT).sum()),
        n_points=runs["point_id"].nunique(),
        independent=draws,
        verdicts={v: int(found.get(v, 0)) for v in VERDICTS},
        expectations=tables.expectations.to_dict("records"),
        failures=failures_of(plan, runs, swept, results),
        differences=different,
        undecided=undecided,
        swept=[_parameter(axes[n], runs[n].unique()) for n in swept],
        fixed=[_parameter(fields[n], runs[n].unique()) for n in fields if n not in swept],
        pictures=pictures_of(plan, folder / "figures", optional=origin.is_older),
        timings=timings_of(done),
        versions=versions_of(runs),
        cells=cells,
        errors=errors_of(plan, folder / "errors"),
        evidence=evidence,
        rasters=rasters,
        points=points_of(runs, verdicts, swept),
        groups=groups_of(tables, swept, known),
        causes=known_causes(verdicts),
        recorded=recorded_in_words(plan.sweep.record),
        no_values={
            name: why_no_value(metric, plan.sweep.record)
            for name, metric in known.compared.items()
            if name not in cells
        },
        why_mixed=why_mixed(cells, draws=draws),
        command=sweep_command(plan, results),
        origin=origin,
        hardware=hardware_of(plan, tables, swept),
    )


def recorded_in_words(record: Record) -> tuple[str, ...]:
    """What a sweep records, and so can be compared: spikes, signals and weights, in words."""
    populations = record.populations
    spikes = [name for name, one in populations.items() if one.spikes]
    signals = [
        f"{', '.join(one.signals)} of {name}" for name, one in populations.items() if one.signals
    ]
    weights = list(record.readings)
    return tuple(
        f"{kind} of {', '.join(names)}" if kind != "signals" else f"signals: {', '.join(names)}"
        for kind, names in (("spikes", spikes), ("weights", weights), ("signals", signals))
        if names
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
