"""Marks of spikes in rasters: spikes that backends share look alike, whichever backend it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from pipelines.figures import style


def on_one_only(
    backend: str, trains: Mapping[str, pd.DataFrame], timestep: float
) -> NDArray[np.bool_]:
    """Mask of the spikes of a backend that are missing on at least one other backend.

    Parameters
    ----------
    backend
        Name of the backend.
    trains
        Spikes (population, neuron, time_ms) of each backend.
    timestep
        Time step in ms; spikes of one neuron in the same step are the same spike.
    """
    own = _keys(trains[backend], timestep)
    missing = np.zeros(len(own), bool)
    for other, train in trains.items():
        if other != backend:
            missing |= ~own.isin(_keys(train, timestep))
    return missing


def dot_size(n_spikes: int) -> float:
    """Size of the dots in a panel of so many spikes, so that 100 to 10,000 are readable."""
    return float(np.clip(4000.0 / max(n_spikes, 1), 0.7, 5.0))


def draw_spikes(
    axes: Axes,
    time_ms: pd.Series,
    row: pd.Series,
    only_here: NDArray[np.bool_],
    backend: str,
    size: float,
    colour: str = style.COMMON,
) -> None:
    """Draw spikes: one neutral mark for those on all backends, the backend's for the others.

    Parameters
    ----------
    axes
        Panel.
    time_ms, row
        Time and height of each spike.
    only_here
        Mask of `on_one_only`.
    backend
        Name of the backend, which gives the colour and marker of its own spikes.
    size
        Size of a dot, from `dot_size`.
    colour
        Colour of the spikes that are on all backends.
    """
    axes.scatter(
        time_ms[~only_here], row[~only_here], s=size, color=colour, linewidths=0, rasterized=True
    )
    if only_here.any():
        mark = style.style_of(backend)
        # Where hardly a spike is shared, a larger mark would cover its neighbours.
        larger = max(12.0, 2 * size) if only_here.mean() < 0.2 else 1.5 * size
        axes.scatter(
            time_ms[only_here], row[only_here], s=larger, color=mark.colour, marker=mark.marker,
            linewidths=0, rasterized=True, zorder=3,
        )  # fmt: skip


def handles(backends: Iterable[str], only_on: Iterable[str], shared: bool = True) -> list[Line2D]:
    """Legend entries: spikes on all backends, if any can be `shared`, and those on one alone."""
    n = len(list(backends))
    words = {1: "spike", 2: "on both backends"}.get(n, "on all backends")
    found = [_handle(style.COMMON, "o", 2.5, words)] if shared else []
    for backend in only_on:
        mark = style.style_of(backend)
        label = f"on {mark.label} only" if shared else mark.label
        found.append(_handle(mark.colour, mark.marker, 4.5, label))
    return found


def _handle(colour: str, marker: str, size: float, label: str) -> Line2D:
    return Line2D(
        [], [], color=colour, marker=marker, linestyle="none", markersize=size, markeredgewidth=0,
        label=label,
    )  # fmt: skip


def _keys(train: pd.DataFrame, timestep: float) -> pd.MultiIndex:
    step = np.rint(train["time_ms"].to_numpy(float) / timestep).astype(np.int64)
    return pd.MultiIndex.from_arrays([train["population"].astype(str), train["neuron"], step])
