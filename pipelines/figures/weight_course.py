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
from pipelines.figures.weights import weight_label
from pipelines.metrics.selection import ByRun, HasTables, finished
from pipelines.metrics.weight_statistics import weight_course

TITLE = "Synaptic weights over time"

CAPTION = (
    "Mean over the synapses that were read and over seeds (thick), the range of the middle 80 % of "
    "the synapses of all seeds (light), and a few single synapses of the first seed (thin), at "
    "each time of a reading; where there are several seeds, a darker band goes from the lowest to "
    "the highest mean of a seed. A panel is one point of the sweep (of a larger sweep a few, "
    "evenly spaced in its order). Where a dashed line leaves the solid one, the backends differ. "
    "If the lines still rise or fall at the end, the run was too short for the weights to settle."
)

_SPREAD = (0.1, 0.9)  # quantiles
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
        for panel in _panels(setting.label, setting.runs, tables, projection)
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
            axes.set_ylabel(weight_label(name, unit))
        axes.set_title(titles[number] if panels else "")
        if not courses:
            style.write_note(axes, "no weights over time recorded" if panels else "no run was done")
            axes.set(xticks=[], yticks=[])
        for backend in backends:
            if backend in courses:
                _course(axes, courses[backend], backend, examples, 1000.0 if seconds else 1.0)
    style.legend(figure, backends, line=True, marker=False)
    return figure


# Readings of the weights by backend: of each seed, the times (ms) and the weights.
Courses = Mapping[str, Sequence[tuple[np.ndarray, np.ndarray]]]


def _panels(
    label: str, runs: pd.DataFrame, tables: HasTables, projection: str | None
) -> Iterator[tuple[str, str, Courses]]:
    """Title, projection name and weights over time by backend, for each recorded projection."""
    weights = ByRun(runs.reset_index(drop=True), tables.weights)
    found: dict[str, dict[str, list[tuple[np.ndarray, np.ndarray]]]] = {}
    for _, run in finished(runs).sort_values("seed", kind="stable").iterrows():
        for name, rows in weights[run["run_id"]].groupby("projection", sort=True):
            if projection in (None, name) and rows["time_ms"].nunique() > 1:
                columns = ("pre", "post", "delay_ms", "weight", "time_ms")
                course = weight_course(*(rows[column] for column in columns))
                found.setdefault(str(name), {}).setdefault(run["backend"], []).append(course)
    if not found:
        yield label, projection or "", {}
    yield from ((label, name, found[name]) for name in sorted(found))


def _last(courses: Courses) -> float:
    return max(float(time[-1]) for of_seeds in courses.values() for time, _ in of_seeds)


def _course(
    axes: Axes,
    of_seeds: Sequence[tuple[np.ndarray, np.ndarray]],
    backend: str,
    examples: int,
    unit_ms: float,
) -> None:
    """Draw the weights of one backend over time, in units of `unit_ms`."""
    own = style.style_of(backend)
    dash = (0, own.dash) if own.dash else "-"
    together = pd.concat(
        pd.DataFrame(weight, index=time / unit_ms).stack() for time, weight in of_seeds
    )
    low, high = (together.groupby(level=0).quantile(share) for share in _SPREAD)
    axes.fill_between(low.index, low, high, color=own.colour, alpha=0.15, linewidth=0)
    time, weight = of_seeds[0]
    shown = evenly_spaced(range(weight.shape[1]), examples) if examples else []
    axes.plot(
        time / unit_ms, weight[:, shown], color=own.colour, alpha=0.6, linewidth=0.4 * own.width,
        linestyle=dash,
    )  # fmt: skip
    means = pd.concat(
        [pd.Series(weight.mean(axis=1), time / unit_ms) for time, weight in of_seeds], axis=1
    ).sort_index()
    if len(of_seeds) > 1:
        axes.fill_between(
            means.index, means.min(axis=1), means.max(axis=1), color=own.colour, alpha=0.35,
            linewidth=0,
        )  # fmt: skip
    mean = means.mean(axis=1)
    axes.plot(mean.index, mean, color=own.colour, linewidth=own.width, linestyle=dash)
