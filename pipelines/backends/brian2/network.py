"""The network of one `setup`: groups of cells and of synapses by kind, run by Brian2.

Brian2 generates and compiles code for each of its objects, and the code contains the object's
name. There is therefore one object for each kind, with a fixed name, for any number of populations
and projections: code compiled once on a machine for a kind is never compiled again.

The Brian2 objects are created when the network first runs. Cells and synapses added after that
are put in further groups of the same kinds.

Corrects (seen in PyNN 0.13.0, Brian2 2.9.0 to 2.11.0): Brian2 reads a weight when a spike reaches
the neuron, so a weight set in mid-run also applies to spikes sent before (row "changes in
mid-run").
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import brian2
import numpy as np
from brian2 import second

from ..shared.subnormals import flush_subnormals
from . import fast_runtime
from .cell_groups import CellGroup, SourceGroup, SpikeGenerator
from .cell_kinds import CellKind, CompiledKind
from .injected_currents import InjectedCurrents
from .monitors import Monitors
from .synapse_groups import SynapseGroup
from .synapse_kinds import SynapseKind


class Network:
    """Cells and synapses of one `setup`.

    Attributes
    ----------
    dt
        Time step, in ms.
    step
        Number of steps simulated so far.
    currents
        Currents injected by current sources.
    monitors
        Recorded spikes and signals.
    cells, sources, synapses
        The groups, each in order of creation.
    sent_weights
        By step of arrival, weights that were changed while spikes sent with the old values are in
        transit: the neurons' variable, rows of the neurons, and what is added to each.

    Parameters
    ----------
    dt
        Time step, in ms.
    block_end
        Function of a step that gives the last step of a block that begins there; the spikes of
        sources are loaded a block at a time.
    """

    def __init__(self, dt: float, block_end: Callable[[int], int]) -> None:
        self.dt = dt
        self._block_end = block_end
        self.step = 0
        self.currents = InjectedCurrents(dt)
        self.monitors = Monitors()
        self.cells: list[CellGroup] = []
        self.sources: list[SourceGroup] = []
        self.synapses: list[SynapseGroup] = []
        self._by_name: dict[str, Any] = {}
        self.sent_weights: dict[int, list[tuple[Any, np.ndarray, np.ndarray]]] = {}
        self._clock: Any = None
        self._network: Any = None

    def cell_group(self, kind: CellKind | CompiledKind) -> CellGroup:
        """The group to which new cells of this kind are added."""
        return self._open_group(kind.name, self.cells, lambda name: CellGroup(kind, name, self.dt))

    def source_group(self) -> SourceGroup:
        """The group to which new spike sources are added."""
        return self._open_group("sources", self.sources, lambda name: SourceGroup(name, self.dt))

    def synapse_group(
        self,
        kinds: tuple[SynapseKind, SynapseKind],
        source: CellGroup | SourceGroup,
        target: CellGroup,
        variable: str,
    ) -> SynapseGroup:
        """The group to which new synapses of this kind are added.

        Parameters
        ----------
        kinds
            The kind with at most one weight in transit on a synapse, and with several.
        source, target
            Groups of the presynaptic and postsynaptic cells.
        variable
            The neurons' variable that weights are added to.
        """
        between = f"{source.name}_{target.name}_{variable}"
        return self._open_group(
            f"{kinds[0].name}_{between}",
            self.synapses,
            lambda name: SynapseGroup(
                kinds, source, target, variable, name.removeprefix(f"{kinds[0].name}_"), self.dt
            ),
        )

    def _open_group(self, name: str, groups: list[Any], new: Callable[[str], Any]) -> Any:
        """The group of this name without a Brian2 object yet, or else a new numbered one."""
        number, full = 1, name
        while full in self._by_name and self._by_name[full].brian_object is not None:
            number += 1
            full = f"{name}_{number}"
        if full not in self._by_name:
            self._by_name[full] = new(full)
            groups.append(self._by_name[full])
        return self._by_name[full]

    def preserve_sent_weights(self, group: SynapseGroup, owner: Any) -> None:
        """Keep the present weights for the spikes that a part of a projection has already sent."""
        variable = group.target.brian_object and group.target.brian_object.variables[group.variable]
        for ahead, (targets, amounts) in enumerate(group.remove_sent_weights(owner)):
            if len(targets):
                due = self.sent_weights.setdefault(self.step + ahead, [])
                due.append((variable, targets, amounts))

    def deliver_sent_weights(self, step: int) -> None:
        """Add the stored weights that arrive in this step, with the values they were sent with."""
        for variable, targets, amounts in self.sent_weights.pop(step, ()):
            # As in Brian2's own code: some variables of a refractory neuron are not changed.
            condition = variable.conditional_write
            writable = slice(None) if condition is None else condition.get_value()[targets]
            np.add.at(variable.get_value(), targets[writable], amounts[writable])

    def run(self, steps: int) -> None:
        """Simulate a number of steps."""
        if steps <= 0 < self.step:
            return
        self._update_brian_objects()
        if self.step == 0:
            for group in self._created(self.cells, self.synapses):
                group.store_initial_states()
        until = self.step + steps
        self.currents.prepare(self.step, until)
        self.monitors.prepare(self.step, until)
        with flush_subnormals():
            if self.step == 0 < steps and any(group.fires_at_start for group in self.sources):
                self._play_spikes_at_0()
            while self.step < until:
                self._run_block(min(until, self._block_end(self.step)))
        self.monitors.sample(until)
        for group in self._created(self.cells):
            group.kind.deliver_arrived(group.values)

    def _run_block(self, until: int) -> None:
        """Simulate until a step, with the spikes of all sources loaded beforehand."""
        for group in self._created(self.sources):
            group.load_spikes(self.step, until)
        if fast_runtime.is_active():
            fast_runtime.run(self, self._network.sorted_objects, self._clock, self.step, until)
            self._network.t_ = self._clock.t_
        else:
            self._network.run((until - self.step) * self.dt * 1e-3 * second, namespace={})
        self.step = until

    def _play_spikes_at_0(self) -> None:
        """Send the spikes of time 0, which Brian2 emits in the step before the first one."""
        for group in self._created(self.sources):
            group.load_spikes(-1, 0)
        objects = [obj for obj in self._network.sorted_objects if self._handles_source_spikes(obj)]
        clock, dt = self._clock.variables, self.dt * 1e-3
        if not fast_runtime.is_active():
            # Makes Brian2 generate its code.
            self._network.run(0 * second, namespace={})
        clock["timestep"].set_value(-1)
        clock["t"].set_value(-dt)
        if fast_runtime.is_active():
            fast_runtime.run(self, objects, self._clock, -1, 0)
        else:
            for obj in objects:
                obj.run()
        clock["timestep"].set_value(0)
        clock["t"].set_value(0.0)

    @staticmethod
    def _handles_source_spikes(obj: Any) -> bool:
        """Whether an object emits, transmits or records spikes of sources."""
        source = getattr(obj, "source", None)
        return (
            isinstance(obj, SpikeGenerator)
            or isinstance(source, SpikeGenerator)
            or obj.name == "end_of_step"
        )

    def _update_brian_objects(self) -> None:
        """Create Brian2 objects for new groups, and apply changes made since the last run."""
        if self._network is None:
            self._clock = brian2.Clock(self.dt * 1e-3 * second, name="clock")
            self._network = brian2.Network(name="network")
            for name, when, function in (
                ("start_of_step", "start", self._at_start),
                ("sent_weights_due", "synapses", self._at_synapses),
                ("end_of_step", "end", self._at_end),
            ):
                self._network.add(
                    brian2.NetworkOperation(function, clock=self._clock, when=when, name=name)
                )
        groups: list[Any] = [*self.cells, *self.sources, *self.synapses]
        for group in groups:
            if group.brian_object is None and group.size:
                self._add(group.create(self._clock))
        for group in self._created(self.cells, self.sources, self.synapses):
            group.apply_changes(self.step)
        for group in self._created(self.synapses):
            if group.needs_more_slots:
                self._network.remove(group.brian_object)
                self._add(group.recreate(self._clock, self.step))

    def _add(self, brian_object: Any) -> None:
        self._network.add(brian_object)
        # Else Brian2 warns when an object is deleted that never ran.
        brian_object._network = self._network.id

    def _created(self, *groups: list[Any]) -> Iterator[Any]:
        """The groups that have a Brian2 object."""
        return (group for kind in groups for group in kind if group.brian_object is not None)

    # Called in each step by Brian2's own loop; `fast_runtime` does the same.

    def _current_step(self) -> int:
        return int(self._clock.variables["timestep"].get_value()[0])

    def _at_start(self) -> None:
        step = self._current_step()
        self.currents.apply(step)
        self.monitors.sample(step)

    def _at_synapses(self) -> None:
        self.deliver_sent_weights(self._current_step())

    def _at_end(self) -> None:
        self.monitors.append_spikes(self._current_step())

    def reset(self) -> None:
        """Go back to time 0."""
        if self.step == 0:
            # States set since the last reset are those of time 0.
            for group in self._created(self.cells, self.synapses):
                group.store_initial_states()
        self.step = 0
        self.sent_weights.clear()
        self.monitors.clear()
        self.currents.reset()
        if self._network is None:
            return
        for name in ("timestep", "t"):
            self._clock.variables[name].set_value(0)
        self._network.t_ = 0.0
        for group in self._created(self.cells, self.sources, self.synapses):
            group.reset()

    def remove(self, group: SynapseGroup) -> None:
        """Remove the Brian2 object of a group whose synapses are to be changed."""
        self._network.remove(group.brian_object)
