"""Workaround for an error in NEST's exchange of connection data between MPI processes.

Each process sends every other process the ids of those of its neurons that have targets here, one
entry for each neuron and synapse model. The send buffer has an equal section for each process,
sized by the process with the most entries. A full section ends the round, and the other sections
are sent without an end marker: stale memory is read as connections, and NEST crashes or delivers
spikes to wrong targets (seen in NEST 3.10.0, `ConnectionManager::fill_target_buffer`; NEST's issues
3394 and 3489 report crashes in the same place). One round is enough if a section is as large as the
largest number of entries. So the first process gets additional connections without spikes.
"""

from __future__ import annotations

from typing import Any

import nest
import numpy as np

from ..shared.network_registry import Registry
from ..shared.time_grid import to_ms
from . import mpi_processes

_STATIC = "static_synapse"


class SourceTable:
    """Sources of the connections of this process, by synapse model and owner.

    An owner is any object or number that identifies a group of connections.
    """

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Remove all connections from the table."""
        # Masks over node ids, by synapse model and owner.
        self._masks: dict[str, dict[Any, np.ndarray]] = {}
        self._is_padded = True

    def add(self, model: str, owner: Any, sources: np.ndarray, targets: np.ndarray) -> None:
        """Add one-to-one connections between node ids, those of all processes."""
        if not mpi_processes.is_distributed():
            return
        own = np.asarray(sources)[mpi_processes.local_mask(np.asarray(targets))]
        masks, size = self._masks.setdefault(model, {}), int(np.max(sources)) + 1
        before = masks.get(owner, np.zeros(0, dtype=bool))
        masks[owner] = mask = np.zeros(max(size, len(before)), dtype=bool)
        mask[: len(before)] = before
        mask[own] = True
        self._is_padded = False

    def remove(self, model: str, owner: Any) -> None:
        """Remove the connections of an owner from the table."""
        self._masks.get(model, {}).pop(owner, None)
        self._is_padded = False

    def entries(self) -> np.ndarray:
        """Number of entries of this process for each process, shape (n_processes,)."""
        found = np.zeros(mpi_processes.size(), dtype=np.int64)
        for masks in self._masks.values():
            sources: set[int] = set()
            for mask in masks.values():
                sources.update(np.flatnonzero(mask).tolist())
            ranks = mpi_processes.ranks(np.fromiter(sources, dtype=np.int64))
            found += np.bincount(ranks, minlength=len(found))
        return found

    def pad_first_process(self, registry: Registry) -> None:
        """Add connections to the first process until one round is enough.

        To be called before NEST simulates.
        """
        if self._is_padded or not mpi_processes.is_distributed():
            return
        by_process = np.array(mpi_processes.gather(self.entries()))
        missing = by_process.max() - by_process[0]
        if missing.any():
            delay = float(to_ms(registry.slice_steps or 1, registry.timestep))
            self._add_padding(missing, registry.threads, delay)
        self._is_padded = True

    def _add_padding(self, missing: np.ndarray, threads: int, delay_ms: float) -> None:
        """Connect `missing` nodes of each process to a node of the first process."""
        virtual_processes = len(missing) * threads
        made = nest.Create("parrot_neuron", virtual_processes * (int(missing.max()) + 1))
        ids = np.array(made.tolist(), dtype=np.int64)
        ranks = mpi_processes.ranks(ids)
        target = ids[ranks == 0][-1]
        sources = np.concatenate([ids[ranks == k][:n] for k, n in enumerate(missing.tolist())])
        targets = np.full(len(sources), target)
        synapse = {"synapse_model": _STATIC, "delay": np.full(len(sources), delay_ms)}
        nest.Connect(sources, targets, "one_to_one", synapse)
        self.add(_STATIC, int(ids[0]), sources, targets)


# The table of the current `setup`.
source_table = SourceTable()
