"""Panels of a distance with its seed floor, and of a difference of means with its margin."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from pipelines.figures import style
from pipelines.metrics.metric import Scale

_DOTS: dict[str, Any] = {"s": 40, "zorder": 3, "linewidths": 0}


def draw_distances(axes: Axes, row: Mapping[str, Any], names: tuple[str, str]) -> None:
    """Draw the distances between two backends, and the seed floor with its interval.

    Parameters
    ----------
    axes
        Panel to draw into.
    row
        Row of the table `comparisons`, with a seed floor.
    names
        Labels of the two backends.
    """
    low, high, floor = (float(row[key]) for key in ("floor_low", "floor_high", "seed_floor"))
    axes.axvspan(low, high, color=style.BAND, zorder=0, linewidth=0)
    axes.hlines(2, low, high, color=style.QUIET, linewidth=2.0)
    axes.scatter([floor], [2], color=style.QUIET, marker="s", **_DOTS)
    axes.scatter([float(row["between"])], [1], color=style.REFERENCE, marker="D", **_DOTS)
    ticks = {1: f"{names[0]} to {names[1]}", 2: "seed to seed"}
    furthest = max(high, float(row["between"]))
    # Independent draws are no pairs of runs.
    if np.isfinite(float(row["distance"])):
        axes.scatter([float(row["distance"])], [0], color=style.GREEN, marker="o", **_DOTS)
        ticks = {0: "these two runs"} | ticks
        furthest = max(furthest, float(row["distance"]))
    axes.set_yticks(list(ticks), list(ticks.values()))
    axes.set(xlabel=f"{row['distance_name']} distance (1)", ylim=(2.6, min(ticks) - 0.6))
    axes.set_xlim(-0.03 * furthest, 1.06 * furthest or 1.0)
    axes.xaxis.set_major_locator(MaxNLocator(6))
    axes.set_title("Distance, over the seed floor (grey)")


def draw_means(axes: Axes, row: Mapping[str, Any], names: tuple[str, str], unit: str) -> None:
    """Draw the difference of the means with its interval, and the equivalence margin.

    Parameters
    ----------
    axes, names
        See `draw_distances`.
    row
        Row of the table `comparisons`, with a difference and a margin.
    unit
        Unit of the metric.
    """
    margin = float(row["margin"])
    axes.axvspan(-margin, margin, color=style.BAND, zorder=0, linewidth=0)
    axes.axvline(0, color=style.QUIET, linewidth=0.8)
    axes.hlines(
        0, float(row["difference_low"]), float(row["difference_high"]), color=style.REFERENCE,
        linewidth=2.0,
    )  # fmt: skip
    axes.scatter([float(row["difference"])], [0], color=style.REFERENCE, marker="D", **_DOTS)
    axes.set_yticks([])
    label = style.with_unit(f"{names[0]} \N{MINUS SIGN} {names[1]}", unit)
    if row.get("scale") == Scale.LOG.value:
        label = f"logarithm of {names[0]} / {names[1]} (1)"
    axes.set(ylim=(-1, 1), xlabel=label)
    axes.xaxis.set_major_locator(MaxNLocator(6))
    axes.set_title("Difference of the means, over the margin (grey)")


def has_floor(row: Mapping[str, Any]) -> bool:
    """Whether a row of `comparisons` has a seed floor with its interval."""
    keys = ("seed_floor", "floor_low", "floor_high", "between")
    return all(np.isfinite(float(row[key])) for key in keys)


def has_margin(row: Mapping[str, Any]) -> bool:
    """Whether a row of `comparisons` has a difference of means and a margin."""
    keys = ("difference", "difference_low", "difference_high", "margin")
    return all(np.isfinite(float(row[key])) for key in keys)
