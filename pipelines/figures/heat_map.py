"""Heat maps of a metric over two swept parameters, for each backend and their difference."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pipelines.errors import BadInput
from pipelines.figures import style
from pipelines.figures.options import MetricName, ParameterName, SourceName
from pipelines.figures.sweep_points import axis_label, format_value
from pipelines.hardware.variants import ALL, AXES
from pipelines.metrics.known import BUILT_IN, KnownMetrics
from pipelines.metrics.selection import finished
from pipelines.tables.some_runs import is_constrained

TITLE = "A metric over two parameters"

CAPTION = (
    "A metric over two swept parameters, averaged over seeds and over all other parameters: one "
    "panel a backend with a common colour scale, with the standard deviation over seeds below the "
    "mean where there are several; and the difference between the backends, seed "
    "by seed, where it is largest in size. Where a cell of the last panel is not 0, the "
    "backends differ. A hatched cell has no value: no run was done, or the metric does not exist "
    "there."
)

MOST_NUMBERS = 60
LONGEST_LINE = 20
"""Number of characters that fit along the y axis of the lowest map."""


class HasMetrics(Protocol):
    """Tables with runs and metrics."""

    @property
    def runs(self) -> pd.DataFrame: ...
    @property
    def metrics(self) -> pd.DataFrame: ...


@style.styled
def draw(
    tables: HasMetrics,
    swept: Mapping[str, str] | Sequence[str],
    *,
    x: ParameterName,
    y: ParameterName,
    metric: MetricName = "rate_mean",
    population: SourceName | None = None,
) -> Figure:
    """Draw the heat maps.

    Parameters
    ----------
    tables
        Tables of an experiment, of which runs and metrics are read.
    swept
        Names of the swept parameters; as a mapping, with their units.
    x, y
        Names of the parameters along the axes.
    metric
        Name of the metric.
    population
        Name of a population or projection; by default the first by name that has the metric.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.

    Raises
    ------
    BadInput
        If there is no such parameter or metric.
    """
    for key, name in (("x", x), ("y", y)):
        if name not in tables.runs:
            raise BadInput(f"heat_map: {key}", f"no parameter '{name}'", given=name, among=swept)
    runs = _shown_runs(tables, x, y)
    known, cells = _cells(tables, runs, metric, population)
    backends = style.in_order(tables.runs["backend"])

    pairs = len(backends) == 2
    n_panels = len(backends) + pairs
    n_y = max(runs[y].nunique(), 1)
    height = float(np.clip(33 + 11 * n_y, 55, 122))
    across, down = (n_panels, 1) if style.columns(n_panels, 45) == n_panels else (1, n_panels)
    figure = style.new_figure(height * down)
    panels = figure.subplots(down, across, sharex=True, sharey=True, squeeze=False).ravel()
    low, high = _range(cells["value"])
    unit = known[metric].unit
    label = f"{known[metric].meaning} ({unit})"
    for panel, backend in zip(panels, backends, strict=False):
        grid = _grid(cells[cells["backend"] == backend], x, y, runs, "mean")
        _map(panel, grid, "cividis", low, high, _spread(cells, backend, x, y, grid))
        panel.set_title(style.style_of(backend).label)
    if pairs:
        grid = _grid(_differences(cells, backends, x, y), x, y, runs, "largest")
        largest = _range(grid.abs().stack())[1]
        bound = largest or 1.0
        _map(panels[-1], grid, "PuOr", -bound, bound)
        first, second = (style.style_of(b).label for b in backends)
        panels[-1].set_title(f"{first} \N{MINUS SIGN} {second}{'' if largest else ': all 0'}")
        figure.colorbar(
            panels[-1].collections[0], ax=panels[-1], label=f"difference ({unit})",
            location="bottom", shrink=0.9, aspect=30,
        )  # fmt: skip
    figure.colorbar(
        panels[0].collections[0], ax=list(panels[: len(backends)]), label=label,
        location="bottom", shrink=0.9, aspect=60,
    )  # fmt: skip
    for panel in panels:
        panel.set_xlabel(axis_label(swept, x) if down == 1 or panel is panels[-1] else "")
        named = across == 1 or panel is panels[0]
        panel.set_ylabel(textwrap.fill(axis_label(swept, y), LONGEST_LINE) if named else "")
    if cells["value"].isna().all():
        style.write_note(panels[0], "no values")
    return figure


def _grid(cells: pd.DataFrame, x: str, y: str, runs: pd.DataFrame, how: str) -> pd.DataFrame:
    """Values over x (columns) and y (rows, largest first); NaN where there is none."""
    by = {"mean": "mean", "largest": _largest}[how]
    grid = cells.pivot_table(index=y, columns=x, values="value", aggfunc=by, dropna=False)
    columns = sorted(runs[x].unique())
    index = sorted(runs[y].unique(), reverse=True)
    return grid.reindex(index=index, columns=columns).astype(float)


def details(
    tables: HasMetrics,
    swept: Mapping[str, str] | Sequence[str],
    *,
    x: str,
    y: str,
    metric: str = "rate_mean",
    population: str | None = None,
) -> str:
    """Largest standard deviation over seeds, for the caption; a large map has no numbers."""
    known, cells = _cells(tables, _shown_runs(tables, x, y), metric, population)
    largest = max(
        (float(_deviations(of_one, x, y).max()) for _, of_one in cells.groupby("backend")),
        default=np.nan,
    )
    unit = known[metric].unit
    if not np.isfinite(largest):
        return ""
    return f"Largest standard deviation over seeds: {largest:.2g}{f' {unit}' * (unit != '1')}."


def _shown_runs(tables: HasMetrics, x: str, y: str) -> pd.DataFrame:
    """Runs of the ideal network; constrained ones where their strengths are the axes."""
    strengths = [column for column in (x, y) if column in AXES]
    # Constrained runs are no draws of the ideal network.
    runs = tables.runs[is_constrained(tables.runs) == bool(strengths)]
    return runs[runs["constraints"] == ALL].dropna(subset=strengths) if strengths else runs


def _cells(
    tables: HasMetrics, runs: pd.DataFrame, metric: str, population: str | None
) -> tuple[KnownMetrics, pd.DataFrame]:
    """The known metrics, and the finished ones of `runs` with the value of one metric."""
    known: KnownMetrics = getattr(tables, "known", None) or BUILT_IN
    if metric not in known.summarised:
        raise BadInput(
            "heat_map: metric", f"no metric '{metric}'", given=metric, among=known.summarised
        )
    values = tables.metrics[tables.metrics["metric"] == metric]
    name = population if population is not None else min(values["population"], default="")
    values = values[values["population"] == name][["run_id", "value"]]
    return known, finished(runs).merge(values, on="run_id", how="left")


def _deviations(cells: pd.DataFrame, x: str, y: str) -> pd.Series:
    """Standard deviation (ddof = 1) over the seeds of one backend, each a mean over its points."""
    of_seeds = cells.groupby([y, x, "seed"])["value"].mean()
    return of_seeds.groupby([y, x]).std()


def _spread(
    cells: pd.DataFrame, backend: str, x: str, y: str, grid: pd.DataFrame
) -> pd.DataFrame | None:
    """Standard deviations over seeds in the cells of a grid; None of a single seed."""
    found = _deviations(cells[cells["backend"] == backend], x, y)
    if found.isna().all():
        return None
    return found.unstack().reindex(index=grid.index, columns=grid.columns)


def _largest(values: pd.Series) -> float:
    """Value of the largest magnitude, with its sign; NaN if there is none."""
    known = values.dropna()
    return float(known.loc[known.abs().idxmax()]) if len(known) else np.nan


def _differences(cells: pd.DataFrame, backends: Sequence[str], x: str, y: str) -> pd.DataFrame:
    """Difference of the first and the second backend at each sweep point."""
    wide = cells.pivot_table(index="point_id", columns="backend", values="value", dropna=False)
    wide = wide.reindex(columns=list(backends))
    where = cells.drop_duplicates("point_id").set_index("point_id")[[x, y]]
    return where.assign(value=wide[backends[0]] - wide[backends[1]]).reset_index()


def _range(values: pd.Series) -> tuple[float, float]:
    known = values.dropna()
    return (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)


def _map(
    axes: Axes,
    grid: pd.DataFrame,
    colours: str,
    low: float,
    high: float,
    spread: pd.DataFrame | None = None,
) -> None:
    """Draw one map; each cell has its value, and below it its spread, unless there are many."""
    axes.set_facecolor("#f2f2f2")
    axes.patch.set(hatch="///", edgecolor="#bbbbbb")
    numbers: bool | pd.DataFrame = grid.size <= MOST_NUMBERS
    if numbers and spread is not None:
        texts = grid.map("{:.3g}".format), spread.map("\n\N{PLUS-MINUS SIGN} {:.2g}".format)
        numbers = texts[0] + texts[1].where(spread.notna(), "")
    sns.heatmap(
        grid, ax=axes, cmap=colours, vmin=low, vmax=high if high > low else low + 1.0,
        annot=numbers, fmt=".3g" if spread is None else "", annot_kws={"size": "small"},
        linewidths=0.6, linecolor="white", cbar=False,
    )  # fmt: skip
    axes.set_xticklabels(
        [format_value(v) for v in grid.columns][:: _stride(axes.get_xticks(), grid.columns)]
    )
    axes.set_yticklabels(
        [format_value(v) for v in grid.index][:: _stride(axes.get_yticks(), grid.index)], rotation=0
    )


def _stride(ticks: np.ndarray, values: pd.Index) -> int:
    """Number of values from one tick of seaborn's to the next."""
    return max(1, -(-len(values) // max(len(ticks), 1)))
