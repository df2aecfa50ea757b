"""Currents that are due before a generator of NEST can reach a neuron.

Mends (seen in PyNN 0.13.0, NEST 3.10.0): a current source that is on from the start begins two
steps late (row "DC from 0"). What a generator sends in NEST's first step arrives with the delay
of its connection, and acts one step later. Until then the neuron's own constant current carries
what is due: the first steps of a run are simulated by themselves, each with `I_e` raised by what
the sources give in it. Runs in pieces are exact, and `I_e` is as it was when anyone can ask.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import nest
import numpy as np
from pyNN.nest import simulator

from pipelines.errors import Unsupported

from ..common.grid import to_ms


@contextmanager
def carried() -> Iterator[None]:
    """Within this block, a first run begins with the currents that are due at once."""
    state = simulator.state
    if state.running:
        yield
        return
    stock_run = state.run

    def run(simtime: float) -> None:
        if state.running or simtime <= 0:
            stock_run(simtime)
            return
        stock_run(0.0)  # connects what has been waiting for the network to be whole
        total = round((simtime + state.min_delay) / state.dt)
        done = _simulate_early()
        if done:
            # As PyNN does: one minimal delay further, or NEST keeps the last data to itself.
            state.running = True
            stock_run(float(to_ms(total - done, state.dt)))
        else:
            stock_run(simtime)

    state.run = run
    try:
        yield
    finally:
        del state.run


def _simulate_early() -> int:
    """Simulate the steps in which generators are too late for something; return their number."""
    sources = [
        source
        for source in simulator.state.current_sources
        if hasattr(source, "early_currents") and source.targets.size
    ]
    for source in sources:
        source.carried = source.early_currents()
    sources = [source for source in sources if np.any(source.carried)]
    if not sources:
        return 0
    ids = np.unique(np.concatenate([source.targets for source in sources]))
    extra = np.zeros((max(len(source.carried) for source in sources), len(ids)))
    for source in sources:
        # A cell into which a source is injected twice gets it twice.
        times = np.bincount(np.searchsorted(ids, source.targets), minlength=len(ids))
        extra[: len(source.carried)] += np.outer(source.carried, times)
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
