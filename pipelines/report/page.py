"""Write the report: runs, verdicts, evidence, figures and versions in one HTML page."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

import jinja2
import pandas as pd

from pipelines import __version__
from pipelines.atomic import write_bytes
from pipelines.errors import CounterpointError
from pipelines.figures import style
from pipelines.metrics.known import in_table_order
from pipelines.metrics.labels import metric_label
from pipelines.report.conformance import Conformance, conformance_of
from pipelines.report.content import Section, section_of
from pipelines.report.explanations import why_no_value
from pipelines.report.findings import MOST_LISTED
from pipelines.report.formatting import format_count, format_number
from pipelines.report.hardware import MOST_LISTED as MOST_ON_HARDWARE
from pipelines.report.matrix import SPIKES, points_anchor
from pipelines.report.origin import LeftOut, Origin, check_complete, date_of, why_stale
from pipelines.report.support import SupportMatrix, support_of
from pipelines.sweep import Plan
from pipelines.sweep.plan_file import plan_path, read_plan
from pipelines.verdicts.verdict_names import EQUIVALENT
from pipelines.versions import of_stack


def write_report(
    page: Path | str,
    results: Path | str,
    plans: Sequence[Plan],
    conformance: bool = True,
    older: Sequence[str] = (),
) -> Path:
    """Write the report on some experiments, with those of earlier calls after them.

    Parameters
    ----------
    page
        Path of the HTML file.
    results
        Folder that holds ``<experiment>/{runs,comparisons,verdicts,expectations}.parquet`` and
        ``<experiment>/figures/*.png`` and ``<experiment>/evidence``, and ``conformance.parquet``
        and ``support.parquet`` if the suite was run.
    plans
        Plans of the experiments, in the order of the page.
    conformance
        Whether to include the outcomes of the conformance suite, if there are any.
    older
        Names of further experiments that have results in the folder, from earlier calls. What is
        stale is marked; what is incomplete or damaged is left out, and named with the reason.

    Returns
    -------
    Path
        Path of the file.

    Raises
    ------
    BadInput
        If a table, a figure or the evidence is missing.
    """
    sections, left_out = [], []
    for plan in plans:
        folder = Path(results) / plan.experiment.name
        sections.append(section_of(plan, folder, str(results), Origin(date_of(folder))))
    for name in older:
        try:
            sections.append(_older_section(name, Path(results)))
        except CounterpointError as error:
            left_out.append(LeftOut(name, str(error)))
    used = {backend for section in sections for backend in section.backends}
    outcomes = conformance_of(Path(results), used) if conformance else None
    support = support_of(Path(results), used) if conformance else None
    page = Path(page)
    page.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(page, render(sections, outcomes, support, left_out).encode())
    return page


def _older_section(name: str, results: Path) -> Section:
    plan = read_plan(plan_path(results, name))
    folder = results / name
    check_complete(plan, folder)
    origin = Origin(date_of(folder), is_older=True, stale=why_stale(plan))
    return section_of(plan, folder, str(results), origin)


def render(
    sections: Sequence[Section],
    conformance: Conformance | None = None,
    support: SupportMatrix | None = None,
    left_out: Sequence[LeftOut] = (),
) -> str:
    """Render the report as HTML that needs no other file; it links to those of the figures.

    Parameters
    ----------
    sections
        Sections of the experiments, in the order of the page.
    conformance, support
        Outcomes of the conformance suite and the support matrix, if available.
    left_out
        Experiments of earlier calls that cannot be shown.

    Returns
    -------
    str
        The HTML page.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = format_number
    environment.filters["why_no_value"] = why_no_value
    environment.filters["metric"] = metric_label
    environment.filters["initial"] = lambda text: text[:1].upper() + text[1:]
    environment.filters["count"] = format_count
    environment.filters["points_anchor"] = points_anchor
    environment.filters["quoted"] = shlex.quote
    environment.filters["backend"] = lambda name: " and ".join(
        style.style_of(part).label for part in str(name).split(" and ")
    )
    template = environment.get_template("template.html.j2")
    return template.render(
        sections=sections,
        lead=lead(sections),
        has_problems=any(section.has_problems for section in sections)
        or bool(conformance and conformance.unexpected)
        or bool(support and support.unexpected),
        n_undecided=sum(section.n_undecided for section in sections),
        left_out=left_out,
        age=age(sections),
        conformance=conformance,
        support=support,
        n_equivalent=sum(section.verdicts[EQUIVALENT] for section in sections),
        stack=of_stack(),
        version=__version__,
        most_listed=MOST_LISTED,
        most_on_hardware=MOST_ON_HARDWARE,
        columns=_columns(sections),
    )


def _columns(sections: Sequence[Section]) -> list[str]:
    """Names of the matrix columns with at least one cell: whole points, then metrics."""
    found = [column for section in sections for column in section.cells]
    return [SPIKES] * (SPIKES in found) + in_table_order([name for name in found if name != SPIKES])


def age(sections: Sequence[Section]) -> str:
    """How many experiments are of this call, and how many of earlier ones, in a sentence."""
    older = [section for section in sections if section.origin.is_older]
    if not older:
        return ""
    stale = sum(bool(section.origin.stale) for section in older)
    text = f"{len(sections) - len(older)} of them of this call, {len(older)} of earlier calls"
    return f"{text}, {stale} of which would be made otherwise today." if stale else f"{text}."


def lead(sections: Sequence[Section]) -> str:
    """Summary of the runs and their verdicts in one or two sentences."""
    planned = sum(s.n_planned for s in sections)
    done = sum(s.n_done for s in sections)
    backends = [style.style_of(b).label for b in style.in_order(
        {b for s in sections for b in s.backends})]  # fmt: skip
    checks = sum(len(s.expectations) for s in sections)
    met = sum(s.n_met for s in sections)
    verdicts = pd.DataFrame([s.verdicts for s in sections]).sum()
    pairs = int(verdicts.sum())
    on = " and ".join(backends)
    text = f"{_share(done, planned, 'run')} of {format_count(len(sections), 'experiment')}"
    text += " was done" if planned == 1 else " were done"
    unfit = sum(s.n_unfit for s in sections)
    if unfit:
        text += f", {unfit:,} do not fit their hardware"
    if checks:
        text += f", {_share(met, checks, 'check')} of what they must show {_is(checks)} met"
    if not pairs:
        return _sentence(text)
    if verdicts["identical"] == pairs:
        return _sentence(
            f"{text}, and {_share(pairs, pairs, 'point')} {_is(pairs)} identical on {on}"
        )
    equivalent = f" {verdicts['equivalent']:,} equivalent," if verdicts["equivalent"] else ""
    return _sentence(text) + (
        f" Of {format_count(pairs, 'point')} compared between {on}, {verdicts['identical']:,}"
        f" {_is(verdicts['identical'])} identical,{equivalent} {verdicts['different']:,} different"
        f" and {verdicts['undecided']:,} undecided."
    )


def _share(part: int, whole: int, noun: str) -> str:
    if part == whole and whole > 1:
        return f"all {format_count(whole, noun)}"
    return f"{part:,} of {format_count(whole, noun)}"


def _is(n: int) -> str:
    return "is" if n == 1 else "are"


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."
