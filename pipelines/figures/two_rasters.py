"""Spikes of two runs in one panel: what both have, and what one of them has alone."""

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

COMMON = "#6f6f6f"
"""Colour of spikes that both runs have; their mark is a stroke."""

ASIDE = (-0.15, 0.15)
"""How far off its neuron's line a spike of the first run alone is drawn, and one of the second."""


@dataclass(frozen=True)
class View:
    """What a panel shows: a population, its neurons from `low` to `high`, and a time in ms."""

    population: str
    low: int
    high: int
    start: float
    stop: float


def marks_of(pair: Pair) -> list[style.Style]:
    """Marks of two runs, which may be of one backend."""
    backends = [str(one.record["backend"]) for one in (pair.a, pair.b)]
    if backends[0] == backends[1]:
        backends[1] = next(name for name in all_names() if name != backends[0])
    return [style.style_of(name) for name in backends]


def spikes_of(pair: Pair, view: View) -> list[pd.DataFrame]:
    """Spikes that both have, that the first has alone, and that the second has alone.

    Returns
    -------
    list of pandas.DataFrame
        Columns time_ms and neuron, of what the view shows.
    """
    grid = pair.grid
    a, b = grid.keys
    found = []
    for keys in (np.intersect1d(a, b), np.setdiff1d(a, b), np.setdiff1d(b, a)):
        step, population, neuron = grid.parts(keys)
        names = np.array([*grid.populations, ""], dtype=object)
        frame = pd.DataFrame({"time_ms": grid.times_ms(step), "neuron": neuron.astype(int)})
        inside = frame["time_ms"].between(view.start, view.stop)
        inside &= frame["neuron"].between(view.low, view.high)
        found.append(frame[inside & (names[population] == view.population)])
    return found


def draw_spikes(axes: Axes, pair: Pair, view: View) -> list[pd.DataFrame]:
    """Draw the spikes of two runs into one panel; return them as `spikes_of` does."""
    spikes = spikes_of(pair, view)
    common, *alone = spikes
    axes.scatter(
        common["time_ms"], common["neuron"], color=COMMON, marker="|", s=26, linewidths=1.0
    )
    # Beside the neuron's line, so that one step of time hides neither.
    for rows, mark, aside in zip(alone, marks_of(pair), ASIDE, strict=True):
        axes.scatter(
            rows["time_ms"], rows["neuron"] + aside, color=mark.colour, marker=mark.marker, s=22,
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
    """Entries of a legend: on both, on the one alone, on the other alone."""
    handles = [Line2D([], [], color=COMMON, marker="|", linestyle="none", label="on both")]
    for mark, name in zip(marks_of(pair), names, strict=True):
        handles.append(
            Line2D(
                [], [], color=mark.colour, marker=mark.marker, linestyle="none", markersize=5,
                label=f"on {name} alone",
            )
        )  # fmt: skip
    return handles


@style.styled
def draw_together(pair: Pair, names: tuple[str, str], view: View) -> Figure:
    """Draw a part of two runs, wherever they part or do not.

    Parameters
    ----------
    pair
        Two runs.
    names
        What to call them.
    view
        What to show.
    """
    figure = Figure(figsize=(style.WIDTH_IN, 2.6), layout="constrained")
    axes = figure.subplots()
    draw_spikes(axes, pair, view)
    axes.set_xlabel("time (ms)")
    figure.legend(
        handles=spike_handles(pair, names), loc="outside upper right", ncols=3, frameon=False
    )
    return figure
