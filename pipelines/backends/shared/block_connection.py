"""Creation of a projection's synapses in the simulator, in blocks.

Mends (seen in PyNN 0.13.0): the default receptor of a projection onto an assembly depends on
Python's hash of strings, which differs between processes.
"""

from __future__ import annotations

from contextlib import suppress
from functools import wraps
from hashlib import sha256
from typing import Any

import numpy as np
from pyNN import common
from pyNN.space import Space

from pipelines.errors import Unsupported

from .default_random import seed_connector, seed_distributions
from .network_registry import Registry
from .parameter_values import SYNAPSE_UNITS, normalised
from .sampled_network import SampleComplete, remaining_synapses
from .synapse_blocks import Block, SynapseCollector, Values, check_synapses, scalar_if_equal
from .time_grid import round_and_count, to_ms, warn_of_rounding

# One synapse as hashed in the digest of a projection.
_DIGEST_DTYPE = np.dtype([("pre", "<i4"), ("post", "<i4"), ("weight", "<f8"), ("steps", "<i4")])


def stock_unless_bulk(method: Any) -> Any:
    """Decorator of a method: projections that are not `bulk` use PyNN's method instead."""

    @wraps(method)
    def chosen(self: Any, *args: Any, **kwargs: Any) -> Any:
        if self.bulk:
            return method(self, *args, **kwargs)
        return getattr(super(BlockConnectionMixin, self), method.__name__)(*args, **kwargs)

    return chosen


class BlockConnectionMixin:
    """Mixin of projections: the part of `BulkProjection` that creates synapses.

    A backend implements `_begin`, `_add`, `_finish` and `_remove`.
    """

    label: str
    shape: tuple[int, int]
    _simulator: Any
    _registry: Registry
    synapse_type: Any
    _connector: Any
    pre: Any
    post: Any
    receptor_type: str
    initial_values: dict[str, np.ndarray]
    # Native synapse types, which only one simulator has.
    _native_synapses: type | tuple[type, ...] = ()

    def __init__(
        self,
        presynaptic_population: Any,
        postsynaptic_population: Any,
        connector: Any,
        synapse_type: Any = None,
        source: Any = None,
        receptor_type: str | None = None,
        space: Space | None = None,
        label: str | None = None,
    ) -> None:
        arguments = (
            presynaptic_population, postsynaptic_population, connector, synapse_type, source,
            receptor_type, space or Space(), label,
        )  # fmt: skip
        self._collector: Any = None
        self._cached: dict[str, Any] = {}
        self._clear_summary()
        if synapse_type is not None and not hasattr(synapse_type, "plastic"):
            if not isinstance(synapse_type, self._native_synapses):
                raise Unsupported(
                    f"projection {label or f'{arguments[0].label}→{arguments[1].label}'!r}",
                    f"the synapse type {type(synapse_type).__name__} is another module's",
                    allowed="synapse types of the module that the script runs on",
                )
            super().__init__(*arguments)  # type: ignore[call-arg]
            self._registry.projections.append(self)
            return
        # Seeded first: PyNN draws a weight to choose the receptor by its sign.
        given: Any = getattr(synapse_type, "parameter_space", {})
        seed_distributions(dict(given.items()), self._registry)
        where = f"projection {label!r}"
        for name, value in normalised(dict(given.items()), SYNAPSE_UNITS, where).items():
            if value is not given[name]:
                given._parameters[name] = value
        seed_connector(connector, self._registry)
        common.Projection.__init__(self, *arguments)
        native = self.synapse_type.native_parameters
        self._rounded_delays = 0
        # Delays that are drawn or computed are rounded to the grid, also that of a single synapse.
        self._is_single_delay = native["delay"].is_homogeneous
        self._digest = sha256()
        self._collector = SynapseCollector(self._accept)
        self._registry.projections.append(self)
        try:
            self._begin()
            self._connect(connector)
            self._finish()
        except Exception:
            # A refused projection leaves no synapses in the simulator.
            self._registry.projections.remove(self)
            if self._number and self._simulator.state.t == 0:
                self._remove()
            self._clear_summary()
            raise
        self._warn_of_rounded_delays()

    def _connect(self, connector: Any) -> None:
        """Create all synapses of a connector."""
        with suppress(SampleComplete):
            connector.connect(self)
            self._collector.flush()

    def _guess_receptor_type(self) -> None:
        super()._guess_receptor_type()  # type: ignore[misc]
        # For an assembly PyNN has a set of receptors, whose order differs between processes.
        seen = list(self.post.receptor_types)
        first = getattr(self.post, "populations", [self.post])[0]
        ordered = [one for one in first.celltype.receptor_types if one in seen]
        self.receptor_type = ordered[seen.index(self.receptor_type)]

    def _clear_summary(self) -> None:
        self._number = 0
        # Names of the synapses' parameters, and values (PyNN's units) shared by all synapses.
        self.parameter_names: list[str] = []
        self.shared_parameters: dict[str, float] = {}
        # Smallest and largest delay, None where there is no synapse.
        self.delay_range_steps: tuple[int, int] | None = None

    def _accept(self, block: Block) -> None:
        """Create the synapses of a block, up to the limit of `sampled_network` if there is one."""
        limit = remaining_synapses(self._number)
        if limit is None or len(block) <= limit:
            self._create_synapses(block)
            return
        if limit:
            self._create_synapses(next(block.split(limit)))
        raise SampleComplete

    def _create_synapses(self, block: Block) -> None:
        # Connectors of lists omit the constants of plasticity rules, which have no PyNN name.
        constants = getattr(self.synapse_type, "constants", {})
        self._is_single_delay &= "delay" not in getattr(self._connector, "column_names", ())
        block = self._with_grid_delays(
            Block(block.pre, block.post, {**constants, **block.parameters})
        )
        check_synapses(self, block)
        records = np.empty(len(block), dtype=_DIGEST_DTYPE)
        records["pre"], records["post"] = block.pre, block.post
        records["weight"] = block.parameters["weight"]
        records["steps"] = block.delay_steps(self._registry.timestep, self.label)
        self._digest.update(records.data)
        del records
        self._add_block(block)

    def _with_grid_delays(self, block: Block) -> Block:
        """Synapses with delays on the grid of time steps, and one number for shared values.

        Delays that were drawn, measured or computed from distances are rounded to the nearest
        step, one step at least. A single delay for all synapses is not rounded: it is refused
        later if it is off the grid.
        """
        delay, dt = block.parameters["delay"], self._registry.timestep
        one = self._is_single_delay and np.ndim(delay) == 0
        if not one and np.all(np.asarray(delay) > 0):
            where = f"delay of projection {self.label!r}"
            steps, moved = round_and_count(delay, dt, where)
            self._rounded_delays += moved if np.ndim(delay) else moved * len(block)
            delay = to_ms(np.maximum(steps, 1), dt)
        values = {name: scalar_if_equal(value) for name, value in block.parameters.items()}
        return Block(block.pre, block.post, values | {"delay": scalar_if_equal(delay)})

    def _warn_of_rounded_delays(self) -> None:
        where = f"delay of projection {self.label!r}"
        warn_of_rounding(self._rounded_delays, self._number, self._registry.timestep, where)
        # A number that is set later is a single delay.
        self._rounded_delays, self._is_single_delay = 0, True

    def _add_block(self, block: Block) -> None:
        """Pass checked synapses to the simulator, and update the summary of all synapses."""
        numbers = {name: v for name, v in block.parameters.items() if isinstance(v, float)}
        if self._number == 0:
            self.parameter_names, self.shared_parameters = list(block.parameters), numbers
        known = self.shared_parameters.items()
        self.shared_parameters = {name: v for name, v in known if numbers.get(name) == v}
        delay, dt = block.parameters["delay"], self._registry.timestep
        ends = [round(float(end(delay)) / dt) for end in (np.min, np.max)]
        ends += self.delay_range_steps or ()
        self.delay_range_steps = min(ends), max(ends)
        self._number += len(block)
        self._add(block)

    def _replace(self, block: Block) -> None:
        self._remove()
        self._clear_summary()
        self._begin()
        for part in block.split():
            self._add_block(part)
        self._finish()

    def _begin(self) -> None:
        """Prepare the simulator for the first block."""

    def _add(self, block: Block) -> None:
        """Create a block of synapses in the simulator, after those of earlier blocks."""
        raise NotImplementedError

    def _finish(self) -> None:
        """Complete the projection after the last block, also without any."""

    def _remove(self) -> None:
        """Remove all synapses of this projection from the simulator."""
        raise NotImplementedError

    def sha256(self) -> str:
        """Digest of pairs, weights and delays, including changes before the first run."""
        return self._digest.hexdigest()

    @property
    def bulk(self) -> bool:
        """Whether the synapses were created in blocks, and can be read as arrays."""
        return self._collector is not None

    @stock_unless_bulk
    def _convergent_connect(
        self, pre: Any, post: int, location_selector: Any = None, **parameters: Any
    ) -> None:
        if location_selector is not None:
            raise Unsupported("location_selector", "neurons here are points")
        self._collector.add(pre, post, parameters)

    def connect_pairs(
        self, pre: np.ndarray, post: np.ndarray, parameters: dict[str, Values]
    ) -> None:
        """Create many synapses.

        Parameters
        ----------
        pre, post : ndarray of int, shape (n,)
            Indices within the populations.
        parameters
            By name, in PyNN's units: a number, or an array of shape (n,).
        """
        self._collector.add_pairs(pre, post, parameters)

    @stock_unless_bulk
    def __len__(self) -> int:
        return self._number
