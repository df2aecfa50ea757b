"""Projections on Brian2: ranges of synapses in the groups of each kind."""

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
from ..shared.pairings import PAIRINGS, TRIPLET, VOGELS
from ..shared.projections import BulkProjection
from ..shared.short_term import missing_tau_syn
from ..shared.synapse_blocks import Block, split_delays
from ..shared.synapse_types import with_default_delay
from ..shared.time_grid import to_ms
from . import simulation as simulator
from . import stdp, synapse_kinds
from .cell_groups import CellGroup
from .pending_synapses import PendingSynapses
from .populations import Population
from .simulation import registry, state
from .synapse_groups import SynapseGroup

# The synapse types of this backend.
StaticSynapse, TsodyksMarkramSynapse, STDPMechanism = with_default_delay(
    registry, shared.StaticSynapse, shared.TsodyksMarkramSynapse, shared.STDPMechanism
)
# Brian2's names of the state variables that PyNN can initialize.
_BRIAN2_NAMES = {"u": "use"}


@dataclass(eq=False)
class ProjectionPart:
    """The synapses of a projection that are in one group.

    Attributes
    ----------
    scale
        PyNN's unit of a weight, in the unit of the group.
    """

    group: SynapseGroup
    scale: float


class CellLocations:
    """Group and row of each cell of a population, view or assembly.

    Attributes
    ----------
    groups
        The groups that hold the cells.
    celltypes
        A cell type for each group, by the group's id.
    rows : ndarray of int32, shape (number of cells,)
        Row of each cell in its group.
    group_index : ndarray of int, shape (number of cells,)
        Index in `groups` of each cell's group.
    """

    def __init__(self, population: Any) -> None:
        members = getattr(population, "populations", [population])
        groups = list({id(member.group): member.group for member in members}.values())
        self.groups = groups
        self.celltypes = {id(member.group): member.celltype for member in members}
        self.rows = np.concatenate([member.rows for member in members]).astype(np.int32)
        indices = [np.full(member.size, groups.index(member.group)) for member in members]
        self.group_index = np.concatenate(indices)

    def indices(self, group: Any, rows: np.ndarray) -> np.ndarray:
        """Indices within the population of the cells in these rows of a group."""
        inside = np.flatnonzero(self.group_index == self.groups.index(group))
        index = np.zeros(group.size, dtype=np.int64)
        # In reverse order, so that a cell that occurs twice gets its first index.
        index[self.rows[inside][::-1]] = inside[::-1]
        return index[rows]


class Projection(BulkProjection, common.Projection):
    __doc__ = common.Projection.__doc__
    _simulator = simulator
    _static_synapse_class = StaticSynapse
    _registry = registry

    def _begin(self) -> None:
        self._parts: list[ProjectionPart] = []
        self._pre, self._post = CellLocations(self.pre), CellLocations(self.post)

    def _add(self, block: Block) -> None:
        source, target = self._pre.group_index[block.pre], self._post.group_index[block.post]
        for s, source_group in enumerate(self._pre.groups):
            for t, target_group in enumerate(self._post.groups):
                if len(self._pre.groups) == len(self._post.groups) == 1:
                    self._add_between(source_group, target_group, block)
                elif (here := (source == s) & (target == t)).any():
                    self._add_between(source_group, target_group, _subset(block, here))

    def _add_between(self, source: Any, target: CellGroup, block: Block) -> None:
        celltype = self._post.celltypes[id(target)]
        variable = celltype.post_synaptic_variables[self.receptor_type]
        unit, scale = target.kind.weight_unit
        kinds, values = self._kind(block, unit, scale, variable, target.kind.has_delta_synapses)
        group = state.network.synapse_group(kinds, source, target, variable)
        group.receptor = self.receptor_type
        if kinds[0].short_term and group.tau_syn is None:
            raise missing_tau_syn(self.label, type(celltype).__name__)
        if kinds[0].plastic:
            rule = self._rule(block, scale)
            values["row"] = group.rule_table.rows_of(rule, len(block))
        part = next((part for part in self._parts if part.group is group), None)
        if part is None:
            part = ProjectionPart(group, scale)
            self._parts.append(part)
        rows = self._pre.rows[block.pre], self._post.rows[block.post]
        group.pending.append(PendingSynapses(part, *rows, values))

    def _kind(
        self, block: Block, unit: str, scale: float, variable: str, has_delta_synapses: bool
    ) -> tuple[Any, Any]:
        """Kinds and values of synapses: for `Network.synapse_group` and `PendingSynapses`."""
        values: dict[str, Any] = {"weight": np.multiply(block.parameters["weight"], scale)}
        values["delay_pre"] = _scalar_if_uniform(block.delay_steps(state.dt, self.label))
        if "U" in block.parameters:
            values["delay_arrive"] = 0
            make = partial(synapse_kinds.short_term, unit, variable)
        elif self.synapse_type.plastic:
            axonal, dendritic = split_delays(block, state.dt, self.label)
            if has_delta_synapses and not np.all(dendritic):
                raise Unsupported(
                    f"projection {self.label!r}",
                    "a purely axonal delay to cells whose potential jumps at a spike",
                    allowed="dendritic_delay_fraction above 0; or cells with a synaptic current",
                )
            values |= {
                "delay_arrive": _scalar_if_uniform(axonal),
                "delay_post": _scalar_if_uniform(dendritic),
            }
            make = self._stdp_kind(block, unit, variable)
        else:
            static = synapse_kinds.static(unit, variable)
            return (static, static), values
        return (make(ring=False), make(ring=True)), values

    def _stdp_kind(self, block: Block, unit: str, variable: str) -> Any:
        """Function of `ring` that gives a kind with this projection's STDP rule."""
        rule = self.synapse_type.rule
        if rule not in PAIRINGS:
            return partial({TRIPLET: stdp.triplet, VOGELS: stdp.vogels_2011}[rule], unit, variable)
        # Exponents that are not constants of the rule (Gutig's) are in the table.
        plus, minus = (self.synapse_type.constants.get(name) for name in ("mu_plus", "mu_minus"))
        return partial(stdp.pair_rule, unit, variable, rule, plus, minus)

    def _rule(self, block: Block, scale: float) -> dict[str, Any]:
        """Parameters of the rule, in Brian2's base units."""
        units = self._unit_scales(scale)
        return {n: np.multiply(value, units.get(n, 1.0)) for n, value in block.parameters.items()}

    def _unit_scales(self, scale: float) -> dict[str, float]:
        """Factors from PyNN's units of rule parameters to Brian2's base units, where not 1."""
        times = {name: 1e-3 for name in self.parameter_names if name.startswith("tau")}
        return {"w_max": scale, "w_min": scale, "eta": scale, "rho": 1e3, **times}

    def _read(self, names: list[str]) -> dict[str, np.ndarray]:
        order = self._order()
        return {name: self._of_all_parts(name)[order] for name in names}

    def _order(self) -> np.ndarray:
        """Order of synapses by target, then source, then delay, as on every backend."""
        keys = ("delay", "presynaptic_index", "postsynaptic_index")
        order: np.ndarray = np.lexsort([self._of_all_parts(key) for key in keys])
        return order

    def _of_all_parts(self, name: str) -> np.ndarray:
        """Values of one attribute of all parts' synapses, in the order of the parts."""
        return np.concatenate([self._values(part, name) for part in self._parts])

    def _values(self, part: ProjectionPart, name: str) -> np.ndarray:
        """Values of one attribute of a part's synapses, in PyNN's units."""
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
            units = self._unit_scales(part.scale)
            return group.parameter(part, name) / units.get(name, 1.0)
        raise self._unknown_attribute(name)

    def _split_by_part(self, values: np.ndarray) -> Iterator[tuple[ProjectionPart, np.ndarray]]:
        """Split values, given in the order of `_read`, into those of each part."""
        in_parts = np.empty(len(values))
        in_parts[self._order()] = values
        first = 0
        for part in self._parts:
            size = len(self._values(part, "delay"))
            yield part, in_parts[first : first + size]
            first += size

    def _write_initial(self, name: str, values: np.ndarray) -> None:
        for part, given in self._split_by_part(values):
            part.group.set_initial(part, _BRIAN2_NAMES[name], given)

    def _write_rule(self, values: dict[str, np.ndarray]) -> None:
        in_parts = {name: self._split_by_part(value) for name, value in values.items()}
        for part in self._parts:
            units = self._unit_scales(part.scale)
            given = {name: next(one)[1] * units.get(name, 1.0) for name, one in in_parts.items()}
            part.group.write_rule(part, given, state.step)

    def _write_weights(self, weights: np.ndarray) -> None:
        for part, given in self._split_by_part(weights):
            before = self._values(part, "weight")
            # Conversion to Brian2's unit and back may round: unchanged weights are left as stored.
            kept = part.group.read(part, "transmitted" if self.synapse_type.plastic else "weight")
            state.network.preserve_sent_weights(part.group, part)
            changed = np.where(given == before, kept, given * part.scale)
            part.group.write_weights(part, changed)

    def _remove(self) -> None:
        for part in self._parts:
            if part.group.brian_object is not None:
                state.network.remove(part.group)
            part.group.remove(part)


def _scalar_if_uniform(steps: np.ndarray) -> Any:
    """The common value of an array of steps as a number, or else the array."""
    return int(steps.flat[0]) if np.min(steps) == np.max(steps) else steps


def _subset(block: Block, here: np.ndarray) -> Block:
    """The synapses of a block for which the mask `here` is true."""
    values = {
        name: value if np.ndim(value) == 0 else np.asarray(value)[here]
        for name, value in block.parameters.items()
    }
    return Block(block.pre[here], block.post[here], values)


create = common.build_create(Population)
connect = common.build_connect(Projection, FixedProbabilityConnector, StaticSynapse)
