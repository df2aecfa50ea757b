"""One Brian2 object for all synapses of a kind; each projection is a range of its synapses.

Corrects (seen in PyNN 0.13.0, Brian2 2.9.0 to 2.11.0): one call of Brian2 for each synapse; all
multapses of a pair get the last weight (row "multapses with different weights"); later
populations of an assembly get the first one's weights, and `get` refuses assemblies ("Assembly as
source").
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from ..shared.short_term import NO_TAU_SYN
from .cell_groups import CellGroup, SourceGroup
from .pathways import remove_from_queue
from .pending_synapses import PendingSynapses, create_synapses
from .spikes_in_transit import Transit, allocate_slots, sent_weights, slots_of
from .synapse_kinds import SynapseKind
from .synapse_values import SynapseValues


class SynapseGroup(SynapseValues):
    """The synapses of one kind between two groups of cells.

    Attributes
    ----------
    kind
        The kind in use: with or without a ring buffer, as needed.
    variable
        The neurons' variable that weights are added to.
    receptor
        PyNN's name of the receptor type.
    """

    def __init__(
        self,
        kinds: tuple[SynapseKind, SynapseKind],
        source: CellGroup | SourceGroup,
        target: CellGroup,
        variable: str,
        name: str,
        dt: float,
    ) -> None:
        # Weights that are added to the potential itself count for the threshold test of the step
        # in which they arrive. Brian2 tests before it delivers, so they are delivered a step early.
        super().__init__(kinds[0], {"pre": int(target.kind.has_delta_synapses)}, dt)
        # The kind with at most one weight in transit on a synapse, and with several.
        self._kinds = kinds
        self.source, self.target, self.variable = source, target, variable
        self._name = name
        self.receptor = ""
        self._transits: list[Transit] = []

    # Pending synapses, and creation of the Brian2 object.

    def remove(self, owner: Any) -> None:
        """Remove the synapses of a part of a projection, at time 0."""
        if self.brian_object is not None:
            self._move_to_pending()
        self.pending = [synapses for synapses in self.pending if synapses.owner is not owner]
        self._initial_states = {
            key: v for key, v in self._initial_states.items() if key[0] is not owner
        }

    def create(self, clock: Any) -> Any:
        """Create the Brian2 object from the pending synapses."""
        self._ranges, self._transits, first = {}, [], 0
        for synapses in self.pending:
            here = slice(first, first + synapses.size)
            before = self._ranges.get(synapses.owner, here)
            self._ranges[synapses.owner] = slice(before.start, here.stop)
            self._transits.append(
                Transit(here, _row_range(synapses.source), self._max_transit_steps(synapses))
            )
            first = here.stop
        self._transits = [
            replace(transit, stride=self._stride(transit)) for transit in self._transits
        ]
        self.kind = kind = self._kinds[self._needs_ring()]
        self.brian_object = created = create_synapses(
            self.pending,
            kind,
            self.source.brian_object,
            self.target.brian_object,
            self._early_steps,
            self._dt,
            clock,
            f"{kind.name}_{self._name}",
        )
        if kind.plastic:
            created.add_attribute("rule_table")
            created.rule_table = self.rule_table.values
        if kind.short_term:
            created.add_attribute("target_tau")
            created.target_tau = np.array(self.tau_syn)
        if kind.ring:
            created.add_attribute("ring")
            allocate_slots(created, self._transits, self._transit_steps)
        self.pending = []
        self._initialize_states()
        return created

    def _max_transit_steps(self, synapses: PendingSynapses) -> int:
        """Longest time, in steps, from one of these synapses to its neuron."""
        if not self.kind.plastic:
            return 0
        total, axonal = (synapses.values[f"delay_{name}"] for name in ("pre", "arrive"))
        return int(np.max(np.subtract(total, axonal)))

    def _stride(self, transit: Transit) -> int:
        """Number of steps within which a presynaptic cell spikes at most once."""
        if isinstance(self.source, SourceGroup):
            return 1
        return int(self.source.refractory_steps[transit.sources].min()) + 1

    def _needs_ring(self) -> bool:
        """Whether several weights can be in transit on a synapse."""
        if not self.kind.plastic:
            return False
        several = any(transit.max_steps >= transit.stride for transit in self._transits)
        return several or isinstance(self.source, SourceGroup)

    @property
    def _transit_steps(self) -> np.ndarray:
        """Steps from each synapse to its neuron, shape (n,)."""
        total, axonal = (self._delay_steps(name) for name in ("pre", "arrive"))
        return np.broadcast_to(total - axonal, len(self._array("weight")))

    def _move_to_pending(self) -> None:
        """Move all synapses from the Brian2 object to `pending`, to create another object."""
        self.pending = [
            PendingSynapses(
                owner,
                self.read(owner, "_synaptic_pre"),
                self.read(owner, "_synaptic_post"),
                {name: self.read(owner, name) for name in self._columns},
            )
            for owner in self._ranges
        ]
        self.brian_object = None

    @property
    def _columns(self) -> list[str]:
        names = ["weight", *(f"delay_{name}" for name in self.kind.pathways)]
        return [*names, "row"] if self.kind.plastic else names

    @property
    def tau_syn(self) -> np.ndarray | None:
        """Time constants (s) of the receptor, for all target cells; None if they have none."""
        kind = self.target.kind
        if kind.has_delta_synapses:
            return np.full(self.target.size, NO_TAU_SYN * 1e-3)
        return kind.tau_syn(self.target.values, self.receptor)

    def remove_sent_weights(self, owner: Any) -> list[tuple[np.ndarray, np.ndarray]]:
        """Remove a part's spikes from the queue, before their weights are overwritten.

        Nothing is removed if the group has a ring buffer, which holds the weights as sent.

        Returns
        -------
        list of (targets, amounts)
            For the present step and each later one: rows of neurons, and the weight that is to be
            added to each.
        """
        if self.brian_object is None or self.kind.ring or self.brian_object.pre.queue is None:
            return []
        here = self._ranges[owner]
        transit_steps = self.read(owner, "delay_pre") - self._early_steps["pre"]
        if self.kind.plastic:
            transit_steps = transit_steps - self.read(owner, "delay_arrive")
        targets = self._array("_synaptic_post")
        carried = self.brian_object.variables["transmitted" if self.kind.plastic else "weight"]
        weights = carried.get_value()
        return [
            (targets[sent], weights[sent].copy())
            for sent in remove_from_queue(self.brian_object.pre.queue, here, transit_steps)
        ]

    # Time.

    @property
    def size(self) -> int:
        """Number of pending synapses."""
        return sum(synapses.size for synapses in self.pending)

    def apply_changes(self, step: int) -> None:
        """Apply, at a step, time constants of the neurons that were set since the last run."""
        if self.kind.short_term and np.any(self.brian_object.target_tau != self.tau_syn):
            self._decay_to(slice(None), step)
            self.brian_object.target_tau[:] = self.tau_syn

    @property
    def needs_more_slots(self) -> bool:
        """Whether shortened refractory periods require more slots for weights in transit."""
        return self.kind.plastic and any(
            (stride := self._stride(transit)) < transit.stride
            and (self.kind.ring or transit.max_steps >= stride)
            for transit in self._transits
        )

    def recreate(self, clock: Any, step: int) -> Any:
        """Replace the Brian2 object by one with more slots, which continues from all states."""
        before, names = self.brian_object, ("weight", "transmitted", *self.kind.state_variables)
        states = {name: before.variables[name].get_value().copy() for name in names}
        pathways = [getattr(before, name) for name in self.kind.pathways]
        # Before its first step, and after a reset, nothing is in transit.
        ran = before.pre.eventspace is not None
        sent = list(sent_weights(before, self._transit_steps, step, self.kind.ring)) if ran else []
        self._move_to_pending()
        created = self.create(clock)
        for name, values in states.items():
            created.variables[name].set_value(values)
        for pathway, name in zip(pathways, self.kind.pathways, strict=True):
            if ran:
                after = getattr(created, name)
                after.initialise_queue()
                after.queue._restore_from_full_state(pathway.queue._full_state())
        for which, steps, weights in sent:
            created.ring[slots_of(created, which, steps)] = weights
        return created

    def store_initial_states(self) -> None:
        """Store the present weights as those of time 0, for `reset`."""
        self._initial_weights = {}
        if self.kind.plastic:
            for name in ("weight", "transmitted"):
                self._initial_weights[name] = self._array(name).copy()

    def reset(self) -> None:
        """Go back to time 0: restore weights and states, and empty the queues."""
        for name, array in self._initial_weights.items():
            self.brian_object.variables[name].set_value(array)
        for name in self.kind.pathways:
            pathway = getattr(self.brian_object, name)
            pathway.queue._restore_from_full_state(None)
            # The next run allocates the queue again.
            pathway.eventspace = None
        self._initialize_states(weights=False)

    def _initialize_states(self, weights: bool = True) -> None:
        """Set the states of time 0; with `weights`, the transmitted weights, too."""
        variables = self.brian_object.variables
        for name in self.kind.state_variables:
            variables[name].set_value(0)
        if "recovered" in self.kind.state_variables:
            variables["recovered"].set_value(1.0)
        if "pre_time" in self.kind.state_variables:
            # A source spike is emitted in the step before its time.
            variables["pre_time"].set_value(-self._dt * 1e-3)
        if self.kind.ring:
            self.brian_object.ring[:] = 0.0
        for (owner, name), values in self._initial_states.items():
            variables[name].get_value()[self._ranges[owner]] = values
        if weights and self.kind.plastic:
            variables["transmitted"].set_value(variables["weight"].get_value())


def _row_range(rows: np.ndarray) -> slice:
    return slice(int(rows.min()), int(rows.max()) + 1)
