"""The length of NEST's slices, chosen when the network is known.

NEST hands spikes on once a slice, which is as long as its minimal delay; each slice has a cost of
its own, so short ones make a run up to twice as long. PyNN uses the same number for the delay of
its generators, and for how far a run goes beyond the time that was asked for. It must therefore
be known, but it need not be the `min_delay` of `setup`, if there is one: slices are no longer than
that (row "SpikeSourceArray under min_delay='auto'").

Plastic weights are up to date where the kernel stands at the end of a slice: it then has handed
on every spike until the time that the script sees, and none beyond.
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
from .kernel_time import has_begun, is_beyond, registry, steps_into_slice
from .mpi_connections import connected
from .spike_sources import needs_generators

# Longer slices gain nothing, and would go further beyond the time that was asked for.
_LONGEST_MS = 1.0


def one_step() -> None:
    """Fix the slices at one time step, before something is made that needs to know them."""
    if registry.slice_steps is None:
        _fix(1)


def choose(steps: int, callbacks: Any) -> None:
    """Fix the slices at the first run, as long as it and the network allow.

    Parameters
    ----------
    steps
        Length of the run.
    callbacks
        Functions that PyNN calls during the run, if any: they may ask for anything at any step.
    """
    if registry.slice_steps is not None:
        return
    dt = registry.timestep
    # What generators send is late by a slice.
    generators = needs_generators() or any(map(is_generated, registry.populations))
    if callbacks or steps <= 0 or generators:
        one_step()
        return
    longest = int(np.floor(min(_LONGEST_MS, registry.min_delay_given or _LONGEST_MS) / dt + 1e-6))
    # Of all connections there are, those of other libraries too. Each question takes a while.
    connections, min_delay = nest.GetKernelStatus(["num_connections", "min_delay"])
    # Each process counts its own.
    if any(mpi_processes.gathered(connections)):
        longest = min(longest, round(min_delay / dt))
    # A whole number of slices in this run, and in later ones of whole milliseconds.
    exact = _LONGEST_MS / dt
    common = gcd(steps, round(exact) if abs(exact - round(exact)) < 1e-6 else 0)
    _fix(max((k for k in range(1, longest + 1) if common % k == 0), default=1))


def is_generated(population: Any) -> bool:
    """Whether a population's spikes are those of generators, which parrot neurons repeat."""
    sources = getattr(population, "node_collection_source", None)
    return sources is not None and sources is not population.node_collection


def _fix(steps: int) -> None:
    """Make slices of this many steps.

    NEST's slice is the smallest delay of all connections. One connection that never carries a
    spike settles it, and leaves the largest delay free: setting the pair by hand would ask users
    for a largest delay that they do not know. If they give one, another connection keeps room for
    it, for projections that are made between two runs.
    """
    registry.slice_steps = steps
    silent = nest.Create("parrot_neuron", 2)
    shortest = float(to_ms(steps, registry.timestep))
    for delay in {shortest, max(shortest, registry.max_delay or 0.0)}:
        nest.Connect(silent[0], silent[1], syn_spec={"delay": delay})
    ids = np.array(silent.tolist())
    connected.add("static_synapse", int(ids[0]), ids[:1], ids[1:])


def refuse_other_delays(label: str, steps: np.ndarray) -> None:
    """Refuse delays of a projection for which NEST has no room any more.

    Parameters
    ----------
    steps
        The delays, in time steps.

    Raises
    ------
    Unsupported
        If they are shorter than the slices or, once NEST has simulated, longer than the longest
        delay then.
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


def refuse_between_slices(what: str) -> None:
    """Refuse to change or make synapses (`what`, for the message) within a slice of NEST's.

    Raises
    ------
    Unsupported
        If NEST has not handed on all spikes until now before it hands on later ones.
    """
    if not has_begun() or is_beyond() or not steps_into_slice():
        return
    length = float(to_ms(registry.slice_steps or 1, registry.timestep))
    raise Unsupported(
        f"{what} at {simulator.state.t:g} ms on NEST",
        f"the first run fixed NEST's slices at {length:g} ms, and this is within one",
        allowed=f"multiples of {length:g} ms; or setup(min_delay={registry.timestep:g})",
    )
