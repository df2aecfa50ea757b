"""Rates of both populations over time, with the switch, the closed form and the target."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from pipelines.analysis.selection import ByRun
from pipelines.figures import style

from ..measures import first_runs, population_size, uninhibited_rate

TITLE = "Rates over time"

CAPTION = (
    "Mean firing rate of the excitatory (left) and the inhibitory neurons (right) in a hundred "
    "bins, on a logarithmic axis, for the first seed of the first point of the sweep. Up to the "
    "dotted line excitatory neurons get no inhibition and fire at the rate of the closed form "
    "(dashed); from there on plasticity makes their inhibitory synapses grow until they fire at "
    "the target rate (dash-dotted). While the weights grow, the neurons fire together and are "
    "silent together; a bin without a spike is drawn at the foot. Look for a dashed coloured line "
    "that leaves the solid one: there the backends differ."
)

N_BINS = 100
LOWEST_HZ = 0.5


@style.styled
def draw(tables, swept) -> Figure:
    """Draw both panels; runs and spikes are read."""
    runs = first_runs(tables.runs, swept)
    spikes = ByRun(runs, tables.spikes)
    backends = style.in_order(tables.runs["backend"])
    figure = Figure(figsize=(style.WIDTH_IN, 3.2), layout="constrained")
    panels = figure.subplots(1, 2, sharex=True, sharey=True)
    for axes, population in zip(panels, ("excitatory", "inhibitory"), strict=True):
        axes.set_title(f"{population} neurons")
        axes.set_xlabel("time (ms)")
        for _, run in runs.iterrows():
            _line(axes, run, spikes[run["run_id"]], population)
    panels[0].set(yscale="log", ylim=(LOWEST_HZ, 500.0), ylabel="firing rate (Hz)")
    panels[0].yaxis.set_major_formatter("{x:g}")
    if runs.empty:
        style.say(panels[0], "no run was done")
        return figure
    run = runs.iloc[0]
    ink = {"color": style.REFERENCE, "linewidth": 1.1, "zorder": 5}
    panels[0].hlines(uninhibited_rate(run), 0, run["switch"], linestyle=(0, (4, 2)), **ink)
    panels[0].hlines(run["rho"], run["switch"], run["duration"], linestyle="-.", **ink)
    for axes in panels:
        axes.axvline(run["switch"], color=style.QUIET, linestyle=":", linewidth=1.2, zorder=0)
        axes.set_xlim(0, run["duration"])
    extra = [
        Line2D([], [], linestyle=(0, (4, 2)), label="closed form", **ink),
        Line2D([], [], linestyle="-.", label="target", **ink),
        Line2D([], [], color=style.QUIET, linestyle=":", label="plasticity on"),
    ]
    style.legend(figure, backends, extra, line=True, marker=False)
    return figure


def _line(axes, run, spikes, population):
    times = spikes.loc[spikes["population"] == population, "time_ms"].to_numpy()
    size = population_size(run, population)
    edges = np.linspace(0.0, run["duration"], N_BINS + 1)
    # A spike at the end of a step belongs to that step.
    rate = np.histogram(times - 1e-6, edges)[0] / size / edges[1] * 1e3
    look = style.style_of(run["backend"])
    axes.plot(
        (edges[:-1] + edges[1:]) / 2, np.maximum(rate, LOWEST_HZ), color=look.colour,
        linewidth=look.width, linestyle=(0, look.dash) if look.dash else "-",
    )  # fmt: skip
