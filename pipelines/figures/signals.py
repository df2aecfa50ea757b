"""Recorded signals of single neurons on all backends, and their difference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from pydantic import Field

from pipelines.figures import style
from pipelines.figures.distributions import COLUMNS
from pipelines.figures.options import SignalName, SignalPopulationName
from pipelines.figures.sweep_points import Setting, evenly_spaced, settings
from pipelines.figures.variables import label_of
from pipelines.metrics.measured import Recordings
from pipelines.metrics.recorded import Trace
from pipelines.metrics.selection import HasTables, finished
from pipelines.tables.signal_samples import unit_of_variable

TITLE = "Signals"

CAPTION = (
    "A recorded variable of single neurons over time, on every backend (first seed), and below "
    "it the difference of each other backend from the first one of the legend, at the same times. "
    "A panel is one neuron at one point of the sweep (of a larger sweep and a larger population a "
    "few, evenly spaced in their order); of a long run the last second is shown. Where a dashed "
    "line leaves the solid one, the backends differ; a difference that is many orders of magnitude "
    "below the signal is rounding."
)

LONGEST_MS = 1000.0
_DECIMALS = 6  # of a time in ms, far below a time step


@style.styled
def draw(
    tables: HasTables,
    swept: Mapping[str, str] | Sequence[str],
    *,
    population: SignalPopulationName | None = None,
    variable: SignalName | None = None,
    neurons: Annotated[int, Field(ge=1)] | Sequence[int] = 3,
    points: Annotated[int, Field(ge=1)] = 2,
    window: Annotated[Sequence[float], Field(min_length=2, max_length=2)] | None = None,
) -> Figure:
    """Draw traces of a variable and their difference at each point of a sweep.

    Parameters
    ----------
    tables
        Tables of an experiment, of which runs and signals are read.
    swept
        Names of the swept parameters; as a mapping, with their units.
    population
        Name of the population; by default the first by name.
    variable
        Name of the variable; by default the potential, else the first by name.
    neurons
        Number of recorded neurons to show, evenly spaced, or their indices.
    points
        Largest number of sweep points to show.
    window
        First and last time (ms) to show; by default the last second.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    backends = style.in_order(tables.runs["backend"])
    chosen = evenly_spaced(settings(tables.runs, swept), points)
    recordings = Recordings(finished(tables.runs), tables)
    name, variable = _source(tables, population, variable)
    panels = [
        panel
        for setting in chosen
        for panel in _panels(setting, recordings, f"{name}.{variable}", neurons, window)
    ]
    n_columns = min(style.columns(COLUMNS), max(len(panels), 1))
    n_rows = -(-max(len(panels), 1) // n_columns)
    titles = [style.wrap(panel.title.replace(", ", "\n"), n_columns) for panel in panels]
    figure = style.new_figure(14 + n_rows * (style.panel_height(titles) + 20))
    grid = figure.subplots(
        2 * n_rows, n_columns, squeeze=False, height_ratios=[2, 1] * n_rows, sharex=False
    )
    for number in range(n_rows * n_columns):
        row, column = divmod(number, n_columns)
        traces, differences = grid[2 * row, column], grid[2 * row + 1, column]
        if number >= max(len(panels), 1):
            traces.set_visible(False)
            differences.set_visible(False)
            continue
        panel = panels[number] if panels else Panel("", {}, (0.0, 1.0))
        traces.set_title(titles[number] if panels else "")
        differences.set_label(style.PART_OF_PANEL)
        _draw_traces(traces, panel, variable)
        _draw_differences(differences, panel, backends, variable)
        if not panel.traces:
            style.write_note(traces, f"no {variable} recorded" if panels else "no run was done")
    style.legend(figure, backends, line=True, marker=False)
    return figure


@dataclass(frozen=True)
class Panel:
    """Title, traces by backend (ms, unit of the variable) and shown times (ms) of one neuron."""

    title: str
    traces: Mapping[str, Trace]
    window: tuple[float, float]


def _source(tables: HasTables, population: str | None, variable: str | None) -> tuple[str, str]:
    """Population and variable to show."""
    found = tables.signals[["population", "variable"]].drop_duplicates()
    name = population or min(found["population"], default="neurons")
    variables = sorted(found.loc[found["population"] == name, "variable"])
    usual = "v" if "v" in variables or not variables else variables[0]
    return name, variable or usual


def _panels(
    setting: Setting,
    recordings: Recordings,
    signal: str,
    neurons: int | Sequence[int],
    window: Sequence[float] | None,
) -> Iterator[Panel]:
    """A panel for each shown neuron of the first seed of a sweep point."""
    runs = {run["backend"]: recordings[run["run_id"]] for _, run in setting.first_seed().iterrows()}
    found = {backend: run.signals[signal] for backend, run in runs.items() if signal in run.signals}
    recorded = sorted({int(k) for one in found.values() for k in np.unique(one.neuron)})
    shown = evenly_spaced(recorded, neurons) if isinstance(neurons, int) else neurons
    if not recorded:
        yield Panel(setting.label, {}, (0.0, LONGEST_MS))
        return
    stop = max(float(one.time_ms.max()) for one in found.values())
    first, last = window or (max(0.0, stop - LONGEST_MS), stop)
    for neuron in shown:
        traces = {backend: one.of(neuron) for backend, one in found.items()}
        inside = {
            backend: (time_ms[kept], value[kept])
            for backend, (time_ms, value) in traces.items()
            for kept in [(time_ms >= first) & (time_ms <= last)]
            if kept.any()
        }
        yield Panel(f"{setting.label}, neuron {neuron}", inside, (first, last))


def _draw_traces(axes: Axes, panel: Panel, variable: str) -> None:
    axes.set_ylabel(label_of(variable))
    axes.tick_params(labelbottom=False)
    for backend, (time_ms, value) in panel.traces.items():
        own = style.style_of(backend)
        axes.plot(
            time_ms, value, color=own.colour, linewidth=own.width,
            linestyle=(0, own.dash) if own.dash else "-",
        )  # fmt: skip
    axes.set_xlim(panel.window)


def _draw_differences(axes: Axes, panel: Panel, backends: Sequence[str], variable: str) -> None:
    """Each backend less the first one of those that have a trace."""
    unit = unit_of_variable(variable)
    axes.set_xlabel("time (ms)")
    axes.set_ylabel(style.with_unit("difference", unit))
    axes.set_xlim(panel.window)
    present = [backend for backend in backends if backend in panel.traces]
    if len(present) < 2:
        style.write_note(axes, "no second backend")
        axes.set_yticks([])
        return
    largest = 0.0
    for backend in present[1:]:
        time_ms, apart = _difference(panel.traces[present[0]], panel.traces[backend])
        own = style.style_of(backend)
        axes.plot(time_ms, apart, color=own.colour, linewidth=own.width)
        largest = max(largest, float(np.nanmax(np.abs(apart), initial=0.0)))
    if largest == 0.0:
        axes.set_ylim(-1.0, 1.0)
        axes.set_yticks([0.0])
        style.write_note(axes, "no difference at any time")
    else:
        axes.set_title(f"largest {largest:.2g} {unit}".strip(), loc="right", fontsize="small")


def _difference(first: Trace, second: Trace) -> Trace:
    """The second trace less the first, at the times that both have."""
    times = [np.round(trace[0], _DECIMALS) for trace in (first, second)]
    common, of_first, of_second = np.intersect1d(times[0], times[1], return_indices=True)
    return common, second[1][of_second] - first[1][of_first]
