"""Figure of the final weights by input: inputs that spike first in the pattern are strong."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from pipelines.figures import style
from pipelines.metrics.selection import ByRun, finished

from ..analysis.detection import (
    detection,
    final_weights,
    neuron_spikes,
    parameters_of,
    pattern_starts,
)
from ..analysis.robustness import has_standard_conditions
from ..inputs import pattern_spikes

TITLE = "Weights of the inputs"

CAPTION = (
    "The longest run with the reduced symmetric pairing under the standard conditions (first "
    "seed), at its end. Left: the spikes of the pattern, before jitter; its inputs are in order of "
    "their first spike, the colour is the weight of their synapses, and the dashed line the "
    "mean latency of the neuron's spike in the last third. Right: distribution of the weights of "
    "the inputs that take part in the pattern, and of those that do not. Strong synapses belong "
    "to inputs that spike just before the neuron does, and all others are weak."
)

N_BINS = 25


@style.styled
def draw(tables, swept) -> Figure:
    """Draw the pattern coloured by weight, and weights; reads runs, spikes and weights."""
    done = finished(tables.runs)
    spikes, weights = ByRun(done, tables.spikes), ByRun(done, tables.weights)
    runs = done[has_standard_conditions(done)]
    runs = runs[runs["duration"] == runs["duration"].max()].sort_values("seed")
    backends = style.in_order(tables.runs["backend"])
    figure, grid = style.panel_grid(85, 1, 2, width_ratios=[1.6, 1])
    left, right = grid[0]
    for number, backend in enumerate(backends):
        for _, run in runs[runs["backend"] == backend].head(1).iterrows():
            final = final_weights(run, weights[run["run_id"]])
            if final is None:
                continue
            parameters = parameters_of(run)
            if number == 0:
                dots = _pattern(left, run, parameters, final, spikes[run["run_id"]])
                figure.colorbar(dots, ax=left, label="weight at the end (largest weight = 1)")
                right.axvline(
                    parameters.w_init / parameters.w_max, color=style.QUIET, dashes=(1, 1)
                )
            _distribution(right, parameters, final, backend)
    if not left.collections:
        style.write_note(left, "no finished run with weights under the standard conditions")
    left.set(xlabel="time from the beginning of the pattern (ms)",
             ylabel="input, in order of first spike")  # fmt: skip
    right.set(xlabel="weight at the end (largest weight = 1)", ylabel="share of inputs (1)")
    right.set_ylim(bottom=0)
    kinds = [
        Line2D([], [], color=style.REFERENCE, linewidth=2.2, label="in the pattern"),
        Line2D([], [], color=style.REFERENCE, linewidth=0.8, label="not in it"),
        Line2D([], [], color=style.QUIET, dashes=(1, 1), label="at the start"),
    ]
    style.legend(figure, backends, kinds, line=True, marker=False)
    return figure


def _pattern(axes, run, parameters, final, spikes):
    time, source = pattern_spikes(parameters, int(run["seed"]))
    first = np.full(parameters.n_pattern, np.inf)
    np.minimum.at(first, source, time)
    place = np.argsort(np.argsort(first))
    dots = axes.scatter(time, place[source], c=final[source], s=3.0, cmap="cividis_r",
                        vmin=0, vmax=1, linewidths=0)  # fmt: skip
    found = detection(
        neuron_spikes(spikes), pattern_starts(run), parameters.pattern_length, parameters.duration
    )
    axes.axvline(found.latency_ms, color=style.REFERENCE, dashes=(4, 2), linewidth=1.2)
    axes.set(xlim=(0, parameters.pattern_length), ylim=(0, parameters.n_pattern))
    return dots


def _distribution(axes, parameters, final, backend):
    look = style.style_of(backend)
    edges = np.linspace(0.0, 1.0, N_BINS + 1)
    groups = (final[: parameters.n_pattern], 2.2), (final[parameters.n_pattern :], 0.8)
    for values, width in groups:
        if len(values):
            share = np.histogram(np.clip(values, 0.0, 1.0), edges)[0] / len(values)
            axes.stairs(
                share, edges, color=look.colour,
                linewidth=width, linestyle=(0, look.dash) if look.dash else "-",
            )  # fmt: skip
