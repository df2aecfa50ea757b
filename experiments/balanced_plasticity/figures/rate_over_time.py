"""Figure of the rates of both populations over time, with closed form and target rate."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from pipelines.figures import style
from pipelines.figures.sweep_points import evenly_spaced, settings
from pipelines.metrics.selection import ByRun, finished

from ..analysis.measures import population_size, uninhibited_rate

TITLE = "Rates over time"

CAPTION = (
    "Mean firing rate of the excitatory (left) and the inhibitory neurons (right) in a hundred "
    "bins, on a logarithmic axis, for the first seed; a row of panels is one point of the sweep "
    "(of a larger sweep three, evenly spaced). Up to the dotted line excitatory neurons get no "
    "inhibition and fire at the rate of the closed form (dashed); from there on plasticity makes "
    "their inhibitory synapses grow until they fire at the target rate (dash-dotted). While the "
    "weights grow, the neurons fire together and are silent together; a bin without a spike is "
    "drawn at the foot. Where a dashed coloured line leaves the solid one, the backends differ."
)

N_BINS = 100
LOWEST_HZ, HIGHEST_HZ = 0.5, 500.0
ROWS = 3
INK = {"color": style.REFERENCE, "linewidth": 1.1, "zorder": 5}
CLOSED_FORM, TARGET = (0, (4, 2)), "-."


@style.styled
def draw(tables, swept) -> Figure:
    """Draw the rates over time, one row of two panels per sweep point; reads runs and spikes."""
    spikes = ByRun(finished(tables.runs), tables.spikes)
    backends = style.in_order(tables.runs["backend"])
    rows = evenly_spaced(settings(tables.runs, swept), ROWS)
    n_rows = max(len(rows), 1)
    figure = style.new_figure(14 + 51 * n_rows)
    grid = figure.subplots(n_rows, 2, sharex=True, sharey=True, squeeze=False)
    if not rows:
        style.write_note(grid[0, 0], "no run was done")
        return figure
    for panels, setting in zip(grid, rows, strict=True):
        runs = setting.first_seed()
        for axes, population in zip(panels, ("excitatory", "inhibitory"), strict=True):
            axes.set_title(f"{population} neurons, {setting.label}" if swept else population)
            for _, run in runs.iterrows():
                _line(axes, run, spikes[run["run_id"]], population)
            run = runs.iloc[0]
            axes.axvline(run["switch"], color=style.QUIET, linestyle=":", linewidth=1.2, zorder=0)
            axes.set_xlim(0, run["duration"])
        panels[0].hlines(uninhibited_rate(run), 0, run["switch"], linestyle=CLOSED_FORM, **INK)
        panels[0].hlines(run["rho"], run["switch"], run["duration"], linestyle=TARGET, **INK)
        panels[0].set(yscale="log", ylim=(LOWEST_HZ, HIGHEST_HZ), ylabel="firing rate (Hz)")
        panels[0].yaxis.set_major_formatter("{x:g}")
    for axes in grid[-1]:
        axes.set_xlabel("time (ms)")
    extra = [
        Line2D([], [], linestyle=CLOSED_FORM, label="closed form", **INK),
        Line2D([], [], linestyle=TARGET, label="target", **INK),
        Line2D([], [], color=style.QUIET, linestyle=":", label="plasticity on"),
    ]
    style.legend(figure, backends, extra, line=True, marker=False)
    return figure


def _line(axes, run, spikes, population):
    times = spikes.loc[spikes["population"] == population, "time_ms"].to_numpy()
    edges = np.linspace(0.0, run["duration"], N_BINS + 1)
    # A spike at the end of a step belongs to that step.
    counts = np.histogram(times - 1e-6, edges)[0]
    rate = counts / population_size(run, population) / edges[1] * 1e3
    look = style.style_of(run["backend"])
    axes.plot(
        (edges[:-1] + edges[1:]) / 2, np.maximum(rate, LOWEST_HZ), color=look.colour,
        linewidth=look.width, linestyle=(0, look.dash) if look.dash else "-",
    )  # fmt: skip
