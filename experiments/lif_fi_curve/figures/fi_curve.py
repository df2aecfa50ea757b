"""Figure of the f-I curve, and of the deviation of the intervals from the closed form."""

import numpy as np
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from pipelines.figures import style
from pipelines.figures.sweep_points import axis_label, evenly_spaced
from pipelines.metrics.closed_forms import lif_rate
from pipelines.metrics.fi_curve import CELL, fi_table

TITLE = "Firing rate against input current"

CAPTION = (
    "Above: firing rate of a leaky integrate-and-fire neuron against its input current, one "
    "column a refractory period (of a larger sweep four, evenly spaced). The black line is the "
    "closed form 1/(tau_refrac + tau_m ln(RI/(RI - theta))), with the membrane resistance R, the "
    "current I and the threshold theta above rest. Below: mean interval between "
    "spikes minus the closed form, in time steps. A spike waits for the next step of the grid, "
    "so every mark must lie in the grey band between 0 and 1. Where the marks of the "
    "backends are apart, the backends differ."
)

COLUMNS = 4


@style.styled
def draw(tables, swept) -> Figure:
    """Draw f-I curves and residuals below them; reads runs and spikes."""
    table = fi_table(tables)
    backends = style.in_order(tables.runs["backend"])
    columns = evenly_spaced(sorted(table["tau_refrac"].unique()), COLUMNS)
    n = max(len(columns), 1)
    figure = style.new_figure(106)
    grid = figure.subplots(2, n, sharex=True, sharey="row", squeeze=False, height_ratios=[3, 2])
    if not columns:
        for axes in grid.flat:
            style.write_note(axes, "no run was done")
    for (above, below), tau_refrac in zip(grid.T, columns, strict=False):
        rows = table[table["tau_refrac"] == tau_refrac]
        above.set_title(style.wrap(f"refractory period = {tau_refrac:g} ms", n))
        _rates(above, rows, backends)
        _residuals(below, rows, backends)
    timestep = table["timestep"].iloc[0] if len(table) else 0.1
    for axes in grid.flat:
        axes.set(xlabel="", ylabel="")
    figure.supxlabel(axis_label(swept, "i_offset"), fontsize="medium")
    grid[0, 0].set_ylabel("firing rate (Hz)")
    grid[1, 0].set_ylabel(f"interval \N{MINUS SIGN} closed form\n(time steps of {timestep:g} ms)")
    figure.align_ylabels()
    band = Patch(color=style.BAND, label="0 to 1 step")
    style.legend(figure, backends, [style.closed_form_handle(), band])
    return figure


def _rates(axes, rows, backends):
    # Other parameters may vary too: one curve for each combination of their values.
    others = [name for name in CELL if name != "i_offset"]
    for values, _ in rows.groupby(others):
        low, high = rows["i_offset"].min(), rows["i_offset"].max()
        current = np.linspace(low, high, 801)
        rate = lif_rate(current, **dict(zip(others, values, strict=True)))
        axes.plot(current, rate, color=style.REFERENCE, linewidth=1.2, zorder=1)
    sns.scatterplot(
        data=rows, x="i_offset", y="rate_hz", ax=axes, zorder=3, **style.scatter_style(backends)
    )
    axes.set_ylim(bottom=-0.03 * max(axes.get_ylim()[1], 1.0))


def _residuals(axes, rows, backends):
    axes.axhspan(0.0, 1.0, color=style.BAND, zorder=0)
    axes.axhline(0.0, color=style.REFERENCE, linewidth=1.2, zorder=1)
    axes.set_ylim(-0.35, 1.35)
    steps = (rows["interval_ms"] - rows["closed_interval_ms"]) / rows["timestep"]
    firing = rows.assign(steps=steps)[np.isfinite(steps)]
    if firing.empty:
        style.write_note(axes, "no intervals")
        return
    sns.scatterplot(
        data=firing, x="i_offset", y="steps", ax=axes, zorder=3, **style.scatter_style(backends)
    )
    low, high = min(firing["steps"].min(), 0.0), max(firing["steps"].max(), 1.0)
    axes.set_ylim(
        min(axes.get_ylim()[0], low - 0.35, -0.35), max(axes.get_ylim()[1], high + 0.35, 1.35)
    )
    # Below the rheobase there is no interval to compare.
    first = firing["i_offset"].min()
    silent = rows.loc[rows["i_offset"] < first, "i_offset"]
    if len(silent):
        axes.text(
            silent.mean(), 0.5, "no spikes", ha="center", va="center", style="italic",
            color="#444444", rotation=90,
        )  # fmt: skip
