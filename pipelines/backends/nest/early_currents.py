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


def simulate_early(first: int, stop: int) -> int:
    """Simulate the steps from `first` on in which generators are too late for something.

    Parameters
    ----------
    first, stop
        The next step, and the one at which the run ends.

    Returns
    -------
    int
        Number of steps that were simulated.
    """
    sources = [
        source
        for source in simulator.state.current_sources
        if hasattr(source, "missing_currents") and source.targets.size
    ]
    missing = {source: source.missing_currents(first, stop) for source in sources}
    missing = {source: currents for source, currents in missing.items() if np.any(currents)}
    if not missing:
        return 0
    ids = np.unique(np.concatenate([source.targets for source in missing]))
    extra = np.zeros((max(map(len, missing.values())), len(ids)))
    for source, currents in missing.items():
        # A cell into which a source is injected twice gets it twice.
        times = np.bincount(np.searchsorted(ids, source.targets), minlength=len(ids))
        extra[: len(currents)] += np.outer(currents, times)
        source.note_carried(first, len(currents))
    _simulate_with(nest.NodeCollection(ids.tolist()), extra)
    return len(extra)


def _simulate_with(cells: Any, extra: np.ndarray) -> None:
    """Simulate one step a row of `extra`: currents (pA) of the cells beside their own."""
    _refuse_without_constant_current(cells)
    own = np.array(nest.GetStatus(cells, "I_e"), dtype=float)
    try:
        for currents in extra:
            nest.SetStatus(cells, "I_e", (own + currents).tolist())
            nest.Simulate(simulator.state.dt)
    finally:
        nest.SetStatus(cells, "I_e", own.tolist())


def _refuse_without_constant_current(cells: Any) -> None:
    models = sorted({str(model) for model in nest.GetStatus(cells, "model")})
    for model in models:
        if "I_e" not in nest.GetDefaults(model):
            first = simulator.state.min_delay + simulator.state.dt
            raise Unsupported(
                f"a current into cells of {model} on NEST",
                f"what is due before {first:g} ms would begin late",
                allowed=f"{first:g} ms and later; or models that have a constant current (I_e)",
            )
