"""Figure of the currents into one neuron before and after plasticity."""

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from pipelines.figures import style
from pipelines.metrics.selection import ByRun

from ..analysis.measures import AFTER, BEFORE, currents, first_runs, window

TITLE = "Currents into one neuron"

CAPTION = (
    "Currents into the first excitatory neuron in the last 150 ms before plasticity is turned on "
    "(left) and in the last 500 ms of the run (right), for the first seed of the first point of "
    "the sweep, sampled every ms: what depolarises it (excitatory synapses and the constant "
    "current, less the leak), what hyperpolarises it (inhibitory synapses), and their sum. Solid "
    "lines are the first backend, dashed ones on top of them the second. Before, nothing opposes "
    "the excitation; after, inhibition cancels its mean and follows it in time, and what is left "
    "fluctuates about zero: the neuron is balanced."
)

SHOWN_MS = {BEFORE: 150.0, AFTER: 500.0}
PARTS = {
    "excitation": ("#D55E00", "depolarising"),
    "inhibition": ("#0072B2", "hyperpolarising"),
    "sum": (style.REFERENCE, "sum"),
}


@style.styled
def draw(tables, swept) -> Figure:
    """Draw the currents before and after plasticity; reads runs and signals."""
    runs = first_runs(tables.runs, swept)
    signals = ByRun(runs, tables.signals)
    backends = style.in_order(tables.runs["backend"])
    figure, grid = style.panel_grid(61, 1, 2, width_ratios=[2, 3])
    panels = grid[0]
    for axes, phase, words in zip(
        panels, (BEFORE, AFTER), ("before plasticity", "after"), strict=True
    ):
        axes.set(xlabel="time (ms)", title=words)
        axes.axhline(0.0, color=style.QUIET, linewidth=0.8, zorder=0)
        for _, run in runs.iterrows():
            samples = signals[run["run_id"]]
            if len(samples):
                _lines(axes, run, samples, phase, backends.index(run["backend"]))
    panels[0].set_ylabel("current (nA)")
    if runs.empty or tables.signals.empty:
        style.write_note(panels[0], "no currents recorded")
    handles = [
        Line2D([], [], color=colour, linewidth=1.2, label=label) for colour, label in PARTS.values()
    ]
    style.place_legend(figure, handles)
    return figure


def _lines(axes, run, samples, phase, number):
    start, stop = window(run, phase)
    start = max(start, stop - SHOWN_MS[phase])
    inside = samples[(samples["time_ms"] > start) & (samples["time_ms"] <= stop + 1e-6)]
    table = currents(run, inside, neuron=inside["neuron"].min())
    table["sum"] = table["excitation"] + table["inhibition"]
    for name, (colour, _) in PARTS.items():
        axes.plot(
            table["time_ms"], table[name], color=colour, linewidth=2.2 if number == 0 else 1.0,
            alpha=0.45 if number == 0 else 1.0, linestyle="-" if number == 0 else (0, (3, 2)),
        )  # fmt: skip
    axes.set_xlim(start, stop)
