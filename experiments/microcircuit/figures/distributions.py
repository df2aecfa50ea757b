"""Figure of the distributions of rate, irregularity and correlation in each population."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from pipelines.figures import style
from pipelines.metrics.correlation import correlations
from pipelines.metrics.selection import finished
from pipelines.metrics.spike_trains import interval_cv, rates

from ..analysis.activity import PAIRED, trains_of_runs
from ..analysis.layers import COLOURS, LAYERS

TITLE = "Distributions over neurons"

CAPTION = (
    "Distributions over the neurons of a layer, excitatory (dark) and inhibitory (light): firing "
    "rate, coefficient of variation (CV) of the intervals of neurons with two intervals at least, "
    f"and correlation of the spike counts of pairs of {PAIRED} neurons in bins of 2 ms. Seeds are "
    "pooled; the height of a bin is its share of the values, for correlations on a logarithmic "
    "scale. Solid lines are the first backend, dashed ones the second: where they coincide, "
    "the backends agree. Short runs have few spikes, and with them coarse values."
)

N_BINS = 24
QUANTITIES = {
    "rate": "firing rate (Hz)",
    "cv": "CV of intervals",
    "correlation": "correlation in 2 ms",
}


@style.styled
def draw(tables, swept) -> Figure:
    """Draw the distributions, one panel per layer and quantity; reads runs and spikes."""
    runs = finished(tables.runs)
    backends = style.in_order(tables.runs["backend"])
    values = _values(runs, tables.spikes)
    figure = style.new_figure(142)
    grid = figure.subplots(len(LAYERS), len(QUANTITIES), sharex="col", squeeze=False)
    for row, (layer, words) in zip(grid, LAYERS.items(), strict=True):
        row[0].set_ylabel(f"layer {words}\nshare")
        for axes, quantity in zip(row, QUANTITIES, strict=True):
            _panel(axes, values, quantity, layer, backends)
    for axes, words in zip(grid[-1], QUANTITIES.values(), strict=True):
        axes.set_xlabel(words)
    style.place_legend(
        figure,
        [
            *(
                Line2D([], [], color=COLOURS[kind], label=words)
                for kind, words in (("E", "excitatory cells"), ("I", "inhibitory cells"))
            ),
            *(
                Line2D([], [], color="black", linestyle=dash, label=style.style_of(one).label)
                for one, dash in zip(backends, ("-", (0, (2, 2))), strict=False)
            ),
        ],
    )
    return figure


def _values(runs, spikes):
    """Values of all runs by (backend, population, quantity)."""
    found = {}
    for index, trains in trains_of_runs(runs, spikes):
        for name, one in trains.items():
            cv = interval_cv(one)
            sample = {
                "rate": rates(one),
                "cv": cv[~np.isnan(cv)],
                "correlation": correlations(one, PAIRED),
            }
            for quantity, values in sample.items():
                key = runs.loc[index, "backend"], name, quantity
                found[key] = np.append(found.get(key, []), values)
    return found


def _panel(axes, values, quantity, layer, backends):
    known = [v for key, v in values.items() if key[2] == quantity and len(v)]
    edges = _edges(quantity, np.concatenate(known)) if known else np.array([0.0, 1.0])
    for kind, colour in COLOURS.items():
        for backend, dash in zip(backends, ("-", (0, (2, 2))), strict=False):
            own = values.get((backend, f"{layer}{kind}", quantity), np.empty(0))
            if len(own):
                share = np.histogram(np.clip(own, edges[0], edges[-1]), edges)[0] / len(own)
                axes.stairs(share, edges, color=colour, linestyle=dash, linewidth=1.2)
    if quantity == "correlation" and known:
        # Most correlations are near zero, so that a tail would be invisible on a linear axis.
        axes.set_yscale("log")
        axes.set_ylim(1e-4, 2)
    else:
        axes.set_ylim(bottom=0)


def _edges(quantity, values):
    """Bin edges up to a high quantile of the values; larger ones belong to the last bin."""
    if quantity == "correlation":
        low, high = np.quantile(values, [0.01, 0.995])
    else:
        low, high = 0.0, np.quantile(values, 0.995)
    if quantity == "rate":
        # A whole number of spikes wide, so that all bins hold the same number of possible rates.
        step = np.min(values[values > 0], initial=high or 1.0)
        width = step * max(1, round(high / step / N_BINS))
        return np.maximum(np.arange(-0.5, np.ceil(high / width) + 1) * width, 0.0)
    return np.linspace(low, high if high > low else low + 1.0, N_BINS + 1)
