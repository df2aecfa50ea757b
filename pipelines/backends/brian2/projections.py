"""Projections on Brian2: the whole edge list written as arrays.

Mends (seen in PyNN 0.13.0, Brian2 2.9.0 to 2.11.0): a call of Brian2 a synapse; multapses that
all get the last weight (row "multapses with different weights"); assemblies whose later
groups reuse the first group's weights and that `get` refuses ("Assembly as source").
"""

from __future__ import annotations

import numpy as np
import pyNN.brian2 as stock
from pyNN.brian2 import simulator

from ..shared.grid import to_ms
from ..shared.projections import BulkProjection
from .control import registry
from .parts import Part, partition
from .synapses import StaticSynapse


class Projection(BulkProjection, stock.Projection):
    __doc__ = stock.Projection.__doc__
    _static_synapse_class = StaticSynapse
    _registry = registry

    def _create(self) -> None:
        self._parts: list[Part] = list(partition(self))
        for part in self._parts:
            simulator.state.network.add(part.create())

    def _read(self, names: list[str]) -> dict[str, np.ndarray]:
        addresses = {"presynaptic_index": self.edges.pre, "postsynaptic_index": self.edges.post}
        return addresses | {name: self._values(name) for name in names if name not in addresses}

    def _values(self, name: str) -> np.ndarray:
        """PyNN's values of one attribute, one a synapse, in the order of the edge list."""
        if name in ("weight", "weight_transmitted", "weight_now"):
            values = np.empty(len(self.edges))
            for part in self._parts:
                values[part.rows] = part.weights(now=name == "weight_now")
            return values
        if name == "delay":
            dt = simulator.state.dt
            return to_ms(self.edges.delay_steps(dt, self.label), dt)
        if name in self.edges.parameters:
            return self.edges.array(name)
        raise self._unknown(name)

    def _write_weights(self, weights: np.ndarray) -> None:
        for part in self._parts:
            part.change_weights(weights[part.rows])

    def _rows_read(self) -> np.ndarray:
        return np.arange(len(self.edges))

    def _create_anew(self) -> None:
        for part in self._parts:
            simulator.state.network.remove(part.synapses)
            # Or Brian2 warns that they were made and never used.
            for made in (part.synapses, *part.synapses.contained_objects):
                made._network = "replaced"
        self._create()
