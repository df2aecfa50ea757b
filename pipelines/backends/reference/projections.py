"""Projections, whose synapses are arrays over pairs of neuron ids."""

from __future__ import annotations

from typing import Any

import numpy as np
from pyNN import common

from pipelines.errors import Unsupported

from ..shared.projections import BulkProjection
from ..shared.short_term import tau_syn
from ..shared.synapse_blocks import Block, split_delays
from ..shared.time_grid import to_ms
from . import simulator
from .plasticity import RULES
from .simulator import registry, state
from .synapses import StaticSynapse, TsodyksMarkramSynapse
from .transmission import ShortTermSynapses, StaticSynapses


class Projection(BulkProjection, common.Projection):
    __doc__ = common.Projection.__doc__
    _simulator = simulator
    _static_synapse_class = StaticSynapse
    _registry = registry

    def __init__(self, pre: Any, post: Any, connector: Any, synapse_type: Any = None,
                 *args: Any, **kwargs: Any) -> None:  # fmt: skip
        self._blocks: list[Block] = []
        self._synapses: Any = None
        super().__init__(pre, post, connector, synapse_type, *args, **kwargs)

    def _begin(self) -> None:
        self._blocks.clear()

    def _add(self, block: Block) -> None:
        self._blocks.append(block)

    def _finish(self) -> None:
        if not self._blocks:
            return
        block, label = self._joined(), self.label
        steps = block.delay_steps(state.dt, label)
        self._pre, self._post = block.pre.astype(np.int64), block.post.astype(np.int64)
        values = {name: block.array(name).astype(float) for name in block.parameters}
        cells = [np.array([int(c) for c in side.all_cells]) for side in (self.pre, self.post)]
        arguments = (
            cells[0][self._pre], cells[1][self._post], steps, self._receptor(), values, state.dt,
        )  # fmt: skip
        if isinstance(self.synapse_type, TsodyksMarkramSynapse):
            self._synapses = ShortTermSynapses(*arguments, lambda: tau_syn(self)[self._post])
        elif self.synapse_type.plastic:
            delays = split_delays(block, state.dt, label)
            self._synapses = RULES[self.synapse_type.rule](*arguments, *delays)
        else:
            self._synapses = StaticSynapses(*arguments)
        self._blocks.clear()
        state.synapses.append(self._synapses)

    def _joined(self) -> Block:
        """All synapses as one block, sorted by target, source and delay as on every backend."""
        blocks = self._blocks
        pre, post = (np.concatenate([getattr(b, side) for b in blocks]) for side in ("pre", "post"))
        values = {
            name: np.concatenate([block.array(name) for block in blocks])
            for name in blocks[0].parameters
        }
        order = np.lexsort((values["delay"], pre, post))
        return Block(pre[order], post[order], {n: value[order] for n, value in values.items()})

    def _receptor(self) -> int:
        """Index of the receptor of the postsynaptic cells."""
        numbers = {
            list(member.celltype.receptor_types).index(self.receptor_type)
            for member in getattr(self.post, "populations", [self.post])
        }
        if len(numbers) > 1:
            what = f"the receptor {self.receptor_type!r} has another place in each member"
            raise Unsupported(f"projection {self.label!r}", what, "a projection onto each member")
        return numbers.pop()

    def _read(self, names: list[str]) -> dict[str, np.ndarray]:
        return {name: self._values(name) for name in names}

    def _values(self, name: str) -> np.ndarray:
        """Values of one attribute in PyNN's units, shape (n_synapses,)."""
        synapses = self._synapses
        known = {
            "presynaptic_index": self._pre, "postsynaptic_index": self._post,
            "weight": synapses.transmitted, "weight_transmitted": synapses.transmitted,
            "weight_now": synapses.weight, "delay": to_ms(synapses.delay, state.dt),
        }  # fmt: skip
        if name not in known and name not in self.parameter_names:
            raise self._unknown_attribute(name)
        return np.array(known[name] if name in known else synapses.values[name])

    def _write_weights(self, weights: np.ndarray) -> None:
        self._synapses.set_weights(weights, initially=state.step == 0)

    def _write_rule(self, values: dict[str, np.ndarray]) -> None:
        self._synapses.set_rule(values, state.step)

    def _write_initial(self, name: str, values: np.ndarray) -> None:
        self._synapses.initial_u = np.array(values)
        self._synapses.restart()

    def _remove(self) -> None:
        if self._synapses is not None:
            state.synapses.remove(self._synapses)
            self._synapses = None
