"""Panels of histograms: one per point of a sweep, one line per backend, a band over seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from pipelines.figures import style

COLUMNS = 3


def draw_distributions(
    panels: Mapping[str, Mapping[str, Sequence[np.ndarray]]],
    backends: Sequence[str],
    *,
    edges: Mapping[str, np.ndarray],
    x_label: str,
    y_label: str,
    empty: Mapping[str, str],
    share_x: bool,
) -> Figure:
    """Draw one histogram per panel and backend; every panel has its own y axis.

    A line is the mean over runs (seeds), the band goes from the lowest to the highest run.

    Parameters
    ----------
    panels
        Values of each run (1-D arrays), by panel title and backend.
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
    n_columns = min(style.columns(COLUMNS), max(len(panels), 1))
    n_rows = -(-max(len(panels), 1) // n_columns)
    titles = {title: style.wrap(title.replace(", ", "\n"), n_columns) for title in panels}
    share = 0.6 if n_columns == 1 else 1.0
    figure = style.new_figure(14 + n_rows * style.panel_height(titles.values()), share)
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
        axes.set_title(titles[title])
        if title in empty:
            style.write_note(axes, empty[title])
            axes.set_yticks([])
            if not share_x:
                axes.set_xticks([])
        else:
            _histogram(axes, values, backends, edges[title])
            axes.xaxis.set_major_locator(MaxNLocator(5))
    style.legend(figure, backends, line=True, marker=False)
    return figure


def _histogram(
    axes: Axes,
    values: Mapping[str, Sequence[np.ndarray]],
    backends: Sequence[str],
    edges: np.ndarray,
) -> None:
    for backend in backends:
        runs = [run for run in values.get(backend, ()) if len(run)]
        if not runs:
            continue
        look = style.style_of(backend)
        shares = np.array([np.histogram(run, edges)[0] / len(run) for run in runs])
        if len(runs) > 1:
            axes.stairs(
                shares.max(axis=0), edges, baseline=shares.min(axis=0), fill=True,
                color=look.colour, alpha=0.2, linewidth=0,
            )  # fmt: skip
        axes.stairs(
            shares.mean(axis=0), edges, color=look.colour, linewidth=look.width,
            linestyle=(0, look.dash) if look.dash else "-",
        )  # fmt: skip
    axes.set_xlim(edges[0], edges[-1])
    axes.set_ylim(bottom=0)


def cut_at_zero(edges: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Bin edges that do not reach beyond 0 where no value does, as no rate can.

    Parameters
    ----------
    edges : ndarray, shape (n_bins + 1,)
        Ascending edges.
    values : ndarray, shape (n,)
        Values to bin; not empty.
    """
    low = 0.0 if values.min() >= 0 else -np.inf
    high = 0.0 if values.max() <= 0 else np.inf
    cut = np.unique(np.clip(edges, low, high))
    return cut if len(cut) > 1 else edges


def regular_edges(values: np.ndarray, resolution: float, most: int = 24) -> np.ndarray:
    """Bin edges of at most `most` bins, each a whole multiple of `resolution` wide.

    Multiples of `resolution` lie at the centres of the narrowest bins, so that all bins hold the
    same number of possible values. No bin reaches below 0 where no value does.

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
    edges = (low - 0.5 + width * np.arange(n_bins + 1)) * resolution
    return cut_at_zero(edges, values)
