"""Distribution of synaptic weights at the end of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

import numpy as np
from matplotlib.figure import Figure
from pydantic import Field

from pipelines.figures import style
from pipelines.figures.distributions import cut_at_zero, draw_distributions
from pipelines.figures.options import ProjectionName
from pipelines.figures.sweep_points import evenly_spaced, settings
from pipelines.metrics.selection import ByRun, HasTables, finished
from pipelines.metrics.weight_statistics import last_weights

TITLE = "Synaptic weights"

CAPTION = (
    "Distribution of the synaptic weights at the end of the run. A panel is one point of the sweep "
    "(of a larger sweep a few, evenly spaced in its order). A line is the mean over seeds; where "
    "there are several, a band goes from the lowest to the highest seed. Where a dashed line "
    "leaves the solid one, the backends differ. Where no neuron fired, the single peak is the "
    "weight at the start. Heights have each panel's own scale."
)

# Odd, so that the middle of the range is the centre of a bin.
N_BINS = 31


@style.styled
def draw(
    tables: HasTables,
    swept: Mapping[str, str] | Sequence[str],
    *,
    projection: ProjectionName | None = None,
    points: Annotated[int, Field(ge=1)] = 6,
    unit: str = "nA",
) -> Figure:
    """Draw the distribution of the final weights at each point of a sweep.

    Parameters
    ----------
    tables
        Tables of an experiment, of which runs and weights are read.
    swept
        Names of the swept parameters; as a mapping, with their units.
    projection
        Name of the projection; by default the first by name.
    points
        Largest number of sweep points to show.
    unit
        Unit of the weights: nA for current-based, uS for conductance-based synapses.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    runs = finished(tables.runs)
    weights = ByRun(runs, tables.weights)
    backends = style.in_order(tables.runs["backend"])
    name = projection if projection is not None else min(tables.weights["projection"], default="")
    panels: dict[str, dict[str, list[np.ndarray]]] = {}
    empty = {}
    for setting in evenly_spaced(settings(tables.runs, swept), points):
        values: dict[str, list[np.ndarray]] = {}
        for _, run in setting.runs.iterrows():
            rows = weights[run["run_id"]]
            rows = rows[rows["projection"] == name]
            weight = last_weights(rows["weight"], rows["time_ms"])
            values.setdefault(run["backend"], []).append(weight)
        panels[setting.label] = values
        if not any(len(run) for runs in values.values() for run in runs):
            empty[setting.label] = "no weights recorded"
    edges = dict.fromkeys(panels, _edges(panels))
    return draw_distributions(
        panels, backends, edges=edges, x_label=weight_label(name, unit),
        y_label="share of synapses (1)", empty=empty, share_x=True,
    )  # fmt: skip


def weight_label(projection: str, unit: str) -> str:
    """Label of an axis with the weights of a projection."""
    return f"weight, {projection} ({unit})" if projection else f"weight ({unit})"


def _edges(panels: Mapping[str, Mapping[str, Sequence[np.ndarray]]]) -> np.ndarray:
    """Bin edges shared by all panels, in the unit of the weights."""
    by_run = [run for panel in panels.values() for runs in panel.values() for run in runs]
    values = [run for run in by_run if len(run)]
    if not values:
        return np.linspace(0.0, 1.0, N_BINS + 1)
    low = min(float(v.min()) for v in values)
    high = max(float(v.max()) for v in values)
    if high - low <= 1e-12 * max(abs(low), abs(high), 1e-300):
        margin = 0.5 * abs(high) or 0.5
        low, high = low - margin, high + margin
    # The bounds of the weights lie at the centres of the outermost bins.
    half = (high - low) / (N_BINS - 1) / 2
    return cut_at_zero(np.linspace(low - half, high + half, N_BINS + 1), np.array([low, high]))
