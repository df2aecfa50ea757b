"""What MPI processes tell each other of their connections, kept to what NEST sends right.

Each process tells every other one which of the other's neurons have targets in it, once for each
synapse model. NEST sends as many entries at a time as the process with the most of them has, an
equal share to each. A share that is full ends the round, and the others are sent without a mark of
where they end: what was in memory before is taken for connections, and NEST crashes or sends spikes
astray (seen in NEST 3.10.0, `ConnectionManager::fill_target_buffer`; NEST's issues 3394 and 3489
are of crashes in the same place). One round is enough where a share is as large as the largest
number of entries. So the first process is given silent connections, a few for each model.
"""

from __future__ import annotations

from typing import Any

import nest
import numpy as np

from ..shared.network_registry import Registry
from ..shared.time_grid import to_ms
from . import mpi_processes

_PLAIN = "static_synapse"


class Connected:
    """Sources of the connections of this process, by synapse model and by who made them."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget all connections."""
        # A mask of node ids each.
        self._of: dict[str, dict[Any, np.ndarray]] = {}
        self._settled = True

    def add(self, model: str, maker: Any, sources: np.ndarray, targets: np.ndarray) -> None:
        """Note connections, one to one, of all processes."""
        if not mpi_processes.are_several():
            return
        own = np.asarray(sources)[mpi_processes.are_here(np.asarray(targets))]
        masks, size = self._of.setdefault(model, {}), int(np.max(sources)) + 1
        before = masks.get(maker, np.zeros(0, dtype=bool))
        masks[maker] = mask = np.zeros(max(size, len(before)), dtype=bool)
        mask[: len(before)] = before
        mask[own] = True
        self._settled = False

    def remove(self, model: str, maker: Any) -> None:
        """Forget the connections of a maker."""
        self._of.get(model, {}).pop(maker, None)
        self._settled = False

    def entries(self) -> np.ndarray:
        """How many entries this process has for each process, shape (n_processes,)."""
        found = np.zeros(mpi_processes.number(), dtype=np.int64)
        for masks in self._of.values():
            sources: set[int] = set()
            for mask in masks.values():
                sources.update(np.flatnonzero(mask).tolist())
            ranks = mpi_processes.ranks(np.fromiter(sources, dtype=np.int64))
            found += np.bincount(ranks, minlength=len(found))
        return found

    def settle(self, registry: Registry) -> None:
        """Make silent connections until one round is enough; to be called before NEST simulates."""
        if self._settled or not mpi_processes.are_several():
            return
        by_process = np.array(mpi_processes.gathered(self.entries()))
        missing = by_process.max() - by_process[0]
        if missing.any():
            delay = float(to_ms(registry.slice_steps or 1, registry.timestep))
            self._make_silent(missing, registry.threads, delay)
        self._settled = True

    def _make_silent(self, missing: np.ndarray, threads: int, delay_ms: float) -> None:
        """Connect so many nodes of each process to a node of the first one."""
        turns = len(missing) * threads
        made = nest.Create("parrot_neuron", turns * (int(missing.max()) + 1))
        ids = np.array(made.tolist(), dtype=np.int64)
        ranks = mpi_processes.ranks(ids)
        target = ids[ranks == 0][-1]
        sources = np.concatenate([ids[ranks == k][:n] for k, n in enumerate(missing.tolist())])
        targets = np.full(len(sources), target)
        synapse = {"synapse_model": _PLAIN, "delay": np.full(len(sources), delay_ms)}
        nest.Connect(sources, targets, "one_to_one", synapse)
        self.add(_PLAIN, int(ids[0]), sources, targets)


# Of the network of the current `setup`.
connected = Connected()
