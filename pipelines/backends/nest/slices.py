"""The length of NEST's slices, chosen when the network is known.

NEST hands spikes on once a slice, which is as long as its minimal delay; each slice has a cost of
its own, so short ones make a run up to twice as long. PyNN uses the same number for the delay of
its generators, and for how far a run goes beyond the time that was asked for. It must therefore
be known, but it need not be the `min_delay` of `setup`, which limits what a script may ask for
(row "SpikeSourceArray under min_delay='auto'").

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

from ..shared.grid import to_ms, to_steps
from ..shared.registry import Registry

# Longer slices gain nothing, and would go further beyond the time that was asked for.
_LONGEST_MS = 1.0


def one_step(registry: Registry) -> None:
    """Fix the slices at one time step, before something is made that needs to know them."""
    if registry.slice_steps is None:
        _fix(registry, 1)


def choose(registry: Registry, simtime: float, callbacks: Any) -> None:
    """Fix the slices at the first run, as long as it and the network allow.

    Parameters
    ----------
    simtime
        Length of the run, in ms.
    callbacks
        Functions that PyNN calls during the run, if any: they may ask for anything at any step.
    """
    if registry.slice_steps is not None:
        return
    dt = registry.timestep
    steps = int(to_steps(simtime, dt, "run(simtime)"))
    if callbacks or steps <= 0 or registry.between_steps:
        one_step(registry)
        return
    longest = int(np.floor(_LONGEST_MS / dt + 1e-6))
    # Of all connections there are, those of other libraries too. Each question takes a while.
    connections, min_delay = nest.GetKernelStatus(["num_connections", "min_delay"])
    if connections:
        longest = min(longest, round(min_delay / dt))
    if longest > 1:
        longest = min([longest, *_earliest_spikes(registry)])
    _fix(registry, _largest_divisor(_common(steps, dt), longest))


def _common(steps: int, dt: float) -> int:
    """Steps of a slice that fits into this run, and into later ones of whole milliseconds."""
    exact = _LONGEST_MS / dt
    millisecond = round(exact) if abs(exact - round(exact)) < 1e-6 else 0
    return gcd(steps, millisecond)


def _largest_divisor(number: int, limit: int) -> int:
    """The largest divisor of `number` that is not above `limit`, 1 at least."""
    return max((k for k in range(1, min(number, limit) + 1) if number % k == 0), default=1)


def _earliest_spikes(registry: Registry) -> list[int]:
    """For each population of generators, the longest slice (steps) that lets its first spike be.

    Nodes that send as neurons do set no limit.
    """
    limits = []
    for population in registry.populations:
        if not is_generated(population):
            continue
        if _plays_trains(population):
            trains = nest.GetStatus(population.node_collection_source, "spike_times")
            first = [train[0] for train in trains if len(train)]
            if len(first) < len(trains):
                # Sources without a train are given one later on, of spikes to come at once.
                limits.append(1)
            else:
                # In the generator's times, which are ahead by `min_delay`.
                limits.append(round(min(first) / registry.timestep) + registry.min_delay_steps - 1)
        else:
            # Generators that only NEST has: they are later by a slice, which is to be as short
            # as it can be.
            limits.append(1)
    return limits


def is_generated(population: Any) -> bool:
    """Whether a population's spikes are those of generators, which parrot neurons repeat."""
    sources = getattr(population, "node_collection_source", None)
    return sources is not None and sources is not population.node_collection


def _plays_trains(population: Any) -> bool:
    return is_generated(population) and population.celltype.has_parameter("spike_times")


def _fix(registry: Registry, steps: int) -> None:
    """Make slices of this many steps.

    NEST's slice is the smallest delay of all connections. One connection that never carries a
    spike settles it, and leaves the largest delay free: setting the pair by hand would ask users
    for a largest delay that they do not know.
    """
    dt = registry.timestep
    registry.slice_steps = steps
    silent = nest.Create("parrot_neuron", 2)
    nest.Connect(silent[0], silent[1], syn_spec={"delay": float(to_ms(steps, dt))})
    for population in registry.populations:
        adapt(registry, population)


def adapt(registry: Registry, population: Any) -> None:
    """Let the generators of sources count from a time that makes up for the slice.

    Their trains are ahead by `min_delay`, and are played by parrot neurons one slice later. Only
    spikes between the steps need generators.
    """
    if registry.slice_steps is None or not _plays_trains(population):
        return
    earlier = registry.min_delay_steps - registry.slice_steps
    # Generators are made with an origin of 0, and slices are fixed once.
    if earlier:
        origin = float(to_ms(earlier, registry.timestep))
        # Of a negative time, NEST cuts a half of what it has added to round it.
        origin -= nest.ms_per_tic if origin < 0 else 0.0
        nest.SetStatus(population.node_collection_source, {"origin": origin})


def refuse_between_slices(registry: Registry, what: str, kernel_step: int) -> None:
    """Refuse to read plastic weights where the kernel stands within a slice.

    Parameters
    ----------
    what
        What is to be read, for the message.
    kernel_step
        Steps that NEST has simulated since the start, or since `reset`.

    Raises
    ------
    Unsupported
        If spikes after the present time may have changed them already.
    """
    slice_steps = registry.slice_steps
    if slice_steps is None or (registry.origin_step + kernel_step) % slice_steps == 0:
        return
    length = float(to_ms(slice_steps, registry.timestep))
    raise Unsupported(
        f"{what} at {simulator.state.t:g} ms on NEST",
        f"the first run fixed NEST's slices at {length:g} ms, and this is within one",
        allowed=f"multiples of {length:g} ms; or as first run one that is not a multiple of it",
    )


class KnowsSlices:
    """Mixin of current sources: their times are ahead by a slice, fixed when they are made."""

    _registry: Registry

    def __init__(self, **parameters: Any) -> None:
        one_step(self._registry)
        super().__init__(**parameters)
