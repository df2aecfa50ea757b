"""Distribution of firing rates over the neurons of a population."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

import numpy as np
from matplotlib.figure import Figure
from pydantic import Field

from pipelines.figures import style
from pipelines.figures.distributions import draw_distributions, regular_edges
from pipelines.figures.options import PopulationName
from pipelines.figures.sweep_points import evenly_spaced, settings
from pipelines.metrics.measured import Recordings
from pipelines.metrics.selection import HasTables, finished, population_sizes
from pipelines.metrics.spike_trains import Trains, rates

TITLE = "Firing rates"

CAPTION = (
    "Distribution of the firing rate over neurons whose spikes were recorded, silent ones "
    "included, after the warm-up. A panel is one point of the sweep (of a larger sweep a few, "
    "evenly spaced in its order). A line is the mean over seeds; where there are several, a band "
    "goes from the lowest to the highest seed. Where a dashed line leaves the solid one, the "
    "backends differ. Every panel has its own axes; the bins are a whole number of spikes wide."
)


@style.styled
def draw(
    tables: HasTables,
    swept: Mapping[str, str] | Sequence[str],
    *,
    population: PopulationName | None = None,
    points: Annotated[int, Field(ge=1)] = 6,
) -> Figure:
    """Draw the distribution of firing rates at each point of a sweep.

    Parameters
    ----------
    tables
        Tables of an experiment, of which runs and spikes are read.
    swept
        Names of the swept parameters; as a mapping, with their units.
    population
        Name of the population; by default the first by name.
    points
        Largest number of sweep points to show.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    recordings = Recordings(finished(tables.runs), tables)
    backends = style.in_order(tables.runs["backend"])
    panels: dict[str, dict[str, list[np.ndarray]]] = {}
    edges, empty = {}, {}
    for setting in evenly_spaced(settings(tables.runs, swept), points):
        values: dict[str, list[np.ndarray]] = {}
        longest_ms = 0.0
        for _, row in setting.runs.iterrows():
            run = recordings[row["run_id"]]
            name = population if population is not None else min(run.sizes, default="")
            trains = run.trains(name) if name in run.sizes else Trains([], [], 0)
            longest_ms = max(longest_ms, trains.duration_ms)
            values.setdefault(row["backend"], []).append(rates(trains))
        panels[setting.label] = values
        together = np.concatenate([run for of_backend in values.values() for run in of_backend])
        if not len(together) or np.isnan(together).any():
            empty[setting.label] = "no rates: nothing recorded"
        elif not together.any():
            empty[setting.label] = "no spikes on any backend"
        else:
            edges[setting.label] = regular_edges(together, 1000.0 / longest_ms)
    return draw_distributions(
        panels, backends, edges=edges, x_label="firing rate (Hz)",
        y_label="share of neurons (1)", empty=empty, share_x=False,
    )  # fmt: skip


def details(
    tables: HasTables,
    swept: Mapping[str, str] | Sequence[str],
    *,
    population: str | None = None,
    points: int = 6,
) -> str:
    """Population and number of neurons, for the caption."""
    shown = set()
    for named in population_sizes(finished(tables.runs)):
        name = population if population is not None else min(named, default="")
        shown.add(f"Shown: {named.get(name, 0):,} neurons of {name}.")
    return shown.pop() if len(shown) == 1 else ""
