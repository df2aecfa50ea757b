"""Figure of the first divergence of two runs: spikes around it, and the state of the neuron."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from pipelines.diagnosis.run_pair import Pair
from pipelines.figures import style
from pipelines.figures.two_rasters import (
    SPIKE_OFFSETS,
    View,
    draw_spikes,
    pair_styles,
    spike_handles,
)
from pipelines.figures.variables import label_of

_VARIABLES = ("v", "isyn_exc", "isyn_inh", "gsyn_exc", "gsyn_inh")
# Neurons shown above and below the one at which the runs diverge.
_NEIGHBOURS = 30


@style.styled
def draw(
    pair: Pair,
    states: Sequence[Mapping[str, np.ndarray]],
    names: tuple[str, str],
    window: tuple[float, float],
) -> Figure:
    """Draw the spikes of both runs and the state of the neuron, around the divergence.

    Parameters
    ----------
    pair
        Two runs whose spikes differ.
    states
        State variables over time of each run, from `pipelines.diagnosis.repeats.replay`; empty
        if not recorded.
    names
        Labels of the two runs.
    window
        First and last time to show, in ms.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.

    Raises
    ------
    ValueError
        If the two runs have the same spikes.
    """
    difference = pair.divergence
    if difference is None:
        raise ValueError("the runs have the same spikes")
    variables = (
        [name for name in _VARIABLES if all(name in state for state in states)] if states else []
    )
    marks = pair_styles(pair)
    figure = style.new_figure(60 + 31 * len(variables))
    panels = figure.subplots(
        1 + len(variables), 1, sharex=True, squeeze=False,
        height_ratios=[1.6, *[1.0] * len(variables)],
    )[:, 0]  # fmt: skip
    view = View(
        difference.population,
        difference.neuron - _NEIGHBOURS,
        difference.neuron + _NEIGHBOURS,
        *window,
    )
    draw_spikes(panels[0], pair, view)
    panels[0].scatter(
        [difference.time_ms], [difference.neuron + SPIKE_OFFSETS[difference.on]], s=160,
        facecolors="none", edgecolors=style.REFERENCE, zorder=4,
    )  # fmt: skip
    for axes, variable in zip(panels[1:], variables, strict=True):
        for state, mark in zip(states, marks, strict=True):
            inside = state["time_ms"] >= window[0]
            axes.plot(
                state["time_ms"][inside], state[variable][inside],
                color=mark.colour, linewidth=mark.width, dashes=mark.dash or (None, None),
            )  # fmt: skip
        axes.set_ylabel(label_of(variable))
    for axes in panels:
        axes.axvline(difference.time_ms, color=style.QUIET, linewidth=0.8, zorder=0)
    panels[-1].set_xlabel("time (ms)")
    panels[0].set_xlim(window)
    title = (
        f"First difference at {difference.time_ms:g} ms: neuron {difference.neuron} of"
        f" {difference.population} fires on {names[difference.on]} only"
    )
    figure.suptitle(style.wrap(title), x=0.01, ha="left")
    handles = spike_handles(pair, names)
    if variables:
        handles += [
            Line2D(
                [], [], color=mark.colour, linewidth=mark.width,
                dashes=mark.dash or (None, None), label=name,
            )
            for mark, name in zip(marks, names, strict=True)
        ]  # fmt: skip
    style.place_legend(figure, handles, "outside lower center")
    return figure
