"""Weights of synapses at time 0, stored for `reset` where NEST's own may change."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..shared.synapse_blocks import Block, scalar_if_equal
from . import mpi_processes
from .kernel_time import registry


class InitialWeights:
    """Initial weights (PyNN's unit) of the plastic synapses of a projection.

    A weight common to all synapses is one number. Others are stored with the neurons and the delay
    of their synapses, by which they are found again.
    """

    def __init__(self) -> None:
        self._shared: float | None = None
        self._blocks: list[tuple[np.ndarray, ...]] = []
        self._in_read_order: np.ndarray | None = None

    @property
    def is_stored(self) -> bool:
        """Whether weights are stored; those of static synapses are in NEST until changed."""
        # Over several processes `reset` is refused, so nothing is stored.
        return mpi_processes.is_distributed() or bool(
            self._shared is not None or self._blocks or self._in_read_order is not None
        )

    def add(self, block: Block, delay_steps: np.ndarray) -> None:
        """Store the weights of further synapses.

        Parameters
        ----------
        block
            The synapses, with weights in PyNN's unit.
        delay_steps : ndarray of int, shape (n,)
            Their delays in time steps.
        """
        if mpi_processes.is_distributed():
            return
        weight = block.parameters["weight"]
        if isinstance(weight, float) and self._shared in (None, weight):
            self._shared = weight
            return
        n = len(block)
        columns = block.post, block.pre, delay_steps, block.array("weight")
        self._blocks.append(tuple(np.array(np.broadcast_to(one, n)) for one in columns))

    def replace(self, weights: np.ndarray) -> None:
        """Store weights of all synapses, in the order in which they are read."""
        if not mpi_processes.is_distributed():
            self._in_read_order, self._shared, self._blocks = weights, None, []

    def weights_of(self, pre: np.ndarray, post: np.ndarray, delay_steps: np.ndarray) -> np.ndarray:
        """Initial weights of all synapses in the order of the arguments, shape (n,)."""
        if self._in_read_order is not None:
            return self._in_read_order
        weights = np.full(len(pre), np.nan if self._shared is None else self._shared)
        if self._blocks:
            *stored, given = (np.concatenate(column) for column in zip(*self._blocks, strict=True))
            columns = (post, pre, delay_steps)
            sizes = [
                1 + max(int(np.max(a)), int(np.max(b)))
                for a, b in zip(columns, stored, strict=True)
            ]
            here, there = (np.ravel_multi_index(c, sizes) for c in (columns, tuple(stored)))
            order, found = np.argsort(here, kind="stable"), np.argsort(there, kind="stable")
            place = np.searchsorted(here[order], there[found])
            # Synapses of one pair with one delay are interchangeable.
            place += np.arange(len(found)) - np.searchsorted(there[found], there[found])
            weights[order[place]] = given[found]
        return weights


class RebuiltProjection:
    """Mixin of projections: their synapses are created again at a reset."""

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
        """The synapses with their weights at time 0, or None if there are none."""
        if not self._number:
            return None
        common = dict(self.shared_parameters)
        changed = self._initial_weights.is_stored
        names = {*self.parameter_names, "delay"} - ({"weight"} if changed else set())
        read = self._read(["presynaptic_index", "postsynaptic_index", *sorted(names)])
        pre, post = (read.pop(f"{side}synaptic_index") for side in ("pre", "post"))
        if changed:
            common.pop("weight", None)
            steps = np.rint(read["delay"] / registry.timestep).astype(np.int64)
            read["weight"] = self._initial_weights.weights_of(pre, post, steps)
        values = read | {name: one for name, one in common.items() if name in read}
        return Block(pre.astype(np.int32), post.astype(np.int32), values)

    def rebuild(self, block: Block | None) -> None:
        """Create the synapses after a reset of NEST."""
        self._clear_summary()
        self._begin()
        for piece in block.split() if block is not None else ():
            piece_values = {
                name: scalar_if_equal(value) for name, value in piece.parameters.items()
            }
            self._add_block(Block(piece.pre, piece.post, piece_values))
        self._finish()
