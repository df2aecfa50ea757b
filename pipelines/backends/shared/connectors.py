"""Connectors whose own loops are slow or wrong; the pairs of a seed stay those of PyNN.

Mends (seen in PyNN 0.13.0): a projection of 1 x 1 by `OneToOneConnector` fails (row "OneToOne of
1 x 1"), and a large one looks at every pair; `FixedTotalNumberConnector` draws one synapse at a
time and ignores `with_replacement=False` and `allow_self_connections=False`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from pyNN import connectors as stock
from pyNN.random import NumpyRNG, RandomDistribution

from pipelines.errors import Unsupported


class OneToOneConnector(stock.OneToOneConnector):
    __doc__ = stock.OneToOneConnector.__doc__

    def connect(self, projection: Any) -> None:
        n_pre, n_post = projection.shape
        parameters = dict(self._parameters_from_synapse_type(projection).items())
        if getattr(projection, "bulk", False) and all(
            value.is_homogeneous for value in parameters.values()
        ):
            values = {name: value.evaluate(simplify=True) for name, value in parameters.items()}
            projection.connect_pairs(np.arange(min(n_pre, n_post)), values)
            return

        def sources(mask: Any = None) -> Iterator[np.ndarray]:
            for k in np.arange(n_post) if mask is None else np.arange(n_post)[mask]:
                yield np.arange(k, min(k + 1, n_pre))

        self._standard_connect(projection, sources)


class FixedTotalNumberConnector(stock.FixedTotalNumberConnector):
    __doc__ = stock.FixedTotalNumberConnector.__doc__

    def connect(self, projection: Any) -> None:
        if not isinstance(self.rng, NumpyRNG):
            super().connect(projection)
            return
        n_pre, n_post = projection.shape
        number = int(self.n.next()) if isinstance(self.n, RandomDistribution) else self.n
        # PyNN splits the number between processes by a draw, of which one process takes all.
        RandomDistribution("binomial", n=number, p=1.0, rng=self.rng).next()
        forbidden = self._forbidden(projection)
        if not self.with_replacement and number > n_pre * n_post - len(forbidden):
            raise Unsupported(
                "FixedTotalNumberConnector",
                f"{number} synapses without replacement between {n_pre} and {n_post} cells",
                allowed=f"up to {n_pre * n_post - len(forbidden)}",
            )
        pairs = self._draw(number, n_pre, n_post)
        if forbidden.size or not self.with_replacement:
            pairs = self._distinct(pairs, number, n_pre, n_post, forbidden)
        source, target = pairs.T
        order = np.argsort(target, kind="stable")
        columns = np.split(source[order], np.searchsorted(target[order], np.arange(1, n_post)))

        def sources(mask: Any = None) -> list[np.ndarray]:
            chosen = np.arange(n_post) if mask is None else np.arange(n_post)[mask]
            return [columns[k] for k in chosen]

        self._standard_connect(projection, sources)

    def _forbidden(self, projection: Any) -> np.ndarray:
        """Pairs of a cell with itself, as one number each, if they are not allowed."""
        if self.allow_self_connections:
            return np.empty(0, dtype=np.int64)
        pre = np.asarray(projection.pre.all_cells, dtype=np.int64)
        post = np.asarray(projection.post.all_cells, dtype=np.int64)
        _, source, target = np.intersect1d(pre, post, return_indices=True)
        return source * len(post) + target

    def _draw(self, number: int, n_pre: int, n_post: int) -> np.ndarray:
        """Pairs as PyNN draws them: a source, a target, a source ..., shape (number, 2)."""
        highs = np.tile([n_pre, n_post], number)
        return self.rng.rng.randint(0, highs).reshape(-1, 2)

    def _distinct(
        self, pairs: np.ndarray, number: int, n_pre: int, n_post: int, forbidden: np.ndarray
    ) -> np.ndarray:
        """Replace what is not allowed by further draws, until there are enough."""
        kept = np.empty(0, dtype=np.int64)
        while True:
            drawn = pairs[:, 0].astype(np.int64) * n_post + pairs[:, 1]
            kept = np.concatenate([kept, drawn[~np.isin(drawn, forbidden)]])
            if not self.with_replacement:
                kept = kept[np.sort(np.unique(kept, return_index=True)[1])]
            if len(kept) >= number:
                return np.column_stack(np.divmod(kept[:number], n_post))
            pairs = self._draw(number, n_pre, n_post)
