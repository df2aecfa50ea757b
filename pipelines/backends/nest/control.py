"""`setup`, `run` and the simulation time on NEST, under the conventions of all backends.

Mends (seen in PyNN 0.13.0, NEST 3.10.0): spikes off the grid by default (row "default
precision"); a minimal delay that depends on the network and shifts every source
("SpikeSourceArray under min_delay='auto'"); source times in floating point ("source times on
grid"); durations off the grid ("run(10.05)"). PyNN resets NEST in every `setup`: 8 ms, a third of a
small run, and a forked process has to copy every memory page that the reset writes to. So a reset
that was done just before the fork is not repeated.
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
from .mpi_connections import source_table

# Process id of the owner of PyNN's temporary folders.
_process = os.getpid()
# Process id in which NEST has used several threads.
_threaded_pid: int | None = None
# PyNN's list of populations when NEST was reset in advance. Every `setup` creates a new list.
_populations_at_reset: Any = None


def setup(timestep: float = 0.1, min_delay: float | str = "auto", **extra_params: Any) -> int:
    """Start a new network, by default with spikes on the grid and a `min_delay` of one time step.

    Arguments are those of ``pyNN.nest.setup``; times are in ms. With
    ``spike_precision="off_grid"`` spikes may lie between time steps, with a warning, since Brian2
    cannot do this. With ``independent_draws=True`` NEST's generators may draw Poisson trains, which
    then differ from those of other backends (see `native_generators`).

    Raises
    ------
    Unsupported
        For a `min_delay` or `max_delay` that is not a whole number of steps.
    """
    global _threaded_pid
    _refuse_fork_of_threads()
    off_grid = is_off_grid(extra_params.pop("spike_precision", "on_grid"))
    independent = extra_params.pop("independent_draws", False)
    max_delay = extra_params.pop("max_delay", "auto")
    checked_min_delay(timestep, min_delay, max_delay)
    _disown_parent_tempdirs()
    seed = extra_params.get("rng_seed", DEFAULT_SEED)
    # NEST takes 1 to 2^32 - 1. Only a script's own use of NEST's generators depends on it.
    extra_params["rng_seed"] = 1 + seed % (2**32 - 1)
    with _skip_needless_reset():
        rank = stock.setup(timestep, "auto", **extra_params)
    registry.begin(seed, timestep, min_delay, max_delay)
    source_table.clear()
    registry.off_grid, registry.independent_draws = off_grid, independent
    registry.threads = extra_params.get("threads", 1)
    if registry.threads > 1:
        _threaded_pid = os.getpid()
    if mpi_processes.is_distributed():
        mpi_processes.hide_from_pynn()
        simulator.state.clear = kernel_time.clear
    nest.SetDefaults("spike_generator", {"precise_times": registry.off_grid})
    # Otherwise NEST logs the size of its buffers in every slice, and copies this log whenever PyNN
    # reads the time.
    nest.SetKernelStatus({"spike_buffer_shrink_limit": 0.0})
    return rank


def reset_in_advance() -> None:
    """Reset NEST now for the next `setup`, in this process or in a fork of it.

    NEST must not be used in between.
    """
    global _populations_at_reset
    _refuse_fork_of_threads()
    nest.ResetKernel()
    _populations_at_reset = simulator.state.populations


@contextmanager
def _skip_needless_reset() -> Iterator[None]:
    """Within this block PyNN's `setup` does not reset NEST if `reset_in_advance` just did."""
    global _populations_at_reset
    state = simulator.state
    then, _populations_at_reset = _populations_at_reset, None
    if then is None or then is not state.populations or nest.network_size > 0:
        yield
        return
    state.clear = clear_without_reset
    try:
        yield
    finally:
        state.__dict__.pop("clear", None)


def clear_without_reset() -> None:
    """Clear PyNN's state as its `clear` does, without resetting NEST, which is at time 0."""
    state = simulator.state
    state._time_offset = 0.0
    state.populations, state.current_sources, state.recording_devices = [], [], []
    state.recorders = set()
    state.tempdirs.append(tempfile.mkdtemp())
    nest.SetKernelStatus({"data_path": state.tempdirs[-1]})
    # The effect of PyNN's `reset`, without reading the time. Its spike precision is kept.
    state.running = False
    state.segment_counter = 0


def _refuse_fork_of_threads() -> None:
    """Refuse to use NEST in a fork of a process with NEST threads: it would hang."""
    if _threaded_pid not in (None, os.getpid()):
        raise Unsupported(
            "NEST in a forked process",
            "its parent has simulated with several threads, which a fork does not have",
            allowed="a new process, or one thread in the parent",
        )


def _disown_parent_tempdirs() -> None:
    """Keep PyNN's `end` in a forked process from removing temporary folders of its parent."""
    global _process
    if _process != os.getpid():
        simulator.state.tempdirs = []
        _process = os.getpid()


def run_until(time_point: float, callbacks: Any = None) -> float:
    """Advance the simulation until `time_point`, in ms, a whole number of steps.

    `callbacks` are described in `shared.callbacks`.
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
    communication_interval.choose_slice_length(last - first, callbacks)
    run_with_callbacks(callbacks, first, last, registry.timestep, _simulate_to)
    return get_current_time()


def _simulate_to(step: int) -> None:
    # PyNN makes pending connections here. A run of 0 ms does not advance NEST.
    type(simulator.state).run(simulator.state, 0.0)
    steps = step - registry.present_step
    if steps == 0:
        return
    if not kernel_time.has_begun():
        native_generators.replace_sources()
        kernel_time.advance_to_time_0()
        short_term.write_initial_u(registry.projections)
    kernel_time.advance(steps)


def num_processes() -> int:
    """Number of MPI processes that simulate the network."""
    return mpi_processes.size()


def rank() -> int:
    """Rank of this MPI process, from 0."""
    return mpi_processes.rank()


def get_current_time() -> float:
    """Simulation time of the script, in ms."""
    return float(to_ms(registry.present_step, registry.timestep))


def get_time_step() -> float:
    """The time step of `setup`, in ms."""
    return registry.timestep


def get_min_delay() -> float:
    """Minimal delay of `setup` in ms, or of the network if none was given."""
    return registry.smallest_delay()
