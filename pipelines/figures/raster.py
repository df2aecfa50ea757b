"""Raster plots of a population, one column per backend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from pydantic import Field

from pipelines.figures import style
from pipelines.figures.options import PopulationName
from pipelines.figures.sweep_points import evenly_spaced, settings
from pipelines.metrics.selection import (
    ByRun,
    HasTables,
    duration_ms,
    finished,
    population_sizes,
    timestep_ms,
)

TITLE = "Spikes"

CAPTION = (
    "Every dot is a spike of one neuron; a row of panels is one point of the sweep (with the "
    "first seed), a column is a backend. Of a larger sweep, a few points are shown, evenly spaced "
    "in the order of the sweep, and of a long run its last second. Look for crosses: they "
    "mark spikes on one backend to which none answers on the other in the same time step; the "
    "line above each row counts them."
)

LONGEST_MS = 1000.0
_ALONE = "#000000"


@style.styled
def draw(
    tables: HasTables,
    swept: Mapping[str, str] | Sequence[str],
    *,
    population: PopulationName | None = None,
    points: Annotated[int, Field(ge=1)] = 4,
    window: Annotated[Sequence[float], Field(min_length=2, max_length=2)] | None = None,
) -> Figure:
    """Draw a raster of each backend at each point of a sweep.

    Parameters
    ----------
    tables
        Tables of an experiment, of which runs and spikes are read.
    swept
        Names of the swept parameters; as a mapping, with their units.
    population
        Name of the population; by default the first by name.
    points
        Largest number of sweep points to show.
    window
        First and last time (ms) to show; by default the last second.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    runs = finished(tables.runs)
    spikes = ByRun(runs, tables.spikes)
    chosen = evenly_spaced(settings(tables.runs, swept), points)
    backends = style.in_order(tables.runs["backend"])
    figure = Figure(
        figsize=(style.WIDTH_IN, 0.7 + 2.05 * max(len(chosen), 1)), layout="constrained"
    )
    if not chosen:
        style.write_note(figure.subplots(), "no run was done")
        return figure
    rows = np.ravel(np.asarray(figure.subfigures(len(chosen), 1), dtype=object))
    any_alone = False
    for row, setting in zip(rows, chosen, strict=True):
        of_seed = setting.first_seed()
        by_backend = {run["backend"]: run for _, run in of_seed.iterrows()}
        name, size = _population(of_seed, population)
        time_range = _time_range(of_seed, window)
        trains = {
            backend: _within(spikes[run["run_id"]], name, time_range)
            for backend, run in by_backend.items()
        }
        timestep = timestep_ms(of_seed.iloc[0])
        # Of independent seeds no spike belongs to one of the other backend.
        one_seed = of_seed["seed"].nunique() == 1
        alone = {
            b: _alone(b, trains, timestep) if one_seed else np.zeros(len(trains[b]), bool)
            for b in trains
        }
        told = _summary(trains, alone) if one_seed else "independent seeds"
        any_alone |= any(mask.any() for mask in alone.values())
        row.suptitle(f"{setting.label}   {told}", x=0.01, ha="left", fontsize=9)
        axes = row.subplots(1, len(backends), sharex=True, sharey=True, squeeze=False)[0]
        for panel, backend in zip(axes, backends, strict=True):
            _panel(panel, backend, trains.get(backend), alone.get(backend))
            panel.set(xlim=time_range, ylim=(-0.02 * size - 0.5, 1.02 * size - 0.5), ylabel="")
            panel.set_xlabel("time (ms)" if row is rows[-1] else "")
        axes[0].set_ylabel(f"{name} (neuron index)")
    extra = [
        Line2D([], [], color=_ALONE, marker="x", linestyle="none", label="on one backend only")
    ]
    style.legend(figure, backends, extra if any_alone else ())
    return figure


def _panel(axes: Axes, backend: str, train: pd.DataFrame | None, alone: np.ndarray | None) -> None:
    marks = style.style_of(backend)
    axes.set_title(marks.label, loc="right", color=marks.colour, fontweight="bold")
    if train is None or alone is None:
        style.write_note(axes, "no finished run")
        return
    if train.empty:
        style.write_note(axes, "no spikes")
        return
    # Smaller dots for more spikes, so that 100 to 10,000 spikes are readable.
    size = float(np.clip(6000.0 / len(train), 1.0, 12.0))
    sns.scatterplot(
        data=train, x="time_ms", y="neuron", color=marks.colour, marker=marks.marker, s=size,
        linewidth=0, ax=axes, rasterized=True, legend=False,
    )  # fmt: skip
    if alone.any():
        rows = train[alone]
        axes.scatter(
            rows["time_ms"], rows["neuron"], marker="x", s=max(18.0, 2 * size), color=_ALONE,
            linewidths=1.0, rasterized=True,
        )  # fmt: skip


def _population(runs: pd.DataFrame, wanted: str | None) -> tuple[str, int]:
    sizes: dict[str, int] = {}
    for named in population_sizes(runs):
        sizes |= named
    name = wanted if wanted is not None else min(sizes, default="neurons")
    return name, sizes.get(name, 1)


def _time_range(runs: pd.DataFrame, window: Sequence[float] | None) -> tuple[float, float]:
    if window is not None:
        return float(window[0]), float(window[1])
    durations = duration_ms(runs)
    stop = LONGEST_MS if np.isnan(durations).all() else float(np.nanmax(durations))
    return max(0.0, stop - LONGEST_MS), stop


def _within(spikes: pd.DataFrame, population: str, time_range: tuple[float, float]) -> pd.DataFrame:
    inside = spikes["time_ms"].between(*time_range) & (spikes["population"] == population)
    return spikes[inside]


def _alone(backend: str, trains: Mapping[str, pd.DataFrame], timestep: float) -> np.ndarray:
    """Mask of the spikes of a backend that are missing on at least one other backend."""
    own = _keys(trains[backend], timestep)
    missing = np.zeros(len(own), bool)
    for other, train in trains.items():
        if other != backend:
            missing |= ~np.isin(own, _keys(train, timestep))
    return missing


def _keys(train: pd.DataFrame, timestep: float) -> np.ndarray:
    step = np.rint(train["time_ms"].to_numpy(float) / timestep).astype(np.int64)
    return step * 2**31 + train["neuron"].to_numpy(np.int64)


def _summary(trains: Mapping[str, pd.DataFrame], alone: Mapping[str, np.ndarray]) -> str:
    if len(trains) < 2:
        return ""
    n_alone = sum(int(mask.sum()) for mask in alone.values())
    if not any(len(train) for train in trains.values()):
        return "(no spikes on any backend)"
    if n_alone == 0:
        return "(every spike on both backends)"
    return f"({n_alone:,} spikes on one backend only)"
