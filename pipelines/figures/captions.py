"""Captions of figures: what a figure shows, and what was done to get it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd

from pipelines.experiment.parameters import DEFAULT_TIMESTEP
from pipelines.figures import style
from pipelines.figures.sweep_points import Swept, settings
from pipelines.metrics.selection import HasTables, duration_ms, finished
from pipelines.tables.schemas import UNFIT

MOST_SEEDS = 6
"""Largest number of seeds that are named one by one."""


def caption(
    module: ModuleType,
    tables: HasTables,
    swept: Swept,
    options: Mapping[str, Any],
    profile: str = "",
) -> str:
    """Caption of a drawn figure.

    Parameters
    ----------
    module
        Module of the figure: its CAPTION, and what its function ``details(tables, swept,
        **options)`` says, if it has one.
    tables
        Tables of the experiment.
    swept
        The swept parameters.
    options
        Options of the figure.
    profile
        Profile of the sweep.

    Returns
    -------
    str
        Sentences: what is shown, what was chosen for it, and what was run.
    """
    details = getattr(module, "details", None)
    parts = [
        module.CAPTION,
        details(tables, swept, **options) if details is not None else "",
        what_was_run(tables.runs, swept, profile),
    ]
    return " ".join(part for part in parts if part)


def what_was_run(runs: pd.DataFrame, swept: Swept, profile: str = "") -> str:
    """Backends, points, seeds, duration and profile of the finished runs, in a sentence."""
    done = finished(runs)
    if done.empty:
        return "No run was done."
    backends = [style.style_of(name).label for name in style.in_order(done["backend"])]
    points = settings(runs, swept, parts=True)
    seeds = [sorted(point.runs["seed"].unique()) for point in points]
    numbers = sorted({len(found) for found in seeds})
    n = f"n = {numbers[0]}" if len(numbers) == 1 else f"n = {numbers[0]} to {numbers[-1]}"
    plural = "" if numbers == [1] else "s"
    named = sorted(done["seed"].unique())
    listed = f" ({_listed(named)})" if len(named) <= MOST_SEEDS else ""
    where = f" at each of {len(points)} sweep points" if len(points) > 1 else ""
    facts = [f"{n} seed{plural}{listed}{where}", _span(duration_ms(done), "ms simulated")]
    steps = done["timestep"] if "timestep" in done else pd.Series([DEFAULT_TIMESTEP])
    facts.append(_span(steps, "ms time step"))
    hardware = sorted(set(done["hardware"]) - {"none"}) if "hardware" in done else []
    if hardware:
        facts.append(f"hardware profile {_listed(hardware)}")
    if profile:
        facts.append(f"profile {profile}")
    unfit = int((runs["status"] == UNFIT).sum())
    if unfit:
        facts.append(f"{unfit} of {len(runs)} runs do not fit their hardware")
    failed = len(runs) - len(done) - unfit
    if failed:
        facts.append(f"{failed} of {len(runs)} runs not finished")
    return f"{' and '.join(backends)}; {'; '.join(fact for fact in facts if fact)}."


def seeds_of(runs: pd.DataFrame) -> int:
    """Largest number of seeds with which a point of a sweep finished on one backend."""
    done = finished(runs)
    columns = [name for name in ("backend", "seed") if name in done]
    return int(done[columns].drop_duplicates().groupby("backend").size().max()) if len(done) else 0


def _span(values: Iterable[float], unit: str) -> str:
    known = np.unique(np.asarray(list(values), float))
    known = known[~np.isnan(known)]
    if not len(known):
        return ""
    low, high = known[0], known[-1]
    return f"{low:g} {unit}" if low == high else f"{low:g} to {high:g} {unit}"


def _listed(values: Iterable[object]) -> str:
    return ", ".join(str(value) for value in values)
