"""The network of one `setup`: groups of cells and of synapses by kind, run by Brian2.

Brian2 generates and compiles code for each of its objects, and its text contains their names. So
there is one object a kind, with a canonical name, however many populations and projections a
script makes: what a machine has compiled once for a kind is never compiled again.

Groups are made when the network first runs. What a script adds after that goes into further
groups of the same kinds.

Mends (seen in PyNN 0.13.0, Brian2 2.9.0 to 2.11.0): Brian2 reads a weight when a spike reaches the
neuron, so a weight that is set in mid-run counts for spikes that were sent before (row "changes in
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
from .cell_groups import CellGroup, Player, SourceGroup
from .cell_kinds import CellKind, CompiledKind
from .injected_currents import Currents
from .monitors import Taps
from .synapse_groups import SynapseGroup
from .synapse_kinds import SynapseKind


class Network:
    """Cells and synapses of one `setup`.

    Attributes
    ----------
    dt
        Time step, in ms.
    block_end
        Gives the step up to which sources' spikes are held at once, after a step.
    step
        Number of steps that were simulated.
    currents
        What current sources inject.
    taps
        What is recorded.
    """

    def __init__(self, dt: float, block_end: Callable[[int], int]) -> None:
        self.dt = dt
        self._block_end = block_end
        self.step = 0
        self.currents = Currents(dt)
        self.taps = Taps()
        self.cells: list[CellGroup] = []
        self.sources: list[SourceGroup] = []
        self.synapses: list[SynapseGroup] = []
        self._by_name: dict[str, Any] = {}
        # Weights that were sent before they were changed, by the step in which they arrive.
        self.late: dict[int, list[tuple[Any, np.ndarray, np.ndarray]]] = {}
        self._clock: Any = None
        self._network: Any = None

    def cell_group(self, kind: CellKind | CompiledKind) -> CellGroup:
        """The group that new cells of this kind go to."""
        return self._open(kind.name, self.cells, lambda name: CellGroup(kind, name, self.dt))

    def source_group(self) -> SourceGroup:
        """The group that new sources go to."""
        return self._open("sources", self.sources, lambda name: SourceGroup(name, self.dt))

    def synapse_group(
        self,
        kinds: tuple[SynapseKind, SynapseKind],
        source: CellGroup | SourceGroup,
        target: CellGroup,
        variable: str,
    ) -> SynapseGroup:
        """The group that new synapses of this kind go to."""
        between = f"{source.name}_{target.name}_{variable}"
        return self._open(
            f"{kinds[0].name}_{between}",
            self.synapses,
            lambda name: SynapseGroup(
                kinds, source, target, variable, name.removeprefix(f"{kinds[0].name}_"), self.dt
            ),
        )

    def _open(self, name: str, among: list[Any], make: Callable[[str], Any]) -> Any:
        """The group of this name that is not made yet, or a further one."""
        number, full = 1, name
        while full in self._by_name and self._by_name[full].made is not None:
            number += 1
            full = f"{name}_{number}"
        if full not in self._by_name:
            self._by_name[full] = make(full)
            among.append(self._by_name[full])
        return self._by_name[full]

    def keep_sent(self, group: SynapseGroup, owner: Any) -> None:
        """Let spikes that a part of a projection has sent arrive with the weights of now."""
        variable = group.target.made and group.target.made.variables[group.variable]
        for ahead, (targets, amounts) in enumerate(group.take_sent(owner)):
            if len(targets):
                due = self.late.setdefault(self.step + ahead, [])
                due.append((variable, targets, amounts))

    def deliver_late(self, step: int) -> None:
        """Add the weights that arrive in this step with the value with which they were sent."""
        for variable, targets, amounts in self.late.pop(step, ()):
            # What Brian2 itself asks before it writes: a refractory neuron may take nothing.
            open_to = variable.conditional_write
            takes = slice(None) if open_to is None else open_to.get_value()[targets]
            np.add.at(variable.get_value(), targets[takes], amounts[takes])

    def run(self, steps: int) -> None:
        """Simulate a number of steps."""
        if steps <= 0 < self.step:
            return
        self._prepare()
        if self.step == 0:
            for group in self._made(self.cells, self.synapses):
                group.begin()
        until = self.step + steps
        self.currents.prepare(self.step, until)
        self.taps.prepare(self.step, until)
        with flush_subnormals():
            if self.step == 0 < steps and any(group.fires_at_start for group in self.sources):
                self._play_time_0()
            while self.step < until:
                self._run_block(min(until, self._block_end(self.step)))
        self.taps.finish(until)
        for group in self._made(self.cells):
            group.kind.settle(group.values)

    def _run_block(self, until: int) -> None:
        """Simulate until a step, with the spikes of all sources at once."""
        for group in self._made(self.sources):
            group.prepare(self.step, until)
        if fast_runtime.wanted():
            fast_runtime.run(self, self._network.sorted_objects, self._clock, self.step, until)
            self._network.t_ = self._clock.t_
        else:
            self._network.run((until - self.step) * self.dt * 1e-3 * second, namespace={})
        self.step = until

    def _play_time_0(self) -> None:
        """Let the spikes of time 0 set out: what a step before the first one does with them."""
        for group in self._made(self.sources):
            group.prepare(-1, 0)
        things = [thing for thing in self._network.sorted_objects if self._acts_on_spikes(thing)]
        clock, dt = self._clock.variables, self.dt * 1e-3
        if not fast_runtime.wanted():
            # Has Brian2 make its code.
            self._network.run(0 * second, namespace={})
        clock["timestep"].set_value(-1)
        clock["t"].set_value(-dt)
        if fast_runtime.wanted():
            fast_runtime.run(self, things, self._clock, -1, 0)
        else:
            for thing in things:
                thing.run()
        clock["timestep"].set_value(0)
        clock["t"].set_value(0.0)

    @staticmethod
    def _acts_on_spikes(thing: Any) -> bool:
        """Whether an object plays the spikes of sources, hands them on or takes them down."""
        source = getattr(thing, "source", None)
        return isinstance(thing, Player) or isinstance(source, Player) or thing.name == "last"

    def _prepare(self) -> None:
        """Make what is new, and hand Brian2 what was set since the last run."""
        if self._network is None:
            self._clock = brian2.Clock(self.dt * 1e-3 * second, name="clock")
            self._network = brian2.Network(name="network")
            for name, when, function in (
                ("first", "start", self._at_start),
                ("late_weights", "synapses", self._at_synapses),
                ("last", "end", self._at_end),
            ):
                self._network.add(
                    brian2.NetworkOperation(function, clock=self._clock, when=when, name=name)
                )
        groups: list[Any] = [*self.cells, *self.sources, *self.synapses]
        for group in groups:
            if group.made is None and group.size:
                self._add(group.make(self._clock))
        for group in self._made(self.cells, self.sources, self.synapses):
            group.renew(self.step)
        for group in self._made(self.synapses):
            if group.lacks_room:
                self._network.remove(group.made)
                self._add(group.make_again(self._clock, self.step))

    def _add(self, made: Any) -> None:
        self._network.add(made)
        # Or Brian2 warns when it is deleted, if it never ran.
        made._network = self._network.id

    def _made(self, *groups: list[Any]) -> Iterator[Any]:
        """Groups that Brian2 has."""
        return (group for kind in groups for group in kind if group.made is not None)

    # What Brian2's own loop calls in each step; `fast_runtime` does the same.

    def _present(self) -> int:
        return int(self._clock.variables["timestep"].get_value()[0])

    def _at_start(self) -> None:
        step = self._present()
        self.currents.act(step)
        self.taps.sample(step)

    def _at_synapses(self) -> None:
        self.deliver_late(self._present())

    def _at_end(self) -> None:
        self.taps.take_spikes(self._present())

    def reset(self) -> None:
        """Go back to time 0."""
        if self.step == 0:
            # What was set since the last run, if there was one, is the start.
            for group in self._made(self.cells, self.synapses):
                group.begin()
        self.step = 0
        self.late.clear()
        self.taps.clear()
        self.currents.reset()
        if self._network is None:
            return
        for name in ("timestep", "t"):
            self._clock.variables[name].set_value(0)
        self._network.t_ = 0.0
        for group in self._made(self.cells, self.sources, self.synapses):
            group.reset()

    def forget(self, group: SynapseGroup) -> None:
        """Leave out a Brian2 object whose synapses were taken back."""
        self._network.remove(group.made)
