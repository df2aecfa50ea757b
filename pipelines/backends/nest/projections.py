"""Projections on NEST: the whole edge list in one call, read back without handles.

Mends (seen in PyNN 0.13.0, NEST 3.10.0): a call of NEST a target neuron; `get()` that returns
other connections' weights once another projection is made (row "get() after another
projection was made"); axonal delays, which NEST does not have
("dendritic_delay_fraction"): a parrot neuron holds a spike back on its way to the synapse.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import nest
import numpy as np
import pyNN.nest as stock
from pyNN.nest import simulator

from pipelines.errors import Unsupported

from ..shared.edges import split_delays
from ..shared.grid import to_ms
from ..shared.projections import BulkProjection
from .ahead import go_beyond
from .changes import refuse_late_weights
from .connecting import connect, shared
from .control import registry
from .plasticity import set_tau_minus, silent_potentiation, stdp_parameters
from .populations import as_set_up
from .reading import reader
from .slices import refuse_between_slices
from .synapses import StaticSynapse
from .weight_now import potentiated, recorded_spikes

# Number of every synapse model that is made: a name is never used twice.
_numbers = count()


class Projection(BulkProjection, stock.Projection):
    __doc__ = stock.Projection.__doc__
    _static_synapse_class = StaticSynapse
    _registry = registry
    # Weight that plastic synapses have at least, carried by static ones.
    _floor = 0.0

    @property
    def _scale(self) -> float:
        """NEST's weight of one PyNN weight: pA of nA, nS of uS, mV of mV."""
        celltype = getattr(self.post, "celltype", None)
        scale = 1000.0 * getattr(celltype, "receptor_scale", 1.0)
        # NEST wants negative weights on the inhibitory receptor even for conductances.
        inhibitory_conductance = self.receptor_type == "inhibitory" and self.post.conductance_based
        return -scale if inhibitory_conductance else scale

    def _create(self) -> None:
        dt, edges = registry.timestep, self.edges
        # A model of its own finds a projection's connections again, whatever else is made.
        self.nest_synapse_model = f"pynn_projection_{next(_numbers)}"
        self._pre_ids = np.asarray(self.pre.all_cells, dtype=np.int64)
        self._post_ids = np.asarray(self.post.all_cells, dtype=np.int64)
        # For each parrot: the source it stands for, and the steps by which it holds back.
        self._held: dict[int, tuple[int, int]] = {}
        sources = self._pre_ids[edges.pre]
        delay = edges.delay_steps(dt, self.label)
        self._refuse_between_slices("making")
        synapse: dict[str, float | np.ndarray] = {}
        if self.synapse_type.plastic:
            self._carry_floor()
            axonal, delay = split_delays(edges, dt, self.label)
            if np.any(delay < 1):
                raise Unsupported(
                    f"projection {self.label!r}",
                    "a purely axonal delay: on NEST the dendritic part is one step at least",
                    allowed=f"dendritic_delay_fraction of {dt:g} ms / delay and above",
                )
            sources = self._hold_back(sources, axonal)
            set_tau_minus(self.post, edges, self.label)
            synapse |= stdp_parameters(edges, self._scale, self.label)
        synapse["weight"] = (np.asarray(edges.parameters["weight"]) - self._floor) * self._scale
        synapse["delay"] = to_ms(shared(delay), dt)
        if registry.slice_steps is not None and np.min(delay) < registry.slice_steps:
            raise Unsupported(
                f"projection {self.label!r} at {simulator.state.t:g} ms on NEST",
                f"a delay of {np.min(delay) * dt:g} ms, below those of the first run",
                allowed=f"{registry.slice_steps * dt:g} ms and above; or before the first run",
            )
        base = "stdp_synapse" if self.synapse_type.plastic else "static_synapse"
        self._make(base, self.nest_synapse_model, sources, synapse)

    def _make(
        self,
        base: str,
        model: str,
        sources: np.ndarray,
        synapse: dict[str, float | np.ndarray],
    ) -> None:
        """Make a synapse from each of `sources` (node ids) to its target."""
        targets = self._post_ids[self.edges.post]
        connect(base, model, sources, targets, synapse, self._receptors())

    def _carry_floor(self) -> None:
        """Let static synapses carry `w_min`, where it is not 0."""
        edges = self.edges
        floor = np.unique(edges.array("w_min"))
        if len(floor) > 1:
            raise Unsupported(
                f"projection {self.label!r}", "w_min differs between synapses", "one w_min for all"
            )
        self._floor = float(floor[0])
        if self._floor == 0:
            return
        dt = registry.timestep
        synapse: dict[str, float | np.ndarray] = {
            "weight": self._floor * self._scale,
            "delay": to_ms(shared(edges.delay_steps(dt, self.label)), dt),
        }
        model = f"{self.nest_synapse_model}_floor"
        self._make("static_synapse", model, self._pre_ids[edges.pre], synapse)

    def _receptors(self) -> np.ndarray | None:
        """Number of the receptor on each target, for models that have several."""
        ports = np.zeros(len(self.edges), dtype=np.int64)
        first = 0
        for member in getattr(self.post, "populations", [self.post]):
            here = (self.edges.post >= first) & (self.edges.post < first + member.size)
            if not member.celltype.standard_receptor_type:
                ports[here] = member.celltype.get_receptor_type(self.receptor_type)
            first += member.size
        return ports if ports.any() else None

    def _hold_back(self, sources: np.ndarray, axonal: np.ndarray) -> np.ndarray:
        """Replace sources with an axonal delay by parrot neurons that hold spikes back.

        Returns
        -------
        ndarray of int64, shape (n,)
            The node that sends to each synapse.
        """
        delayed = axonal > 0
        if not delayed.any():
            return sources
        pairs, which = np.unique(
            np.column_stack([sources[delayed], axonal[delayed]]), axis=0, return_inverse=True
        )
        model = "parrot_neuron_ps" if registry.between_steps else "parrot_neuron"
        parrots = nest.Create(model, len(pairs))
        ids = np.asarray(parrots.tolist(), dtype=np.int64)
        nest.Connect(
            pairs[:, 0],
            ids,
            "one_to_one",
            {
                "synapse_model": "static_synapse",
                "weight": np.ones(len(pairs)),
                "delay": to_ms(pairs[:, 1], registry.timestep),
            },
        )
        self._held = {
            node: (source, steps)
            for node, (source, steps) in zip(ids.tolist(), pairs.tolist(), strict=True)
        }
        held = sources.copy()
        held[delayed] = ids[np.ravel(which)]
        return held

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
        return nest.GetConnections(synapse_model=self.nest_synapse_model)

    def _read(self, names: list[str]) -> dict[str, np.ndarray]:
        if self.synapse_type.plastic and any(name.startswith("weight") for name in names):
            self._refuse_between_slices("weights")
        read = reader(self.nest_connections)
        source, axonal = self._senders(read)
        values = {
            "presynaptic_index": _positions(self._pre_ids, source),
            "postsynaptic_index": _positions(self._post_ids, read("target")),
        }
        for name in names:
            if name not in values:
                values[name] = self._attribute(name, read, axonal)
        return values

    def _refuse_between_slices(self, what: str) -> None:
        # Spikes until now are handed on in the slice that follows.
        _, kernel_step = go_beyond(registry)
        refuse_between_slices(registry, f"{what} of projection {self.label!r}", kernel_step)

    def _senders(self, read: Callable[[str], np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """The cell that sends to each synapse, and the steps a parrot holds it back."""
        source = read("source")
        if not self._held:
            return source, np.zeros(source.shape, dtype=np.int64)
        known = [self._held.get(node, (node, 0)) for node in source.tolist()]
        source, axonal = np.asarray(known, dtype=np.int64).T
        return source, axonal

    def _attribute(
        self, name: str, read: Callable[[str], np.ndarray], axonal: np.ndarray
    ) -> np.ndarray:
        """PyNN's values of one attribute, translated back from NEST's."""
        if name in ("weight", "weight_transmitted"):
            return read("weight") / self._scale + self._floor
        if name == "weight_now":
            return self._weight_now(read, axonal)
        if name not in self.edges.parameters:
            raise self._unknown(name)
        shared = self.edges.parameters[name]
        if np.ndim(shared) == 0:
            return np.full(axonal.shape, float(shared))
        dt = registry.timestep
        delay = np.rint(read("delay") / dt).astype(np.int64) + axonal
        match name:
            case "delay":
                return to_ms(delay, dt)
            case "w_max":
                return read("Wmax") / self._scale + self._floor
            case "A_plus":
                return np.where(silent_potentiation(read("tau_plus")), 0.0, read("lambda"))
            case "A_minus":
                return read("lambda") * read("alpha")
            case "tau_plus" | "mu_plus" | "mu_minus":
                return read(name)
        # What NEST does not keep with a synapse does not change either.
        return self.edges.array(name)[self._rows_read()]

    def _weight_now(self, read: Callable[[str], np.ndarray], axonal: np.ndarray) -> np.ndarray:
        """Weights with the potentiation since they were last transmitted."""
        if not self.synapse_type.plastic:
            return read("weight") / self._scale
        state = simulator.state
        units = read("Wmax") / self._scale
        weight = potentiated(
            read("weight") / read("Wmax"),
            pre=_positions(self._pre_ids, self._senders(read)[0]),
            post=_positions(self._post_ids, read("target")),
            axonal=axonal,
            dendritic=np.rint(read("delay") / registry.timestep).astype(np.int64),
            pre_spikes=recorded_spikes(self.pre, self.label),
            post_spikes=recorded_spikes(self.post, self.label),
            now=round(state.t / registry.timestep),
            dt=registry.timestep,
            rule={
                "A_plus": read("lambda"),
                "mu_plus": read("mu_plus"),
                "tau_plus": read("tau_plus"),
            },
        )
        return weight * units + self._floor

    def _write_weights(self, weights: np.ndarray) -> None:
        if self.synapse_type.plastic:
            refuse_late_weights(self.label)
        self._refuse_between_slices("setting weights")
        wanted = weights[self._rows_read()]
        self.nest_connections.set(
            [{"weight": float(weight)} for weight in (wanted - self._floor) * self._scale]
        )

    def _rows_read(self) -> np.ndarray:
        values = self._read(["delay"])
        read = values["delay"], values["postsynaptic_index"], values["presynaptic_index"]
        # NEST keeps synapses from one node to another in the order in which they were made.
        made = self.edges.array("delay"), self.edges.post, self.edges.pre
        rows = np.empty(len(self.edges), dtype=np.int64)
        rows[np.lexsort(read)] = np.lexsort(made)
        return rows

    def _create_anew(self) -> None:
        models = [self.nest_synapse_model]
        if self._floor != 0:
            models.append(f"{self.nest_synapse_model}_floor")
        if self.synapse_type.plastic:
            self._hold_tau_minus()
        for model in models:
            nest.GetConnections(synapse_model=model).disconnect()
        self._create()

    def _undo(self) -> None:
        if self.synapse_type.plastic:
            self._hold_tau_minus()

    def _hold_tau_minus(self) -> None:
        """Give neurons the time constants of all projections anew, after a change of one."""
        for population in registry.populations:
            population.__dict__.pop("_tau_minus_ms", None)
        for projection in registry.projections:
            edges = getattr(projection, "edges", None)
            if edges is not None and len(edges) and projection.synapse_type.plastic:
                set_tau_minus(projection.post, edges, projection.label)


def _positions(ids: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Index within `ids` of every wanted id."""
    order = np.argsort(ids, kind="stable")
    return order[np.searchsorted(ids, wanted, sorter=order)]
