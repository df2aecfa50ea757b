"""The edge list: what PyNN's connectors pass, collected and made in one go.

Mends: PyNN hands a simulator one target neuron at a time (on Brian2 one synapse), which makes
building 20 to 1,000 times slower than an array call, and on Brian2 gives every multapse the
last weight (row "multapses with different weights"; seen in PyNN 0.13.0).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

import numpy as np

from pipelines.errors import Unsupported

from .grid import nearest_steps, to_ms, to_steps


@dataclass(frozen=True)
class Edges:
    """The synapses of one projection.

    Attributes
    ----------
    pre, post : ndarray of int64, shape (n,)
        Indices within the presynaptic and postsynaptic population, view or assembly.
    parameters : dict
        Values in PyNN's units (nA or uS, ms): a float where all synapses share it, else an
        array of shape (n,).
    """

    pre: np.ndarray
    post: np.ndarray
    parameters: dict[str, float | np.ndarray]

    def __len__(self) -> int:
        return len(self.pre)

    def array(self, name: str) -> np.ndarray:
        """Values of one parameter, one a synapse."""
        return np.broadcast_to(self.parameters[name], self.pre.shape)

    def delay_steps(self, dt: float, label: str) -> np.ndarray:
        """Delays in whole time steps, shape (n,)."""
        where = f"delay of projection {label!r}"
        return np.broadcast_to(to_steps(self.parameters["delay"], dt, where), self.pre.shape)

    def on_grid(self, dt: float, label: str) -> Edges:
        """These synapses with delays in whole steps.

        Many delays were drawn, measured or computed from distances: each moves to the nearest
        step, one step at least. One delay for all is taken as it is, and refused later if it
        lies between two steps.
        """
        delay = self.parameters["delay"]
        if np.ndim(delay) == 0 or np.any(np.asarray(delay) <= 0):
            return self
        steps = np.maximum(nearest_steps(delay, dt, f"delay of projection {label!r}"), 1)
        return replace(self, parameters=self.parameters | {"delay": to_ms(steps, dt)})

    def sha256(self) -> str:
        """Digest of the pairs, weights and delays, whatever their order."""
        columns = (self.pre, self.post, self.array("weight"), self.array("delay"))
        order = np.lexsort(columns[::-1])
        digest = sha256(str(len(self)).encode())
        for column, kind in zip(columns, ("<i8", "<i8", "<f8", "<f8"), strict=True):
            digest.update(np.ascontiguousarray(column[order], dtype=kind).tobytes())
        return digest.hexdigest()


class EdgeCollector:
    """Stands in for a projection's `_convergent_connect` while a connector runs."""

    def __init__(self) -> None:
        self._pre: list[np.ndarray] = []
        self._post: list[np.ndarray] = []
        self._parameters: dict[str, list[Any]] = {}

    def add(self, pre: Any, post: int, parameters: dict[str, Any]) -> None:
        """Take the synapses onto one postsynaptic neuron."""
        sources = np.atleast_1d(np.asarray(pre, dtype=np.int64))
        if sources.size == 0:
            return
        self._pre.append(sources)
        self._post.append(np.full(len(sources), post, dtype=np.int64))
        for name, value in parameters.items():
            self._parameters.setdefault(name, []).append(value)

    def add_pairs(self, pre: np.ndarray, post: np.ndarray, parameters: dict[str, float]) -> None:
        """Take synapses that all have the same parameters."""
        for name, value in parameters.items():
            self._parameters.setdefault(name, []).append(value)
        self._pre.append(np.asarray(pre, dtype=np.int64))
        self._post.append(np.asarray(post, dtype=np.int64))

    def edges(self) -> Edges:
        """All synapses taken so far, in the order in which they came."""
        if not self._pre:
            none = np.empty(0, dtype=np.int64)
            return Edges(none, none, {})
        sizes = [len(part) for part in self._pre]
        return Edges(
            np.concatenate(self._pre),
            np.concatenate(self._post),
            {name: _joined(values, sizes) for name, values in self._parameters.items()},
        )


def _joined(values: list[Any], sizes: list[int]) -> float | np.ndarray:
    """One float if every part has the same, else one array."""
    first = values[0]
    if np.ndim(first) == 0 and all(value is first for value in values):
        return float(first)
    if all(np.ndim(value) == 0 for value in values):
        distinct = set(map(float, values))
        if len(distinct) == 1:
            return distinct.pop()
    return np.concatenate(
        [
            np.broadcast_to(np.asarray(value, dtype=float), (size,))
            for value, size in zip(values, sizes, strict=True)
        ]
    )


def split_delays(edges: Edges, dt: float, label: str) -> tuple[np.ndarray, np.ndarray]:
    """Axonal and dendritic part of every delay, in steps, each of shape (n,).

    The whole delay is exact. Its dendritic part is ``dendritic_delay_fraction * delay`` to the
    nearest step (half a step goes up), and one step at least unless the fraction is 0.
    """
    total = to_steps(edges.parameters["delay"], dt, f"delay of projection {label!r}")
    fraction = np.asarray(edges.parameters["dendritic_delay_fraction"])
    nearest = np.floor(fraction * total + 0.5 + 1e-9).astype(np.int64)
    dendritic = np.where(fraction > 0, np.maximum(nearest, 1), 0)
    shape = edges.pre.shape
    return np.broadcast_to(total - dendritic, shape), np.broadcast_to(dendritic, shape)


def check_edges(
    edges: Edges,
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
        For weights that are not finite or of the wrong sign for the receptor (PyNN: excitatory
        and conductances 0 and above, inhibitory currents 0 and below), and for delays off the
        grid or outside `min_delay` to `max_delay`.
    """
    where = f"projection {label!r}"
    weight = np.atleast_1d(np.asarray(edges.parameters["weight"], dtype=float))
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
    steps = to_steps(edges.parameters["delay"], dt, f"delay of {where}")
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


def check_bounds(edges: Edges, *, negative: bool, label: str) -> None:
    """Refuse bounds of plastic weights that are not on the receptor's side of zero.

    Inhibitory currents are negative in PyNN, and so are their bounds: such a weight lies
    between `w_max`, the strongest, and `w_min`, the weakest (row "inhibitory STDP").

    Raises
    ------
    Unsupported
        Unless 0 <= w_min < w_max (or 0 >= w_min > w_max where weights are negative).
    """
    w_max = np.atleast_1d(np.asarray(edges.parameters["w_max"], dtype=float))
    sign, side = (-1.0, "below") if negative else (1.0, "above")
    wrong = ~(sign * w_max > 0)
    if np.any(wrong):
        raise Unsupported(
            f"projection {label!r}", f"w_max = {w_max[wrong][0]:g}", allowed=f"w_max {side} 0"
        )
    w_min = np.asarray(edges.parameters["w_min"], dtype=float)
    ratio = np.atleast_1d(w_min / w_max)
    if np.any(~((ratio >= 0) & (ratio < 1))):
        raise Unsupported(
            f"projection {label!r}",
            f"w_min = {np.atleast_1d(w_min).flat[0]:g}",
            allowed="w_min between 0 and w_max",
        )
