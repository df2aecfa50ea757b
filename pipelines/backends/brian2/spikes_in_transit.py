"""Weights in transit from synapses to neurons, and the ring buffers that hold them.

A weight leaves a synapse when a presynaptic spike reaches it, and reaches the neuron after the
rest of the delay. If at most one weight can be in transit on a synapse, a variable of the synapse
holds it. Otherwise weights wait in the synapse's slots of a ring buffer. Each slot covers `stride`
steps, within which a cell spikes at most once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from .pathways import synapses_in_transit


@dataclass(frozen=True)
class Transit:
    """How long weights of some synapses are in transit, and from which cells they come.

    Attributes
    ----------
    synapses, sources
        Ranges of synapses and of presynaptic rows.
    max_steps
        Longest time, in steps, from a synapse to its neuron.
    stride
        Number of steps within which a presynaptic cell spikes at most once, when the slots were
        allocated; 1 for spike sources, whose spikes of one step share a slot.
    """

    synapses: slice
    sources: slice
    max_steps: int
    stride: int = 1

    @property
    def slots(self) -> int:
        """Number of slots of a synapse: as many strides as `max_steps` can overlap."""
        return -(-self.max_steps // self.stride) + 1


def allocate_slots(synapses: Any, transits: list[Transit], transit_steps: np.ndarray) -> None:
    """Allocate the ring buffer of a Brian2 object, and assign slots to its synapses.

    Parameters
    ----------
    synapses
        A ``brian2.Synapses`` object.
    transits
        One entry for each range of synapses.
    transit_steps : ndarray of int, shape (number of synapses,)
        Steps from each synapse to its neuron.
    """
    variables, first = synapses.variables, 0
    for transit in transits:
        n = transit.synapses.stop - transit.synapses.start
        variables["slots"].get_value()[transit.synapses] = transit.slots
        variables["stride"].get_value()[transit.synapses] = transit.stride
        variables["first_slot"].get_value()[transit.synapses] = first + transit.slots * np.arange(n)
        first += n * transit.slots
    variables["transit_steps"].get_value()[:] = transit_steps
    synapses.ring = np.zeros(first)


def slots_of(synapses: Any, which: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """Slots of the weights that synapses `which` sent in these steps, one step a synapse."""
    first, number, stride = (
        synapses.variables[name].get_value()[which] for name in ("first_slot", "slots", "stride")
    )
    slots: np.ndarray = first + ((steps + 1) // stride) % number
    return slots


def sent_weights(
    synapses: Any, transit_steps: np.ndarray, step: int, ring: bool
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Weights in transit at the beginning of a step.

    Yields
    ------
    synapses, steps, weights : ndarray, each of shape (k,)
        For each step of arrival: the synapses, the steps in which the weights were sent, and the
        weights.
    """
    for ahead, which in enumerate(synapses_in_transit(synapses.pre.queue, transit_steps)):
        steps = step + ahead - transit_steps[which]
        if ring:
            yield which, steps, synapses.ring[slots_of(synapses, which, steps)]
        else:
            yield which, steps, synapses.variables["transmitted"].get_value()[which]
