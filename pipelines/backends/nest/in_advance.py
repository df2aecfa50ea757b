"""Resetting NEST before it is needed, once for many forks of a process.

PyNN resets NEST in every `setup`: 8 ms, and a fork copies each page of memory that this writes
to. A fork of a process in which NEST has just been reset need not. No row of the register: it
mends time alone (seen in PyNN 0.13.0, NEST 3.10.0).
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import nest
from pyNN.nest import simulator

# PyNN's list of populations when NEST was reset in advance: whoever sets up has another one.
_populations_then: Any = None


def reset_in_advance() -> None:
    """Reset NEST now for the next `setup`, in this process or in a fork of it.

    Nothing that NEST would have to forget may come between.
    """
    global _populations_then
    nest.ResetKernel()
    _populations_then = simulator.state.populations


@contextmanager
def spared_a_reset() -> Iterator[None]:
    """Within this block PyNN's `setup` resets NEST unless that was done, and is still so."""
    global _populations_then
    state = simulator.state
    then, _populations_then = _populations_then, None
    if then is None or then is not state.populations or nest.network_size > 0:
        yield
        return
    state.clear = clear_without_reset
    try:
        yield
    finally:
        state.__dict__.pop("clear", None)


def clear_without_reset() -> None:
    """Do what PyNN's `clear` does, except for resetting NEST, which stands at time 0."""
    state = simulator.state
    state._time_offset = 0.0
    state.populations, state.current_sources, state.recording_devices = [], [], []
    state.recorders = set()
    state.tempdirs.append(tempfile.mkdtemp())
    nest.SetKernelStatus({"data_path": state.tempdirs[-1]})
    # What PyNN's `reset` comes to, without asking for the time. Its precision of spikes stays.
    state.running = False
    state.segment_counter = 0
