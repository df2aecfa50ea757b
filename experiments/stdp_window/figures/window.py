"""Figure of the STDP window: weight change over lag, closed form and residual."""

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from pipelines.figures import style
from pipelines.figures.sweep_points import (
    evenly_spaced,
    format_value,
    settings,
    unit_of,
    unit_suffix,
    words_of,
)
from pipelines.metrics.closed_forms import split_delay, stdp_change
from pipelines.metrics.selection import ByRun, finished
from pipelines.metrics.stdp_pairs import stdp_window

TITLE = "STDP window"

CAPTION = (
    "Change of one synapse's weight by one pair of spikes, against the lag between them: a row of "
    "panels is one weight rule, a column one delay and division of it (of a larger sweep at most "
    "four of each, evenly spaced). The lag is counted at the synapse, where the presynaptic spike "
    "arrives after the axonal and the postsynaptic one after the dendritic part of the delay; the "
    "black line is the closed form. The strip below each panel shows the size of the difference "
    "from the closed form on a logarithmic axis; exact agreement is drawn at its foot. A mark "
    "above the dashed line, at 1e-9 of the largest weight, would be an error."
)

CONVENTION = (
    "lag at the synapse = (t_post + d_dendritic) \N{MINUS SIGN} (t_pre + d_axonal),\n"
    "d_dendritic + d_axonal = delay; a pair at lag 0 changes nothing"
)

LIMIT = 1e-9
FLOOR = 1e-18
ROWS, COLUMNS = 4, 4
RULES = {
    "additive_multiplicative": "additive-\nmultiplicative",
    "gutig": "G\N{LATIN SMALL LETTER U WITH DIAERESIS}tig",
}


@style.styled
def draw(tables, swept) -> Figure:
    """Draw STDP windows and residuals, by rule and delay; reads runs, spikes and weights."""
    runs = finished(tables.runs)
    spikes, weights = ByRun(runs, tables.spikes), ByRun(runs, tables.weights)
    rules = evenly_spaced(list(runs["weight_dependence"].unique()), ROWS)
    others = {name: unit_of(swept, name) for name in swept if name != "weight_dependence"}
    columns = evenly_spaced(settings(runs, others), style.columns(COLUMNS, least_mm=40))
    backends = style.in_order(tables.runs["backend"])
    n_rows, n_columns = max(len(rules), 1), max(len(columns), 1)
    figure = style.new_figure(22 + 45 * n_rows)
    # Names of the rules are written into the right margin.
    figure.get_layout_engine().set(
        h_pad=0.02, hspace=0.0, rect=(0.0, 0.0, 1 - 7 / style.width_mm(), 1.0)
    )
    grid = figure.subplots(
        3 * n_rows - 1, n_columns, squeeze=False, sharex=True,
        height_ratios=([5, 2.4, 0.4] * n_rows)[:-1],
    )  # fmt: skip
    for between in grid[2::3].flat:
        between.set_visible(False)
    figure.supxlabel(style.wrap(CONVENTION), fontsize="medium")
    for row, cells in enumerate(zip(grid[::3], grid[1::3], strict=True)):
        for column, (above, below) in enumerate(zip(*cells, strict=True)):
            if above is not grid[0, 0]:
                above.sharey(grid[0, 0])
                below.sharey(grid[1, 0])
            if not columns:
                style.write_note(above, "no run was done")
            else:
                of_rule = columns[column].runs
                of_rule = of_rule[of_rule["weight_dependence"] == rules[row]]
                _panel(above, below, of_rule, spikes, weights, backends)
            _label(above, below, first=column == 0, last=row == n_rows - 1)
            below.set_label(style.PART_OF_PANEL)
    for axes, column in zip(grid[0], columns, strict=False):
        axes.set_title(style.wrap(_title(column.runs.iloc[0], others), n_columns))
    for axes, rule in zip(grid[::3, -1], rules, strict=False):
        name = axes.annotate(
            f"{RULES.get(rule, rule)} rule", (1.03, 0.2), xycoords="axes fraction", rotation=-90,
            va="center", ha="left", multialignment="center",
        )  # fmt: skip
        name.set_in_layout(False)
    figure.align_ylabels()
    limit = Line2D([], [], color=style.QUIET, linestyle=(0, (4, 2)), label="limit 1e-9 w_max")
    style.legend(figure, backends, [style.closed_form_handle(), limit])
    return figure


def _label(above, below, first, last):
    above.set(xlabel="", ylabel="weight change\n(w_max)" if first else "")
    below.set_xlabel("lag at the synapse (ms)" if last else "")
    below.set_ylabel("|difference|\n(w_max)" if first else "")
    below.axhline(LIMIT, color=style.QUIET, linestyle=(0, (4, 2)), linewidth=1.0, zorder=1)
    below.set_yscale("log")
    below.set_ylim(FLOOR / 30, max(below.get_ylim()[1], 1e-6))
    below.set_yticks([FLOOR, 1e-12, 1e-6])
    below.set_yticklabels(["0", "$10^{-12}$", "$10^{-6}$"])
    below.minorticks_off()
    above.tick_params(labelbottom=False, labelleft=first)
    below.tick_params(labelbottom=last, labelleft=first)


def _panel(above, below, runs, spikes, weights, backends):
    if runs.empty:
        style.write_note(above, "no finished run")
        return
    rows, problems = [], []
    for _, run in runs.iterrows():
        try:
            window = stdp_window(run, spikes[run["run_id"]], weights[run["run_id"]])
        except ValueError as error:
            problems.append(f"{style.style_of(run['backend']).label}: {error}")
            continue
        rows.append(
            pd.DataFrame(
                {
                    "lag": window.lag_ms,
                    "change": window.change,
                    "size": np.maximum(np.abs(window.residual), FLOOR),
                    "backend": run["backend"],
                }
            )
        )
    if problems:
        style.write_note(above, "\n".join(dict.fromkeys(problems)))
    if not rows:
        style.write_note(below, "nothing to compare")
        return
    table = pd.concat(rows, ignore_index=True)
    _closed_form(above, runs.iloc[0], float(table["lag"].abs().max()))
    size = style.scatter_style(backends, points=9.0)
    sns.scatterplot(data=table, x="lag", y="change", ax=above, zorder=3, **size)
    table = table.rename(columns={"size": "residual"})
    sns.scatterplot(data=table, x="lag", y="residual", ax=below, zorder=3, **size)


def _title(run, swept):
    """Title of a panel: delay with its dendritic and axonal parts, and other swept values."""
    dendritic, axonal = split_delay(run["delay"], run["dendritic_delay_fraction"], run["timestep"])
    lines = [f"delay {run['delay']:g} ms:", f"{dendritic:g} ms dendritic,", f"{axonal:g} ms axonal"]
    said = {"delay", "dendritic_delay_fraction"}
    lines += [
        f"{words_of(swept, n)} = {format_value(run[n])}{unit_suffix(swept, n)}"
        for n in swept
        if n not in said
    ]
    return "\n".join(lines)


def _closed_form(axes, run, lag_max):
    """Draw both branches of the closed form, with a gap at lag 0, where nothing changes."""
    names = ("w_init", "A_plus", "A_minus", "tau_plus", "tau_minus", "mu_plus", "mu_minus")
    values = {name: run[name] for name in names if name in run}
    after = np.linspace(1e-6, lag_max, 400)
    for lag in (after, -after):
        change = stdp_change(lag, rule=run["weight_dependence"], **values)
        axes.plot(lag, change, color=style.REFERENCE, linewidth=1.2, zorder=1)
