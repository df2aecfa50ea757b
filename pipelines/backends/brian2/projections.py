"""Projections on Brian2: ranges of the objects that hold all synapses of a kind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from pyNN import common
from pyNN.connectors import FixedProbabilityConnector

from pipelines.errors import Unsupported

from ..shared import synapse_types as shared
from ..shared.plasticity_rules import PAIRINGS, TRIPLET, VOGELS
from ..shared.projections import BulkProjection
from ..shared.short_term import missing_tau_syn
from ..shared.synapse_blocks import Block, split_delays
from ..shared.synapse_types import with_default_delay
from ..shared.time_grid import to_ms
from . import simulation as simulator
from . import stdp, synapse_kinds
from .cell_groups import CellGroup
from .pending_synapses import Piece
from .populations import Population
from .simulation import registry, state
from .synapse_groups import SynapseGroup

# The synapse types of this backend.
StaticSynapse, TsodyksMarkramSynapse, STDPMechanism = with_default_delay(
    registry, shared.StaticSynapse, shared.TsodyksMarkramSynapse, shared.STDPMechanism
)
# What Brian2's variables are called that PyNN can set at time 0.
_STATES = {"u": "use"}


@dataclass(eq=False)
class Part:
    """The synapses of a projection that are in one group."""

    group: SynapseGroup
    scale: float


class Cells:
    """Where the cells of a population, view or assembly are: a group and a row for each."""

    def __init__(self, population: Any) -> None:
        members = getattr(population, "populations", [population])
        groups = list({id(member.group): member.group for member in members}.values())
        self.groups = groups
        self.celltypes = {id(member.group): member.celltype for member in members}
        self.rows = np.concatenate([member.rows for member in members]).astype(np.int32)
        which = [np.full(member.size, groups.index(member.group)) for member in members]
        self.which = np.concatenate(which)

    def indices(self, group: Any, rows: np.ndarray) -> np.ndarray:
        """Index within the population of the cells in these rows of a group."""
        inside = np.flatnonzero(self.which == self.groups.index(group))
        index = np.zeros(group.size, dtype=np.int64)
        # Of a cell that is there twice, the first.
        index[self.rows[inside][::-1]] = inside[::-1]
        return index[rows]


class Projection(BulkProjection, common.Projection):
    __doc__ = common.Projection.__doc__
    _simulator = simulator
    _static_synapse_class = StaticSynapse
    _registry = registry

    def _begin(self) -> None:
        self._parts: list[Part] = []
        self._pre, self._post = Cells(self.pre), Cells(self.post)

    def _add(self, block: Block) -> None:
        source, target = self._pre.which[block.pre], self._post.which[block.post]
        for s, source_group in enumerate(self._pre.groups):
            for t, target_group in enumerate(self._post.groups):
                if len(self._pre.groups) == len(self._post.groups) == 1:
                    self._add_between(source_group, target_group, block)
                elif (here := (source == s) & (target == t)).any():
                    self._add_between(source_group, target_group, _chosen(block, here))

    def _add_between(self, source: Any, target: CellGroup, block: Block) -> None:
        celltype = self._post.celltypes[id(target)]
        variable = celltype.post_synaptic_variables[self.receptor_type]
        unit, scale = target.kind.weight
        kinds, values = self._kind(block, unit, scale, variable, target.kind.jumps)
        group = state.network.synapse_group(kinds, source, target, variable)
        group.receptor = self.receptor_type
        if kinds[0].short_term and group.tau_syn is None:
            raise missing_tau_syn(self.label, type(celltype).__name__)
        if kinds[0].plastic:
            rule = self._rule(block, scale)
            values["row"] = group.row_of(rule, len(block))
        part = next((part for part in self._parts if part.group is group), None)
        if part is None:
            part = Part(group, scale)
            self._parts.append(part)
        rows = self._pre.rows[block.pre], self._post.rows[block.post]
        group.pieces.append(Piece(part, *rows, values))

    def _kind(
        self, block: Block, unit: str, scale: float, variable: str, jumps: bool
    ) -> tuple[Any, Any]:
        """The kind of the synapses, with one weight under way and with several, and its values."""
        values: dict[str, Any] = {"weight": np.multiply(block.parameters["weight"], scale)}
        values["delay_pre"] = _one(block.delay_steps(state.dt, self.label))
        if "U" in block.parameters:
            values["delay_arrive"] = 0
            make = partial(synapse_kinds.short_term, unit, variable)
        elif self.synapse_type.plastic:
            axonal, dendritic = split_delays(block, state.dt, self.label)
            if jumps and not np.all(dendritic):
                raise Unsupported(
                    f"projection {self.label!r}",
                    "a purely axonal delay to cells whose potential jumps at a spike",
                    allowed="dendritic_delay_fraction above 0; or cells with a synaptic current",
                )
            values |= {"delay_arrive": _one(axonal), "delay_post": _one(dendritic)}
            make = self._long_term(block, unit, variable)
        else:
            static = synapse_kinds.static(unit, variable)
            return (static, static), values
        return (make(ring=False), make(ring=True)), values

    def _long_term(self, block: Block, unit: str, variable: str) -> Any:
        """What makes kinds of this projection's rule of long-term plasticity."""
        rule = self.synapse_type.rule
        if rule not in PAIRINGS:
            return partial({TRIPLET: stdp.triplet, VOGELS: stdp.vogels_2011}[rule], unit, variable)
        # Those of Gutig's rule can be set: they stand in the table.
        plus, minus = (self.synapse_type.constants.get(name) for name in ("mu_plus", "mu_minus"))
        return partial(stdp.pair_rule, unit, variable, rule, plus, minus)

    def _rule(self, block: Block, scale: float) -> dict[str, Any]:
        """Parameters of the rule, in Brian2's base units."""
        units = self._units(scale)
        return {n: np.multiply(value, units.get(n, 1.0)) for n, value in block.parameters.items()}

    def _units(self, scale: float) -> dict[str, float]:
        """Brian2's base units of rule parameters, in PyNN's."""
        times = {name: 1e-3 for name in self.parameter_names if name.startswith("tau")}
        return {"w_max": scale, "w_min": scale, "eta": scale, "rho": 1e3, **times}

    def _read(self, names: list[str]) -> dict[str, np.ndarray]:
        order = self._order()
        return {name: self._joined(name)[order] for name in names}

    def _order(self) -> np.ndarray:
        """Synapses by target, then by source, then by delay: alike on every backend."""
        keys = ("delay", "presynaptic_index", "postsynaptic_index")
        order: np.ndarray = np.lexsort([self._joined(key) for key in keys])
        return order

    def _joined(self, name: str) -> np.ndarray:
        """Values of one attribute, in the order of the parts."""
        return np.concatenate([self._values(part, name) for part in self._parts])

    def _values(self, part: Part, name: str) -> np.ndarray:
        """PyNN's values of one attribute of a part's synapses."""
        group = part.group
        if name == "presynaptic_index":
            return self._pre.indices(group.source, group.read(part, "_synaptic_pre"))
        if name == "postsynaptic_index":
            return self._post.indices(group.target, group.read(part, "_synaptic_post"))
        if name in ("weight", "weight_transmitted"):
            variable = "transmitted" if self.synapse_type.plastic else "weight"
            return group.read(part, variable) / part.scale
        if name == "weight_now":
            return group.read(part, "weight") / part.scale
        if name == "delay":
            return to_ms(group.read(part, "delay_pre"), state.dt)
        if name in self.shared_parameters:
            size = len(group.read(part, "_synaptic_pre"))
            return np.full(size, self.shared_parameters[name])
        if name == "dendritic_delay_fraction":
            total = group.read(part, "delay_pre")
            return (total - group.read(part, "delay_arrive")) / total
        if name in group.kind.columns:
            units = self._units(part.scale)
            return group.parameter(part, name) / units.get(name, 1.0)
        raise self._unknown_attribute(name)

    def _in_parts(self, values: np.ndarray) -> Iterator[tuple[Part, np.ndarray]]:
        """The values of each part, of one a synapse in the order of `_read`."""
        in_parts = np.empty(len(values))
        in_parts[self._order()] = values
        first = 0
        for part in self._parts:
            size = len(self._values(part, "delay"))
            yield part, in_parts[first : first + size]
            first += size

    def _write_initial(self, name: str, values: np.ndarray) -> None:
        for part, given in self._in_parts(values):
            part.group.set_initial(part, _STATES[name], given)

    def _write_rule(self, values: dict[str, np.ndarray]) -> None:
        in_parts = {name: self._in_parts(value) for name, value in values.items()}
        for part in self._parts:
            units = self._units(part.scale)
            given = {name: next(one)[1] * units.get(name, 1.0) for name, one in in_parts.items()}
            part.group.write_rule(part, given, state.step)

    def _write_weights(self, weights: np.ndarray) -> None:
        for part, given in self._in_parts(weights):
            before = self._values(part, "weight")
            # A weight that went through Brian2's unit need not come back as the same number.
            kept = part.group.read(part, "transmitted" if self.synapse_type.plastic else "weight")
            state.network.keep_sent(part.group, part)
            changed = np.where(given == before, kept, given * part.scale)
            part.group.write_weights(part, changed)

    def _remove(self) -> None:
        for part in self._parts:
            if part.group.made is not None:
                state.network.forget(part.group)
            part.group.remove(part)


def _one(steps: np.ndarray) -> Any:
    """One number for an array of equal ones."""
    return int(steps.flat[0]) if np.min(steps) == np.max(steps) else steps


def _chosen(block: Block, here: np.ndarray) -> Block:
    """Some synapses of a block."""
    values = {
        name: value if np.ndim(value) == 0 else np.asarray(value)[here]
        for name, value in block.parameters.items()
    }
    return Block(block.pre[here], block.post[here], values)


create = common.build_create(Population)
connect = common.build_connect(Projection, FixedProbabilityConnector, StaticSynapse)
