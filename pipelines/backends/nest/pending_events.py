"""Reading what NEST hands on in the next step only, without going that step.

NEST gives multimeters the samples of a slice, and synapses its spikes, when the next slice begins.
Mends (seen in PyNN 0.13.0, NEST 3.10.0): PyNN runs NEST further to read them, so that what is set
afterwards acts too late (row "changes in mid-run"). Here a fork of this process goes that step,
reads and ends: 6 ms of the clock for a small network, 20 ms for 2 million synapses.
"""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from typing import Any

import nest
import numpy as np

from . import mpi_processes
from .cell_creation import tell
from .communication_interval import refuse_between_slices
from .kernel_time import go_beyond, has_begun, is_beyond, registry, steps_into_slice


def can_look_ahead() -> bool:
    """Whether a fork of this process is needed, and has all that NEST needs.

    It has neither this one's threads nor its place in MPI.
    """
    alone = registry.threads == 1 and not mpi_processes.are_several()
    # Nothing more is changed: NEST itself may go on, unless later spikes would be in the way.
    needed = not registry.is_read_only or bool(steps_into_slice())
    return hasattr(os, "fork") and alone and needed


def looked_ahead(read: Callable[[], Any], only_until_now: bool = False) -> Any:
    """What `read()` gives when NEST has handed on all spikes and samples until the present.

    Where a fork is not possible, NEST itself goes further, and later changes are refused.

    Parameters
    ----------
    only_until_now
        Whether no later spike may have been handed on.

    Raises
    ------
    Unsupported
        If that is not possible without a fork.
    """
    if not has_begun() or is_beyond():
        return read()
    if not can_look_ahead():
        if only_until_now:
            refuse_between_slices("reading synapses")
        go_beyond()
        return read()
    receiving, sending = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            # Or it would wait for ever if this process ended before it has read all.
            os.close(receiving)
            with os.fdopen(sending, "wb") as pipe:
                pipe.write(_answer(read, only_until_now))
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


def _hold_spikes() -> None:
    """Let no spike be sent any more."""
    nodes = nest.GetNodes()
    kinds = np.array(nest.GetStatus(nodes, "element_type"))
    ids = np.asarray(nodes.tolist())[kinds != "recorder"]
    tell(nest.NodeCollection(ids.tolist()), {"frozen": True})


def _answer(read: Callable[[], Any], only_until_now: bool) -> bytes:
    """None and the value that is read, or the type of an error and its message, as bytes."""
    try:
        if only_until_now and steps_into_slice():
            _hold_spikes()
        go_beyond()
        return pickle.dumps((None, read()), protocol=5)
    except Exception as error:
        return pickle.dumps((type(error), str(error)))
