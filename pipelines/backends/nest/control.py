"""Set-up and running on NEST, under the canonical conventions of time.

Mends (seen in PyNN 0.13.0, NEST 3.10.0): spikes off the grid by default (row "default
precision"); a minimal delay that depends on the network and shifts every source
("SpikeSourceArray under min_delay='auto'"); source times in floating point ("source times on
grid"); durations off the grid ("run(10.05)"). PyNN resets NEST in every `setup`: 8 ms, a third of a
small run, and a fork copies each page of memory that this writes to. A fork of a process in
which NEST has just been reset need not.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import nest
import pyNN.nest as stock
from pyNN.nest import simulator

from pipelines.errors import Unsupported

from ..shared.callbacks import run_with_callbacks
from ..shared.network_registry import DEFAULT_SEED, checked_min_delay, is_off_grid
from ..shared.time_grid import to_ms, to_steps
from . import communication_interval, kernel_time, mpi_processes, native_generators, short_term
from .kernel_time import registry
from .mpi_connections import connected

# The process to which PyNN's temporary folders belong.
_process = os.getpid()
# The process in which NEST has had several threads.
_threaded: int | None = None
# PyNN's list of populations when NEST was reset in advance: whoever sets up has another one.
_populations_then: Any = None


def setup(timestep: float = 0.1, min_delay: float | str = "auto", **extra_params: Any) -> int:
    """Begin a new network: on the grid, with `min_delay` one time step unless given.

    Arguments are those of ``pyNN.nest.setup``. Times are in ms. Spikes between the steps are
    there for scripts that ask for them (``spike_precision="off_grid"``), with a warning: Brian2
    has none. With ``independent_draws=True`` NEST's generators may draw Poisson trains, which are
    then those of no other backend (see `native_generators`).

    Raises
    ------
    Unsupported
        For a `min_delay` or `max_delay` that is not a whole number of steps.
    """
    global _threaded
    _refuse_threads_of_the_parent()
    precise = is_off_grid(extra_params.pop("spike_precision", "on_grid"))
    independent = extra_params.pop("independent_draws", False)
    max_delay = extra_params.pop("max_delay", "auto")
    checked_min_delay(timestep, min_delay, max_delay)
    _forget_folders_of_the_parent()
    seed = extra_params.get("rng_seed", DEFAULT_SEED)
    # NEST wants 1 to 2^32 - 1. It draws nothing here: a script that asks it to gets a seed.
    extra_params["rng_seed"] = 1 + seed % (2**32 - 1)
    with _spared_a_reset():
        rank = stock.setup(timestep, "auto", **extra_params)
    registry.begin(seed, timestep, min_delay, max_delay)
    connected.clear()
    registry.off_grid, registry.independent_draws = precise, independent
    registry.threads = extra_params.get("threads", 1)
    if registry.threads > 1:
        _threaded = os.getpid()
    if mpi_processes.are_several():
        mpi_processes.hide()
        simulator.state.clear = kernel_time.clear
    nest.SetDefaults("spike_generator", {"precise_times": registry.off_grid})
    # Or NEST keeps a log of its buffers, a line a slice, and copies it whenever PyNN asks for
    # the time.
    nest.SetKernelStatus({"spike_buffer_shrink_limit": 0.0})
    return rank


def reset_in_advance() -> None:
    """Reset NEST now for the next `setup`, in this process or in a fork of it.

    Nothing that NEST would have to forget may come between.
    """
    global _populations_then
    _refuse_threads_of_the_parent()
    nest.ResetKernel()
    _populations_then = simulator.state.populations


@contextmanager
def _spared_a_reset() -> Iterator[None]:
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


def _refuse_threads_of_the_parent() -> None:
    """Refuse a fork of a process in which NEST had threads: it would wait for them for ever."""
    if _threaded not in (None, os.getpid()):
        raise Unsupported(
            "NEST in a forked process",
            "its parent has simulated with several threads, which a fork does not have",
            allowed="a new process, or one thread in the parent",
        )


def _forget_folders_of_the_parent() -> None:
    """Leave a parent process its temporary folders: PyNN removes at `end` all that it has made."""
    global _process
    if _process != os.getpid():
        simulator.state.tempdirs = []
        _process = os.getpid()


def run_until(time_point: float, callbacks: Any = None) -> float:
    """Advance the simulation until `time_point`, in ms, a whole number of steps.

    `callbacks` are as `shared.callbacks` has them.
    """
    last = int(to_steps(time_point, registry.timestep, "run_until(time_point)"))
    return _advance(last, callbacks)


def run(simtime: float, callbacks: Any = None) -> float:
    """Advance the simulation by `simtime`, in ms, a whole number of steps."""
    steps = int(to_steps(simtime, registry.timestep, "run(simtime)"))
    return _advance(registry.present_step + steps, callbacks)


run_for = run


def _advance(last: int, callbacks: Any) -> float:
    first = registry.present_step
    communication_interval.choose(last - first, callbacks)
    run_with_callbacks(callbacks, first, last, registry.timestep, _simulate_to)
    return get_current_time()


def _simulate_to(step: int) -> None:
    # What still has to be connected. PyNN is to run NEST no further than it was asked to.
    type(simulator.state).run(simulator.state, 0.0)
    steps = step - registry.present_step
    if steps == 0:
        return
    if not kernel_time.has_begun():
        native_generators.begin()
        kernel_time.begin()
        short_term.begin(registry.projections)
    kernel_time.advance(steps)


def num_processes() -> int:
    """Number of MPI processes that simulate the network."""
    return mpi_processes.number()


def rank() -> int:
    """Which of the MPI processes this is, from 0."""
    return mpi_processes.rank()


def get_current_time() -> float:
    """The time in ms that the script has seen."""
    return float(to_ms(registry.present_step, registry.timestep))


def get_time_step() -> float:
    """The time step of `setup`, in ms."""
    return registry.timestep


def get_min_delay() -> float:
    """The minimal delay of `setup` in ms, or that of the network if none was given."""
    return registry.smallest_delay()
