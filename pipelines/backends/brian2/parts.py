"""One `Synapses` object of Brian2: the synapses between two groups.

A projection between populations is one part; between assemblies it is one for each pair of
their populations. Indices of views become indices of whole groups here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import brian2
import numpy as np
from brian2 import ms, mV, nA, uS
from pyNN.brian2 import simulator

from ..shared.edges import Edges, split_delays
from .groups import SourceGroup
from .plasticity import RULE_PARAMETERS, pair_rule, ring_slots
from .under_way import UnderWay

_UNIT_NAMES = {"mV": "volt", "nA": "amp", "uS": "siemens"}


@dataclass
class Part:
    """Synapses from one Brian2 group to another.

    Attributes
    ----------
    rows : ndarray of int64, shape (k,)
        Which synapses of the projection's edge list these are.
    source, target : ndarray of int64, shape (k,)
        Indices within the two groups.
    """

    label: str
    edges: Edges
    rows: np.ndarray
    source: np.ndarray
    target: np.ndarray
    source_group: Any
    target_group: Any
    variable: str
    unit: str
    plastic: bool
    synapses: Any = field(default=None, init=False)
    _slots: int = field(default=1, init=False)
    _under_way: UnderWay = field(default_factory=UnderWay, init=False)

    def create(self) -> Any:
        """Make the `Synapses` object."""
        self.synapses = self._plastic() if self.plastic else self._static()
        self.set_weights(self.edges.array("weight")[self.rows])
        return self.synapses

    def weights(self, now: bool = False) -> np.ndarray:
        """Weights as last transmitted, or as they are now, in PyNN's unit, shape (k,)."""
        variable = "transmitted" if self.plastic and not now else "weight"
        return np.asarray(self.synapses.variables[variable].get_value()) / float(self._scale)

    def set_weights(self, weights: np.ndarray) -> None:
        """Write all weights, in PyNN's unit, shape (k,)."""
        for variable in ("weight", "transmitted") if self.plastic else ("weight",):
            self.synapses.variables[variable].set_value(weights * float(self._scale))

    def change_weights(self, weights: np.ndarray) -> None:
        """Write all weights, in PyNN's unit, shape (k,), for spikes that are sent from now on."""
        variable = "transmitted" if self.plastic else "weight"
        self._under_way.keep(
            self.synapses.pre,
            last_leg=self._last_leg(),
            target=self.target,
            weights=self.synapses.variables[variable].get_value().copy(),
            variable=self.target_group.variables[self.variable],
            network=simulator.state.network,
        )
        self.set_weights(weights)

    def _last_leg(self) -> np.ndarray:
        """Steps from the synapse to the neuron, for which a spike's weight is not kept."""
        if not self.plastic:
            return self._delay_steps
        if self._slots > 1:  # the ring keeps the weights of spikes that were sent
            return np.zeros(len(self.rows), dtype=np.int64)
        _, dendritic = split_delays(self.edges, simulator.state.dt, self.label)
        return dendritic[self.rows]

    @property
    def _scale(self) -> Any:
        return {"mV": mV, "nA": nA, "uS": uS}[self.unit]

    @property
    def _delay_steps(self) -> np.ndarray:
        return self.edges.delay_steps(simulator.state.dt, self.label)[self.rows]

    def _static(self) -> Any:
        return self._synapses(
            f"weight : {_UNIT_NAMES[self.unit]} (constant)",
            on_pre={"pre": f"{self.variable}_post += weight"},
            on_post={},
            delay_steps={"pre": self._delay_steps},
        )

    def _plastic(self) -> Any:
        axonal, dendritic = split_delays(self.edges, simulator.state.dt, self.label)
        axonal, dendritic = axonal[self.rows], dendritic[self.rows]
        parameters = {name: self.edges.parameters[name] for name in RULE_PARAMETERS}
        shared = {
            name: float(value) if np.ndim(value) == 0 else None
            for name, value in parameters.items()
        }
        self._slots = ring_slots(dendritic, shortest_interval_steps(self.source_group))
        rule = pair_rule(_UNIT_NAMES[self.unit], self.variable, shared, self._slots)
        synapses = self._synapses(
            rule.model,
            on_pre={"pre": rule.pre, "arrive": rule.arrive},
            on_post={"post": rule.post},
            delay_steps={
                "pre": self._delay_steps,
                "arrive": axonal,
                "post": dendritic,
            },
        )
        synapses.post.order, synapses.arrive.order, synapses.pre.order = -3, -2, -1
        units = {"tau_plus": ms, "tau_minus": ms, "w_max": self._scale, "w_min": self._scale}
        for name, value in parameters.items():
            native = np.asarray(value) * float(units.get(name, 1.0))
            rows = native if native.ndim == 0 else native[self.rows]
            synapses.variables[name].set_value(rows)
        return synapses

    def _synapses(
        self,
        model: str,
        on_pre: dict[str, str],
        on_post: dict[str, str],
        delay_steps: dict[str, np.ndarray],
    ) -> Any:
        state = simulator.state
        one = {name: steps for name, steps in delay_steps.items() if np.ptp(steps) == 0}
        synapses = brian2.Synapses(
            self.source_group,
            self.target_group,
            model=model,
            on_pre=on_pre,
            on_post=on_post or None,
            delay={name: int(steps[0]) * state.dt * ms for name, steps in one.items()},
            clock=state.network.clock,
        )
        connect(synapses, self.source, self.target)
        for name, steps in delay_steps.items():
            if name not in one:
                getattr(synapses, name).variables["delay"].set_value(steps * state.dt * 1e-3)
        return synapses


def connect(synapses: Any, source: np.ndarray, target: np.ndarray) -> None:
    """Add synapses from index arrays, each of shape (k,), without generating code.

    ``Synapses.connect(i=, j=)`` does the same with a piece of generated code that has to be
    compiled anew for every projection, which takes longer than the connecting.
    """
    variables = synapses.variables
    for name, offset, indices in (
        ("_synaptic_pre", "_source_offset", source),
        ("_synaptic_post", "_target_offset", target),
    ):
        variable = variables[name]
        variable.resize(len(indices))
        variable.get_value()[:] = indices + int(variables[offset].get_value())
    synapses._resize(len(source))
    synapses._update_synapse_numbers(0)


def shortest_interval_steps(group: Any) -> int:
    """Fewest time steps between two spikes of any neuron of a group."""
    if isinstance(group, SourceGroup):
        gaps = [np.diff(train).min() for train in group._steps if len(train) > 1]
        return int(min(gaps, default=1 << 30))
    if hasattr(group, "renew"):
        group.renew()
        return int(np.min(group.held[:]))
    return 1


def partition(projection: Any) -> Iterator[Part]:
    """Split a projection's edge list by pairs of groups."""
    edges = projection.edges
    for pre, pre_rows, source in _members(projection.pre, edges.pre):
        for post, post_rows, target in _members(projection.post, edges.post):
            both = pre_rows & post_rows
            if not both.any():
                continue
            celltype = post.celltype
            if getattr(celltype, "voltage_based_synapses", False):
                unit = "mV"
            else:
                unit = "uS" if celltype.conductance_based else "nA"
            yield Part(
                label=projection.label,
                edges=edges,
                rows=np.flatnonzero(both),
                source=source[both],
                target=target[both],
                source_group=pre.brian2_group,
                target_group=post.brian2_group,
                variable=celltype.post_synaptic_variables[projection.receptor_type],
                unit=unit,
                plastic=projection.synapse_type.plastic,
            )


def _members(population: Any, indices: np.ndarray) -> Iterator[tuple[Any, np.ndarray, np.ndarray]]:
    """Yield (population, mask over the edges, index of every edge within its whole group)."""
    first = 0
    for member in getattr(population, "populations", [population]):
        inside = (indices >= first) & (indices < first + member.size)
        local = np.where(inside, indices - first, 0)
        if hasattr(member, "grandparent"):
            local = np.asarray(member.index_in_grandparent(local))
        yield member, inside, local
        first += member.size
