"""What hardware profiles and their constraints do to metrics, against the ideal network."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated, Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from pydantic import Field

from pipelines.figures import style
from pipelines.figures.hardware_panels import (
    AXES_OF_STRENGTHS,
    draw_lines,
    draw_strength,
    legend_handles,
    lines_of,
)
from pipelines.figures.hardware_values import (
    Measured,
    Setting,
    chosen_metrics,
    metric_keys,
    settings_of,
)
from pipelines.figures.options import ComparedMetricName, SourceName
from pipelines.figures.sweep_points import evenly_spaced, label_of
from pipelines.hardware.variants import ALL
from pipelines.metrics.known import BUILT_IN, KnownMetrics
from pipelines.metrics.labels import metric_label
from pipelines.verdicts.hardware_variants import VARIANT_COLUMNS, ConstrainedRuns

TITLE = "Under the constraints of hardware"

CAPTION = (
    "Metrics of the network under each hardware profile, with its verdict, and where they were "
    "tried one by one under each of its constraints: alone (filled) and with all but this one "
    "(hollow). Over a strength that was swept, each in a panel of its own. A mark is the mean over "
    "the seeds, a bar goes from the lowest to the highest seed; the black line is the ideal "
    "network, and what lies in the grey band is the same within the margin. Where marks of two "
    "backends are not one above the other, the backends differ."
)

_LINE_MM, _STRENGTH_MM = 6.2, 48.0
_MOST_STRENGTHS = 4


@dataclass(frozen=True)
class _Block:
    """Panels of one kind, one a metric, with what they have in common."""

    title: str
    height_mm: float
    shares_y: bool
    draw: Callable[[Axes, Measured], None]


@style.styled
def draw(
    tables: Any,
    swept: Mapping[str, str] | Sequence[str],
    *,
    metrics: list[ComparedMetricName] | None = None,
    population: SourceName | None = None,
    points: Annotated[int, Field(ge=1)] = 2,
    panels: Annotated[int, Field(ge=1)] = 3,
) -> Figure:
    """Draw metrics by hardware profile and constraint, and over strengths.

    Parameters
    ----------
    tables
        Tables of an experiment with runs under constraints of hardware.
    swept
        Names of what varies in the sweep; as a mapping, with units.
    metrics
        Names of the metrics; by default the primary ones that moved most.
    population
        Name of a population or projection; by default all.
    points
        Largest number of settings of the parameters to show.
    panels
        Largest number of metrics.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    shown = chosen_metrics(tables, metrics, population, panels)
    settings = evenly_spaced(settings_of(tables.runs, _labels(tables.runs, swept)), points)
    blocks = [block for setting in settings for block in _blocks(setting, tables)]
    if not shown or not blocks:
        figure = style.new_figure(30)
        style.write_note(figure.add_subplot(xticks=[], yticks=[]), "no run under hardware was done")
        return figure
    across = style.columns(len(shown), 45)
    rows = -(-len(shown) // across)
    figure = style.new_figure(8 + rows * sum(block.height_mm for block in blocks))
    parts = figure.subfigures(
        len(blocks), 1, squeeze=False, height_ratios=[block.height_mm for block in blocks]
    )
    for part, block in zip(parts.flat, blocks, strict=True):
        axes = part.subplots(rows, across, squeeze=False, sharey=block.shares_y)
        for place, one in enumerate(axes.flat):
            if place < len(shown):
                block.draw(one, shown[place])
            else:
                one.set_visible(False)
        if block.title:
            axes[0, 0].set_title(style.wrap(block.title))
    backends = style.in_order(tables.runs["backend"])
    has_parts = any(one.variant.constraints != ALL for of in settings for one in of.groups)
    style.legend(figure, backends, list(legend_handles(has_parts=has_parts)))
    return figure


def details(
    tables: Any,
    swept: Mapping[str, str] | Sequence[str],
    *,
    metrics: Sequence[str] | None = None,
    population: str | None = None,
    points: int = 2,
    panels: int = 3,
) -> str:
    """What the metrics are, and how many of them and of settings are not shown, for the caption."""
    parts = []
    keys = metric_keys(tables, metrics, population)
    known: KnownMetrics = getattr(tables, "known", None) or BUILT_IN
    meanings = {name: known[name].meaning for name, _ in keys[:panels]}
    if meanings:
        said = "; ".join(f"{metric_label(name)}: {text}" for name, text in meanings.items())
        parts.append(f"{said[0].upper()}{said[1:]}.")
    if len(keys) > panels:
        which = "primary metrics" if metrics is None else "metrics"
        parts.append(f"Shown: the {panels} of {len(keys)} {which} that moved most.")
    n_settings = len(settings_of(tables.runs, {}))
    if n_settings > points:
        parts.append(f"Shown: {points} of {n_settings} settings of the parameters.")
    return " ".join(parts)


def _labels(runs: pd.DataFrame, swept: Mapping[str, str] | Sequence[str]) -> dict[str, str]:
    """Setting of the parameters of each run, in words, by run_id."""
    hidden = runs.drop(columns=list(VARIANT_COLUMNS)).to_dict("records")
    return {str(run["run_id"]): label_of(run, swept) for run in hidden}


def _blocks(setting: Setting, tables: Any) -> Iterator[_Block]:
    """Profiles and constraints, then each strength that was swept under each profile."""
    verdicts = {
        (row["point_id"], row["backend"]): row["verdict"]
        for row in tables.hardware_verdicts.to_dict("records")
    }
    strengths = [one for one in setting.groups if one.variant.strengths]
    over_strengths = list(_over_strengths(strengths))
    others = [one for one in setting.groups if not one.variant.strengths]
    if not over_strengths or any(one.variant.constraints != ALL for one in setting.groups):
        others = list(setting.groups)
    if others:
        part = Setting(setting.label, tuple(others))
        lines = lines_of(part, lambda one: verdicts[one.point_id, one.backend])

        def draw_them(axes: Axes, measured: Measured) -> None:
            draw_lines(axes, lines, measured, setting)

        yield _Block(setting.label, 14 + _LINE_MM * len(lines), True, draw_them)
    for column, label, groups in over_strengths:
        title = ", ".join(text for text in (label, setting.label) if text)
        yield _Block(title, _STRENGTH_MM, False, partial(_draw_strength, column, groups, setting))


def _over_strengths(
    groups: Sequence[ConstrainedRuns],
) -> Iterator[tuple[str, str, list[ConstrainedRuns]]]:
    """Panels over a strength: its column, what else there is in words, and the whole profiles.

    Of two strengths, the one with more values is the axis, and the other has a panel a value.
    """
    by_profile: dict[str, list[ConstrainedRuns]] = {}
    for one in groups:
        if one.variant.constraints == ALL:
            by_profile.setdefault(one.variant.hardware, []).append(one)
    for of_profile in by_profile.values():
        values = {
            column: {getattr(one.variant, column) for one in of_profile}
            for column in AXES_OF_STRENGTHS
        }
        axis = max(values, key=lambda column: len(values[column]))
        panels: dict[str, list[ConstrainedRuns]] = {}
        for one in of_profile:
            without: dict[str, Any] = {axis: None}
            panels.setdefault(replace(one.variant, **without).label, []).append(one)
        if len(values[axis]) > 1:
            for label in evenly_spaced(list(panels), _MOST_STRENGTHS):
                yield axis, label, panels[label]


def _draw_strength(
    column: str, groups: Sequence[ConstrainedRuns], setting: Setting, axes: Axes, measured: Measured
) -> None:
    draw_strength(axes, column, groups, measured, setting)
