"""Figure of rasters shortly before plasticity is turned on, and at the end."""

from matplotlib.figure import Figure

from pipelines.figures import style
from pipelines.metrics.selection import ByRun

from ..analysis.measures import AFTER, BEFORE, first_runs, population_size, window

TITLE = "Spikes before and after"

CAPTION = (
    "Spikes of 150 excitatory neurons and, above the line, of 50 inhibitory ones, in the last 150 "
    "ms before plasticity is turned on (left) and in the last 500 ms of the run (right), a row a "
    "backend, for the first seed of the first point of the sweep. Before, every excitatory neuron "
    "fires like a clock, near the limit that its refractory period sets; after, neurons fire "
    "rarely, irregularly and independently of each other. Look for a row that differs from the "
    "other."
)

SHOWN = {"excitatory": 150, "inhibitory": 50}
SHOWN_MS = {BEFORE: 150.0, AFTER: 500.0}


@style.styled
def draw(tables, swept) -> Figure:
    """Draw the rasters; reads runs and spikes."""
    runs = first_runs(tables.runs, swept)
    spikes = ByRun(runs, tables.spikes)
    backends = style.in_order(tables.runs["backend"])
    figure = Figure(
        figsize=(style.WIDTH_IN, 0.6 + 2.4 * max(len(backends), 1)), layout="constrained"
    )
    grid = figure.subplots(max(len(backends), 1), 2, squeeze=False, width_ratios=[2, 3])
    for row, backend in zip(grid, backends, strict=True):
        of_backend = runs[runs["backend"] == backend]
        for axes, phase in zip(row, (BEFORE, AFTER), strict=True):
            if of_backend.empty:
                style.write_note(axes, "no finished run")
                continue
            run = of_backend.iloc[0]
            _panel(axes, run, spikes[run["run_id"]], phase)
        look = style.style_of(backend)
        row[1].set_title(look.label, loc="right", color=look.colour, fontweight="bold")
    for axes, words in zip(grid[0], ("before plasticity", "after"), strict=True):
        axes.set_title(words)
    for axes in grid[-1]:
        axes.set_xlabel("time (ms)")
    return figure


def _panel(axes, run, spikes, phase):
    start, stop = window(run, phase)
    start = max(start, stop - SHOWN_MS[phase])
    inside = spikes[(spikes["time_ms"] > start) & (spikes["time_ms"] <= stop + 1e-6)]
    look = style.style_of(run["backend"])
    first, middles = 0, []
    for population, number in SHOWN.items():
        number = min(number, population_size(run, population))
        rows = inside[(inside["population"] == population) & (inside["neuron"] < number)]
        axes.plot(
            rows["time_ms"], rows["neuron"] + first, "|", color=look.colour, markersize=2.2,
            markeredgewidth=0.8, rasterized=True,
        )  # fmt: skip
        middles.append(first + number / 2)
        first += number
        if population == "excitatory":
            axes.axhline(first - 0.5, color=style.QUIET, linewidth=0.8)
    axes.set(xlim=(start, stop), ylim=(-1, first))
    names = list(SHOWN) if phase == BEFORE else [""] * len(SHOWN)
    axes.set_yticks(middles, names, rotation=90, va="center")
    axes.tick_params(left=False)
