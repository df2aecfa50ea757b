"""Weights under way from synapses to neurons: how many places a synapse needs, and what is there.

A weight leaves a synapse when a spike reaches it, and reaches the neuron after the rest of the
delay. Where one at most can be under way, the synapse keeps it; else weights wait in places of a
ring, one for each stride of steps.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from .pathways import sent_in_queue


@dataclass(frozen=True)
class Way:
    """How long weights of some synapses are under way, and from which cells.

    Attributes
    ----------
    steps
        Longest time, in steps, from a synapse to its neuron.
    stride
        Steps of which one at most has a spike of a cell, as the ring was made; for sources, which
        can have several in a step, one step.
    """

    synapses: slice
    sources: slice
    steps: int
    stride: int = 1

    @property
    def places(self) -> int:
        """Places of a synapse: of all strides that a time on the way can touch."""
        return -(-self.steps // self.stride) + 1


def lay_out(synapses: Any, ways: list[Way], leg: np.ndarray) -> None:
    """Give the synapses of a Brian2 object their places; `leg` is their time on the way (steps)."""
    variables, first = synapses.variables, 0
    for way in ways:
        n = way.synapses.stop - way.synapses.start
        variables["places"].get_value()[way.synapses] = way.places
        variables["stride"].get_value()[way.synapses] = way.stride
        variables["first_place"].get_value()[way.synapses] = first + way.places * np.arange(n)
        first += n * way.places
    variables["leg"].get_value()[:] = leg
    synapses.ring = np.zeros(first)


def places_of(synapses: Any, which: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """Places of weights that some synapses sent in these steps."""
    first, number, stride = (
        synapses.variables[name].get_value()[which] for name in ("first_place", "places", "stride")
    )
    places: np.ndarray = first + ((steps + 1) // stride) % number
    return places


def sent_weights(
    synapses: Any, leg: np.ndarray, step: int, ring: bool
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """What is under way at the beginning of a step: synapses, steps of sending, weights."""
    for ahead, which in enumerate(sent_in_queue(synapses.pre.queue, leg)):
        steps = step + ahead - leg[which]
        if ring:
            yield which, steps, synapses.ring[places_of(synapses, which, steps)]
        else:
            yield which, steps, synapses.variables["transmitted"].get_value()[which]
