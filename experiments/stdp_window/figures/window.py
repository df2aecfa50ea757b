"""The STDP window: weight change against lag, beside the closed form, and the residual."""

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from pipelines.analysis.closed_forms import stdp_change
from pipelines.analysis.selection import ByRun
from pipelines.analysis.stdp_pairs import stdp_window
from pipelines.figures import style
from pipelines.figures.points import evenly, settings, shown, unit_suffix

TITLE = "STDP window"

CAPTION = (
    "Above: change of one synapse's weight by one pair of spikes, against the lag between them; "
    "a panel is one weight rule and division of the delay (of a larger sweep six, evenly "
    "spaced). The lag is counted at the synapse, where the presynaptic spike arrives after the "
    "axonal and the postsynaptic one after the dendritic part of the delay; the black line is "
    "the closed form. Below: size of the difference from the closed form on a logarithmic axis; "
    "exact agreement is drawn at the foot. Look for a mark above the line at 1e-9 w_max."
)

CONVENTION = (
    "lag at the synapse = (t_post + d_dendritic) \N{MINUS SIGN} (t_pre + d_axonal),   "
    "d_dendritic + d_axonal = delay;   a pair at lag 0 changes nothing"
)

LIMIT = 1e-9
FLOOR = 1e-18
COLUMNS, MOST_PANELS = 3, 6


@style.styled
def draw(tables, swept) -> Figure:
    """Draw windows over residuals; runs, spikes and weights are read."""
    runs = tables.runs
    spikes, weights = ByRun(runs, tables.spikes), ByRun(runs, tables.weights)
    chosen = evenly(settings(runs, swept), MOST_PANELS)
    backends = style.in_order(runs["backend"])
    n_columns = min(COLUMNS, max(len(chosen), 1))
    n_bands = -(-max(len(chosen), 1) // n_columns)
    figure = Figure(figsize=(style.WIDTH_IN, 0.9 + 4.6 * n_bands), layout="constrained")
    grid = figure.subplots(
        2 * n_bands, n_columns, squeeze=False, sharex=True, height_ratios=[3, 2] * n_bands
    )
    figure.supxlabel(CONVENTION, fontsize=9)
    for number in range(n_bands * n_columns):
        band, column = divmod(number, n_columns)
        above, below = grid[2 * band, column], grid[2 * band + 1, column]
        if number >= max(len(chosen), 1):
            above.set_visible(False)
            below.set_visible(False)
            continue
        if not chosen:
            style.say(above, "no run was done")
            style.say(below, "no run was done")
        else:
            _panel(above, below, chosen[number].runs, swept, spikes, weights, backends)
        _label(above, below, first=column == 0)
    figure.align_ylabels()
    limit = Line2D([], [], color=style.QUIET, linestyle=(0, (4, 2)), label="limit 1e-9 w_max")
    style.legend(figure, backends, [style.closed_form_handle(), limit])
    return figure


def _label(above, below, first):
    above.set(xlabel="", ylabel="weight change (w_max)" if first else "")
    below.set_xlabel("lag at the synapse (ms)")
    below.set_ylabel("|difference from\nclosed form| (w_max)" if first else "")
    below.tick_params(labelbottom=True)
    below.axhline(LIMIT, color=style.QUIET, linestyle=(0, (4, 2)), linewidth=1.0, zorder=1)
    below.set_yscale("log")
    below.set_ylim(FLOOR / 10, max(below.get_ylim()[1], 1e-6))
    below.set_yticks([FLOOR, 1e-15, 1e-12, 1e-9, 1e-6])
    below.set_yticklabels(["0", *(f"$10^{{{power}}}$" for power in (-15, -12, -9, -6))])
    below.minorticks_off()


def _panel(above, below, runs, swept, spikes, weights, backends):
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
    run = runs.iloc[0]
    above.set_title(fontsize=8.5, label=_title(run, swept, window if rows else None))
    if problems:
        style.say(above, "\n".join(dict.fromkeys(problems)))
    if not rows:
        style.say(below, "nothing to compare")
        return
    table = pd.concat(rows, ignore_index=True)
    _closed_form(above, run, float(table["lag"].abs().max()))
    size = style.marks(backends, points=16.0)
    sns.scatterplot(data=table, x="lag", y="change", ax=above, zorder=3, **size)
    table = table.rename(columns={"size": "residual"})
    sns.scatterplot(data=table, x="lag", y="residual", ax=below, zorder=3, **size)


def _title(run, swept, window):
    """Values of the sweep, and the two parts of the delay."""
    lines = [f"{run['weight_dependence']} rule"]
    delay = f"delay {run['delay']:g} ms"
    if window is not None:
        delay += f": {window.d_dendritic:g} dendritic, {window.d_axonal:g} axonal"
    lines.append(delay)
    said = {"weight_dependence", "delay", "dendritic_delay_fraction"}
    lines += [f"{n} = {shown(run[n])}{unit_suffix(swept, n)}" for n in swept if n not in said]
    return "\n".join(lines)


def _closed_form(axes, run, lag_max):
    """Both branches in black; they do not meet, because a pair at lag 0 changes nothing."""
    names = ("w_init", "A_plus", "A_minus", "tau_plus", "tau_minus", "mu_plus", "mu_minus")
    values = {name: run[name] for name in names if name in run}
    after = np.linspace(1e-6, lag_max, 400)
    for lag in (after, -after):
        change = stdp_change(lag, rule=run["weight_dependence"], **values)
        axes.plot(lag, change, color=style.REFERENCE, linewidth=1.2, zorder=1)
