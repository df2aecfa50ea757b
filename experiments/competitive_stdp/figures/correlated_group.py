"""Figure of the weights of correlated and other inputs over time, one panel per rule."""

import numpy as np
from matplotlib.figure import Figure

from pipelines.figures import style
from pipelines.figures.sweep_points import format_value
from pipelines.metrics.selection import ByRun, finished
from pipelines.metrics.weight_statistics import weight_course

TITLE = "Correlated inputs win"

CAPTION = (
    "Mean weight of the inputs of the correlated group and of all others over time, as a share of "
    "the largest weight allowed, with the range of the middle 80 % of each (shaded); first seed. "
    "All inputs have the same rate; those of the group have spikes in common. Under the additive "
    "rule the group takes the neuron over; under the multiplicative rule it gains little. Where "
    "a dashed line leaves the solid one, the backends differ."
)

_SPREAD = (10, 90)


@style.styled
def draw(tables, swept) -> Figure:
    """Draw the mean weights over time; reads runs and weights."""
    runs = finished(tables.runs)
    runs = runs[(runs["correlation"] > 0) & (runs["n_correlated"] < runs["n_inputs"])]
    runs = runs[runs["seed"] == runs.groupby("backend")["seed"].transform("min")]
    weights = ByRun(finished(tables.runs), tables.weights)
    backends = style.in_order(tables.runs["backend"])
    by = ["rule", "rate", "depression_ratio", "correlation"]
    points = list(runs.groupby(by, sort=False))
    n_panels = max(len(points), 1)
    figure = style.new_figure(69, share=min(1.0, 0.5 * n_panels))
    grid = figure.subplots(1, n_panels, sharey=True, squeeze=False)[0]
    grid[0].set_ylabel("mean weight / largest weight (1)")
    for axes in grid:
        axes.set(xlabel="time (s)", ylim=(0, 1.12))
    if not points:
        style.write_note(grid[0], "no run with a correlated group was done")
    for axes, ((rule, rate, ratio, correlation), group) in zip(grid, points, strict=False):
        axes.set_title(
            f"{rule}, A\N{MINUS SIGN}/A+ {format_value(float(ratio))}\n"
            f"inputs at {format_value(float(rate))} Hz,"
            f" correlation {format_value(float(correlation))}"
        )
        for number, (_, run) in enumerate(group.iterrows()):
            _panel(axes, run, weights[run["run_id"]], labelled=number == 0)
    style.legend(figure, backends, line=True, marker=False)
    return figure


def _panel(axes, run, rows, labelled):
    rows = rows[rows["projection"] == "inputs"]
    columns = ("pre", "post", "delay_ms", "weight", "time_ms")
    time, weight = weight_course(*(rows[column] for column in columns))
    n = int(run["n_correlated"])
    own = style.style_of(run["backend"])
    for part, label, above in (
        (weight[:, :n], "correlated", True),
        (weight[:, n:], "all others", False),
    ):
        share = part / run["w_max"]
        low, high = np.percentile(share, _SPREAD, axis=1)
        axes.fill_between(time / 1e3, low, high, color=own.colour, alpha=0.12, linewidth=0)
        axes.plot(
            time / 1e3, share.mean(axis=1), color=own.colour, linewidth=own.width,
            linestyle=(0, own.dash) if own.dash else "-",
        )  # fmt: skip
        if not labelled:
            continue
        axes.annotate(
            label, (time[-1] / 1e3, share[-1].mean()), (-2, 5 if above else -5),
            textcoords="offset points", ha="right", va="bottom" if above else "top",
        )  # fmt: skip
