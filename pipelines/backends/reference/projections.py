"""Projections: synapses between numbers of neurons, made by PyNN's connectors."""

from __future__ import annotations

from typing import Any

import numpy as np
from pyNN import common

from pipelines.errors import Unsupported

from ..shared.edges import Block, split_delays
from ..shared.grid import to_ms
from ..shared.projections import BulkProjection
from . import simulator
from .plasticity import RULES
from .simulator import registry, state
from .synapses import StaticSynapse, STDPMechanism, TsodyksMarkramSynapse
from .transmission import ShortTermSynapses, StaticSynapses


class Projection(BulkProjection, common.Projection):
    __doc__ = common.Projection.__doc__
    _simulator = simulator
    _static_synapse_class = StaticSynapse
    _registry = registry

    def __init__(self, pre: Any, post: Any, connector: Any, synapse_type: Any = None,
                 *args: Any, **kwargs: Any) -> None:  # fmt: skip
        types = (StaticSynapse, TsodyksMarkramSynapse, STDPMechanism)
        if not isinstance(synapse_type, (*types, type(None))):
            where = f"projection {kwargs.get('label') or f'{pre.label}→{post.label}'!r}"
            what = f"the synapse type {type(synapse_type).__name__}"
            raise Unsupported(where, what, ", ".join(one.__name__ for one in types))
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
        blocks, dt, label = self._blocks, state.dt, self.label
        self._pre, self._post = (
            np.concatenate([getattr(block, side) for block in blocks]).astype(np.int64)
            for side in ("pre", "post")
        )
        values = {
            name: np.concatenate([block.array(name) for block in blocks]).astype(float)
            for name in blocks[0].parameters
        }
        cells = [np.array([int(c) for c in side.all_cells]) for side in (self.pre, self.post)]
        arguments = (
            cells[0][self._pre], cells[1][self._post],
            np.concatenate([block.delay_steps(dt, label) for block in blocks]),
            ("excitatory", "inhibitory").index(self.receptor_type), values, dt,
        )  # fmt: skip
        if isinstance(self.synapse_type, TsodyksMarkramSynapse):
            values["tau_psc"] = self._tau_psc()[self._post]
            self._synapses = ShortTermSynapses(*arguments)
        elif self.synapse_type.plastic:
            parts = zip(*(split_delays(block, dt, label) for block in blocks), strict=True)
            delays = (np.concatenate(part) for part in parts)
            self._synapses = RULES[self.synapse_type.rule](*arguments, *delays)
        else:
            self._synapses = StaticSynapses(*arguments)
        blocks.clear()
        state.synapses.append(self._synapses)

    def _tau_psc(self) -> np.ndarray:
        """Synaptic time constant (ms) of each postsynaptic cell."""
        name = f"tau_syn_{'E' if self.receptor_type == 'excitatory' else 'I'}"
        members = getattr(self.post, "populations", [self.post])
        if not all(name in member.celltype.default_parameters for member in members):
            what = "a TsodyksMarkramSynapse onto cells without a synaptic time constant"
            raise Unsupported(f"projection {self.label!r}", what, f"cells with {name}")
        return np.concatenate([member.get(name, simplify=False) for member in members])

    def _read(self, names: list[str]) -> dict[str, np.ndarray]:
        return {name: self._values(name) for name in names}

    def _values(self, name: str) -> np.ndarray:
        """PyNN's values of one attribute, one a synapse, in the order of their making."""
        synapses = self._synapses
        known = {
            "presynaptic_index": self._pre, "postsynaptic_index": self._post,
            "weight": synapses.transmitted, "weight_transmitted": synapses.transmitted,
            "weight_now": synapses.weight, "delay": to_ms(synapses.delay, state.dt),
        }  # fmt: skip
        if name not in known and name not in self.parameter_names:
            raise self._unknown(name)
        return np.array(known[name] if name in known else synapses.values[name])

    def _write_weights(self, weights: np.ndarray) -> None:
        self._synapses.set_weights(weights, initially=state.step == 0)

    def _remove(self) -> None:
        if self._synapses is not None:
            state.synapses.remove(self._synapses)
            self._synapses = None
