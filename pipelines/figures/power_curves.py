"""Power of verdicts on runs of different seeds, by the strength of a fault and number of seeds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from pipelines.figures import style

_COLUMNS = 3
_MARKERS = "osD^v"


@style.styled
def draw_by_seeds(shares: pd.DataFrame, no_fault: str) -> Figure:
    """Draw the shares of verdicts over the number of seeds, one panel for each fault.

    Parameters
    ----------
    shares
        Columns fault, strength, unit, seeds, different and equivalent (shares, 0 to 1).
    no_fault
        Name in `fault` of comparisons without a fault.

    Returns
    -------
    matplotlib.figure.Figure
        Solid lines are *different*, dashed ones *equivalent*, one colour for each strength.
    """
    figure, panels = _panels(list(dict.fromkeys(shares["fault"])))
    for axes, fault in panels:
        of_fault = shares[shares["fault"] == fault]
        for rows, colour, marker in _series(of_fault, "strength"):
            label = _strength(rows.iloc[0]) if fault != no_fault else None
            kwargs: dict[str, Any] = {"color": colour, "marker": marker, "markersize": 4}
            axes.plot(rows["seeds"], rows["different"], label=label, **kwargs)
            axes.plot(rows["seeds"], rows["equivalent"], linestyle="--", alpha=0.7, **kwargs)
        axes.set_xticks(sorted(shares["seeds"].unique()))
    _finish(figure, panels, "runs on each side")
    return figure


@style.styled
def draw_by_strength(shares: pd.DataFrame, no_fault: str) -> Figure:
    """Draw the shares of verdicts over the strength of each fault.

    Parameters are those of `draw_by_seeds`; the strength 0 is a backend compared with itself, and
    there is one colour for each number of seeds.
    """
    healthy = shares[shares["fault"] == no_fault].assign(strength=0.0)
    faults = [name for name in dict.fromkeys(shares["fault"]) if name != no_fault]
    figure, panels = _panels(faults, share_x=False)
    for axes, fault in panels:
        of_fault = shares[shares["fault"] == fault]
        unit = of_fault["unit"].iloc[0]
        for rows, colour, marker in _series(pd.concat([healthy, of_fault]), "seeds"):
            rows = rows.sort_values("strength")
            kwargs: dict[str, Any] = {"color": colour, "marker": marker, "markersize": 4}
            axes.plot(rows["strength"], rows["different"], label=f"{rows['seeds'].iloc[0]} runs",
                      **kwargs)  # fmt: skip
            axes.plot(rows["strength"], rows["equivalent"], linestyle="--", alpha=0.7, **kwargs)
        axes.set_title(f"{fault} ({unit})" if unit else fault, loc="left", fontsize="medium")
    _finish(figure, panels, "strength (0: a backend compared with itself)", one_legend=True)
    return figure


@style.styled
def draw_roc(points: pd.DataFrame, seeds: int) -> Figure:
    """Draw the receiver operating characteristic of the smallest p-value, by fault and strength.

    Parameters
    ----------
    points
        Columns fault, strength, unit, false_alarms and found (shares, 0 to 1).
    seeds
        Number of runs on each side of the comparisons.
    """
    figure, panels = _panels(list(dict.fromkeys(points["fault"])))
    for axes, fault in panels:
        axes.plot([0, 1], [0, 1], color=style.QUIET, linestyle=":", linewidth=1)
        for rows, colour, _ in _series(points[points["fault"] == fault], "strength"):
            axes.step(rows["false_alarms"], rows["found"], where="post", color=colour,
                      label=_strength(rows.iloc[0]))  # fmt: skip
        axes.set_xlim(-0.03, 1.03)
    _finish(figure, panels, f"share of false alarms, {seeds} runs on each side", "share found")
    return figure


def _panels(names: Sequence[str], share_x: bool = True) -> tuple[Figure, list[tuple[Axes, str]]]:
    """A figure with a panel for each name."""
    n_rows = max(int(np.ceil(len(names) / _COLUMNS)), 1)
    figure = style.new_figure(12 + 39 * n_rows)
    panels = figure.subplots(n_rows, _COLUMNS, sharex=share_x, sharey=True, squeeze=False)
    for axes in panels.flat[len(names) :]:
        axes.set_axis_off()
    found = list(zip(panels.flat, names, strict=False))
    for axes, name in found:
        axes.set_title(name, loc="left", fontsize="medium")
    return figure, found


def _series(rows: pd.DataFrame, column: str) -> Iterator[tuple[pd.DataFrame, Any, str]]:
    """Rows of each value of a column, in ascending order, with a colour and a marker."""
    values = sorted(rows[column].unique())
    colours = sns.color_palette("viridis", max(len(values), 2))
    for value, colour, marker in zip(values, colours, _MARKERS, strict=False):
        yield rows[rows[column] == value], colour, marker


def _strength(row: pd.Series) -> str:
    unit = row["unit"].removesuffix("s") if row["strength"] == 1 else row["unit"]
    return f"{row['strength']:+g} {unit}".strip()


def _finish(
    figure: Figure, panels: list[tuple[Axes, str]], x_label: str,
    y_label: str = "share of different (solid), equivalent (dashed)", one_legend: bool = False,
) -> None:  # fmt: skip
    """Label the axes, with a legend beside each panel, or one for all of them."""
    how: dict[str, Any] = {"frameon": False, "fontsize": "small", "handlelength": 1.5}
    for axes, _ in panels:
        axes.set_ylim(-0.03, 1.03)
        if axes.get_legend_handles_labels()[0] and not one_legend:
            axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), **how)
    if one_legend:
        handles, labels = panels[0][0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside right center", **how)
    figure.supxlabel(x_label, fontsize="medium")
    figure.supylabel(y_label, fontsize="medium")
