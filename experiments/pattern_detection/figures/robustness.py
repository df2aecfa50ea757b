"""Figure of the success rate over each varied condition, with the published success rates."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from scipy.stats import binomtest

from pipelines.figures import style

from ..analysis.detection import detection_table
from ..analysis.robustness import PUBLISHED, PUBLISHED_RUNS, success_rates

TITLE = "Robustness"

CAPTION = (
    "Share of the runs that find the pattern (hits above 98 %, no spike outside of it, mean "
    "latency below 10 ms, in the last third), as one condition changes and all others stay. "
    "Bars are 95 % intervals of the success rate (Wilson) for this number of runs. Black: Hathway "
    "and Goodman (2018), 100 runs of 450 s with a neuron that has an after-potential. Marks of the "
    "backends stand beside each other where they have the same value."
)

LABELS = {
    "jitter": "jitter (ms)",
    "pattern_frequency": "share of the time\nwith the pattern (1)",
    "proportion": "share of the inputs\nin the pattern (1)",
    "deletion": "share of the spikes\nmoved at random (1)",
}


@style.styled
def draw(tables, swept) -> Figure:
    """Draw the success rates, one panel per parameter; reads runs, spikes and weights."""
    rates = success_rates(detection_table(tables))
    backends = style.in_order(tables.runs["backend"])
    figure, grid = style.panel_grid(69, 1, len(PUBLISHED), least_mm=40, sharey=True)
    panels = grid[0]
    for panel, (parameter, published) in zip(panels, PUBLISHED.items(), strict=True):
        values = np.array(list(published))
        step = np.diff(values).min()
        _with_bars(panel, values, list(published.values()), PUBLISHED_RUNS, color=style.REFERENCE,
                   marker="s", markersize=3.0, linewidth=1.0, zorder=1)  # fmt: skip
        for number, backend in enumerate(backends):
            here = rates[(rates["parameter"] == parameter) & (rates["backend"] == backend)]
            look = style.style_of(backend)
            shift = step * 0.13 * (number - (len(backends) - 1) / 2)
            _with_bars(panel, here["value"] + shift, here["successes"], here["runs"],
                       color=look.colour, marker=look.marker, linestyle="none",
                       markersize=4.5 * look.size**0.5 + 1.0)  # fmt: skip
        panel.set(xlabel=LABELS[parameter], xlim=(values[0] - 0.6 * step, values[-1] + 0.6 * step))
        panel.set_xticks(values, [f"{value:g}" for value in values])
        panel.tick_params(axis="x", labelrotation=90 if parameter == "pattern_frequency" else 0)
    panels[0].set(ylabel="share of successful runs (1)", ylim=(-0.04, 1.04))
    published = Line2D([], [], color=style.REFERENCE, marker="s", markersize=3.0, linewidth=1.0,
                       label="published, 100 runs")  # fmt: skip
    style.legend(figure, backends, [published])
    return figure


def details(tables, swept) -> str:
    """Number of runs behind a mark, for the caption."""
    runs = sorted(success_rates(detection_table(tables))["runs"].unique())
    if not len(runs):
        return ""
    return f"Runs per condition: {runs[0]}{f' to {runs[-1]}' if len(runs) > 1 else ''}."


def _with_bars(axes, x, successes, runs, **look):
    x, k = np.asarray(x, float), np.asarray(successes, int)
    n = np.broadcast_to(runs, k.shape)
    share = k / n
    if not len(k):
        return
    pairs = zip(k.tolist(), n.tolist(), strict=True)
    intervals = [binomtest(a, b).proportion_ci(method="wilson") for a, b in pairs]
    low, high = np.array([(one.low, one.high) for one in intervals]).T
    around = np.clip([share - low, high - share], 0, None)
    axes.errorbar(x, share, around, elinewidth=0.7, markeredgecolor="white", markeredgewidth=0.4,
                  **look)  # fmt: skip
