"""Raster of two runs in one panel: common spikes, and spikes of one run only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from pipelines.backends import all_names
from pipelines.diagnosis.run_pair import Pair
from pipelines.figures import style

SPIKE_OFFSETS = (-0.15, 0.15)
"""Vertical offsets (neuron indices) of spikes of the first run only and of the second only."""


@dataclass(frozen=True)
class View:
    """Part of a raster: a population, its neurons `low` to `high`, and a time range in ms."""

    population: str
    low: int
    high: int
    start: float
    stop: float


def pair_styles(pair: Pair) -> list[style.Style]:
    """Styles of two runs; two runs of one backend get different ones."""
    backends = [str(one.record["backend"]) for one in (pair.a, pair.b)]
    if backends[0] == backends[1]:
        backends[1] = next(name for name in all_names() if name != backends[0])
    return [style.style_of(name) for name in backends]


def split_spikes(pair: Pair, view: View) -> list[pd.DataFrame]:
    """Spikes within a view: common to both runs, of the first only, and of the second only.

    Parameters
    ----------
    pair
        Two runs.
    view
        Population, neurons and time range.

    Returns
    -------
    list of pandas.DataFrame
        Three tables with the columns time_ms and neuron.
    """
    grid = pair.grid
    a, b = grid.keys
    found = []
    for keys in (np.intersect1d(a, b), np.setdiff1d(a, b), np.setdiff1d(b, a)):
        step, population, neuron = grid.split_keys(keys)
        names = np.array([*grid.populations, ""], dtype=object)
        frame = pd.DataFrame({"time_ms": grid.times_ms(step), "neuron": neuron.astype(int)})
        inside = frame["time_ms"].between(view.start, view.stop)
        inside &= frame["neuron"].between(view.low, view.high)
        found.append(frame[inside & (names[population] == view.population)])
    return found


def draw_spikes(axes: Axes, pair: Pair, view: View) -> list[pd.DataFrame]:
    """Draw the spikes of two runs into one panel; return what `split_spikes` returns."""
    spikes = split_spikes(pair, view)
    common, *alone = spikes
    axes.scatter(
        common["time_ms"], common["neuron"], color=style.COMMON, marker="|", s=26, linewidths=1.0
    )
    # Above and below the neuron's line, so that marks one time step apart do not overlap.
    for rows, mark, offset in zip(alone, pair_styles(pair), SPIKE_OFFSETS, strict=True):
        axes.scatter(
            rows["time_ms"], rows["neuron"] + offset, color=mark.colour, marker=mark.marker, s=22,
            linewidths=0, zorder=3,
        )  # fmt: skip
    axes.set_xlim(view.start, view.stop)
    axes.set_ylabel(f"{view.population} (neuron index)")
    axes.yaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axes.margins(y=0.05)
    bottom, top = axes.get_ylim()
    if top - bottom < 1:
        axes.set_ylim(round(bottom) - 0.8, round(bottom) + 0.8)
    return spikes


def spike_handles(pair: Pair, names: Sequence[str]) -> list[Line2D]:
    """Legend entries: common spikes, spikes of the first run only, of the second only."""
    handles = [Line2D([], [], color=style.COMMON, marker="|", linestyle="none", label="on both")]
    for mark, name in zip(pair_styles(pair), names, strict=True):
        handles.append(
            Line2D(
                [], [], color=mark.colour, marker=mark.marker, linestyle="none", markersize=5,
                label=f"on {name} only",
            )
        )  # fmt: skip
    return handles


@style.styled
def draw_raster(pair: Pair, names: tuple[str, str], view: View) -> Figure:
    """Draw a raster of a part of two runs.

    Parameters
    ----------
    pair
        Two runs.
    names
        Labels of the two runs.
    view
        Population, neurons and time range to draw.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    figure = style.new_figure(53)
    axes = figure.subplots()
    draw_spikes(axes, pair, view)
    axes.set_xlabel("time (ms)")
    style.place_legend(figure, spike_handles(pair, names))
    return figure
