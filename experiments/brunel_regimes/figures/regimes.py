"""Figure of the population activity in each of the four regimes, in bins of 0.5 ms."""

import numpy as np
from matplotlib.figure import Figure

from pipelines.figures import style
from pipelines.metrics.measured import Recordings
from pipelines.metrics.selection import finished
from pipelines.metrics.spike_trains import after

from ..analysis.activity import REGIMES, activity_table, of_regime
from ..metrics import BIN_MS, activity

TITLE = "Activity in the four regimes"

CAPTION = (
    f"Spikes of all neurons in bins of {BIN_MS:g} ms, as a rate, in the last part of the first "
    "run. A panel is one of the reference points of Brunel (2000); the rate and the CV "
    "of intervals above it are means over the seeds, on the first backend. In SR all neurons fire "
    "at a high rate, in step with the synaptic delay; in AI the activity varies least; in the SI "
    "regimes it comes in waves, fast or slow, and single neurons miss most of them. Where a "
    "dashed line leaves the solid one, the backends differ."
)

SHOWN_MS = 100.0


@style.styled
def draw(tables, swept) -> Figure:
    """Draw the activity, one panel per regime; reads runs, spikes and metrics."""
    table = activity_table(tables)
    recordings = Recordings(finished(tables.runs), tables)
    backends = style.in_order(tables.runs["backend"])
    figure, grid = style.panel_grid(102, 2, 2)
    panels = grid.flat
    for panel, name in zip(panels, REGIMES, strict=True):
        g, eta = REGIMES[name]
        panel.set_title(f"{name}: g = {g:g}, eta = {eta:g}")
        panel.set(xlabel="time (ms)", ylabel="activity (Hz)")
        of_name = of_regime(table, name)
        if of_name.empty:
            style.write_note(panel, "no finished run")
            continue
        _panel(panel, of_name, recordings, backends)
        first = of_name[of_name["backend"] == style.in_order(of_name["backend"])[0]]
        mean = first[["network_rate", "network_isi_cv"]].mean()
        cv = f", CV {mean['network_isi_cv']:.2g}" if np.isfinite(mean["network_isi_cv"]) else ""
        panel.set_title(f"{mean['network_rate']:.3g} Hz{cv}", loc="right")
    style.legend(figure, backends, line=True, marker=False)
    return figure


def _panel(axes, runs, recordings, backends):
    for backend in backends:
        for run_id in runs.loc[runs["backend"] == backend, "run_id"].head(1):
            look = style.style_of(backend)
            run = recordings[run_id]
            trains = run.all_trains()
            start = max(trains.duration_ms - SHOWN_MS, 0.0)
            rate = activity(after(trains, start))
            time_ms = run.warm_up_ms + start + BIN_MS * (np.arange(len(rate)) + 0.5)
            axes.plot(
                time_ms, rate, color=look.colour, linewidth=look.width,
                linestyle=(0, look.dash) if look.dash else "-",
            )  # fmt: skip
    axes.set_ylim(bottom=0)
