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
from .simulator import registry, state
from .synapses import StaticSynapse, STDPMechanism, TsodyksMarkramSynapse
from .transmission import PairRuleSynapses, ShortTermSynapses, StaticSynapses


class Projection(BulkProjection, common.Projection):
    __doc__ = common.Projection.__doc__
    _simulator = simulator
    _static_synapse_class = StaticSynapse
    _registry = registry

    def __init__(
        self, presynaptic_population: Any, postsynaptic_population: Any, connector: Any,
        synapse_type: Any = None, *args: Any, **kwargs: Any,
    ) -> None:  # fmt: skip
        if not isinstance(
            synapse_type, StaticSynapse | STDPMechanism | TsodyksMarkramSynapse | None
        ):
            raise Unsupported(
                f"projection {kwargs.get('label') or ''!r}",
                f"the synapse type {type(synapse_type).__name__}",
                allowed="StaticSynapse, TsodyksMarkramSynapse or STDPMechanism of this backend",
            )
        self._blocks: list[Block] = []
        self._synapses: StaticSynapses | None = None
        super().__init__(
            presynaptic_population, postsynaptic_population, connector, synapse_type,
            *args, **kwargs,
        )  # fmt: skip

    def _begin(self) -> None:
        self._blocks.clear()

    def _add(self, block: Block) -> None:
        self._blocks.append(block)

    def _finish(self) -> None:
        if not self._blocks:
            return
        self._pre, self._post = (
            np.concatenate([getattr(block, side) for block in self._blocks]).astype(np.int64)
            for side in ("pre", "post")
        )
        values = {
            name: np.concatenate([block.array(name) for block in self._blocks]).astype(float)
            for name in self._blocks[0].parameters
        }
        delay = np.concatenate(
            [block.delay_steps(state.dt, self.label) for block in self._blocks]
        )
        receptor = ("excitatory", "inhibitory").index(self.receptor_type)
        cells = [
            np.array([int(cell) for cell in side.all_cells]) for side in (self.pre, self.post)
        ]
        arguments = (
            cells[0][self._pre], cells[1][self._post], delay, receptor, values, state.dt,
        )  # fmt: skip
        if isinstance(self.synapse_type, TsodyksMarkramSynapse):
            values["tau_psc"] = self._tau_psc()[self._post]
            self._synapses = ShortTermSynapses(*arguments)
        elif self.synapse_type.plastic:
            parts = [split_delays(block, state.dt, self.label) for block in self._blocks]
            axonal, dendritic = (np.concatenate(part) for part in zip(*parts, strict=True))
            self._synapses = PairRuleSynapses(*arguments, axonal=axonal, dendritic=dendritic)
        else:
            self._synapses = StaticSynapses(*arguments)
        self._blocks.clear()
        state.synapses.append(self._synapses)

    def _tau_psc(self) -> np.ndarray:
        """Synaptic time constant (ms) of each postsynaptic cell."""
        name = f"tau_syn_{'E' if self.receptor_type == 'excitatory' else 'I'}"
        members = getattr(self.post, "populations", [self.post])
        if not all(name in member.celltype.default_parameters for member in members):
            raise Unsupported(
                f"projection {self.label!r}",
                "a TsodyksMarkramSynapse onto cells without a synaptic time constant",
                allowed="cells with exponential or alpha-shaped synapses",
            )
        return np.concatenate([member.get(name, simplify=False) for member in members])

    def _read(self, names: list[str]) -> dict[str, np.ndarray]:
        return {name: self._values(name) for name in names}

    def _values(self, name: str) -> np.ndarray:
        """PyNN's values of one attribute, one a synapse, in the order of their making."""
        synapses = self._synapses
        assert synapses is not None
        match name:
            case "presynaptic_index":
                return self._pre
            case "postsynaptic_index":
                return self._post
            case "weight" | "weight_transmitted":
                return synapses.transmitted.copy()
            case "weight_now":
                return synapses.weight.copy()
            case "delay":
                return to_ms(synapses.delay, state.dt)
        if name not in self.parameter_names:
            raise self._unknown(name)
        return synapses.values[name]

    def _write_weights(self, weights: np.ndarray) -> None:
        assert self._synapses is not None
        self._synapses.set_weights(weights, initially=state.step == 0)

    def _remove(self) -> None:
        if self._synapses is not None:
            state.synapses.remove(self._synapses)
            self._synapses = None
