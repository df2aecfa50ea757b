"""Warm caches and nothing else: what priming leaves behind is taken back before a fork.

Brian2 numbers its objects (``neurongroup``, ``neurongroup_1``, ...) by the names of those alive,
and the names are part of the generated code, so of the key of its caches, and of the order in
which objects of one network are updated. PyNN counts populations for their default labels. A
forked run must find all of these as in a process that has done nothing yet.
"""

from __future__ import annotations

import gc
import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import numpy as np


@contextmanager
def without_traces(sim: ModuleType, timestep: float) -> Iterator[None]:
    """Undo what the block does to counters, names and global random generators.

    The backend is that of a fresh `setup` before and after, with this time step in ms.
    """

    def fresh() -> None:
        sim.setup(timestep=timestep)
        # Takes back the temporary folder that a set-up makes; children would share it.
        sim.end()

    named = list(_tracker() or ())
    fresh()
    gc.collect()
    # The next set-up gives what it makes the names that this one gave.
    _forget_others(named)
    counters = _counters()
    generators = random.getstate(), np.random.get_state()
    try:
        yield
    finally:
        fresh()
        _reset_in_advance(sim)
        gc.collect()
        _forget_others(named)
        for owner, attribute, value in counters:
            setattr(owner, attribute, value)
        random.setstate(generators[0])
        np.random.set_state(generators[1])
        # What is alive now stays alive: without this, each child's first collection would copy
        # every page it visits.
        gc.freeze()


def _reset_in_advance(sim: ModuleType) -> None:
    """Spare the forks what all of them would do first."""
    if sim.__name__ == "pipelines.backends.nest":
        from pipelines.backends.nest.in_advance import reset_in_advance

        reset_in_advance()


def _counters() -> list[tuple[Any, str, Any]]:
    """Counters of PyNN that go into default labels."""
    from pyNN.common.populations import Assembly, Population
    from pyNN.common.projections import Projection

    owners = [(Population, "_nPop"), (Projection, "_nProj"), (Assembly, "_count")]
    return [(owner, name, getattr(owner, name)) for owner, name in owners if hasattr(owner, name)]


def _tracker() -> Any:
    """Brian2's set of all named objects, or None when it is not the backend."""
    names = sys.modules.get("brian2.core.names")
    return None if names is None else names.Nameable.__instances__()


def _forget_others(named: list[Any]) -> None:
    """Free the names of all objects but these; no network holds the others."""
    tracker = _tracker()
    kept = {id(reference) for reference in named}
    for reference in list(tracker or ()):
        if id(reference) not in kept:
            tracker.remove(reference)
