"""Panels of the figure `hardware`: metrics by profile and constraint, and over a strength."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from pipelines.figures import style
from pipelines.figures.hardware_values import Measured, Setting
from pipelines.hardware.variants import ALL, ONLY, WITHOUT
from pipelines.tables.schemas import DONE, UNFIT
from pipelines.verdicts.hardware_variants import ConstrainedRuns

AXES_OF_STRENGTHS = {"weight_bits": "bits of a weight", "mismatch": "mismatch (%)"}
"""Labels of the axes of strengths, by column of `runs`."""


@dataclass(frozen=True)
class Line:
    """One line of a panel: a profile with all its constraints, or one constraint of it.

    Attributes
    ----------
    label
        What stands beside it.
    is_profile
        Whether it is a profile with all its constraints.
    groups
        Runs by the first word of `constraints`.
    """

    label: str
    is_profile: bool
    groups: Mapping[str, tuple[ConstrainedRuns, ...]]


def lines_of(setting: Setting, verdict_of: Callable[[ConstrainedRuns], str]) -> list[Line]:
    """Lines of a panel: each profile, with its verdict, and its constraints below it."""
    found: dict[tuple[str, str], dict[str, list[ConstrainedRuns]]] = {}
    for one in setting.groups:
        profile = ", ".join(p for p in (one.variant.hardware, one.variant.strengths) if p)
        word, _, constraint = one.variant.constraints.partition(" ")
        found.setdefault((profile, constraint), {}).setdefault(word, []).append(one)
    # Of a profile the parts of its ablation follow it, whatever the order of the runs.
    profiles = list(dict.fromkeys(profile for profile, _ in found))
    lines = []
    for (profile, constraint), groups in sorted(
        found.items(), key=lambda item: profiles.index(item[0][0])
    ):
        verdicts = dict.fromkeys(verdict_of(one) for one in groups.get(ALL, ()))
        label = constraint or f"{profile}: {' or '.join(verdicts)}"
        of_words = {word: tuple(runs) for word, runs in groups.items()}
        lines.append(Line(label, not constraint, of_words))
    return lines


def draw_lines(axes: Axes, lines: Sequence[Line], measured: Measured, setting: Setting) -> None:
    """Draw a metric by profile and constraint, one below the other."""
    _ideal(axes, measured, setting, axes.axvline, axes.axvspan)
    for place, line in enumerate(lines):
        for word, groups in line.groups.items():
            # What a constraint does alone is a little above what the others do without it.
            y = place + {ALL: 0.0, ONLY: -0.17, WITHOUT: 0.17}[word]
            for group in groups:
                values = measured.of(group.runs)
                if len(values):
                    _bar(axes, [values.min(), values.max()], [y, y], group.backend)
                    axes.plot(values.mean(), y, **_marks(group.backend, hollow=word == WITHOUT))
            if not any(len(measured.of(group.runs)) for group in groups):
                axes.annotate(
                    _why_none(groups), (1.0, y), xycoords=axes.get_yaxis_transform(), ha="right",
                    va="center", style="italic", color="#444444", fontsize="small",
                )  # fmt: skip
    axes.set_yticks(range(len(lines)), [line.label for line in lines])
    for text, line in zip(axes.get_yticklabels(), lines, strict=False):
        text.set_fontweight("bold" if line.is_profile else "normal")
    axes.set_ylim(len(lines) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)
    axes.locator_params(axis="x", nbins=4)
    axes.set_xlabel(style.wrap(_label(measured), 4))


def draw_strength(
    axes: Axes, column: str, groups: Sequence[ConstrainedRuns], measured: Measured, setting: Setting
) -> None:
    """Draw a metric over a strength, one line a backend."""
    _ideal(axes, measured, setting, axes.axhline, axes.axhspan)
    factor = 100.0 if column == "mismatch" else 1.0
    ticks = set()
    for backend in style.in_order([one.backend for one in groups]):
        points = {}
        for one in groups:
            if one.backend == backend:
                x = factor * float(getattr(one.variant, column))
                points[x] = measured.of(one.runs)
                ticks.add(x)
        shown = sorted(x for x, values in points.items() if len(values))
        how = _marks(backend)
        for x in shown:
            _bar(axes, [x, x], [points[x].min(), points[x].max()], backend)
        own = style.style_of(backend)
        how |= {"linestyle": (0, own.dash) if own.dash else "-", "linewidth": own.width}
        axes.plot(shown, [points[x].mean() for x in shown], **how)
        if not shown:
            style.write_note(axes, _why_none(groups))
    axes.set_xticks(sorted(ticks))
    axes.set_xlabel(AXES_OF_STRENGTHS[column])
    axes.set_ylabel(style.wrap(_label(measured), 3))


def legend_handles(*, has_parts: bool) -> Iterator[Artist]:
    """Legend entries beside those of the backends."""
    yield Line2D([], [], color=style.REFERENCE, linewidth=1.0, label="ideal network")
    yield Patch(facecolor=style.BAND, label="same within the margin")
    if has_parts:
        common: dict[str, Any] = {
            "linestyle": "none",
            "marker": "o",
            "markersize": 5,
            "color": style.COMMON,
        }
        yield Line2D([], [], label="a constraint alone", **common)
        yield Line2D([], [], label="all but this one", markerfacecolor="white", **common)


def _ideal(
    axes: Axes,
    measured: Measured,
    setting: Setting,
    line: Callable[..., Any],
    span: Callable[..., Any],
) -> None:
    """The mean of the ideal network as a line, and its margin as a band."""
    values = setting.ideal(measured)
    if not len(values):
        return
    low, high = measured.margin_around(float(values.mean()))
    if not np.isnan(low):
        span(low, high, color=style.BAND, linewidth=0, zorder=0)
    line(values.mean(), color=style.REFERENCE, linewidth=1.0, zorder=1)


def _bar(axes: Axes, x: list[float], y: list[float], backend: str) -> None:
    """The range of the seeds."""
    own = style.style_of(backend)
    axes.plot(x, y, "-", color=own.colour, linewidth=own.width, solid_capstyle="butt")


def _marks(backend: str, *, hollow: bool = False) -> dict[str, Any]:
    own = style.style_of(backend)
    return {
        "color": own.colour,
        "marker": own.marker,
        "markersize": 4.5 * own.size**0.5 + 1.5,
        "markerfacecolor": "white" if hollow else own.colour,
        "markeredgecolor": own.colour if hollow else "white",
        "markeredgewidth": 0.9 if hollow else 0.4,
        "linestyle": "none",
    }


def _label(measured: Measured) -> str:
    unit = measured.metric.unit
    return style.with_unit(measured.name, "" if unit == "1" else unit)


def _why_none(groups: Sequence[ConstrainedRuns]) -> str:
    """Why there is no value."""
    statuses = {status for group in groups for status in group.runs["status"]}
    if UNFIT in statuses:
        return "does not fit"
    return "no value" if DONE in statuses else "failed"
