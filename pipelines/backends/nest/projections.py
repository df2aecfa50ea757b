"""Projections on NEST: synapses made in blocks, read back without handles.

Mends (seen in PyNN 0.13.0, NEST 3.10.0): a call of NEST a target neuron; `get()` that returns
other connections' weights once another projection is made (row "get() after another
projection was made"); axonal delays, which NEST does not have ("dendritic_delay_fraction", see
`synapse_models`).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property, partial
from itertools import count
from typing import Any

import numpy as np
import pyNN.nest as stock
from pyNN import common
from pyNN.connectors import FixedProbabilityConnector
from pyNN.nest.synapses import NESTSynapseMixin

from pipelines.errors import Unsupported

from ..shared import synapse_types
from ..shared.connection_objects import ADDRESS
from ..shared.projections import BulkProjection
from ..shared.short_term import tau_syn
from ..shared.synapse_blocks import Block, Values, scalar_if_equal, split_delays
from ..shared.synapse_types import with_default_delay
from ..shared.time_grid import to_ms
from . import lead_in, mpi_processes, native_generators, short_term
from .communication_interval import refuse_between_slices, refuse_other_delays
from .initial_weights import InitialWeights, MadeAgain
from .kernel_time import go_beyond, registry
from .pending_events import looked_ahead
from .plasticity import (
    MODELS,
    OF_NEURONS,
    give_tau_minus,
    held_names,
    note_tau_minus,
    pynn_values,
    stdp_parameters,
)
from .populations import Population, as_set_up
from .potentiation import NAMES, note_spikes, spikes_of
from .synapse_changes import ChangedSynapses
from .synapse_models import MOST_SMALL_TARGETS, Parrots, SynapseModel, attributes

# The synapse types of this backend.
StaticSynapse, TsodyksMarkramSynapse, STDPMechanism = with_default_delay(
    registry,
    synapse_types.StaticSynapse,
    synapse_types.TsodyksMarkramSynapse,
    synapse_types.STDPMechanism,
)
# Number of every synapse model that is made: a name is never used twice.
_numbers = count()
# Parameters of any plastic synapse.
_OF_ANY = {"weight", "weight_now", "weight_transmitted", "delay", "dendritic_delay_fraction",
           "w_min"}  # fmt: skip


class Projection(ChangedSynapses, MadeAgain, BulkProjection, stock.Projection):
    __doc__ = stock.Projection.__doc__
    _static_synapse_class = StaticSynapse
    _registry = registry
    _native_synapses = NESTSynapseMixin
    # What `_read` found of the numbers of neurons.
    _addresses: dict[str, np.ndarray] | None = None

    @cached_property
    def _scale(self) -> float:
        """NEST's weight of one PyNN weight: pA of nA, nS of uS, mV of mV."""
        scales = set()
        for member in getattr(self.post, "populations", [self.post]):
            celltype = member.celltype
            scale = 1000.0 * getattr(celltype, "receptor_scale", 1.0)
            # NEST wants negative weights on the inhibitory receptor even for conductances, unless
            # receptors have numbers.
            signed = celltype.conductance_based and celltype.standard_receptor_type
            scales.add(-scale if signed and self.receptor_type == "inhibitory" else scale)
        if len(scales) > 1:
            what = "the members of the assembly take weights in different units"
            allowed = "a projection onto each of them"
            raise Unsupported(f"projection {self.label!r}", what, allowed)
        return scales.pop()

    @property
    def _is_short_term(self) -> bool:
        return isinstance(self.synapse_type, synapse_types.TsodyksMarkramSynapse)

    def _begin(self) -> None:
        self.__dict__.pop("_scale", None)
        self._pre_ids = np.asarray(self.pre.all_cells, dtype=np.int64)
        self._post_ids = np.asarray(self.post.all_cells, dtype=np.int64)
        self._models: list[SynapseModel] = []
        self._parrots = Parrots()
        self._initial_weights = InitialWeights()
        self._as_set = None
        # Weight that plastic synapses have at least, carried by static ones.
        self._floor = 0.0
        # What synapses need of their postsynaptic neurons, by NEST's names.
        self._taus = {name: np.full(len(self._post_ids), np.nan) for name in self._of_neurons}
        if self._is_short_term:
            self._tau_syn = tau_syn(self)

    @property
    def _of_neurons(self) -> dict[str, str]:
        """Time constants that the postsynaptic neurons hold: NEST's names, and PyNN's."""
        return OF_NEURONS[self.synapse_type.rule] if self.synapse_type.plastic else {}

    def _add(self, block: Block) -> None:
        dt, plastic = registry.timestep, self.synapse_type.plastic
        native_generators.stop(self.pre)
        self._addresses = None
        if not self._models:
            refuse_between_slices(f"making of projection {self.label!r}")
            # Spikes until now set out before it was there.
            go_beyond()
        delay = block.delay_steps(dt, self.label)
        senders = self._pre_ids[block.pre]
        targets = self._post_ids[block.post]
        receptors = self._receptors(block.post)
        synapse: dict[str, Values] = {}
        floor: dict[str, Values] = {}
        if plastic:
            floor = self._floor_of(block)
            axonal, delay = split_delays(block, dt, self.label)
            if np.any(delay < 1):
                raise Unsupported(
                    f"projection {self.label!r}",
                    "a purely axonal delay: on NEST the dendritic part is one step at least",
                    allowed=f"dendritic_delay_fraction of {dt:g} ms / delay and above",
                )
            for name, own in self._of_neurons.items():
                note_tau_minus(self._taus[name], block, self.label, own)
            lead_in.note(self, block.parameters.get("tau_plus"))
            synapse |= stdp_parameters(block, self._scale, self.synapse_type.rule)
            self._initial_weights.add(block, axonal + delay)
        elif self._is_short_term:
            synapse |= short_term.short_term_parameters(block, self._tau_syn[block.post])
        synapse["weight"] = self._in_nest(np.asarray(block.parameters["weight"]))
        synapse["delay"] = to_ms(delay, dt)
        refuse_other_delays(self.label, delay)
        synapse = {name: scalar_if_equal(value) for name, value in synapse.items()}
        if not self._models:
            # Models of its own find a projection's connections again, whatever else is made.
            self.nest_synapse_model = f"pynn_projection_{next(_numbers)}"
            base = MODELS[self.synapse_type.rule] if plastic else "static_synapse"
            base = "tsodyks_synapse" if self._is_short_term else base
            small = receptors is None and np.max(self._post_ids) <= MOST_SMALL_TARGETS
            suffix = "_hpc" if small else ""
            model = SynapseModel(base + suffix, self.nest_synapse_model, synapse)
            self._models.append(model)
            if floor:
                name = f"{self.nest_synapse_model}_floor"
                self._models.append(SynapseModel("static_synapse" + suffix, name, floor))
        if floor:
            self._models[1].connect(senders, targets, floor, receptors)
        if plastic:
            senders = self._parrots.senders(senders, axonal)
        self._models[0].connect(senders, targets, synapse, receptors)

    def _finish(self) -> None:
        if self._number and (self.synapse_type.plastic or self._is_short_term):
            # For what is set or read in mid-run.
            note_spikes(self.pre)
        if self._number and self.synapse_type.plastic:
            note_spikes(self.post)
            self._give_taus()

    def _remove(self) -> None:
        for model in self._models:
            model.remove(self._number, self._post_ids)
        self._models = []
        if self.synapse_type.plastic:
            for held in self._taus.values():
                held[:] = np.nan
            self._give_taus_anew()

    def _floor_of(self, block: Block) -> dict[str, Values]:
        """The static synapses that carry `w_min`, none where it is 0."""
        w_min = block.parameters["w_min"]
        if np.ndim(w_min) or (self._models and w_min != self._floor):
            raise Unsupported(
                f"projection {self.label!r}", "w_min differs between synapses", "one w_min for all"
            )
        self._floor = float(w_min)
        if self._floor == 0:
            return {}
        return {"weight": self._floor * self._scale, "delay": block.parameters["delay"]}

    def _receptors(self, post: np.ndarray) -> np.ndarray | None:
        """Number of the receptor on each target, for models that have several."""
        members = getattr(self.post, "populations", [self.post])
        if all(member.celltype.standard_receptor_type for member in members):
            return None
        ports = np.zeros(len(post), dtype=np.int64)
        first = 0
        for member in members:
            here = (post >= first) & (post < first + member.size)
            if not member.celltype.standard_receptor_type:
                ports[here] = member.celltype.get_receptor_type(self.receptor_type)
            first += member.size
        return ports if ports.any() else None

    def _give_taus(self) -> None:
        for name, wanted in self._taus.items():
            give_tau_minus(self.post, wanted, self.label, name)

    def _give_taus_anew(self) -> None:
        """Give neurons the time constants of all projections, after a change of one."""
        for population in registry.populations:
            population.__dict__.pop("_taus_ms", None)
        for projection in registry.projections:
            if projection.bulk and projection.synapse_type.plastic:
                projection._give_taus()

    def __len__(self) -> int:
        # Of a synapse type that NEST alone has, PyNN counts by the neurons' model.
        with as_set_up():
            return super().__len__()

    @property
    def nest_connections(self) -> Any:
        """NEST's handles, looked up anew: a handle does not survive another projection."""
        if self._collector is None:
            self._connections = None
            return super().nest_connections
        return self._models[0].find()

    def _parts(
        self, names: set[str], to_write: bool = False
    ) -> Iterator[tuple[list[Any], np.ndarray, dict[str, Any]]]:
        """Synapses some at a time: handles, in which order they are read, what NEST holds of them.

        They are in order of targets, sources and delays, whatever the number of threads; those
        that have all three in common are in any order, which the first run may change. Of each
        there is its `place` among those of this process and, `to_write`, its `row` in `_read`.
        """
        rows = self._rows() if to_write and mpi_processes.are_several() else None
        first = 0
        keys = ["source", "target", "delay", *sorted(names - {"delay"})]
        for handles in self._models[0].parts(self._number, self._post_ids):
            held = attributes(handles, keys)
            source, held["axonal"] = self._parrots.sources(held.pop("source"))
            held["pre"] = _positions(self._pre_ids, source)
            held["post"] = _positions(self._post_ids, held.pop("target"))
            held["steps"] = np.rint(held["delay"] / registry.timestep).astype(np.int64)
            order = np.lexsort(_sorting(held))
            held = {name: values[order] for name, values in held.items()}
            held["place"] = place = np.arange(first, first + len(order))
            held["row"] = place if rows is None else rows[place]
            first += len(order)
            yield handles, order, held

    def _rows(self) -> np.ndarray:
        """Row in `_read` of each synapse of this process, in the order of `_parts`."""
        own = [np.column_stack(_sorting(held)) for _, _, held in self._parts(set())]
        of_all = mpi_processes.gathered(np.concatenate(own))
        order = np.lexsort(np.concatenate(of_all).T)
        rows = np.empty(len(order), dtype=np.int64)
        rows[order] = np.arange(len(order))
        first = sum(map(len, of_all[: mpi_processes.rank()]))
        return rows[first : first + len(of_all[mpi_processes.rank()])]

    def _read(self, names: list[str]) -> dict[str, np.ndarray]:
        if names == ADDRESS:
            # In the order of `_parts`, which is that of these numbers.
            self._addresses = self._addresses or self._read_from_nest(names)
            return dict(self._addresses)
        changing = self.synapse_type.plastic and any(name.startswith("weight") for name in names)
        if not registry.pending_writes and not (changing and self._may_change()):
            return self._read_from_nest(names)
        # Spikes until now are handed on, and what was set is written, in the next step only.
        return looked_ahead(partial(self._read_from_nest, names), only_until_now=True)

    def _may_change(self) -> bool:
        """Whether spikes until now may be on their way to the synapses in NEST."""
        not_handed_on = (registry.slice_steps or 1) + self._parrots.longest_steps
        recent = spikes_of(self.pre, recent=True)
        latest = max((train[-1] for train in recent if train.size), default=-1)
        return bool(latest > registry.present_step - not_handed_on)

    def _read_from_nest(self, names: list[str]) -> dict[str, np.ndarray]:
        wanted = {"weight"} if any(name.startswith("weight") for name in names) else set()
        if self.synapse_type.plastic:
            rule = self.synapse_type.rule
            own = {*names} & {*self.parameter_names} - _OF_ANY - {*self._of_neurons.values()}
            wanted.update(*(held_names(rule, n) for n in own - set(self.shared_parameters)))
            wanted.update(NAMES[rule] if "weight_now" in names else ())
        elif self._is_short_term:
            wanted.update(*(short_term.held_names(name) for name in names))
        parts = []
        for _, _, held in self._parts(wanted):
            part = {name: self._attribute(name, held) for name in names}
            if mpi_processes.are_several():
                part |= dict(zip(_SORTING, _sorting(held), strict=True))
            parts.append(part)
        values = {
            name: np.concatenate([part.pop(name) for part in parts]) for name in list(parts[0])
        }
        if mpi_processes.are_several():
            values = mpi_processes.joined(values, first_alone=registry.is_read_only)
            order = np.lexsort([values.pop(name) for name in _SORTING])
            values = {name: values[name][order] for name in names}
        return values

    def _attribute(self, name: str, held: dict[str, np.ndarray]) -> np.ndarray:
        """PyNN's values of one attribute, translated back from what NEST holds."""
        if name == "weight_now" and self.synapse_type.plastic:
            return self._weights_now(held)
        if name.startswith("weight"):
            return self._transmitted(held)
        match name:
            case "presynaptic_index":
                return held["pre"]
            case "postsynaptic_index":
                return held["post"]
        if name not in self.parameter_names:
            raise self._unknown_attribute(name)
        shape = held["pre"].shape
        if name in self.shared_parameters:
            return np.full(shape, self.shared_parameters[name])
        match name:
            case "delay":
                return to_ms(held["steps"] + held["axonal"], registry.timestep)
            case "dendritic_delay_fraction":
                return held["steps"] / (held["steps"] + held["axonal"])
        if self._is_short_term:
            return short_term.pynn_values(name, held, self._tau_syn[held["post"]])
        for in_nest, own in self._of_neurons.items():
            if name == own:
                return self._taus[in_nest][held["post"]]
        return pynn_values(self.synapse_type.rule, name, held, self._scale, self._floor)

    def _in_nest(self, weights: np.ndarray) -> np.ndarray:
        """Weights in NEST's unit."""
        above = weights - self._floor
        if self._floor and np.any(below := np.atleast_1d(above / self._floor < 0)):
            raise Unsupported(
                f"projection {self.label!r} on NEST",
                f"weight {np.atleast_1d(weights)[below][0]:g}, w_min = {self._floor:g}",
                allowed="weights between w_min and w_max; or the Brian2 backend",
            )
        return self._signed(above * self._scale)


# What synapses are sorted by, as `np.lexsort` has it: the last one first.
_SORTING = ("by steps", "by delay", "by pre", "by post")


def _sorting(held: dict[str, np.ndarray]) -> tuple[np.ndarray, ...]:
    """By what synapses are sorted, in the order of `_SORTING`."""
    return held["steps"], held["axonal"] + held["steps"], held["pre"], held["post"]


def _positions(ids: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Index within `ids` of every wanted id."""
    order = np.argsort(ids, kind="stable")
    return order[np.searchsorted(ids, wanted, sorter=order)]


def native_synapse_type(model_name: str) -> type:
    """A class of synapse types for one of NEST's synapse models, by its own name."""
    if mpi_processes.are_several():
        raise Unsupported(
            f"native_synapse_type({model_name!r}) on NEST over {mpi_processes.number()} MPI"
            " processes",
            "PyNN reads and sets the synapses of its own process alone",
            allowed="StaticSynapse, STDPMechanism, TsodyksMarkramSynapse; or one process",
        )
    (made,) = with_default_delay(registry, stock.native_synapse_type(model_name))
    return made


create = common.build_create(Population)
connect = common.build_connect(Projection, FixedProbabilityConnector, StaticSynapse)
