"""Blocks of synapses, collected from PyNN's connectors for the simulator, and their checks.

Mends: PyNN creates the synapses of one target neuron per call (on Brian2, one synapse), which is 20
to 1,000 times slower than array calls, and on Brian2 gives all synapses of a pair the last weight
(row "multapses with different weights"; seen in PyNN 0.13.0).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipelines.errors import Unsupported

from .time_grid import to_steps

# Maximal number of synapses in a block.
BLOCK = 1_000_000
# Values of a parameter: one per synapse, or one number that all synapses share.
Values = float | np.ndarray


@dataclass(frozen=True)
class Block:
    """Some synapses of one projection."""

    # Indices within the population, view or assembly, int32 of shape (n_synapses,).
    pre: np.ndarray
    post: np.ndarray
    # In PyNN's units (nA or uS, ms): a float if all of these synapses share it, else an array.
    parameters: dict[str, Values]

    def __len__(self) -> int:
        return len(self.pre)

    def array(self, name: str) -> np.ndarray:
        """Values of one parameter, shape (n_synapses,)."""
        return np.broadcast_to(self.parameters[name], self.pre.shape)

    def delay_steps(self, dt: float, label: str) -> np.ndarray:
        """Delays in time steps, shape (n_synapses,); must be on the grid, which is not checked."""
        steps = np.rint(np.asarray(self.parameters["delay"]) / dt).astype(np.int64)
        return np.broadcast_to(steps, self.pre.shape)

    def split(self, most: int = BLOCK) -> Iterator[Block]:
        """Yield these synapses in blocks of at most `most`."""
        for first in range(0, len(self), most):
            part = slice(first, first + most)
            values = {
                name: value if np.ndim(value) == 0 else np.asarray(value)[part]
                for name, value in self.parameters.items()
            }
            yield Block(self.pre[part], self.post[part], values)


class SynapseCollector:
    """Collects the synapses that a connector passes per target neuron, and delivers blocks.

    A parameter of a block is a float if the connector passed one and the same number.

    Parameters
    ----------
    deliver
        Called with each block.
    """

    def __init__(self, deliver: Callable[[Block], None]) -> None:
        self._deliver = deliver
        self._clear()

    def _clear(self) -> None:
        self._pre: list[np.ndarray] = []
        self._post: list[int] = []
        self._parameters: dict[str, list[Any]] = {}
        self._number = 0

    def add(self, pre: Any, post: int, parameters: dict[str, Any]) -> None:
        """Add the synapses onto one target neuron; parameters are numbers or arrays like `pre`."""
        sources = np.atleast_1d(np.asarray(pre, dtype=np.int32))
        if sources.size == 0:
            return
        if self._number and self._number + sources.size > BLOCK:
            self.flush()
        self._pre.append(sources)
        self._post.append(post)
        for name, value in parameters.items():
            self._parameters.setdefault(name, []).append(value)
        self._number += sources.size

    def add_pairs(self, pre: np.ndarray, post: np.ndarray, parameters: dict[str, Values]) -> None:
        """Add many synapses; parameters are numbers or arrays of the same length."""
        self.flush()
        pre, post = (np.asarray(cells, dtype=np.int32) for cells in (pre, post))
        for part in Block(pre, post, parameters).split():
            self._deliver(part)

    def flush(self) -> None:
        """Deliver the synapses that have been collected."""
        if not self._number:
            return
        sizes = [len(sources) for sources in self._pre]
        post = np.repeat(np.array(self._post, dtype=np.int32), sizes)
        parameters = {
            name: _concatenate_values(values, sizes) for name, values in self._parameters.items()
        }
        block = Block(np.concatenate(self._pre), post, parameters)
        self._clear()
        for part in block.split():
            self._deliver(part)


def _concatenate_values(values: list[Any], sizes: list[int]) -> Values:
    """Values of several targets' synapses as one array, or one float if all are equal numbers."""
    if all(np.ndim(value) == 0 for value in values):
        each = scalar_if_equal(np.array(values, dtype=float))
        return each if isinstance(each, float) else np.repeat(each, sizes)
    parts = zip(sizes, values, strict=True)
    return np.concatenate([np.full(size, value, dtype=float) for size, value in parts])


def scalar_if_equal(value: Any) -> Values:
    """A float if all values are equal, else an array of floats."""
    if np.ndim(value) == 0:
        return float(value)
    array = np.asarray(value, dtype=float)
    return float(array[0]) if array.size and array.min() == array.max() else array


def split_delays(block: Block, dt: float, label: str) -> tuple[np.ndarray, np.ndarray]:
    """Axonal and dendritic part of every delay, in steps, each of shape (n_synapses,).

    Their sum is the delay. The dendritic part is ``dendritic_delay_fraction * delay`` rounded to
    steps (half a step is rounded up), and one step at least unless the fraction is 0.
    """
    total = block.delay_steps(dt, label)
    fraction = np.asarray(block.parameters["dendritic_delay_fraction"])
    nearest = np.floor(fraction * total + 0.5 + 1e-9).astype(np.int64)
    dendritic = np.where(fraction > 0, np.maximum(nearest, 1), 0)
    return total - dendritic, dendritic


def check_synapses(projection: Any, block: Block) -> None:
    """Refuse invalid parameters of synapses, on which backends would differ.

    Raises
    ------
    Unsupported
        For weights, bounds and parameters as checked below, and for delays off the grid or outside
        the limits of `setup`.
    """
    where, registry = f"projection {projection.label!r}", projection._registry
    check_weights(projection, block.parameters["weight"])
    steps = to_steps(block.parameters["delay"], registry.timestep, f"delay of {where}")
    smallest, largest = (int(end) * registry.timestep for end in (np.min(steps), np.max(steps)))
    for delay, end, limit, over, side, other in (
        (smallest, "min_delay", registry.min_delay, -1, "below", "above, or a smaller"),
        (largest, "max_delay", registry.max_delay, 1, "above", "below, or a larger"),
    ):
        if limit is not None and over * (delay - limit) > 1e-9:
            raise Unsupported(
                where,
                f"delay {delay:g} ms is {side} {end}, {limit:g} ms",
                allowed=f"delays of {limit:g} ms and {other} {end} in setup()",
            )
    if projection.synapse_type.plastic:
        check_bounds(projection, block)
        check_rule_parameters(projection, block)
    if "tau_facil" in block.parameters:
        check_short_term(where, block.parameters)


def _has_negative_weights(projection: Any) -> bool:
    """Whether weights must be 0 or below, as PyNN's weights of inhibitory currents."""
    return projection.receptor_type == "inhibitory" and not projection.post.conductance_based


def check_weights(projection: Any, weights: Values) -> None:
    """Refuse weights that are not finite, or have the wrong sign for the receptor."""
    where, receptor = f"projection {projection.label!r}", projection.receptor_type
    weight = np.atleast_1d(np.asarray(weights, dtype=float))
    if not np.all(np.isfinite(weight)):
        raise Unsupported(where, "a weight is not a finite number", allowed="finite weights")
    conductances = projection.post.conductance_based
    if receptor not in ("excitatory", "inhibitory") and not conductances:
        return
    negative = _has_negative_weights(projection)
    wrong = weight > 0 if negative else weight < 0
    if np.any(wrong):
        allowed = f"weights of 0 and {'below' if negative else 'above'}"
        if conductances:
            allowed += ": those of conductances, whatever the receptor"
        elif not negative:
            allowed += "; for negative currents receptor_type='inhibitory'"
        what = f"weight {weight[wrong][0]:g} on the {receptor} receptor"
        raise Unsupported(where, what, allowed)


def check_bounds(projection: Any, block: Block) -> None:
    """Refuse bounds of plastic weights with the wrong sign for the receptor, or in wrong order.

    Allowed are 0 <= w_min < w_max, and 0 >= w_min > w_max for inhibitory currents, which are
    negative in PyNN: `w_max` is always the strongest weight (row "inhibitory STDP").
    """
    where = f"projection {projection.label!r}"
    w_min, w_max = np.broadcast_arrays(
        *(np.atleast_1d(block.parameters[name]) for name in ("w_min", "w_max"))
    )
    sign, side = (-1.0, "below") if _has_negative_weights(projection) else (1.0, "above")
    wrong = ~(sign * w_max > 0)
    if np.any(wrong):
        raise Unsupported(where, f"w_max = {w_max[wrong][0]:g}", allowed=f"w_max {side} 0")
    wrong = ~((w_min / w_max >= 0) & (w_min / w_max < 1))
    if np.any(wrong):
        raise Unsupported(
            where, f"w_min = {w_min[wrong][0]:g}", allowed="w_min between 0 and w_max"
        )


# Lower and upper limit of the parameters of short-term plasticity, and their description.
_SHORT_TERM_LIMITS = {
    "U": (0.0, 1.0, "0 to 1"),
    "tau_rec": (np.nextafter(0.0, 1.0), np.finfo(float).max, "above 0 ms"),
    "tau_facil": (0.0, np.finfo(float).max, "0 ms (no facilitation) and above"),
}


def check_short_term(where: str, parameters: dict[str, Values]) -> None:
    """Refuse parameters of a `TsodyksMarkramSynapse` outside their limits."""
    for name, (low, high, allowed) in _SHORT_TERM_LIMITS.items():
        values = np.atleast_1d(np.asarray(parameters[name], dtype=float))
        wrong = ~((values >= low) & (values <= high))
        if np.any(wrong):
            raise Unsupported(where, f"{name} = {values[wrong][0]:g}", f"{name} {allowed}")


def check_rule_parameters(projection: Any, block: Block) -> None:
    """Refuse time constants of plasticity that are not above 0, and negative amplitudes."""
    for name, value in block.parameters.items():
        is_tau = name.startswith("tau")
        if not is_tau and name not in _NON_NEGATIVE:
            continue
        values = np.atleast_1d(np.asarray(value, dtype=float))
        right = np.isfinite(values) & (values > 0 if is_tau else values >= 0)
        if not np.all(right):
            raise Unsupported(
                f"projection {projection.label!r}",
                f"{name} = {values[~right][0]:g}",
                allowed=f"{name} {'above 0 ms' if is_tau else 'of 0 and above'}",
            )


# Not A_minus: a negative one is unbounded potentiation, the same on all backends.
_NON_NEGATIVE = ("A_plus", "A_plus_triplet", "A_minus_triplet", "eta", "rho")
