"""Synapses on their way to a simulator: collected from PyNN's connectors, handed on in blocks.

Mends: PyNN hands a simulator one target neuron at a time (on Brian2 one synapse), which makes
building 20 to 1,000 times slower than an array call, and on Brian2 gives every multapse the
last weight (row "multapses with different weights"; seen in PyNN 0.13.0).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipelines.errors import Unsupported

from .grid import to_steps

# Synapses at most that are on the way to a simulator at once.
BLOCK = 1_000_000
# A value of each synapse, or one that all of them share.
Values = float | np.ndarray


@dataclass(frozen=True)
class Block:
    """Some synapses of one projection, at most `BLOCK`.

    Attributes
    ----------
    pre, post : ndarray of int32, shape (n,)
        Indices within the presynaptic and postsynaptic population, view or assembly.
    parameters : dict
        Values in PyNN's units (nA or uS, ms): a float where all of these synapses share it, else
        an array of shape (n,).
    """

    pre: np.ndarray
    post: np.ndarray
    parameters: dict[str, Values]

    def __len__(self) -> int:
        return len(self.pre)

    def array(self, name: str) -> np.ndarray:
        """Values of one parameter, one a synapse."""
        return np.broadcast_to(self.parameters[name], self.pre.shape)

    def delay_steps(self, dt: float, label: str) -> np.ndarray:
        """Delays in whole time steps, shape (n,): they are on the grid, which is not checked."""
        steps = np.rint(np.asarray(self.parameters["delay"]) / dt).astype(np.int64)
        return np.broadcast_to(steps, self.pre.shape)

    def pieces(self) -> Iterator[Block]:
        """These synapses in blocks of at most `BLOCK`."""
        if len(self) <= BLOCK:
            yield self
            return
        for first in range(0, len(self), BLOCK):
            piece = slice(first, first + BLOCK)
            values = {
                name: value if np.ndim(value) == 0 else np.asarray(value)[piece]
                for name, value in self.parameters.items()
            }
            yield Block(self.pre[piece], self.post[piece], values)


class Collector:
    """Gathers what a connector passes for one target neuron at a time, and hands it on in blocks.

    Parameters
    ----------
    hand_on
        Takes each block. A parameter is a float in it where the connector gave all of its
        synapses the same number, else an array.
    """

    def __init__(self, hand_on: Callable[[Block], None]) -> None:
        self._hand_on = hand_on
        self._forget()

    def _forget(self) -> None:
        self._pre: list[np.ndarray] = []
        self._post: list[int] = []
        self._sizes: list[int] = []
        self._parameters: dict[str, list[Any]] = {}
        self._gathered = 0

    def add(self, pre: Any, post: int, parameters: dict[str, Any]) -> None:
        """Take the synapses onto one target neuron: numbers, or arrays of as many as `pre`."""
        sources = np.atleast_1d(np.asarray(pre, dtype=np.int32))
        size = len(sources)
        if size == 0:
            return
        if self._gathered and self._gathered + size > BLOCK:
            self.flush()
        self._pre.append(sources)
        self._post.append(post)
        self._sizes.append(size)
        for name, value in parameters.items():
            self._parameters.setdefault(name, []).append(value)
        self._gathered += size

    def add_pairs(self, pre: np.ndarray, post: np.ndarray, parameters: dict[str, Values]) -> None:
        """Take many synapses: parameters are numbers, or arrays of as many."""
        self.flush()
        pre, post = (np.asarray(cells, dtype=np.int32) for cells in (pre, post))
        for piece in Block(pre, post, parameters).pieces():
            self._hand_on(piece)

    def flush(self) -> None:
        """Hand on what has been gathered."""
        if not self._gathered:
            return
        sizes = self._sizes
        block = Block(
            np.concatenate(self._pre),
            np.repeat(np.array(self._post, dtype=np.int32), sizes),
            {name: _joined(values, sizes) for name, values in self._parameters.items()},
        )
        self._forget()
        for piece in block.pieces():
            self._hand_on(piece)


def _joined(values: list[Any], sizes: list[int]) -> Values:
    """One float if every part has the same, else one array."""
    if all(np.ndim(value) == 0 for value in values):
        each = np.array(values, dtype=float)
        return float(each[0]) if np.all(each == each[0]) else np.repeat(each, sizes)
    return np.concatenate(
        [
            np.broadcast_to(np.asarray(value, dtype=float), (size,))
            for value, size in zip(values, sizes, strict=True)
        ]
    )


def shared(value: Any) -> Values:
    """One number for an array of equal ones."""
    if np.ndim(value) == 0:
        return float(value)
    array = np.asarray(value)
    return float(array[0]) if array.size and array.min() == array.max() else array


def split_delays(block: Block, dt: float, label: str) -> tuple[np.ndarray, np.ndarray]:
    """Axonal and dendritic part of every delay, in steps, each of shape (n,).

    The whole delay is exact. Its dendritic part is ``dendritic_delay_fraction * delay`` to the
    nearest step (half a step goes up), and one step at least unless the fraction is 0.
    """
    total = block.delay_steps(dt, label)
    fraction = np.asarray(block.parameters["dendritic_delay_fraction"])
    nearest = np.floor(fraction * total + 0.5 + 1e-9).astype(np.int64)
    dendritic = np.where(fraction > 0, np.maximum(nearest, 1), 0)
    return total - dendritic, dendritic


def check_edges(
    block: Block,
    *,
    dt: float,
    min_delay: float,
    max_delay: float | None,
    receptor_type: str,
    conductance_based: bool,
    label: str,
) -> None:
    """Refuse what the backends would take differently.

    Raises
    ------
    Unsupported
        For weights that `check_weights` refuses, and for delays off the grid or outside
        `min_delay` to `max_delay`.
    """
    where = f"projection {label!r}"
    check_weights(
        block.parameters["weight"],
        receptor_type=receptor_type,
        conductance_based=conductance_based,
        label=label,
    )
    steps = to_steps(block.parameters["delay"], dt, f"delay of {where}")
    smallest = int(np.min(steps)) * dt
    if smallest < min_delay - 1e-9:
        raise Unsupported(
            where,
            f"delay {smallest:g} ms is below min_delay, {min_delay:g} ms",
            allowed=f"delays of {min_delay:g} ms and above, or a smaller min_delay in setup()",
        )
    largest = int(np.max(steps)) * dt
    if max_delay is not None and largest > max_delay + 1e-9:
        raise Unsupported(
            where,
            f"delay {largest:g} ms is above max_delay, {max_delay:g} ms",
            allowed=f"delays of {max_delay:g} ms and below, or a larger max_delay in setup()",
        )


def check_weights(
    weights: Values, *, receptor_type: str, conductance_based: bool, label: str
) -> None:
    """Refuse weights that are not finite or of the wrong sign for the receptor.

    In PyNN excitatory weights and conductances are 0 and above, inhibitory currents 0 and below.

    Raises
    ------
    Unsupported
        If there is such a weight.
    """
    where = f"projection {label!r}"
    weight = np.atleast_1d(np.asarray(weights, dtype=float))
    if not np.all(np.isfinite(weight)):
        raise Unsupported(where, "a weight is not a finite number", allowed="finite weights")
    if receptor_type in ("excitatory", "inhibitory"):
        negative = receptor_type == "inhibitory" and not conductance_based
        wrong = weight > 0 if negative else weight < 0
        if np.any(wrong):
            raise Unsupported(
                where,
                f"weight {weight[wrong][0]:g} on the {receptor_type} receptor",
                allowed="weights of 0 and below"
                if negative
                else "weights of 0 and above; for negative currents receptor_type='inhibitory'",
            )


def check_bounds(block: Block, *, negative: bool, label: str) -> None:
    """Refuse bounds of plastic weights that are not on the receptor's side of zero.

    Inhibitory currents are negative in PyNN, and so are their bounds: such a weight lies
    between `w_max`, the strongest, and `w_min`, the weakest (row "inhibitory STDP").

    Raises
    ------
    Unsupported
        Unless 0 <= w_min < w_max (or 0 >= w_min > w_max where weights are negative).
    """
    w_max = np.atleast_1d(np.asarray(block.parameters["w_max"], dtype=float))
    sign, side = (-1.0, "below") if negative else (1.0, "above")
    wrong = ~(sign * w_max > 0)
    if np.any(wrong):
        raise Unsupported(
            f"projection {label!r}", f"w_max = {w_max[wrong][0]:g}", allowed=f"w_max {side} 0"
        )
    w_min = np.asarray(block.parameters["w_min"], dtype=float)
    ratio = np.atleast_1d(w_min / w_max)
    if np.any(~((ratio >= 0) & (ratio < 1))):
        raise Unsupported(
            f"projection {label!r}",
            f"w_min = {np.atleast_1d(w_min).flat[0]:g}",
            allowed="w_min between 0 and w_max",
        )
