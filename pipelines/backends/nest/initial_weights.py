"""Weights that synapses had at time 0, for `reset`: kept where NEST has others by then."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..shared.synapse_blocks import Block, scalar_if_equal
from . import mpi_processes
from .kernel_time import registry


class InitialWeights:
    """Initial weights (PyNN's unit) of the plastic synapses of a projection.

    One weight that all share is a number; others are kept with what their synapses are found by.
    """

    def __init__(self) -> None:
        self._shared: float | None = None
        self._blocks: list[tuple[np.ndarray, ...]] = []
        self._in_order: np.ndarray | None = None

    @property
    def known(self) -> bool:
        """Whether there are any: those of static synapses are in NEST until others are set."""
        # Over several processes there is no `reset` for which to keep those of all.
        return mpi_processes.are_several() or bool(
            self._shared is not None or self._blocks or self._in_order is not None
        )

    def add(self, block: Block, delay_steps: np.ndarray) -> None:
        """Note the weights of further synapses."""
        if mpi_processes.are_several():
            return
        weight = block.parameters["weight"]
        if isinstance(weight, float) and self._shared in (None, weight):
            self._shared = weight
            return
        n = len(block)
        columns = block.post, block.pre, delay_steps, block.array("weight")
        self._blocks.append(tuple(np.array(np.broadcast_to(one, n)) for one in columns))

    def replace(self, weights: np.ndarray) -> None:
        """Take weights of all synapses, in the order in which they are read."""
        if not mpi_processes.are_several():
            self._in_order, self._shared, self._blocks = weights, None, []

    def of(self, pre: np.ndarray, post: np.ndarray, delay_steps: np.ndarray) -> np.ndarray:
        """Weights of all synapses as they are read, shape (n,)."""
        if self._in_order is not None:
            return self._in_order
        weights = np.full(len(pre), np.nan if self._shared is None else self._shared)
        if self._blocks:
            *noted, given = (np.concatenate(column) for column in zip(*self._blocks, strict=True))
            columns = (post, pre, delay_steps)
            sizes = [
                1 + max(int(np.max(a)), int(np.max(b))) for a, b in zip(columns, noted, strict=True)
            ]
            here, there = (np.ravel_multi_index(c, sizes) for c in (columns, tuple(noted)))
            order, found = np.argsort(here, kind="stable"), np.argsort(there, kind="stable")
            place = np.searchsorted(here[order], there[found])
            # Several synapses of one pair, with one delay, are as good as each other.
            place += np.arange(len(found)) - np.searchsorted(there[found], there[found])
            weights[order[place]] = given[found]
        return weights


class MadeAgain:
    """Mixin of projections that are made again at a reset."""

    shared_parameters: dict[str, float]
    parameter_names: list[str]
    _number: int
    _initial_weights: InitialWeights
    _read: Any
    _clear_summary: Any
    _begin: Any
    _add_block: Any
    _finish: Any

    def initial_block(self) -> Block | None:
        """The synapses with the weights that they had at time 0; None if there are none."""
        if not self._number:
            return None
        common = dict(self.shared_parameters)
        changed = self._initial_weights.known
        names = {*self.parameter_names, "delay"} - ({"weight"} if changed else set())
        read = self._read(["presynaptic_index", "postsynaptic_index", *sorted(names)])
        pre, post = (read.pop(f"{side}synaptic_index") for side in ("pre", "post"))
        if changed:
            common.pop("weight", None)
            steps = np.rint(read["delay"] / registry.timestep).astype(np.int64)
            read["weight"] = self._initial_weights.of(pre, post, steps)
        values = read | {name: one for name, one in common.items() if name in read}
        return Block(pre.astype(np.int32), post.astype(np.int32), values)

    def make_again(self, block: Block | None) -> None:
        """Make the synapses in a NEST that has none of them."""
        self._clear_summary()
        self._begin()
        for piece in block.split() if block is not None else ():
            piece_values = {
                name: scalar_if_equal(value) for name, value in piece.parameters.items()
            }
            self._add_block(Block(piece.pre, piece.post, piece_values))
        self._finish()
