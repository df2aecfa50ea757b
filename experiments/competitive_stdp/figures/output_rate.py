"""Figure of the output rate over the input rate, with both rules and with fixed weights."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from pipelines.figures import style
from pipelines.figures.sweep_points import format_value
from pipelines.metrics.closed_forms import lif_rate

from ..analysis.outcome import outcome_table
from ..experiment import ADDITIVE, MULTIPLICATIVE

TITLE = "Output rate over input rate"

CAPTION = (
    "Rate of the neuron in the last third of the run against the rate of its uncorrelated inputs, "
    "for each rule and ratio A-/A+. Marks are means over seeds; where there are several, bars go "
    "from the lowest to the highest seed. The dashed black line is the rate with all weights fixed "
    "at the mean that the neuron learned under the additive rule at the lowest input rate (closed "
    "form for a constant current of the same mean). Additive plasticity keeps the output rate "
    "nearly constant; multiplicative plasticity does not. Where the marks of the backends are "
    "apart, the backends differ."
)

LABELS = {ADDITIVE: "additive", MULTIPLICATIVE: "multiplicative"}
LEAST_HZ = 1.0


@style.styled
def draw(tables, swept) -> Figure:
    """Draw the output rates; reads runs, spikes and weights."""
    table = outcome_table(tables).dropna(subset="rate_out")
    table = table[table["correlation"] == 0]
    backends = style.in_order(tables.runs["backend"])
    figure = style.new_figure(85, share=0.75)
    axes = figure.subplots()
    axes.set(xlabel="input rate (Hz)", ylabel="output rate (Hz)", xscale="log", yscale="log")
    if table.empty:
        style.write_note(axes, "no run was done")
    for (rule, ratio), group in table.groupby(["rule", "depression_ratio"]):
        for backend in backends:
            _curve(axes, group[group["backend"] == backend], backend)
        last = group.groupby("rate")["rate_out"].mean().iloc[[-1]]
        axes.annotate(
            f"{LABELS[rule]}\nA\N{MINUS SIGN}/A+ {format_value(float(ratio))}",
            (last.index[0], max(last.iloc[0], LEAST_HZ)), (9, 0), textcoords="offset points",
            va="center", fontsize="small",
        )  # fmt: skip
    fixed = _fixed(axes, table[table["rule"] == ADDITIVE])
    if not table.empty:
        ticks = sorted(table["rate"].unique())
        axes.set_xticks(ticks, [format_value(float(rate)) for rate in ticks], minor=False)
        axes.set_xticks([], minor=True)
        axes.set_xlim(ticks[0] / 1.1, ticks[-1] * 1.5)
        axes.yaxis.set_major_formatter("{x:g}")
    style.legend(figure, backends, fixed, line=True)
    return figure


def _curve(axes, runs, backend):
    own = style.style_of(backend)
    rate = runs.groupby("rate")["rate_out"].agg(["mean", "min", "max"]).clip(lower=LEAST_HZ)
    bars = np.array([rate["mean"] - rate["min"], rate["max"] - rate["mean"]])
    axes.errorbar(
        rate.index, rate["mean"], bars, elinewidth=0.8, color=own.colour, marker=own.marker,
        linewidth=own.width, linestyle=(0, own.dash) if own.dash else "-",
        markersize=4.5 * own.size**0.5 + 1.5, markeredgecolor="white", markeredgewidth=0.4,
    )  # fmt: skip


def _fixed(axes, runs):
    """Draw the output rate expected with the final weights of the lowest input rate."""
    if runs["rate"].nunique() < 2:
        return []
    ratio = runs.groupby("depression_ratio")["rate"].nunique().idxmax()
    runs = runs[runs["depression_ratio"] == ratio]
    one = runs.loc[runs["rate"].idxmin()]
    rate = np.geomspace(runs["rate"].min(), runs["rate"].max(), 50)
    nA = one["n_inputs"] * rate * 1e-3 * one["w_mean"] * one["w_max"] * one["tau_syn"]
    cell = {n: one[n] for n in ("tau_m", "cm", "v_rest", "v_reset", "v_thresh", "tau_refrac")}
    fires = np.array([lif_rate(current, **cell) for current in nA], dtype=float)
    axes.plot(rate, np.where(fires >= LEAST_HZ, fires, np.nan), "--", color=style.REFERENCE)
    label = f"weights fixed as at {format_value(float(one['rate']))} Hz"
    return [Line2D([], [], color=style.REFERENCE, linestyle="--", label=label)]
