"""The length of NEST's communication interval, called slice, chosen when the network is known.

NEST delivers spikes once per slice, whose length is the minimal delay of the network. Every slice
has a fixed cost, so short slices make a run up to twice as long. PyNN uses the same number as the
delay of its generators, and runs NEST further than requested by it. It must therefore be known,
but it may be shorter than the `min_delay` of `setup`, if one is given, never longer (row
"SpikeSourceArray under min_delay='auto'").

Plastic weights can be read exactly where the kernel is at the end of a slice: all spikes up to the
present have then been delivered, and no later ones.
"""

from __future__ import annotations

from math import gcd
from typing import Any

import nest
import numpy as np
from pyNN.nest import simulator

from pipelines.errors import Unsupported

from ..shared.time_grid import to_ms
from . import mpi_processes
from .kernel_time import has_begun, kernel_is_ahead, registry, steps_into_slice
from .mpi_connections import source_table
from .spike_sources import needs_generators

# Longer slices save no time, and would make NEST overshoot the present by more.
_LONGEST_MS = 1.0


def fix_one_step_slices() -> None:
    """Fix the slice length at one time step, for constructs whose creation depends on it."""
    if registry.slice_steps is None:
        _fix_slice_length(1)


def choose_slice_length(steps: int, callbacks: Any) -> None:
    """Fix the slice length at the first run, as large as the run and the network allow.

    Parameters
    ----------
    steps
        Length of the run in time steps.
    callbacks
        Functions called during the run, if any. They may read the network at any step.
    """
    if registry.slice_steps is not None:
        return
    dt = registry.timestep
    # Spikes of generators arrive one slice late.
    generators = needs_generators() or any(map(has_parrots, registry.populations))
    if callbacks or steps <= 0 or generators:
        fix_one_step_slices()
        return
    longest = int(np.floor(min(_LONGEST_MS, registry.min_delay_given or _LONGEST_MS) / dt + 1e-6))
    # Includes connections made outside PyNN. One query for both: each takes a while.
    connections, min_delay = nest.GetKernelStatus(["num_connections", "min_delay"])
    # Each MPI process counts its own connections.
    if any(mpi_processes.gather(connections)):
        longest = min(longest, round(min_delay / dt))
    # This run, and later runs of whole milliseconds, are to be whole numbers of slices.
    exact = _LONGEST_MS / dt
    common = gcd(steps, round(exact) if abs(exact - round(exact)) < 1e-6 else 0)
    _fix_slice_length(max((k for k in range(1, longest + 1) if common % k == 0), default=1))


def has_parrots(population: Any) -> bool:
    """Whether parrot neurons repeat the spikes of a population's generators."""
    sources = getattr(population, "node_collection_source", None)
    return sources is not None and sources is not population.node_collection


def _fix_slice_length(steps: int) -> None:
    """Set the slice length, in time steps.

    NEST's slice is as long as the smallest delay of all connections. So it is set by a connection
    that never transmits a spike. Setting NEST's `min_delay` would need `max_delay` too, which users
    do not know. If they give one, a second such connection reserves room for it, for projections
    that are created between two runs.
    """
    registry.slice_steps = steps
    silent = nest.Create("parrot_neuron", 2)
    shortest = float(to_ms(steps, registry.timestep))
    for delay in {shortest, max(shortest, registry.max_delay or 0.0)}:
        nest.Connect(silent[0], silent[1], syn_spec={"delay": delay})
    ids = np.array(silent.tolist())
    source_table.add("static_synapse", int(ids[0]), ids[:1], ids[1:])


def refuse_impossible_delays(label: str, steps: np.ndarray) -> None:
    """Refuse delays of a projection outside the range that the first run has fixed.

    Parameters
    ----------
    steps
        The delays, in time steps.

    Raises
    ------
    Unsupported
        If they are shorter than the slices or, after the first run, longer than the largest delay
        at that time.
    """
    dt = registry.timestep
    if registry.slice_steps is None:
        return
    where = f"projection {label!r} at {simulator.state.t:g} ms on NEST"
    if np.min(steps) < registry.slice_steps:
        raise Unsupported(
            where,
            f"a delay of {np.min(steps) * dt:g} ms, below those of the first run",
            allowed=f"{registry.slice_steps * dt:g} ms and above; or before the first run",
        )
    if not has_begun():
        return
    longest = float(nest.GetKernelStatus("max_delay"))
    if np.max(steps) > round(longest / dt):
        raise Unsupported(
            where,
            f"a delay of {np.max(steps) * dt:g} ms, above those of the first run",
            allowed=f"{longest:g} ms and below; before the first run; or"
            f" setup(max_delay={np.max(steps) * dt:g})",
        )


def refuse_within_slice(what: str) -> None:
    """Refuse an operation on synapses in the middle of a slice.

    NEST would deliver spikes up to the present together with later ones.

    Parameters
    ----------
    what
        The operation, for the message.

    Raises
    ------
    Unsupported
        If the present is not at the end of a slice.
    """
    if not has_begun() or kernel_is_ahead() or not steps_into_slice():
        return
    length = float(to_ms(registry.slice_steps or 1, registry.timestep))
    raise Unsupported(
        f"{what} at {simulator.state.t:g} ms on NEST",
        f"the first run fixed NEST's slices at {length:g} ms, and this is within one",
        allowed=f"multiples of {length:g} ms; or setup(min_delay={registry.timestep:g})",
    )
