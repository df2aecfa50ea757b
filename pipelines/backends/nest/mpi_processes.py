"""MPI processes that simulate one network, and collective reads from all of them.

Every process runs the same script with the same random numbers. PyNN is made to treat each process
as the only one, so that it draws complete lists and has the ids of all cells. NEST creates a node,
and the synapses onto it, in one process, and returns values of local ones only. So values of nodes,
synapses and recorders are gathered here. All processes have to call these functions in the same
order.

Mends (seen in PyNN 0.13.0): PyNN reads parameters of the cells of its own process only, and
fails for populations without a cell in it.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

import nest
import numpy as np
from pyNN.nest import simulator


@cache
def size() -> int:
    """Number of processes."""
    return int(nest.GetKernelStatus("num_processes"))


def rank() -> int:
    """Rank of this process, from 0."""
    return int(nest.Rank())


def is_distributed() -> bool:
    """Whether the network is distributed over more than one process."""
    return size() > 1


def hide_from_pynn() -> None:
    """Make PyNN treat this process as the only one, until stock PyNN is set up again."""
    simulator.state._cache_num_processes = 1


def show_to_pynn() -> None:
    """Restore PyNN's number of processes."""
    simulator.state._cache_num_processes = size()


def ranks(ids: np.ndarray) -> np.ndarray:
    """Rank of the process of each node: NEST distributes node ids round-robin."""
    return ids % size()


def local_mask(ids: np.ndarray) -> np.ndarray:
    """Mask of the node ids that are in this process."""
    mask: np.ndarray = ranks(ids) == rank()
    return mask


def gather(parts: Any, root_only: bool = False) -> list[Any]:
    """Values passed by all processes, in the order of their ranks.

    Parameters
    ----------
    root_only
        Whether only rank 0 needs them; other processes get their own value.
    """
    if not is_distributed():
        return [parts]
    if not root_only:
        return list(_communicator().allgather(parts))
    everything = _communicator().gather(parts)
    return [parts] if everything is None else list(everything)


def gather_columns(
    columns: dict[str, np.ndarray], root_only: bool = False
) -> dict[str, np.ndarray]:
    """Arrays by name, concatenated over all processes in the order of ranks; see `gather`."""
    if not is_distributed():
        return columns
    # Copies of the dictionaries: a column is freed once it has been concatenated.
    parts = [dict(part) for part in gather(columns, root_only)]
    return {name: np.concatenate([part.pop(name) for part in parts]) for name in list(columns)}


def get_status(nodes: Any, name: str) -> list[Any]:
    """Values of a parameter or state variable (NEST's name), one for each node of a collection."""
    if not is_distributed():
        return list(nest.GetStatus(nodes, name))
    ids = np.asarray(nodes.tolist(), dtype=np.int64)
    here = np.flatnonzero(local_mask(ids))
    own: tuple[Any, ...] = ()
    if here.size:
        own = nest.GetStatus(nest.NodeCollection(np.sort(ids[here]).tolist()), name)
    found: dict[int, Any] = {}
    for part in gather(dict(zip(np.sort(ids[here]).tolist(), own, strict=True))):
        found |= part
    return [found[one] for one in ids.tolist()]


@cache
def _communicator() -> Any:
    """Communicator of all processes without the limit of 2 GB a message of MPI 3."""
    return import_module("mpi4py.util.pkl5").Intracomm(import_module("mpi4py.MPI").COMM_WORLD)
