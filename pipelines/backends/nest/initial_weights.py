"""Weights that synapses had at time 0, for `reset`: kept where NEST has others by then."""

from __future__ import annotations

import numpy as np

from ..shared.edges import Block


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
        return bool(self._shared is not None or self._blocks or self._in_order is not None)

    def add(self, block: Block, delay_steps: np.ndarray) -> None:
        """Note the weights of further synapses."""
        weight = block.parameters["weight"]
        if isinstance(weight, float) and self._shared in (None, weight):
            self._shared = weight
            return
        n = len(block)
        columns = block.post, block.pre, delay_steps, block.array("weight")
        self._blocks.append(tuple(np.array(np.broadcast_to(one, n)) for one in columns))

    def replace(self, weights: np.ndarray) -> None:
        """Take weights of all synapses, in the order in which they are read."""
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
