"""Reading of spikes and samples that NEST delivers only in the next step, in a forked process.

NEST delivers the samples of a slice to multimeters, and its spikes to synapses, when the next slice
begins. Mends (seen in PyNN 0.13.0, NEST 3.10.0): PyNN runs NEST further to read them, so that
later changes take effect too late (row "changes in mid-run"). Here a fork of this process
simulates that step, reads and exits: 6 ms for a small network, 20 ms for 2 million synapses.
"""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from typing import Any

import nest
import numpy as np

from . import mpi_processes
from .cell_creation import set_status
from .communication_interval import refuse_within_slice
from .kernel_time import (
    deliver_pending_events,
    has_begun,
    kernel_is_ahead,
    registry,
    steps_into_slice,
)


def reads_in_fork() -> bool:
    """Whether pending events are to be read in a fork: it is needed and possible.

    A fork has no NEST threads and is not part of MPI.
    """
    alone = registry.threads == 1 and not mpi_processes.is_distributed()
    # If the run is over, NEST itself may simulate further; in mid-slice it would deliver later
    # spikes, too.
    needed = not registry.is_read_only or bool(steps_into_slice())
    return hasattr(os, "fork") and alone and needed


def read_after_delivery(read: Callable[[], Any], present_spikes_only: bool = False) -> Any:
    """Return `read()` as called after NEST has delivered all spikes and samples up to the present.

    If a fork is not possible, NEST itself simulates further, and later changes are refused.

    Parameters
    ----------
    read
        Function that reads from NEST, and returns a value that can be pickled.
    present_spikes_only
        Whether no later spike may have been delivered.

    Raises
    ------
    Unsupported
        If that is not possible without a fork.
    """
    if not has_begun() or kernel_is_ahead():
        return read()
    if not reads_in_fork():
        if present_spikes_only:
            refuse_within_slice("reading synapses")
        deliver_pending_events()
        return read()
    receiving, sending = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            # Otherwise it would block for ever if the parent ended before reading.
            os.close(receiving)
            with os.fdopen(sending, "wb") as pipe:
                pipe.write(_read_in_child(read, present_spikes_only))
        finally:
            os._exit(0)
    os.close(sending)
    with os.fdopen(receiving, "rb") as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)
    if not answer:
        raise RuntimeError("NEST ended while it was read in a fork")
    kind, value = pickle.loads(answer)
    if kind is None:
        return value
    error = kind.__new__(kind)
    error.args = (value,)
    raise error


def _freeze_senders() -> None:
    """Freeze all nodes except recorders, so that no further spikes are sent."""
    nodes = nest.GetNodes()
    kinds = np.array(nest.GetStatus(nodes, "element_type"))
    ids = np.asarray(nodes.tolist())[kinds != "recorder"]
    set_status(nest.NodeCollection(ids.tolist()), {"frozen": True})


def _read_in_child(read: Callable[[], Any], present_spikes_only: bool) -> bytes:
    """Pickle of (None, value read), or of (type, message) of an error."""
    try:
        if present_spikes_only and steps_into_slice():
            _freeze_senders()
        deliver_pending_events()
        return pickle.dumps((None, read()), protocol=5)
    except Exception as error:
        return pickle.dumps((type(error), str(error)))
