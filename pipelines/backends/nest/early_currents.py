"""Currents that are due before a generator of NEST can reach a neuron.

Mends (seen in PyNN 0.13.0, NEST 3.10.0): a current source that is on from the start begins two
steps late (row "DC from 0"). What a generator sends in NEST's first step arrives with the delay
of its connection, and acts one step later; so it does after a change between two runs. Until then
the neuron's own constant current carries what is missing: the first steps of a run are simulated
by themselves, each with `I_e` raised by it. Runs in pieces are exact, and `I_e` is as it was when
anyone can ask.
"""

from __future__ import annotations

from typing import Any

import nest
import numpy as np
from pyNN.nest import simulator

from pipelines.errors import Unsupported


def simulate_early(first: int, stop: int, timestep: float) -> int:
    """Have generators send what is due, and simulate the first steps if they are too late for some.

    Parameters
    ----------
    first, stop
        The next step, and the one at which the run ends.
    timestep
        In ms.

    Returns
    -------
    int
        Number of steps that were simulated.
    """
    sources = [
        source
        for source in simulator.state.current_sources
        if hasattr(source, "prepare") and source.cell_list
    ]
    missing = {source: source.prepare(first, stop) for source in sources}
    missing = {source: currents for source, currents in missing.items() if np.any(currents)}
    if not missing:
        return 0
    into = {source: np.array(source.cell_list, dtype=np.int64) for source in missing}
    ids = np.unique(np.concatenate(list(into.values())))
    extra = np.zeros((max(map(len, missing.values())), len(ids)))
    for source, currents in missing.items():
        # A cell into which a source is injected twice gets it twice.
        times = np.bincount(np.searchsorted(ids, into[source]), minlength=len(ids))
        extra[: len(currents)] += np.outer(currents, times)
    return _simulate_with(nest.NodeCollection(ids.tolist()), extra, timestep)


def _simulate_with(cells: Any, extra: np.ndarray, timestep: float) -> int:
    """Simulate one step a row of `extra`: currents (pA) of the cells beside their own."""
    _refuse_without_constant_current(cells, timestep)
    own = np.array(nest.GetStatus(cells, "I_e"), dtype=float)
    try:
        for currents in extra:
            nest.SetStatus(cells, "I_e", (own + currents).tolist())
            nest.Simulate(timestep)
    finally:
        nest.SetStatus(cells, "I_e", own.tolist())
    return len(extra)


def _refuse_without_constant_current(cells: Any, timestep: float) -> None:
    for model in sorted({str(model) for model in nest.GetStatus(cells, "model")}):
        if "I_e" not in nest.GetDefaults(model):
            first = simulator.state.min_delay + timestep
            raise Unsupported(
                f"a current into cells of {model} on NEST",
                f"what is due before {first:g} ms would begin late",
                allowed=f"{first:g} ms and later; or models that have a constant current (I_e)",
            )
