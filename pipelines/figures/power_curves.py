"""Power curves: detection rate of a fault by its strength and the number of seeds."""

from __future__ import annotations

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from pipelines.figures import style

_COLUMNS = 3


@style.styled
def draw(rates: pd.DataFrame, false_alarms: float) -> Figure:
    """Draw the power curves, one panel per fault.

    Parameters
    ----------
    rates
        Detection rates, with the columns fault, strength, unit, seeds and rate (0 to 1).
    false_alarms
        Share of comparisons without a fault whose verdict is *different*.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    faults = list(dict.fromkeys(rates["fault"]))
    n_rows = int(np.ceil(len(faults) / _COLUMNS))
    figure = Figure(figsize=(style.WIDTH_IN, 0.6 + 1.75 * n_rows), layout="constrained")
    panels = figure.subplots(n_rows, _COLUMNS, sharex=True, sharey=True, squeeze=False)
    for axes, fault in zip(panels.flat, faults, strict=False):
        of_fault = rates[rates["fault"] == fault]
        strengths = sorted(of_fault["strength"].unique())
        colours = sns.color_palette("viridis", max(len(strengths), 2))
        for strength, colour, marker in zip(strengths, colours, "osD^v", strict=False):
            rows = of_fault[of_fault["strength"] == strength]
            unit = rows["unit"].iloc[0]
            label = f"{strength:+g} {unit}" if unit else "as it is"
            axes.plot(rows["seeds"], rows["rate"], color=colour, marker=marker, label=label)
        axes.axhline(false_alarms, color=style.QUIET, linestyle=":", linewidth=1)
        axes.set_title(fault, loc="left", fontsize=9)
        axes.set_ylim(-0.03, 1.03)
        axes.set_xticks(sorted(rates["seeds"].unique()))
        axes.legend(frameon=False, fontsize=7, handlelength=1.5)
    for axes in panels.flat[len(faults) :]:
        axes.set_axis_off()
    figure.supxlabel("runs on each side (dotted: a backend compared with itself)", fontsize=9)
    figure.supylabel("share of comparisons that say different", fontsize=9)
    return figure
