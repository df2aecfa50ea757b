"""Connectors, corrected and vectorised; a seed gives the same pairs as PyNN's connectors.

Mends (seen in PyNN 0.13.0): a projection of 1 x 1 by `OneToOneConnector` fails (row "OneToOne of
1 x 1"), and a large one tests every pair; `FixedTotalNumberConnector` draws one synapse at a time,
and ignores `with_replacement=False` and `allow_self_connections=False`; a Python function of the
distance as a probability fails; `SmallWorldConnector` is empty, and `CSAConnector` fails without
its package. See `listed_connectors` for connectors of lists, and `fixed_number` for those with a
fixed number of connections per cell.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from pyNN import connectors as stock
from pyNN.random import NumpyRNG, RandomDistribution

from pipelines.errors import Unsupported

from .fixed_number import (
    FixedNumberPostConnector,
    FixedNumberPreConnector,
    connection_numbers,
    refuse_no_mutual,
    self_pairs,
)
from .listed_connectors import ArrayConnector, CloneConnector, FromFileConnector, FromListConnector
from .parameter_drawing import target_value_sampler

__all__ = [
    "ArrayConnector", "CSAConnector", "CloneConnector", "DistanceDependentProbabilityConnector",
    "FixedNumberPostConnector", "FixedNumberPreConnector", "FixedTotalNumberConnector",
    "FromFileConnector", "FromListConnector", "OneToOneConnector", "SmallWorldConnector",
]  # fmt: skip

# Number of pairs that are drawn and sorted in one NumPy call.
_BATCH = 1_000_000


class _TargetwiseMixin:
    """Mixin of connectors that have all pairs, sorted by target."""

    def _connect_targets(
        self: Any, projection: Any, source: np.ndarray, bounds: np.ndarray
    ) -> None:
        """Connect each target k to its sources, ``source[bounds[k] : bounds[k + 1]]``."""
        n_post = len(bounds) - 1

        def sources(mask: Any = None) -> Iterator[np.ndarray]:
            for k in np.arange(n_post) if mask is None else np.arange(n_post)[mask]:
                yield source[bounds[k] : bounds[k + 1]]

        self._standard_connect(projection, sources)

    def _bulk_parameters(self: Any, projection: Any) -> Any:
        """Synapse parameters for `connect_pairs`, None if the projection needs PyNN's own path."""
        if not getattr(projection, "bulk", False) or self.location_selector or self.callback:
            return None
        return self._parameters_from_synapse_type(projection)


class OneToOneConnector(_TargetwiseMixin, stock.OneToOneConnector):
    __doc__ = stock.OneToOneConnector.__doc__

    def connect(self, projection: Any) -> None:
        n_pre, n_post = projection.shape
        cells = np.arange(min(n_pre, n_post))
        parameters = self._bulk_parameters(projection)
        if parameters is not None and parameters.is_homogeneous:
            parameters.evaluate(simplify=True)
            projection.connect_pairs(cells, cells, dict(parameters.items()))
        else:
            self._connect_targets(projection, cells, np.minimum(np.arange(n_post + 1), n_pre))


class DistanceDependentProbabilityConnector(stock.DistanceDependentProbabilityConnector):
    __doc__ = stock.DistanceDependentProbabilityConnector.__doc__

    def __init__(self, d_expression: Any, *arguments: Any, **options: Any) -> None:
        given = callable(d_expression)
        super().__init__("0" if given else d_expression, *arguments, **options)
        if given:
            self.d_expression = self.distance_function = d_expression


class SmallWorldConnector(stock.SmallWorldConnector):
    """Small-world connections, which PyNN documents but does not implement: refused."""

    def __init__(self, *_: Any, **__: Any) -> None:
        raise Unsupported(
            "SmallWorldConnector",
            "PyNN 0.13 has no implementation of it",
            allowed="a list of connections, in FromListConnector",
        )


class CSAConnector(stock.CSAConnector):
    __doc__ = stock.CSAConnector.__doc__

    def __init__(self, *arguments: Any, **options: Any) -> None:
        if not stock.haveCSA:
            raise Unsupported(
                "CSAConnector",
                "the package csa is not installed",
                allowed="the package csa; or a list of connections, in FromListConnector",
            )
        super().__init__(*arguments, **options)


class FixedTotalNumberConnector(_TargetwiseMixin, stock.FixedTotalNumberConnector):
    __doc__ = stock.FixedTotalNumberConnector.__doc__

    def __init__(self, n: Any, *arguments: Any, **options: Any) -> None:
        super().__init__(int(n) if isinstance(n, np.integer) else n, *arguments, **options)
        refuse_no_mutual(self)

    def connect(self, projection: Any) -> None:
        if not isinstance(self.rng, NumpyRNG):
            super().connect(projection)
            return
        n_pre, n_post = projection.shape
        drawn_number = self.n.next() if isinstance(self.n, RandomDistribution) else self.n
        number = int(connection_numbers(drawn_number, "FixedTotalNumberConnector.n"))
        # PyNN distributes the number over processes by a binomial draw, which is repeated here.
        RandomDistribution("binomial", n=number, p=1.0, rng=self.rng).next()
        forbidden = self._self_connections(projection)
        pairs = n_pre * n_post - len(forbidden)
        if number > (0 if pairs == 0 else number if self.with_replacement else pairs):
            replacement = "" if self.with_replacement else " without replacement"
            raise Unsupported(
                "FixedTotalNumberConnector",
                f"{number} synapses{replacement} between {n_pre} and {n_post} cells",
                allowed=f"up to {pairs}",
            )
        if number == 0:
            return
        source, target = self._draw_pairs(number, n_pre, n_post)
        if forbidden.size or not self.with_replacement:
            source, target = self._replace_invalid(source, target, (n_pre, n_post), forbidden)
        source, bounds = _sort_by_target(source, target, n_post)
        del target
        parameters = self._bulk_parameters(projection) or {}
        drawn = {name: target_value_sampler(value) for name, value in parameters.items()}
        rngs = [id(getattr(value.base_value, "rng", value)) for _, value in parameters.items()]
        if drawn and None not in drawn.values() and len(set(rngs)) == len(rngs):
            _connect_in_batches(projection, source, bounds, drawn)
        else:
            self._connect_targets(projection, source, bounds)

    def _self_connections(self, projection: Any) -> np.ndarray:
        """Pairs of a cell with itself, encoded as pre * n_post + post; none if they are allowed."""
        if self.allow_self_connections:
            return np.empty(0, dtype=np.int64)
        source, target = self_pairs(projection)
        return source * projection.shape[1] + target

    def _draw_pairs(self, number: int, n_pre: int, n_post: int) -> tuple[np.ndarray, np.ndarray]:
        """Sources and targets, each of shape (number,), drawn alternately as in PyNN."""
        source = np.empty(number, dtype=np.int32)
        target: np.ndarray = np.empty(number, dtype=_index_type(n_post))
        for batch in _batches(number):
            shape = len(source[batch]), 2
            drawn = self.rng.rng.randint(0, (n_pre, n_post), shape, dtype=np.int32)
            source[batch], target[batch] = drawn.T
        return source, target

    def _replace_invalid(
        self, source: np.ndarray, target: np.ndarray, shape: tuple[int, int], forbidden: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Replace forbidden or repeated pairs by further draws."""
        kept, number = np.empty(0, dtype=np.int64), len(source)
        while True:
            drawn = source.astype(np.int64) * shape[1] + target
            kept = np.concatenate([kept, drawn[~np.isin(drawn, forbidden)]])
            if not self.with_replacement:
                kept = kept[np.sort(np.unique(kept, return_index=True)[1])]
            if len(kept) >= number:
                source, target = np.divmod(kept[:number], shape[1])
                return source.astype(np.int32), target.astype(_index_type(shape[1]))
            source, target = self._draw_pairs(number, *shape)


def _connect_in_batches(
    projection: Any, source: np.ndarray, bounds: np.ndarray, drawn: dict[str, Any]
) -> None:
    """Connect many targets in each call, with parameters drawn as by `parameter_drawing`."""
    n_post, first = len(bounds) - 1, 0
    while first < n_post:
        last = int(np.searchsorted(bounds, bounds[first] + _BATCH, side="right")) - 1
        last = max(last, first + 1)
        sizes = np.diff(bounds[first : last + 1])
        if sizes.any():
            projection.connect_pairs(
                source[bounds[first] : bounds[last]],
                np.repeat(np.arange(first, last, dtype=np.int32), sizes),
                {name: values(sizes) for name, values in drawn.items()},
            )
        first = last


def _batches(number: int) -> Iterator[slice]:
    """Slices of at most `_BATCH` that cover `number` pairs, to limit temporary arrays."""
    return (slice(first, min(first + _BATCH, number)) for first in range(0, number, _BATCH))


def _index_type(size: int) -> type:
    """Smallest integer type for indices: NumPy sorts 16 bits six times faster."""
    return np.uint16 if size <= 2**16 else np.int32


def _sort_by_target(
    source: np.ndarray, target: np.ndarray, n_post: int
) -> tuple[np.ndarray, np.ndarray]:
    """Sources sorted by target, those of one target in the order of drawing.

    Returns
    -------
    source : ndarray of int32
    bounds : ndarray of int64, shape (n_post + 1,)
        Index of each target's first source, and the total number.
    """
    counts = sum(np.bincount(target[batch], minlength=n_post) for batch in _batches(len(target)))
    bounds = np.append(0, np.cumsum(counts + np.zeros(n_post, dtype=np.int64)))
    ordered = np.empty(len(source), dtype=np.int32)
    # Index of the next source of each target.
    next_index = bounds[:-1].copy()
    for batch in _batches(len(target)):
        order = np.argsort(target[batch], kind="stable")
        targets = target[batch][order]
        counts = np.bincount(targets, minlength=n_post)
        index = (next_index - (np.cumsum(counts) - counts))[targets] + np.arange(len(targets))
        ordered[index] = source[batch][order]
        next_index += counts
    return ordered, bounds
