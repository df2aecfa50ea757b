"""Projections on NEST: synapses created in blocks, and read without stored handles.

Mends (seen in PyNN 0.13.0, NEST 3.10.0): one call of NEST for each target neuron; `get()`
that returns weights of other connections once another projection is made (row "get() after another
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
from ..shared.synapse_blocks import Block, Values, shared, split_delays
from ..shared.synapse_types import with_smallest_delay
from ..shared.time_grid import to_ms
from . import lead_in, mpi_processes, native_generators, short_term
from .communication_interval import refuse_impossible_delays, refuse_within_slice
from .initial_weights import InitialWeights, RebuiltProjection
from .kernel_time import deliver_pending_events, registry
from .pending_events import read_after_delivery
from .plasticity import (
    MODELS,
    NEURON_TIME_CONSTANTS,
    collect_tau_minus,
    native_names,
    pynn_values,
    set_tau_minus,
    stdp_parameters,
)
from .populations import Population, setup_spike_precision
from .potentiation import POTENTIATION_PARAMETERS, record_all_spikes, spike_steps
from .synapse_changes import SynapseChanges
from .synapse_models import MAX_HPC_TARGET_ID, AxonalDelayParrots, SynapseModel, get_attributes

# The synapse types of this backend.
StaticSynapse, TsodyksMarkramSynapse, STDPMechanism = with_smallest_delay(
    registry,
    synapse_types.StaticSynapse,
    synapse_types.TsodyksMarkramSynapse,
    synapse_types.STDPMechanism,
)
# Numbers of synapse models: a name is never used twice.
_model_numbers = count()
# Attributes of all plastic synapses, whatever their rule.
_COMMON_ATTRIBUTES = {"weight", "weight_now", "weight_transmitted", "delay",
                      "dendritic_delay_fraction", "w_min"}  # fmt: skip


class Projection(SynapseChanges, RebuiltProjection, BulkProjection, stock.Projection):
    __doc__ = stock.Projection.__doc__
    _static_synapse_class = StaticSynapse
    _registry = registry
    _native_synapses = NESTSynapseMixin
    # Indices of the pre- and postsynaptic neurons, stored by `_read`.
    _addresses: dict[str, np.ndarray] | None = None

    @cached_property
    def _scale(self) -> float:
        """Factor from PyNN's weights to NEST's: nA to pA, uS to nS, mV to mV."""
        scales = set()
        for member in getattr(self.post, "populations", [self.post]):
            celltype = member.celltype
            scale = 1000.0 * getattr(celltype, "receptor_scale", 1.0)
            # Weights of inhibitory receptors are negative on NEST, also for conductances, except
            # for models with numbered receptors.
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
        self._parrots = AxonalDelayParrots()
        self._initial_weights = InitialWeights()
        self._weights_when_set = None
        # The smallest weight w_min of plastic synapses, carried by parallel static synapses.
        self._floor = 0.0
        # Time constants (ms) for each postsynaptic neuron, by NEST's names.
        self._taus = {name: np.full(len(self._post_ids), np.nan) for name in self._neuron_tau_names}
        if self._is_short_term:
            self._tau_syn = tau_syn(self)

    @property
    def _neuron_tau_names(self) -> dict[str, str]:
        """Names on NEST of time constants of the postsynaptic neurons, to PyNN's names."""
        return NEURON_TIME_CONSTANTS[self.synapse_type.rule] if self.synapse_type.plastic else {}

    def _add(self, block: Block) -> None:
        dt, plastic = registry.timestep, self.synapse_type.plastic
        native_generators.restore_sources(self.pre)
        self._addresses = None
        if not self._models:
            refuse_within_slice(f"making of projection {self.label!r}")
            # Spikes up to the present were sent before this projection existed.
            deliver_pending_events()
        delay = block.delay_steps(dt, self.label)
        senders = self._pre_ids[block.pre]
        targets = self._post_ids[block.post]
        receptors = self._receptors(block.post)
        synapse: dict[str, Values] = {}
        floor: dict[str, Values] = {}
        if plastic:
            floor = self._floor_parameters(block)
            axonal, delay = split_delays(block, dt, self.label)
            if np.any(delay < 1):
                raise Unsupported(
                    f"projection {self.label!r}",
                    "a purely axonal delay: on NEST the dendritic part is one step at least",
                    allowed=f"dendritic_delay_fraction of {dt:g} ms / delay and above",
                )
            for name, own in self._neuron_tau_names.items():
                collect_tau_minus(self._taus[name], block, self.label, own)
            lead_in.require_lead_in(self, block.parameters.get("tau_plus"))
            synapse |= stdp_parameters(block, self._scale, self.synapse_type.rule)
            self._initial_weights.add(block, axonal + delay)
        elif self._is_short_term:
            synapse |= short_term.short_term_parameters(block, self._tau_syn[block.post])
        synapse["weight"] = self._to_nest(np.asarray(block.parameters["weight"]))
        synapse["delay"] = to_ms(delay, dt)
        refuse_impossible_delays(self.label, delay)
        synapse = {name: shared(value) for name, value in synapse.items()}
        if not self._models:
            # A projection's connections are found by their synapse models, which are its own.
            self.nest_synapse_model = f"pynn_projection_{next(_model_numbers)}"
            base = MODELS[self.synapse_type.rule] if plastic else "static_synapse"
            base = "tsodyks_synapse" if self._is_short_term else base
            small = receptors is None and np.max(self._post_ids) <= MAX_HPC_TARGET_ID
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
            # Needed to set and read synapses in mid-run.
            record_all_spikes(self.pre)
        if self._number and self.synapse_type.plastic:
            record_all_spikes(self.post)
            self._set_neuron_taus()

    def _remove(self) -> None:
        for model in self._models:
            model.remove(self._number, self._post_ids)
        self._models = []
        if self.synapse_type.plastic:
            for native in self._taus.values():
                native[:] = np.nan
            self._reset_neuron_taus()

    def _floor_parameters(self, block: Block) -> dict[str, Values]:
        """Parameters of the static synapses that carry `w_min`; none if it is 0."""
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
        """Receptor number of each synapse, for target models that have several."""
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

    def _set_neuron_taus(self) -> None:
        for name, wanted in self._taus.items():
            set_tau_minus(self.post, wanted, self.label, name)

    def _reset_neuron_taus(self) -> None:
        """Set the neurons' time constants for all projections, after one was removed."""
        for population in registry.populations:
            population.__dict__.pop("_trace_taus_ms", None)
        for projection in registry.projections:
            if projection.bulk and projection.synapse_type.plastic:
                projection._set_neuron_taus()

    def __len__(self) -> int:
        # PyNN counts native synapses by the model of the neurons.
        with setup_spike_precision():
            return super().__len__()

    @property
    def nest_connections(self) -> Any:
        """NEST's handles, looked up anew: they are invalid once other connections are made."""
        if self._collector is None:
            self._connections = None
            return super().nest_connections
        return self._models[0].find()

    def _synapse_blocks(
        self, names: set[str], to_write: bool = False
    ) -> Iterator[tuple[list[Any], np.ndarray, dict[str, Any]]]:
        """Read the synapses of this process from NEST, a block at a time.

        They are ordered by target, source and delays, for any number of threads. Synapses that
        have all of these in common are in an arbitrary order, which the first run may change.

        Parameters
        ----------
        names
            NEST's names of the parameters to read.
        to_write
            Whether the rows in `_read` are needed.

        Yields
        ------
        handles, order, native
            Handles, the order in which they are to be taken, and values in this order: those of
            `NativeValues`, the number of each synapse in this process (`place`) and, with
            `to_write`, its row in `_read` (`row`).
        """
        rows = self._read_rows() if to_write and mpi_processes.is_distributed() else None
        first = 0
        keys = ["source", "target", "delay", *sorted(names - {"delay"})]
        for handles in self._models[0].handle_blocks(self._number, self._post_ids):
            native = get_attributes(handles, keys)
            source, native["axonal"] = self._parrots.sources(native.pop("source"))
            native["pre"] = _positions(self._pre_ids, source)
            native["post"] = _positions(self._post_ids, native.pop("target"))
            native["steps"] = np.rint(native["delay"] / registry.timestep).astype(np.int64)
            order = np.lexsort(_sort_columns(native))
            native = {name: values[order] for name, values in native.items()}
            native["place"] = place = np.arange(first, first + len(order))
            native["row"] = place if rows is None else rows[place]
            first += len(order)
            yield handles, order, native

    def _read_rows(self) -> np.ndarray:
        """Row in `_read` of each synapse of this process, in the order of `_synapse_blocks`."""
        own = [
            np.column_stack(_sort_columns(native)) for _, _, native in self._synapse_blocks(set())
        ]
        of_all = mpi_processes.gather(np.concatenate(own))
        order = np.lexsort(np.concatenate(of_all).T)
        rows = np.empty(len(order), dtype=np.int64)
        rows[order] = np.arange(len(order))
        first = sum(map(len, of_all[: mpi_processes.rank()]))
        return rows[first : first + len(of_all[mpi_processes.rank()])]

    def _read(self, names: list[str]) -> dict[str, np.ndarray]:
        if names == ADDRESS:
            # `_synapse_blocks` sorts by these indices first, so they stay valid.
            self._addresses = self._addresses or self._read_from_nest(names)
            return dict(self._addresses)
        changing = self.synapse_type.plastic and any(name.startswith("weight") for name in names)
        if not registry.due_writes and not (changing and self._has_spikes_in_transit()):
            return self._read_from_nest(names)
        # Pending spikes and scheduled writes are carried out in the next step only.
        return read_after_delivery(partial(self._read_from_nest, names), present_spikes_only=True)

    def _has_spikes_in_transit(self) -> bool:
        """Whether NEST may not have delivered all spikes up to the present to the synapses."""
        undelivered_steps = (registry.slice_steps or 1) + self._parrots.longest_steps
        recent = spike_steps(self.pre, recent=True)
        latest = max((train[-1] for train in recent if train.size), default=-1)
        return bool(latest > registry.present_step - undelivered_steps)

    def _read_from_nest(self, names: list[str]) -> dict[str, np.ndarray]:
        wanted = {"weight"} if any(name.startswith("weight") for name in names) else set()
        if self.synapse_type.plastic:
            rule = self.synapse_type.rule
            own = {*names} & {*self.parameter_names} - _COMMON_ATTRIBUTES - {
                *self._neuron_tau_names.values()
            }
            wanted.update(*(native_names(rule, n) for n in own - set(self.shared_parameters)))
            wanted.update(POTENTIATION_PARAMETERS[rule] if "weight_now" in names else ())
        elif self._is_short_term:
            wanted.update(*(short_term.native_names(name) for name in names))
        parts = []
        for _, _, native in self._synapse_blocks(wanted):
            part = {name: self._attribute(name, native) for name in names}
            if mpi_processes.is_distributed():
                part |= dict(zip(_SORT_KEYS, _sort_columns(native), strict=True))
            parts.append(part)
        values = {
            name: np.concatenate([part.pop(name) for part in parts]) for name in list(parts[0])
        }
        if mpi_processes.is_distributed():
            values = mpi_processes.gather_columns(values, root_only=registry.is_over)
            order = np.lexsort([values.pop(name) for name in _SORT_KEYS])
            values = {name: values[name][order] for name in names}
        return values

    def _attribute(self, name: str, native: dict[str, np.ndarray]) -> np.ndarray:
        """PyNN's values of one attribute, computed from NEST's."""
        if name == "weight_now" and self.synapse_type.plastic:
            return self._current_weights(native)
        if name.startswith("weight"):
            return self._transmitted_weights(native)
        match name:
            case "presynaptic_index":
                return native["pre"]
            case "postsynaptic_index":
                return native["post"]
        if name not in self.parameter_names:
            raise self._unknown(name)
        shape = native["pre"].shape
        if name in self.shared_parameters:
            return np.full(shape, self.shared_parameters[name])
        match name:
            case "delay":
                return to_ms(native["steps"] + native["axonal"], registry.timestep)
            case "dendritic_delay_fraction":
                return native["steps"] / (native["steps"] + native["axonal"])
        if self._is_short_term:
            return short_term.pynn_values(name, native, self._tau_syn[native["post"]])
        for in_nest, own in self._neuron_tau_names.items():
            if name == own:
                return self._taus[in_nest][native["post"]]
        return pynn_values(self.synapse_type.rule, name, native, self._scale, self._floor)

    def _to_nest(self, weights: np.ndarray) -> np.ndarray:
        """Weights in NEST's unit, from those in PyNN's."""
        above = weights - self._floor
        if self._floor and np.any(below := np.atleast_1d(above / self._floor < 0)):
            raise Unsupported(
                f"projection {self.label!r} on NEST",
                f"weight {np.atleast_1d(weights)[below][0]:g}, w_min = {self._floor:g}",
                allowed="weights between w_min and w_max; or the Brian2 backend",
            )
        return self._signed(above * self._scale)


# Keys by which synapses are sorted; as in `np.lexsort`, the last one is the primary key.
_SORT_KEYS = ("by steps", "by delay", "by pre", "by post")


def _sort_columns(native: dict[str, np.ndarray]) -> tuple[np.ndarray, ...]:
    """Columns by which synapses are sorted, in the order of `_SORT_KEYS`."""
    return native["steps"], native["axonal"] + native["steps"], native["pre"], native["post"]


def _positions(ids: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Index within `ids` of every wanted id."""
    order = np.argsort(ids, kind="stable")
    return order[np.searchsorted(ids, wanted, sorter=order)]


def native_synapse_type(model_name: str) -> type:
    """Return a synapse type class for a NEST synapse model, by NEST's name.

    Raises
    ------
    Unsupported
        With several MPI processes.
    """
    if mpi_processes.is_distributed():
        raise Unsupported(
            f"native_synapse_type({model_name!r}) on NEST over {mpi_processes.size()} MPI"
            " processes",
            "PyNN reads and sets the synapses of its own process alone",
            allowed="StaticSynapse, STDPMechanism, TsodyksMarkramSynapse; or one process",
        )
    (made,) = with_smallest_delay(registry, stock.native_synapse_type(model_name))
    return made


create = common.build_create(Population)
connect = common.build_connect(Projection, FixedProbabilityConnector, StaticSynapse)
