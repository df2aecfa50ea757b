"""Figure of the distributions of the final weights, one panel per sweep point."""

from collections import defaultdict

import numpy as np
from matplotlib.figure import Figure

from pipelines.figures import style
from pipelines.figures.distributions import draw_distributions
from pipelines.figures.sweep_points import format_value
from pipelines.metrics.selection import ByRun, finished

from ..analysis.outcome import final_weights, outcome_table
from ..experiment import MULTIPLICATIVE

TITLE = "Weights by rule"

CAPTION = (
    "Distribution of the input weights at the end of the run, as a share of the largest weight "
    "allowed. A panel is one rule, input rate and ratio A-/A+ of depression to potentiation. A "
    "line is the mean over seeds; where there are several, a band goes from the lowest to the "
    "highest seed. Under the additive rule the weights part into weak and strong ones; under the "
    "multiplicative rule they gather around the weight at which potentiation and depression "
    "balance (dotted, closed form). Where a dashed line leaves the solid one, the backends "
    "differ. Heights have each panel's own scale."
)

EDGES = np.linspace(0, 1, 26)
SWEPT = ("rule", "rate", "depression_ratio", "correlation")


@style.styled
def draw(tables, swept) -> Figure:
    """Draw the distributions of the final weights; reads runs, spikes and weights."""
    runs = finished(tables.runs)
    weights = ByRun(runs, tables.weights)
    table = outcome_table(tables)
    panels, lines = {}, {}
    for point, group in runs.groupby(list(SWEPT), sort=False):
        title = _title(*point)
        pooled = defaultdict(list)
        for _, run in group.iterrows():
            w = final_weights(weights[run["run_id"]]) / run["w_max"]
            pooled[run["backend"]].append(w)
        panels[title] = dict(pooled)
        if point[0] == MULTIPLICATIVE:
            here = table[table["run_id"].isin(group["run_id"])]
            lines[title] = here["w_balance"].mean()
    figure = draw_distributions(
        panels, style.in_order(tables.runs["backend"]), edges=dict.fromkeys(panels, EDGES),
        x_label="weight / largest weight (1)", y_label="share of inputs (1)", empty={},
        share_x=True,
    )  # fmt: skip
    for axes, title in zip(figure.axes, panels, strict=False):
        axes.set_xlim(0, 1)
        if title in lines:
            axes.axvline(lines[title], color=style.REFERENCE, linestyle=":", linewidth=1.2)
    return figure


def _title(rule, rate, ratio, correlation):
    first = f"{rule} (A\N{MINUS SIGN}/A+ {format_value(float(ratio))})"
    second = f"inputs at {format_value(float(rate))} Hz"
    return f"{first}\n{second}" + (f", correlation {correlation:g}" if correlation else "")
