"""Figure of the spike latency, hits and false alarms over time."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from pipelines.figures import style
from pipelines.metrics.selection import ByRun, finished

from ..analysis.detection import LONGEST_LATENCY_MS, latencies, neuron_spikes, pattern_starts
from ..analysis.robustness import has_standard_conditions
from ..experiment import RULES

TITLE = "Finding the pattern"

CAPTION = (
    "One run for each pairing of spikes, under the standard conditions (first seed). Above: the "
    "latency of each spike from the beginning of the pattern; spikes outside of the pattern are "
    "in the row below zero. Middle: share of the presentations of the pattern with a spike. Below: "
    "rate of the spikes outside of it. The neuron first fires all the time; once it has learned "
    "the pattern it fires only during the pattern, earlier and earlier. A run is successful if in "
    "its last third the mean latency is below the dashed line, more than 98 % of the presentations "
    "are hit and no spike is outside. Where the marks of the backends are apart, the backends "
    "differ."
)

OUTSIDE_MS = -6.0  # y position of spikes outside of the pattern
N_BINS = 24


@style.styled
def draw(tables, swept) -> Figure:
    """Draw one column of panels per pairing scheme; reads runs and spikes."""
    runs = finished(tables.runs)
    runs = runs[has_standard_conditions(runs, varied=("pairing",))]
    spikes = ByRun(finished(tables.runs), tables.spikes)
    backends = style.in_order(tables.runs["backend"])
    pairings = [name for name in RULES if (runs["pairing"] == name).any()]
    n_columns = max(len(pairings), 1)
    figure = style.new_figure(122)
    panels = figure.subplots(3, n_columns, squeeze=False, sharex="col", height_ratios=[3, 1.4, 1.4])
    for column, pairing in zip(panels.T, pairings, strict=False):
        column[0].set_title(f"{pairing.replace('_', ' ')} pairing")
        chosen = runs[runs["pairing"] == pairing]
        longest = chosen[chosen["duration"] == chosen["duration"].max()]
        for backend in backends:
            first = longest[longest["backend"] == backend].sort_values("seed").head(1)
            for _, run in first.iterrows():
                _column(column, run, neuron_spikes(spikes[run["run_id"]]), backend)
    if not pairings:
        for panel in panels.flat:
            style.write_note(panel, "no finished run under the standard conditions")
    _label(panels)
    figure.align_ylabels()
    limit = Line2D([], [], color=style.REFERENCE, linestyle=(0, (4, 2)), linewidth=1.0,
                   label=f"{LONGEST_LATENCY_MS:g} ms")  # fmt: skip
    style.legend(figure, backends, [limit], line=True)
    return figure


def _column(panels, run, times, backend):
    look = style.style_of(backend)
    starts, length = pattern_starts(run), run["pattern_length"]
    latency, shown = latencies(times, starts, length)
    dots = {"color": look.colour, "marker": look.marker, "linewidths": 0.0, "s": 9.0 * look.size}
    panels[0].scatter(times / 1e3, np.where(shown < 0, OUTSIDE_MS, latency), **dots)
    panels[0].axhline(LONGEST_LATENCY_MS, color=style.REFERENCE, dashes=(4, 2), linewidth=1.0)
    edges = np.linspace(0, run["duration"], N_BINS + 1)
    of_presentation = np.histogram(starts, edges)[0]
    hits = np.histogram(starts[np.unique(shown[shown >= 0])], edges)[0]
    share = np.divide(hits, of_presentation, out=np.full(N_BINS, np.nan), where=of_presentation > 0)
    outside = np.histogram(times[shown < 0], edges)[0] / np.diff(edges) * 1e3
    line = {
        "color": look.colour, "linewidth": look.width,
        "linestyle": (0, look.dash) if look.dash else "-",
    }  # fmt: skip
    for panel, values in zip(panels[1:], (share, outside), strict=True):
        panel.stairs(values, edges / 1e3, baseline=None, **line)
    panels[0].set_xlim(0, run["duration"] / 1e3)


def _label(panels):
    for column in panels.T:
        column[0].set(ylim=(OUTSIDE_MS - 4, 52))
        column[0].set_yticks([OUTSIDE_MS, 0, 10, 20, 30, 40, 50])
        column[0].set_yticklabels(["outside", "0", "10", "20", "30", "40", "50"])
        column[1].set(ylim=(-0.05, 1.05))
        column[2].set_ylim(bottom=0)
        column[2].set_xlabel("time (s)")
    panels[0, 0].set_ylabel("latency (ms)")
    panels[1, 0].set_ylabel("hit rate (1)")
    panels[2, 0].set_ylabel("spikes outside\nof the pattern (Hz)")
