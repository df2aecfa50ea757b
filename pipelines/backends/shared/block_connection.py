"""Handing the synapses of a projection to the simulator in blocks.

Mends (seen in PyNN 0.13.0): the receptor of a projection onto an assembly that names none is drawn
by the hash of strings.
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

from .default_random import seed_all, seed_connector
from .network_registry import Registry
from .parameter_values import OF_SYNAPSES, plain
from .sampled_network import Enough, room
from .synapse_blocks import Block, Collector, Values, check_edges, shared
from .time_grid import nearest_steps, to_ms, warn_of_moved

# One synapse in the digest of a projection.
_RECORD = np.dtype([("pre", "<i4"), ("post", "<i4"), ("weight", "<f8"), ("steps", "<i4")])


def if_bulk(method: Any) -> Any:
    """Decorate a method of projections whose synapses are made in blocks: others have PyNN's."""

    @wraps(method)
    def chosen(self: Any, *args: Any, **kwargs: Any) -> Any:
        if self.bulk:
            return method(self, *args, **kwargs)
        return getattr(super(ConnectedInBlocks, self), method.__name__)(*args, **kwargs)

    return chosen


class ConnectedInBlocks:
    """The part of a `BulkProjection` that makes synapses: see there."""

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
    # Synapse types that only one simulator has.
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
        self._forget()
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
        # PyNN draws a weight, and guesses the receptor by its sign.
        given: Any = getattr(synapse_type, "parameter_space", {})
        seed_all(dict(given.items()), self._registry)
        where = f"projection {label!r}"
        for name, value in plain(dict(given.items()), OF_SYNAPSES, where).items():
            if value is not given[name]:
                given._parameters[name] = value
        seed_connector(connector, self._registry)
        common.Projection.__init__(self, *arguments)
        native = self.synapse_type.native_parameters
        self._moved_delays = 0
        # Where delays are drawn or computed, that of a single synapse is one of many too.
        self._one_delay = native["delay"].is_homogeneous
        self._digest = sha256()
        self._collector = Collector(self._take)
        self._registry.projections.append(self)
        try:
            self._begin()
            with suppress(Enough):
                connector.connect(self)
                self._collector.flush()
            self._finish()
        except Exception:
            # Leave nothing in the simulator of a projection that was refused.
            self._registry.projections.remove(self)
            if self._number and self._simulator.state.t == 0:
                self._remove()
            self._forget()
            raise
        self._warn_of_moved()

    def _guess_receptor_type(self) -> None:
        super()._guess_receptor_type()  # type: ignore[misc]
        # Of an assembly PyNN has a set of them, whose order is another in each process.
        seen = list(self.post.receptor_types)
        first = getattr(self.post, "populations", [self.post])[0]
        ordered = [one for one in first.celltype.receptor_types if one in seen]
        self.receptor_type = ordered[seen.index(self.receptor_type)]

    def _forget(self) -> None:
        self._number = 0
        # Names of the synapses' parameters, and values (PyNN's units) that all synapses share.
        self.parameter_names: list[str] = []
        self.shared_parameters: dict[str, float] = {}
        # Smallest and largest delay, None where there is no synapse.
        self.delay_range_steps: tuple[int, int] | None = None

    def _take(self, block: Block) -> None:
        """Take what the connector has made, or the first of it in a sample of the network."""
        most = room(self._number)
        if most is None or len(block) <= most:
            self._take_all(block)
            return
        if most:
            self._take_all(next(block.pieces(most)))
        raise Enough

    def _take_all(self, block: Block) -> None:
        # Connectors of lists leave out what the parts of a plastic synapse have no name for.
        constants = getattr(self.synapse_type, "constants", {})
        self._one_delay &= "delay" not in getattr(self._connector, "column_names", ())
        block = self._on_grid(Block(block.pre, block.post, {**constants, **block.parameters}))
        check_edges(self, block)
        records = np.empty(len(block), dtype=_RECORD)
        records["pre"], records["post"] = block.pre, block.post
        records["weight"] = block.parameters["weight"]
        records["steps"] = block.delay_steps(self._registry.timestep, self.label)
        self._digest.update(records.data)
        del records
        self._hand_on(block)

    def _on_grid(self, block: Block) -> Block:
        """These synapses with delays in whole steps, and a number for what they share.

        Many delays were drawn, measured or computed from distances: each moves to the nearest
        step, one step at least. One delay for all is taken as it is, and refused later if it
        lies between two steps.
        """
        delay, dt = block.parameters["delay"], self._registry.timestep
        one = self._one_delay and np.ndim(delay) == 0
        if not one and np.all(np.asarray(delay) > 0):
            where = f"delay of projection {self.label!r}"
            steps, moved = nearest_steps(delay, dt, where)
            self._moved_delays += moved if np.ndim(delay) else moved * len(block)
            delay = to_ms(np.maximum(steps, 1), dt)
        values = {name: shared(value) for name, value in block.parameters.items()}
        return Block(block.pre, block.post, values | {"delay": shared(delay)})

    def _warn_of_moved(self) -> None:
        where = f"delay of projection {self.label!r}"
        warn_of_moved(self._moved_delays, self._number, self._registry.timestep, where)
        # What is set later on is one delay if it is a number.
        self._moved_delays, self._one_delay = 0, True

    def _hand_on(self, block: Block) -> None:
        """Give checked synapses to the simulator, and note what all of them have in common."""
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
        self._forget()
        self._begin()
        for piece in block.pieces():
            self._hand_on(piece)
        self._finish()

    def _begin(self) -> None:
        """Prepare for the first block."""

    def _add(self, block: Block) -> None:
        """Make these synapses in the simulator, after those of the blocks before."""
        raise NotImplementedError

    def _finish(self) -> None:
        """Complete the projection after the last block, also if there was none."""

    def _remove(self) -> None:
        """Remove all synapses of this projection from the simulator."""
        raise NotImplementedError

    def sha256(self) -> str:
        """Digest of pairs, weights and delays as they were made, and set before the first run."""
        return self._digest.hexdigest()

    @property
    def bulk(self) -> bool:
        """Whether the synapses were made in blocks, and can be read as arrays."""
        return self._collector is not None

    @if_bulk
    def _convergent_connect(
        self, pre: Any, post: int, location_selector: Any = None, **parameters: Any
    ) -> None:
        if location_selector is not None:
            raise Unsupported("location_selector", "neurons here are points")
        self._collector.add(pre, post, parameters)

    def connect_pairs(
        self, pre: np.ndarray, post: np.ndarray, parameters: dict[str, Values]
    ) -> None:
        """Take many synapses: indices and, for each name, a number or an array, of shape (n,)."""
        self._collector.add_pairs(pre, post, parameters)

    @if_bulk
    def __len__(self) -> int:
        return self._number
