"""Figure of the distributions of rates and inhibitory weights before and after plasticity."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from pipelines.figures import style
from pipelines.figures.distributions import regular_edges
from pipelines.metrics.selection import ByRun
from pipelines.metrics.spike_trains import rates

from ..analysis.measures import (
    AFTER,
    BEFORE,
    first_runs,
    population_size,
    train,
    weights_of,
    window,
)

TITLE = "Rates and inhibitory weights"

CAPTION = (
    "Firing rates of the excitatory neurons before plasticity (left) and in the last part of the "
    "run (middle), silent neurons included, and the weights of the inhibitory synapses onto them "
    "at the end (right), for the first seed of the first point of the sweep. The line is the "
    "target rate; all weights start at 0. The mean rate is at "
    "the target; single neurons are on their way there. Where a dashed line leaves the solid "
    "one, the backends differ. Heights have each panel's own scale."
)

N_BINS = 40


@style.styled
def draw(tables, swept) -> Figure:
    """Draw the distributions of rates and weights; reads runs, spikes and weights."""
    runs = first_runs(tables.runs, swept)
    spikes, weights = ByRun(runs, tables.spikes), ByRun(runs, tables.weights)
    backends = style.in_order(tables.runs["backend"])
    figure, grid = style.panel_grid(61, 1, 3)
    panels = grid[0]
    for axes, title, label in zip(
        panels,
        ("before plasticity", "after", "inhibitory synapses, after"),
        ("firing rate (Hz)", "firing rate (Hz)", "weight (nS)"),
        strict=True,
    ):
        axes.set_title(title)
        axes.set_xlabel(label)
    panels[0].set_ylabel("share of neurons (1)")
    panels[2].set_ylabel("share of synapses (1)")
    if runs.empty:
        style.write_note(panels[0], "no run was done")
        return figure
    found = {}
    for _, run in runs.iterrows():
        of_run = spikes[run["run_id"]]
        sizes = {"excitatory": population_size(run, "excitatory")}
        found[run["backend"]] = [
            *(rates(train(run, of_run, sizes, "excitatory", phase)) for phase in (BEFORE, AFTER)),
            weights_of(weights[run["run_id"]])[AFTER],
        ]
    run = runs.iloc[0]
    for k, axes in enumerate(panels):
        values = np.concatenate([each[k] for each in found.values()])
        if not len(values):
            style.write_note(axes, "no weights recorded")
            continue
        if k == 2:
            edges = np.linspace(0.0, values.max() or 1.0, N_BINS + 1)
        else:
            start, stop = window(run, (BEFORE, AFTER)[k])
            edges = regular_edges(values, 1e3 / (stop - start), most=N_BINS)
        for backend in backends:
            if backend in found:
                _histogram(axes, backend, found[backend][k], edges)
        axes.set_ylim(bottom=0)
    ink = {"color": style.REFERENCE, "linewidth": 1.1, "linestyle": "-."}
    panels[1].axvline(run["rho"], zorder=1, **ink)
    extra = [Line2D([], [], label="target rate", **ink)]
    style.legend(figure, backends, extra, line=True, marker=False)
    return figure


def _histogram(axes, backend, values, edges):
    share = np.histogram(values, edges)[0] / len(values)
    look = style.style_of(backend)
    axes.stairs(
        share, edges, color=look.colour, linewidth=look.width,
        linestyle=(0, look.dash) if look.dash else "-",
    )  # fmt: skip
