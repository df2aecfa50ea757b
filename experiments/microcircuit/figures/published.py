"""Figure of the mean rate and irregularity of each population, with the published values."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import ScalarFormatter

from pipelines.figures import style

from ..analysis.activity import ERRORS, activity_table, mean_with_error
from ..data_files import NAMES, published_range

TITLE = "Rates and irregularity beside the published ones"

CAPTION = (
    "Mean firing rate and coefficient of variation (CV) of the intervals between spikes of each "
    "population. Grey bars go from the lowest to the highest published value of a network of this "
    "scale; at less than full scale a run of the authors' own code counts as one. Symbols are "
    "ours, means over seeds, with bars of three standard errors for another network and another "
    "time. The CV is freed of its bias in short trains. Look for a bar that does not reach the "
    "grey one."
)

GREY = "#c8c8c8"


@style.styled
def draw(tables, swept) -> Figure:
    """Draw the rates and irregularities; reads runs and spikes."""
    table = activity_table(tables)
    backends = style.in_order(tables.runs["backend"])
    scales = sorted(table["scale"].unique())
    n_rows = max(len(scales), 1)
    figure, grid = style.panel_grid(16 + 59 * n_rows, n_rows, 2)
    if not scales:
        style.write_note(grid[0, 0], "no finished run")
    for row, scale in zip(grid, scales, strict=False):
        of_scale = table[table["scale"] == scale]
        for axes, what, words in (
            (row[0], "rate", "mean firing rate (Hz)"),
            (row[1], "cv", "CV of intervals"),
        ):
            _panel(axes, of_scale, what, float(scale), backends)
            axes.set_ylabel(words)
        row[0].set_yscale("log")
        row[0].yaxis.set_major_formatter(ScalarFormatter())
        row[0].set_yticks([0.3, 1, 3, 10])
        row[0].set_title(f"scale {scale:g}")
        row[1].set_ylim(0.3, 1.1)
    handles = [Patch(color=GREY, label="published, or the authors' code")]
    style.legend(figure, backends, handles)
    return figure


def _panel(axes, table, what, scale, backends):
    observed_ms = float((table["duration"] - table["warm_up_ms"]).iloc[0])
    for place, name in enumerate(NAMES):
        known = published_range(what, scale, name, observed_ms)
        if known is not None:
            low, high = known
            axes.bar(place, high - low, 0.8, low, color=GREY, edgecolor=GREY, linewidth=2.0)
    for number, backend in enumerate(backends):
        look = style.style_of(backend)
        own = table[table["backend"] == backend]
        means, errors = zip(
            *(mean_with_error(own[own["population"] == name], what) for name in NAMES), strict=True
        )
        axes.errorbar(
            np.arange(len(NAMES)) + 0.24 * (number - (len(backends) - 1) / 2), means,
            ERRORS * np.array(errors), fmt=look.marker, color=look.colour,
            markersize=5, markeredgecolor="white", markeredgewidth=0.4, linewidth=1.2,
        )  # fmt: skip
    axes.set_xlim(-0.6, len(NAMES) - 0.4)
    axes.set_xticks(range(len(NAMES)), [_words(name) for name in NAMES])


def _words(name):
    return name.replace("L23", "2/3")[:-1].replace("L", "") + name[-1]
