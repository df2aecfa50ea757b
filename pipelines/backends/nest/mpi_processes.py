"""The MPI processes over which NEST simulates one network, and what is read of all of them.

Every process runs the same script with the same random numbers, and PyNN takes each for the only
one: it draws whole lists and keeps the names of all cells. NEST makes a node, and the synapses onto
it, in one process alone, and tells of no others. So what is read of nodes, synapses and recorders
is gathered here. All processes have to read the same things in the same order.

Mends (seen in PyNN 0.13.0): PyNN reads a parameter of a cell of another process in its own
process alone; populations whose cells are all elsewhere fail.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

import nest
import numpy as np
from pyNN.nest import simulator


@cache
def number() -> int:
    """How many processes simulate the network."""
    return int(nest.GetKernelStatus("num_processes"))


def rank() -> int:
    """Which of them this is, from 0."""
    return int(nest.Rank())


def are_several() -> bool:
    """Whether the network is spread over more than one process."""
    return number() > 1


def hide() -> None:
    """Let PyNN take this process for the only one, until the next set-up of its own module."""
    simulator.state._cache_num_processes = 1


def show() -> None:
    """Let PyNN see the processes as they are."""
    simulator.state._cache_num_processes = number()


def ranks(ids: np.ndarray) -> np.ndarray:
    """Process of each node: NEST deals out nodes in turn."""
    return ids % number()


def are_here(ids: np.ndarray) -> np.ndarray:
    """Mask of the nodes that are in this process."""
    here: np.ndarray = ranks(ids) == rank()
    return here


def gathered(parts: Any, first_alone: bool = False) -> list[Any]:
    """What all processes give, in the order of their ranks.

    Parameters
    ----------
    first_alone
        Whether only the process of rank 0 needs it: others get what they have given.
    """
    if not are_several():
        return [parts]
    if not first_alone:
        return list(_communicator().allgather(parts))
    everything = _communicator().gather(parts)
    return [parts] if everything is None else list(everything)


def joined(columns: dict[str, np.ndarray], first_alone: bool = False) -> dict[str, np.ndarray]:
    """Arrays of the same names, of all processes one after the other; see `gathered`."""
    if not are_several():
        return columns
    # Copies, from which a column is dropped when it has been put together.
    parts = [dict(part) for part in gathered(columns, first_alone)]
    return {name: np.concatenate([part.pop(name) for part in parts]) for name in list(columns)}


def status(nodes: Any, name: str) -> list[Any]:
    """A parameter or state variable of every node of a collection, by NEST's name."""
    if not are_several():
        return list(nest.GetStatus(nodes, name))
    ids = np.asarray(nodes.tolist(), dtype=np.int64)
    here = np.flatnonzero(are_here(ids))
    own: tuple[Any, ...] = ()
    if here.size:
        own = nest.GetStatus(nest.NodeCollection(np.sort(ids[here]).tolist()), name)
    found: dict[int, Any] = {}
    for part in gathered(dict(zip(np.sort(ids[here]).tolist(), own, strict=True))):
        found |= part
    return [found[one] for one in ids.tolist()]


@cache
def _communicator() -> Any:
    """All processes, able to send what an ordinary communicator of MPI 3 cannot: 2 GB and more."""
    return import_module("mpi4py.util.pkl5").Intracomm(import_module("mpi4py.MPI").COMM_WORLD)
