"""Raster plots of one or more populations, one column per backend."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from pydantic import Field

from pipelines.errors import BadInput
from pipelines.figures import spike_marks, style
from pipelines.figures.options import PopulationName
from pipelines.figures.sweep_points import Setting, evenly_spaced, settings
from pipelines.metrics.selection import (
    ByRun,
    HasTables,
    duration_ms,
    finished,
    population_sizes,
    recorded_parts,
    timestep_ms,
)

TITLE = "Spikes"

CAPTION = (
    "Every dot is a spike of one neuron; the rows are points of the sweep (of a larger sweep a "
    "few, evenly spaced in its order), and each backend has a panel. Spikes that all backends have "
    "in the same time step are grey; the others have the colour of the backend that fired them, "
    "and the line above each row counts them."
)

LONGEST_MS = 1000.0
# Neighbouring populations in one panel.
_GREYS = (style.COMMON, "#9a9a9a")


@style.styled
def draw(
    tables: HasTables,
    swept: Mapping[str, str] | Sequence[str],
    *,
    population: PopulationName | None = None,
    populations: Annotated[Sequence[PopulationName], Field(min_length=1)] | None = None,
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
        Name of the only population to show.
    populations
        Names of the populations to show, from the bottom up in one panel, such as ``[exc, inh]``;
        by default all.
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
    beside = len(backends) if style.is_wide() else 1
    n_below = -(-len(backends) // beside)
    figure = style.new_figure(14 + 42 * max(len(chosen), 1) * n_below)
    if not chosen:
        style.write_note(figure.subplots(), "no run was done")
        return figure
    rows = np.ravel(np.asarray(figure.subfigures(len(chosen), 1), dtype=object))
    only_on: set[str] = set()
    shared = False
    for row, setting in zip(rows, chosen, strict=True):
        of_seed = setting.first_seed()
        sizes = _sizes(of_seed, population, populations)
        time_range = _time_range(of_seed, window)
        trains = {
            run["backend"]: _within(spikes[run["run_id"]], sizes, time_range)
            for _, run in of_seed.iterrows()
        }
        timestep = timestep_ms(of_seed.iloc[0])
        # Of independent seeds no spike belongs to one of the other backend.
        one_seed = of_seed["seed"].nunique() == 1
        alone = {
            b: spike_marks.on_one_only(b, trains, timestep) if one_seed
            else np.ones(len(trains[b]), bool)
            for b in trains
        }  # fmt: skip
        only_on |= {b for b, mask in alone.items() if mask.any()}
        shared |= one_seed
        summary = _summary(trains, alone) if one_seed else "independent seeds"
        told = ": ".join(filter(None, (setting.label, summary)))
        title = style.wrap(f"{told} {_recorded_part(of_seed, sizes)}".strip())
        if title:
            row.suptitle(title, x=0.01, ha="left")
        grid = row.subplots(n_below, beside, sharex=True, sharey=True, squeeze=False)
        for panel, backend in zip(grid.flat, backends, strict=True):
            _panel(panel, backend, sizes, trains.get(backend), alone.get(backend))
            panel.set(xlim=time_range)
        for panel in grid[-1]:
            panel.set_xlabel("time (ms)" if row is rows[-1] else "")
        for panel in grid.flat:
            _label(panel, sizes, first=panel in grid[:, 0])
    marked = [b for b in backends if b in only_on]
    style.place_legend(figure, spike_marks.handles(backends, marked, shared))
    return figure


def details(
    tables: HasTables,
    swept: Mapping[str, str] | Sequence[str],
    *,
    population: str | None = None,
    populations: Sequence[str] | None = None,
    points: int = 4,
    window: Sequence[float] | None = None,
) -> str:
    """What is shown, for the caption: time, neurons and seed."""
    chosen = evenly_spaced(settings(tables.runs, swept), points)
    if not chosen:
        return ""
    shown = {_shown(setting, population, populations, window) for setting in chosen}
    return f"Shown: {shown.pop()}." if len(shown) == 1 else ""


def _shown(
    setting: Setting,
    population: str | None,
    populations: Sequence[str] | None,
    window: Sequence[float] | None,
) -> str:
    runs = setting.first_seed()
    start, stop = _time_range(runs, window)
    sizes = _sizes(runs, population, populations)
    neurons = " and ".join(f"{size:,} neurons of {name}" for name, size in sizes.items())
    return f"{start:g} to {stop:g} ms of seed {runs['seed'].iloc[0]}, {neurons}"


def _panel(
    axes: Axes,
    backend: str,
    sizes: Mapping[str, int],
    train: pd.DataFrame | None,
    alone: np.ndarray | None,
) -> None:
    total = sum(sizes.values())
    axes.set_ylim(-0.02 * total - 0.5, 1.02 * total - 0.5)
    marks = style.style_of(backend)
    axes.set_title(marks.label, loc="right", color=marks.colour, fontweight="bold")
    if train is None or alone is None:
        style.write_note(axes, "no finished run")
        return
    if train.empty:
        style.write_note(axes, "no spikes")
        return
    first, dots = 0, spike_marks.dot_size(len(train))
    for number, (name, size) in enumerate(sizes.items()):
        of_name = (train["population"] == name).to_numpy()
        rows = train[of_name]
        spike_marks.draw_spikes(
            axes, rows["time_ms"], rows["neuron"] + first, alone[of_name], backend, dots,
            _GREYS[number % len(_GREYS)],
        )  # fmt: skip
        if number:
            axes.axhline(first - 0.5, color=style.QUIET, linewidth=0.6)
        first += size


def _label(axes: Axes, sizes: Mapping[str, int], first: bool) -> None:
    """Label the y axis with the index in a population, or with the names of several."""
    if len(sizes) == 1:
        axes.set_ylabel(f"{next(iter(sizes))} (neuron index)" if first else "")
        return
    ends = np.cumsum(list(sizes.values()))
    middles = ends - np.array(list(sizes.values())) / 2
    axes.set_yticks(middles, list(sizes))
    axes.tick_params(axis="y", length=0)


def _sizes(
    runs: pd.DataFrame, population: str | None, populations: Sequence[str] | None
) -> dict[str, int]:
    """Numbers of neurons of the populations to show, by name.

    They are whole populations, also where the spikes of some neurons were recorded.
    """
    known: dict[str, int] = {}
    for named, parts in zip(population_sizes(runs), recorded_parts(runs), strict=True):
        known |= named | {name: part["of"] for name, part in parts.items() if name in named}
    if population is not None and populations is not None:
        raise BadInput("raster: population", "is given beside populations", "one of them")
    names = populations or ([population] if population is not None else list(known))
    return {name: known.get(name, 1) for name in names} or {"neurons": 1}


def _recorded_part(runs: pd.DataFrame, names: Iterable[str]) -> str:
    """Numbers of recorded neurons, of populations of which these are not all."""
    parts = recorded_parts(runs)[0]
    told = [
        f"{len(parts[name]['spikes']):,} of {parts[name]['of']:,} neurons recorded"
        for name in names
        if "spikes" in parts.get(name, {})
    ]
    return f"({', '.join(told)})" if told else ""


def _time_range(runs: pd.DataFrame, window: Sequence[float] | None) -> tuple[float, float]:
    if window is not None:
        return float(window[0]), float(window[1])
    durations = duration_ms(runs)
    stop = LONGEST_MS if np.isnan(durations).all() else float(np.nanmax(durations))
    return max(0.0, stop - LONGEST_MS), stop


def _within(
    spikes: pd.DataFrame, sizes: Mapping[str, int], time_range: tuple[float, float]
) -> pd.DataFrame:
    return spikes[spikes["time_ms"].between(*time_range) & spikes["population"].isin(list(sizes))]


def _summary(trains: Mapping[str, pd.DataFrame], alone: Mapping[str, np.ndarray]) -> str:
    if len(trains) < 2:
        return ""
    n_alone = sum(int(mask.sum()) for mask in alone.values())
    if not any(len(train) for train in trains.values()):
        return "no spikes on any backend"
    if n_alone == 0:
        return f"every spike on {'both' if len(trains) == 2 else 'all'} backends"
    return f"{n_alone:,} spikes on one backend only"
