"""Restoring the state of a simulator after priming, so that only caches stay warm.

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
def restoring_state(sim: ModuleType, timestep: float) -> Iterator[None]:
    """Restore counters, names and global random generators after the block.

    Before and after the block the backend is set up afresh and ended.

    Parameters
    ----------
    sim
        The backend.
    timestep
        Time step of the set-up, in ms.
    """

    def fresh() -> None:
        sim.setup(timestep=timestep)
        # Removes the temporary folder of the set-up, which children would share.
        sim.end()

    backend, stock = backends.from_module(sim)
    state = backend.state()
    fresh()
    gc.collect()
    # The next set-up reuses the names of this one.
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
        # Exclude living objects from collections: each child's first one would copy every page it
        # visits.
        gc.freeze()


def _counters() -> list[tuple[Any, str, Any]]:
    """Counters of PyNN used in default labels, as (class, attribute, value)."""
    from pyNN.common.populations import Assembly, Population
    from pyNN.common.projections import Projection

    owners = [(Population, "_nPop"), (Projection, "_nProj"), (Assembly, "_count")]
    return [(owner, name, getattr(owner, name)) for owner, name in owners if hasattr(owner, name)]
