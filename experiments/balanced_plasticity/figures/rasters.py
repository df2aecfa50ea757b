"""Figure of rasters shortly before plasticity is turned on, and at the end."""

import numpy as np
from matplotlib.figure import Figure

from pipelines.figures import spike_marks, style
from pipelines.metrics.selection import ByRun, timestep_ms

from ..analysis.measures import AFTER, BEFORE, first_runs, population_size, window

TITLE = "Spikes before and after"

CAPTION = (
    "Spikes of 150 excitatory neurons and, above the line, of 50 inhibitory ones, in the last 150 "
    "ms before plasticity is turned on (left) and in the last 500 ms of the run (right), a row a "
    "backend, for the first seed of the first point of the sweep. Before, every excitatory neuron "
    "fires regularly, near the limit that its refractory period sets; after, neurons fire "
    "rarely, irregularly and independently of each other. Spikes that all backends have in the "
    "same time step are grey; the others have the colour of their backend."
)

SHOWN = {"excitatory": 150, "inhibitory": 50}
SHOWN_MS = {BEFORE: 150.0, AFTER: 500.0}


@style.styled
def draw(tables, swept) -> Figure:
    """Draw the rasters; reads runs and spikes."""
    runs = first_runs(tables.runs, swept)
    spikes = ByRun(runs, tables.spikes)
    backends = style.in_order(tables.runs["backend"])
    figure = style.new_figure(12 + 49 * max(len(backends), 1))
    grid = figure.subplots(max(len(backends), 1), 2, squeeze=False, width_ratios=[2, 3])
    by_backend = {run["backend"]: run for _, run in runs.iterrows()}
    trains = {backend: spikes[run["run_id"]] for backend, run in by_backend.items()}
    alone = {
        backend: spike_marks.on_one_only(backend, trains, timestep_ms(run))
        for backend, run in by_backend.items()
    }
    for row, backend in zip(grid, backends, strict=True):
        for axes, phase in zip(row, (BEFORE, AFTER), strict=True):
            if backend not in by_backend:
                style.write_note(axes, "no finished run")
                continue
            _panel(axes, by_backend[backend], trains[backend], alone[backend], phase)
        look = style.style_of(backend)
        row[1].set_title(look.label, loc="right", color=look.colour, fontweight="bold")
    for axes, words in zip(grid[0], ("before plasticity", "after"), strict=True):
        axes.set_title(words)
    for axes in grid[-1]:
        axes.set_xlabel("time (ms)")
    only_on = [backend for backend in backends if alone.get(backend, np.empty(0)).any()]
    style.place_legend(figure, spike_marks.handles(backends, only_on))
    return figure


def _panel(axes, run, spikes, alone, phase):
    start, stop = window(run, phase)
    start = max(start, stop - SHOWN_MS[phase])
    inside = (spikes["time_ms"] > start) & (spikes["time_ms"] <= stop + 1e-6)
    dots = spike_marks.dot_size(int(inside.sum()))
    first, middles = 0, []
    for population, number in SHOWN.items():
        number = min(number, population_size(run, population))
        shown = inside & (spikes["population"] == population) & (spikes["neuron"] < number)
        rows, only_here = spikes[shown], alone[shown.to_numpy()]
        spike_marks.draw_spikes(
            axes, rows["time_ms"], rows["neuron"] + first, only_here, run["backend"], dots
        )
        middles.append(first + number / 2)
        first += number
        if population == "excitatory":
            axes.axhline(first - 0.5, color=style.QUIET, linewidth=0.8)
    axes.set(xlim=(start, stop), ylim=(-1, first))
    names = list(SHOWN) if phase == BEFORE else [""] * len(SHOWN)
    axes.set_yticks(middles, names)
    axes.tick_params(left=False)
