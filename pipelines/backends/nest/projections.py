"""Projections on NEST: synapses created in blocks, and read without stored handles.

Mends (seen in PyNN 0.13.0, NEST 3.10.0): one call of NEST for each target neuron; `get()`
that returns weights of other connections once another projection is made (row "get() after another
projection was made"); axonal delays, which NEST does not have ("dendritic_delay_fraction", see
`synapse_models`).
"""

from __future__ import annotations

from functools import cached_property
from itertools import count
from typing import Any

import numpy as np
import pyNN.nest as stock
from pyNN import common
from pyNN.connectors import FixedProbabilityConnector
from pyNN.nest.synapses import NESTSynapseMixin

from pipelines.errors import Unsupported

from ..shared import synapse_types
from ..shared.projections import BulkProjection
from ..shared.short_term import tau_syn
from ..shared.synapse_blocks import Block, Values, scalar_if_equal, split_delays
from ..shared.synapse_types import with_default_delay
from ..shared.time_grid import to_ms
from . import lead_in, mpi_processes, native_generators, short_term
from .communication_interval import refuse_impossible_delays, refuse_within_slice
from .initial_weights import InitialWeights, RebuiltProjection
from .kernel_time import deliver_pending_events, registry
from .plasticity import (
    MODELS,
    NEURON_TIME_CONSTANTS,
    collect_tau_minus,
    set_tau_minus,
    stdp_parameters,
)
from .populations import Population, setup_spike_precision
from .potentiation import record_all_spikes
from .synapse_changes import SynapseChanges
from .synapse_models import MAX_HPC_TARGET_ID, AxonalDelayParrots, SynapseModel
from .synapse_reading import SynapseReading

# The synapse types of this backend.
StaticSynapse, TsodyksMarkramSynapse, STDPMechanism = with_default_delay(
    registry,
    synapse_types.StaticSynapse,
    synapse_types.TsodyksMarkramSynapse,
    synapse_types.STDPMechanism,
)
# Numbers of synapse models: a name is never used twice.
_model_numbers = count()


class Projection(
    SynapseChanges, SynapseReading, RebuiltProjection, BulkProjection, stock.Projection
):
    __doc__ = stock.Projection.__doc__
    _static_synapse_class = StaticSynapse
    _registry = registry
    _native_synapses = NESTSynapseMixin

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
        synapse = {name: scalar_if_equal(value) for name, value in synapse.items()}
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
            for taus in self._taus.values():
                taus[:] = np.nan
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
    (made,) = with_default_delay(registry, stock.native_synapse_type(model_name))
    return made


create = common.build_create(Population)
connect = common.build_connect(Projection, FixedProbabilityConnector, StaticSynapse)
