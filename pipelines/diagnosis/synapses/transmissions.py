"""Transmissions to one neuron, from the spikes and connections of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from pipelines.diagnosis.plastic import is_partly_recorded, is_sample
from pipelines.diagnosis.run_pair import Evidence
from pipelines.tables.mappings import as_mapping

_RECEPTORS = {"isyn_exc": "excitatory", "isyn_inh": "inhibitory",
              "gsyn_exc": "excitatory", "gsyn_inh": "inhibitory"}  # fmt: skip


@dataclass(frozen=True)
class Transmissions:
    """Spikes that reach one receptor of one neuron, by the tables of a run.

    Attributes
    ----------
    projections
        Names of projections.
    step, projection, pre, ordinal : ndarray of int, shape (n,)
        Step of arrival, index of the projection, presynaptic neuron, and number of its earlier
        spikes.
    """

    projections: tuple[str, ...]
    step: np.ndarray
    projection: np.ndarray
    pre: np.ndarray
    ordinal: np.ndarray


def projections_of(one: Evidence) -> Mapping[str, Mapping[str, Any]]:
    """Projections of a run by name, with pre, post, receptor and plastic; empty if unknown."""
    return as_mapping(one.record.get("projections"))


def cell_types_of(one: Evidence) -> Mapping[str, list[str]]:
    """Cell types of each population of a run; empty if unknown."""
    return as_mapping(one.record.get("cell_types"))


def population_sizes_of(one: Evidence) -> Mapping[str, int]:
    """Sizes of the populations of a run; empty if unknown."""
    return as_mapping(one.record.get("population_sizes"))


def is_plastic(described: Mapping[str, Any]) -> bool:
    """Whether the weights of a described projection change by themselves."""
    synapse = str(described.get("synapse") or "StaticSynapse")
    return bool(described.get("plastic")) or "StaticSynapse" not in synapse


def transmissions_to(
    one: Evidence, population: str, neuron: int, variable: str, timestep: float
) -> Transmissions | None:
    """Find the transmissions to a receptor of a neuron.

    Parameters
    ----------
    one
        The run.
    population, neuron
        The neuron.
    variable
        ``isyn_exc``, ``gsyn_inh``, and so on.
    timestep
        In ms.

    Returns
    -------
    Transmissions or None
        None if the projections of the run, or their tables, are not known well enough: of some
        connections, or the spikes of some presynaptic neurons, not all transmissions are.
    """
    described = projections_of(one)
    names = tuple(
        name
        for name, about in described.items()
        if about.get("post") == population and about.get("receptor") == _RECEPTORS.get(variable)
    )
    columns = {"projection", "pre", "post", "delay_ms"}
    if not names or not columns <= set(one.weights.columns):
        return None
    if any(is_sample(one, n) or is_partly_recorded(one, described[n].get("pre")) for n in names):
        return None
    parts = []
    for index, name in enumerate(names):
        rows = one.weights[(one.weights["projection"] == name) & (one.weights["post"] == neuron)]
        if "time_ms" in rows and len(rows):
            rows = rows[rows["time_ms"] == rows["time_ms"].max()]
        spikes = one.spikes[one.spikes["population"] == described[name].get("pre")]
        parts.append(_arrivals(index, rows, spikes, timestep))
    step, projection, pre, ordinal = np.concatenate(parts, axis=1)
    return Transmissions(names, step, projection, pre, ordinal)


def _arrivals(index: int, rows: pd.DataFrame, spikes: pd.DataFrame, timestep: float) -> np.ndarray:
    """Arrivals through one projection, shape (4, n)."""
    if not len(rows) or not len(spikes):
        return np.empty((4, 0), dtype=np.int64)
    fired = spikes[spikes["neuron"].isin(rows["pre"])].sort_values("time_ms", kind="stable")
    fired = fired.assign(ordinal=fired.groupby("neuron").cumcount())
    joined = rows.merge(fired, left_on="pre", right_on="neuron", suffixes=("_row", ""))
    at = (joined["time_ms"] + joined["delay_ms"]).to_numpy(float) / timestep
    step = np.rint(np.nan_to_num(at, nan=-1.0)).astype(np.int64)
    same = np.full(len(step), index, dtype=np.int64)
    return np.stack([step, same, joined["pre"].to_numpy(int), joined["ordinal"].to_numpy(int)])
