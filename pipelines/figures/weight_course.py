"""Synaptic weights over time: their mean, their spread and some of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from pydantic import Field

from pipelines.figures import style
from pipelines.figures.distributions import COLUMNS
from pipelines.figures.options import ProjectionName
from pipelines.figures.sweep_points import evenly_spaced, settings
from pipelines.metrics.selection import ByRun, HasTables, finished
from pipelines.metrics.weight_statistics import weight_course

TITLE = "Synaptic weights over time"

CAPTION = (
    "Mean over the synapses that were read (thick), the range of the middle 80 % of them (shaded) "
    "and a few single synapses (thin), at each time of a reading; first seed. A panel is one "
    "point of the sweep (of a larger sweep a few, evenly spaced in its order). Where a dashed "
    "line leaves the solid one, the backends differ. If the lines still rise or fall at the end, "
    "the run was too short for the weights to settle."
)

_SPREAD = (10, 90)  # percentiles
_SECONDS_FROM = 10_000.0  # ms


@style.styled
def draw(
    tables: HasTables,
    swept: Mapping[str, str] | Sequence[str],
    *,
    projection: ProjectionName | None = None,
    points: Annotated[int, Field(ge=1)] = 6,
    examples: Annotated[int, Field(ge=0)] = 6,
    unit: str = "nA",
) -> Figure:
    """Draw the weights over time at each point of a sweep.

    Parameters
    ----------
    tables
        Tables of an experiment, of which runs and weights are read.
    swept
        Names of the swept parameters; as a mapping, with their units.
    projection
        Name of the projection; by default all whose weights were read more than once.
    points
        Largest number of sweep points to show.
    examples
        Number of single synapses to show, evenly spaced in their order.
    unit
        Unit of the weights: nA for current-based, uS for conductance-based synapses.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    backends = style.in_order(tables.runs["backend"])
    panels = [
        panel
        for setting in evenly_spaced(settings(tables.runs, swept), points)
        for panel in _panels(setting.label, setting.first_seed(), tables, projection)
    ]
    n_columns = min(style.columns(COLUMNS), max(len(panels), 1))
    n_rows = -(-max(len(panels), 1) // n_columns)
    titles = [style.wrap(title.replace(", ", "\n"), n_columns) for title, _, _ in panels]
    figure = style.new_figure(14 + n_rows * style.panel_height(titles))
    grid = figure.subplots(n_rows, n_columns, squeeze=False)
    names = {name for _, name, _ in panels}
    one_projection = names.pop() if len(names) == 1 else None
    seconds = any(courses and _last(courses) >= _SECONDS_FROM for _, _, courses in panels)
    for number, axes in enumerate(grid.flat):
        if number >= max(len(panels), 1):
            axes.set_visible(False)
            continue
        axes.set_xlabel(f"time ({'s' if seconds else 'ms'})")
        _, name, courses = panels[number] if panels else ("", "", {})
        if one_projection is None or number % n_columns == 0:
            axes.set_ylabel(f"weight of {name or 'projection'} ({unit})")
        axes.set_title(titles[number] if panels else "")
        if not courses:
            style.write_note(axes, "no weights over time recorded" if panels else "no run was done")
            axes.set(xticks=[], yticks=[])
        for backend in backends:
            if backend in courses:
                time, weight = courses[backend]
                _course(axes, time / (1000.0 if seconds else 1.0), weight, backend, examples)
    style.legend(figure, backends, line=True, marker=False)
    return figure


Courses = Mapping[str, tuple[np.ndarray, np.ndarray]]


def _panels(
    label: str, runs: pd.DataFrame, tables: HasTables, projection: str | None
) -> Iterator[tuple[str, str, Courses]]:
    """Title, projection name and weights over time by backend, for each recorded projection."""
    weights = ByRun(runs.reset_index(drop=True), tables.weights)
    found: dict[str, dict[str, tuple[np.ndarray, np.ndarray]]] = {}
    for _, run in finished(runs).iterrows():
        for name, rows in weights[run["run_id"]].groupby("projection", sort=True):
            if projection in (None, name) and rows["time_ms"].nunique() > 1:
                columns = ("pre", "post", "delay_ms", "weight", "time_ms")
                course = weight_course(*(rows[column] for column in columns))
                found.setdefault(str(name), {})[run["backend"]] = course
    if not found:
        yield label, projection or "", {}
    yield from ((label, name, found[name]) for name in sorted(found))


def _last(courses: Courses) -> float:
    return max(float(time[-1]) for time, _ in courses.values())


def _course(axes: Axes, time: np.ndarray, weight: np.ndarray, backend: str, examples: int) -> None:
    own = style.style_of(backend)
    dash = (0, own.dash) if own.dash else "-"
    low, high = np.percentile(weight, _SPREAD, axis=1)
    axes.fill_between(time, low, high, color=own.colour, alpha=0.15, linewidth=0)
    shown = evenly_spaced(range(weight.shape[1]), examples) if examples else []
    axes.plot(
        time, weight[:, shown], color=own.colour, alpha=0.6, linewidth=0.4 * own.width,
        linestyle=dash,
    )  # fmt: skip
    axes.plot(time, weight.mean(axis=1), color=own.colour, linewidth=own.width, linestyle=dash)
