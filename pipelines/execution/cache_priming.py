"""Warm caches and nothing else: what priming leaves behind is taken back before a fork.

PyNN counts populations for their default labels, and a simulator may count or name its objects: a
forked run must find all of these as in a process that has done nothing yet.
"""

from __future__ import annotations

import gc
import random
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import numpy as np

from pipelines import backends


@contextmanager
def without_traces(sim: ModuleType, timestep: float) -> Iterator[None]:
    """Undo what the block does to counters, names and global random generators.

    The backend is that of a fresh `setup` before and after, with this time step in ms.
    """

    def fresh() -> None:
        sim.setup(timestep=timestep)
        # Takes back the temporary folder that a set-up makes; children would share it.
        sim.end()

    backend, stock = backends.from_module(sim)
    state = backend.state()
    fresh()
    gc.collect()
    # The next set-up gives what it makes the names that this one gave.
    backend.restore(state)
    counters = _counters()
    generators = random.getstate(), np.random.get_state()
    try:
        yield
    finally:
        fresh()
        if not stock:
            backend.before_forks()
        gc.collect()
        backend.restore(state)
        for owner, attribute, value in counters:
            setattr(owner, attribute, value)
        random.setstate(generators[0])
        np.random.set_state(generators[1])
        # What is alive now stays alive: without this, each child's first collection would copy
        # every page it visits.
        gc.freeze()


def _counters() -> list[tuple[Any, str, Any]]:
    """Counters of PyNN that go into default labels."""
    from pyNN.common.populations import Assembly, Population
    from pyNN.common.projections import Projection

    owners = [(Population, "_nPop"), (Projection, "_nProj"), (Assembly, "_count")]
    return [(owner, name, getattr(owner, name)) for owner, name in owners if hasattr(owner, name)]
