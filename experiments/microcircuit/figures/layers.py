"""Raster plots of all populations by layer, one column per backend."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from pipelines.figures import style
from pipelines.metrics.selection import finished

from ..analysis.activity import trains_of_runs
from ..analysis.layers import COLOURS, LAYERS
from ..data_files import NAMES

TITLE = "Spikes by layer"

CAPTION = (
    "Spikes of the last part of the first run; a panel is a backend. Cells are stacked by layer, "
    "excitatory (dark) above inhibitory ones (light) of the same layer; of a large network every "
    "n-th cell of all populations is shown, so that heights are in proportion to numbers of cells. "
    "Layer 2/3 and layer 6 fire least, layer 5 most; weak waves run through all layers, while "
    "single cells fire irregularly. Black crosses are spikes that are on one backend only."
)

SHOWN_MS = 250.0
MOST_CELLS = 2000


@style.styled
def draw(tables, swept) -> Figure:
    """Draw the rasters; reads runs and spikes."""
    runs = finished(tables.runs)
    first = runs[runs["point_id"] == runs["point_id"].iloc[0]] if len(runs) else runs
    backends = style.in_order(tables.runs["backend"])
    figure, grid = style.panel_grid(106, 1, len(backends), sharex=True, sharey=True)
    # Room for the letter of a panel beside the name of the backend before it.
    figure.get_layout_engine().set(wspace=0.08)
    panels = grid[0]
    shown = {
        first.loc[index, "backend"]: _shown(trains, first.loc[index])
        for index, trains in trains_of_runs(first, tables.spikes)
    }
    for panel, backend in zip(panels, backends, strict=True):
        look = style.style_of(backend)
        panel.set_title(look.label, loc="right", color=look.colour, fontweight="bold")
        panel.set_xlabel("time (ms)")
        if backend not in shown:
            style.write_note(panel, "no finished run")
            continue
        others = [keys for other, keys in shown.items() if other != backend]
        _panel(panel, shown[backend], others)
    if shown:
        run = first.iloc[0]
        _label_layers(panels[0], next(iter(shown.values())))
        panels[0].set_title(f"scale {run['scale']:g}, {_drive(run)}")
    handles = [
        Line2D([], [], color=COLOURS[kind], marker="o", linestyle="none", label=words)
        for kind, words in (("E", "excitatory cells"), ("I", "inhibitory cells"))
    ]
    style.place_legend(figure, handles)
    return figure


def _drive(run):
    return {"poisson": "Poisson drive", "dc": "constant drive"}[run["drive"]]


def _shown(trains, run):
    """Spikes of every n-th cell in the last part of a run: times, rows, rows by population."""
    every = -(-sum(one.size for one in trains.values()) // MOST_CELLS)
    start = max(run["duration"] - run["warm_up_ms"] - SHOWN_MS, 0.0)
    times, rows, kinds, bounds, top = [], [], [], {}, 0
    for name, one in trains.items():
        n_rows = -(-one.size // every)
        keep = (one.neuron % every == 0) & (one.time_ms > start)
        times.append(one.time_ms[keep] + run["warm_up_ms"])
        rows.append(top + one.neuron[keep] // every)
        kinds += [name[-1]] * int(keep.sum())
        bounds[name] = (top, top + n_rows)
        top += n_rows
    return np.concatenate(times), np.concatenate(rows), np.array(kinds), bounds


def _panel(axes, shown, others):
    times, rows, kinds, bounds = shown
    for kind, colour in COLOURS.items():
        of_kind = kinds == kind
        axes.scatter(
            times[of_kind], rows[of_kind], s=float(np.clip(8000 / max(len(times), 1), 0.6, 5)),
            color=colour, linewidth=0, rasterized=True,
        )  # fmt: skip
    for other in others:
        alone = ~np.isin(_keys(times, rows), _keys(other[0], other[1]))
        axes.scatter(times[alone], rows[alone], marker="x", s=20, color="black", rasterized=True)
    for _, end in bounds.values():
        axes.axhline(end - 0.5, color="white", linewidth=0.8, zorder=0)
    axes.set_ylim(max(end for _, end in bounds.values()), -1)


def _keys(times, rows):
    return np.rint(times * 1000).astype(np.int64) * 2**20 + rows


def _label_layers(axes, shown):
    bounds = shown[3]
    ticks = {}
    for layer, words in LAYERS.items():
        ends = [bounds[name] for name in NAMES if name[:-1] == layer and name in bounds]
        if ends:
            ticks[(ends[0][0] + ends[-1][1]) / 2] = words
    axes.set_yticks(list(ticks), list(ticks.values()))
    axes.set_ylabel("layer")
