"""Histograms of firing rates or synaptic weights, one panel for each point of a sweep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from pipelines.figures import style

COLUMNS = 3


def draw_distributions(
    panels: Mapping[str, Mapping[str, np.ndarray]],
    backends: Sequence[str],
    *,
    edges: Mapping[str, np.ndarray],
    x_label: str,
    y_label: str,
    empty: Mapping[str, str],
    share_x: bool,
) -> Figure:
    """Draw one histogram per panel and backend; every panel has its own y axis.

    Parameters
    ----------
    panels
        Values (1-D arrays), by panel title and backend.
    backends
        Names of all backends, in the order of the legend.
    edges
        Bin edges, by panel title.
    x_label, y_label
        Axis labels with units; the height of a bin is its share of the values.
    empty
        Text in place of the histogram, by title of the panels without values.
    share_x
        Whether all panels share one x axis.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    n_columns = min(COLUMNS, max(len(panels), 1))
    n_rows = -(-max(len(panels), 1) // n_columns)
    figure = Figure(figsize=(style.WIDTH_IN, 0.7 + 2.3 * n_rows), layout="constrained")
    grid = figure.subplots(n_rows, n_columns, sharex=share_x, squeeze=False)
    if not panels:
        style.write_note(grid[0, 0], "no run was done")
    for number, axes in enumerate(grid.flat):
        if number >= max(len(panels), 1):
            axes.set_visible(False)
            continue
        below = number + n_columns
        axes.set_xlabel(x_label if not share_x or below >= len(panels) else "")
        axes.set_ylabel(y_label if number % n_columns == 0 else "")
        # Only the last panel of a column has the tick labels of a shared axis.
        axes.tick_params(labelbottom=not share_x or below >= len(panels))
    for axes, (title, values) in zip(grid.flat, panels.items(), strict=False):
        axes.set_title(title.replace(", ", "\n"))
        if title in empty:
            style.write_note(axes, empty[title])
            axes.set_yticks([])
            if not share_x:
                axes.set_xticks([])
        else:
            _histogram(axes, values, backends, edges[title])
            axes.xaxis.set_major_locator(MaxNLocator(5))
    style.legend(figure, backends, line=True)
    return figure


def _histogram(
    axes: Axes, values: Mapping[str, np.ndarray], backends: Sequence[str], edges: np.ndarray
) -> None:
    rows = []
    for backend in backends:
        if backend not in values or not len(values[backend]):
            continue
        counts, _ = np.histogram(values[backend], edges)
        share = counts / len(values[backend])
        centre = (edges[1:] + edges[:-1]) / 2
        rows.append(pd.DataFrame({"x": centre, "share": share, "backend": backend}))
    labels = axes.get_xlabel(), axes.get_ylabel()
    sns.lineplot(
        data=pd.concat(rows), x="x", y="share", drawstyle="steps-mid", markersize=4.5,
        markeredgewidth=0.3, ax=axes, **style.line_style(backends),
    )  # fmt: skip
    axes.set(xlabel=labels[0], ylabel=labels[1])
    axes.set_ylim(bottom=0)


def regular_edges(values: np.ndarray, resolution: float, most: int = 24) -> np.ndarray:
    """Bin edges of at most `most` bins, each a whole multiple of `resolution` wide.

    Multiples of `resolution` lie at the centres of the narrowest bins, so that all bins hold the
    same number of possible values.

    Parameters
    ----------
    values : ndarray, shape (n,)
        Values to bin; not empty.
    resolution
        Smallest difference of two values, in their unit.
    most
        Largest number of bins.

    Returns
    -------
    ndarray, shape (n_bins + 1,)
        Ascending edges, in the unit of the values.
    """
    low, high = np.floor(values.min() / resolution), np.ceil(values.max() / resolution)
    # Two empty bins on both sides, so that a single value is drawn as a peak.
    low, high = low - 2, high + 2
    width = max(1, int(np.ceil((high - low + 1) / most)))
    n_bins = int(np.ceil((high - low + 1) / width))
    return (low - 0.5 + width * np.arange(n_bins + 1)) * resolution
