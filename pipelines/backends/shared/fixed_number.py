"""Connectors with a fixed number of connections per cell; a seed gives the same pairs as in PyNN.

Mends (seen in PyNN 0.13.0): `allow_self_connections=False` has no effect between two views of one
population, or assemblies that share cells; ``"NoMutual"`` never has an effect; the number 0, given
or drawn, is an error, and so is a NumPy integer.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from pyNN import connectors as stock
from pyNN.random import RandomDistribution

from pipelines.errors import Unsupported

from .invalid_value import InvalidValue

_NONE = np.empty(0, dtype=int)


def connection_numbers(drawn: Any, where: str) -> np.ndarray:
    """Numbers of connections as int64, of the same shape as `drawn`.

    Raises
    ------
    InvalidValue
        If one is negative or not a whole number.
    """
    numbers = np.asarray(drawn, dtype=float)
    wrong = ~((numbers >= 0) & (numbers == np.floor(numbers)))
    if np.any(wrong):
        what = f"n = {numbers[wrong].flat[0]:g}"
        raise InvalidValue(where, what, allowed="whole numbers of 0 and above")
    return numbers.astype(np.int64)


def self_pairs(projection: Any) -> tuple[np.ndarray, np.ndarray]:
    """Pre- and postsynaptic indices of all pairs of a cell with itself."""
    pre, post = (
        np.asarray([int(cell) for cell in side.all_cells], dtype=np.int64)
        for side in (projection.pre, projection.post)
    )
    order = np.argsort(pre, kind="stable")
    first, last = (np.searchsorted(pre[order], post, side=side) for side in ("left", "right"))
    # An assembly may contain a cell more than once.
    source = [order[a:b] for a, b in zip(first, last, strict=True)]
    target = np.repeat(np.arange(len(post)), last - first)
    return np.concatenate([_NONE, *source]), target


def refuse_no_mutual(connector: Any) -> None:
    """Refuse ``allow_self_connections="NoMutual"``, which PyNN accepts and ignores."""
    if connector.allow_self_connections == "NoMutual":
        raise Unsupported(
            f"{type(connector).__name__}.allow_self_connections",
            "'NoMutual', which PyNN has for connectors with a probability only",
            allowed="True or False",
        )


class _FixedNumberMixin:
    """Mixin of connectors with `n` connections for each cell on one side."""

    allow_self_connections: Any
    with_replacement: bool
    rng: Any
    n: Any
    _standard_connect: Any

    def __init__(self, n: Any, *arguments: Any, **options: Any) -> None:
        whole = isinstance(n, np.integer) and not isinstance(n, bool)
        super().__init__(int(n) if whole else n, *arguments, **options)  # type: ignore[call-arg]
        refuse_no_mutual(self)

    def _draw_numbers(self, size: int | None) -> np.ndarray:
        """Number of connections of each of `size` cells, shape (size,); a scalar for None."""
        drawn = isinstance(self.n, RandomDistribution)
        numbers = self.n.next(size) if drawn else np.full(() if size is None else size, self.n)
        return connection_numbers(numbers, f"{type(self).__name__}.n")

    def _allowed_cells(self, projection: Any, of_targets: bool) -> list[np.ndarray] | np.ndarray:
        """Allowed partners of each cell: a list of arrays, or one array for all cells."""
        n_pre, n_post = projection.shape
        cells, others = (n_post, np.arange(n_pre)) if of_targets else (n_pre, np.arange(n_post))
        if self.allow_self_connections:
            return others
        source, target = self_pairs(projection)
        cell, partner = (target, source) if of_targets else (source, target)
        return [np.setdiff1d(others, partner[cell == k]) for k in range(cells)]

    def _draw_cells(self, n: int, allowed: np.ndarray, size: int) -> np.ndarray:
        """Draw `n` of the allowed cells, out of `size`, as PyNN does."""
        if n == 0:
            return _NONE
        if allowed.size == 0:
            raise Unsupported(
                type(self).__name__, f"n = {n}, and there is no cell to connect to", allowed="n = 0"
            )
        if not self.with_replacement:
            full, rest = divmod(n, allowed.size)
            sets = [allowed] * full
            if rest:
                sets.append(self.rng.permutation(allowed)[:rest])
            return np.hstack(sets)
        limits = {"low": 0, "high": size}
        drawn = self.rng.next(n, "uniform_int", limits)
        while allowed.size < size:
            wrong = np.flatnonzero(~np.isin(drawn, allowed))
            if not wrong.size:
                break
            drawn[wrong] = self.rng.next(wrong.size, "uniform_int", limits)
        return np.asarray(drawn)


class FixedNumberPreConnector(_FixedNumberMixin, stock.FixedNumberPreConnector):
    __doc__ = stock.FixedNumberPreConnector.__doc__

    def connect(self, projection: Any) -> None:
        n_pre, n_post = projection.shape
        allowed = self._allowed_cells(projection, of_targets=True)

        def sources(mask: Any = None) -> Iterator[np.ndarray]:
            numbers = self._draw_numbers(n_post)
            for k in np.arange(n_post) if mask is None else np.arange(n_post)[mask]:
                each = allowed if isinstance(allowed, np.ndarray) else allowed[k]
                yield self._draw_cells(int(numbers[k]), each, n_pre)

        self._standard_connect(projection, sources)


class FixedNumberPostConnector(_FixedNumberMixin, stock.FixedNumberPostConnector):
    __doc__ = stock.FixedNumberPostConnector.__doc__

    def connect(self, projection: Any) -> None:
        n_pre, n_post = projection.shape
        allowed = self._allowed_cells(projection, of_targets=False)
        sources_of: list[list[int]] = [[] for _ in range(n_post)]
        for k in range(n_pre):
            each = allowed if isinstance(allowed, np.ndarray) else allowed[k]
            for target in self._draw_cells(int(self._draw_numbers(None)), each, n_post):
                sources_of[target].append(k)

        def sources(mask: Any = None) -> Iterator[np.ndarray]:
            for k in np.arange(n_post) if mask is None else np.arange(n_post)[mask]:
                yield np.asarray(sources_of[k], dtype=int)

        self._standard_connect(projection, sources)
