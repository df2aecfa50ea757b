"""All cells of a kind in one Brian2 group, of which every population is a slice.

Mends (seen in PyNN 0.13.0, Brian2 2.9.0 to 2.11.0): sources that play one tick late (row "source
to current") and at Brian2's default clock ("SpikeSourceArray, dt other than 0.1").
"""

from __future__ import annotations

from typing import Any

import numpy as np
from brian2.core.spikesource import SpikeSource
from brian2.core.variables import Variables
from brian2.groups.group import Group

from ..shared.spike_trains import spikes_by_step
from ..shared.time_grid import UNLIMITED_STEPS
from .cell_kinds import CellKind, CompiledKind


class CellGroup:
    """The cells of one kind.

    Attributes
    ----------
    size
        Number of cells.
    values : dict of ndarray, each of shape (size,)
        Every parameter and state variable, in the units of the kind: the arrays that are
        computed with, once the group is made.
    made
        The Brian2 group, None until it is made.
    changed
        Whether parameters were set since the last run.
    """

    def __init__(self, kind: CellKind | CompiledKind, name: str, dt: float) -> None:
        self.kind, self.name = kind, name
        self._dt = dt  # ms
        self.size = 0
        self.made: Any = None
        self.changed = True
        self.values: dict[str, np.ndarray] = {name: np.empty(0) for name in kind.variables}
        self._start: dict[str, np.ndarray] = {}

    def add(self, size: int, values: dict[str, Any]) -> int:
        """Add cells with these parameters, and return the first one's row."""
        first, self.size = self.size, self.size + size
        for name, array in self.values.items():
            new = np.broadcast_to(np.asarray(values.get(name, 0.0), dtype=float), (size,))
            self.values[name] = np.concatenate([array, new])
        return first

    def make(self, clock: Any) -> Any:
        """Make the Brian2 group."""
        self.made = self.kind.group(self.size, self.name, clock)
        variables = self.made.variables
        for name in self.values.keys() & variables.keys():
            variables[name].set_value(self.values[name])
            self.values[name] = variables[name].get_value()
        self.kind.attach(self.made, self.values, self._dt)
        return self.made

    def set(self, name: str, rows: Any, value: Any) -> None:
        """Set a parameter or state variable of some cells."""
        for state, unit in self.kind.proportional.items():
            if unit == name:
                self.values[state][rows] *= value / self.values[name][rows]
        self.values[name][rows] = value
        self.changed = True

    def renew(self, step: int) -> None:
        """Work out what follows from parameters, if they were set since the last run."""
        if not self.changed:
            return
        self.changed = False
        variables = self.made.variables
        for name, array in self.kind.derived(self.values, self._dt).items():
            if name in self.values:
                self.values[name][:] = array
            else:
                variables[name].set_value(array)

    @property
    def held_steps(self) -> np.ndarray:
        """Steps for which a spike holds each membrane, as integers."""
        return self.kind.held_steps(self.values, self._dt)

    @property
    def is_finite(self) -> bool:
        """Whether all states are finite numbers."""
        return all(bool(np.isfinite(self.values[name]).all()) for name in self.kind.state)

    def begin(self) -> None:
        """Keep the state variables as they are at time 0."""
        self._start = {name: self.values[name].copy() for name in self.kind.state}

    def reset(self) -> None:
        """Go back to time 0."""
        for name, array in self._start.items():
            self.values[name][:] = array
        self.kind.rest(self.made, self.values)

    @property
    def spikes(self) -> np.ndarray:
        """Rows of the cells that fired in this step."""
        space: np.ndarray = self.made.variables["_spikespace"].get_value()
        return space[: space[-1]]


class SourceGroup:
    """All sources: populations that play trains, each a range of rows.

    Attributes
    ----------
    size
        Number of sources.
    """

    def __init__(self, name: str, dt: float) -> None:
        self.name = name
        self._dt = dt  # ms
        self.size = 0
        # Populations, and the first row of each.
        self._members: list[tuple[int, Any]] = []
        self.made: Any = None

    def add(self, population: Any) -> int:
        """Add the sources of a population, and return the first one's row."""
        first = self.size
        self._members.append((first, population))
        self.size += population.size
        return first

    def make(self, clock: Any) -> Any:
        """Make the Brian2 object."""
        self.made = Player(self.size, self.name, clock)
        return self.made

    def renew(self, step: int) -> None:
        """Nothing to do: each run asks for its spikes."""

    @property
    def fires_at_start(self) -> bool:
        """Whether a source spikes at time 0."""
        return any(population.trains.first_step == 0 for _, population in self._members)

    def prepare(self, first: int, last: int) -> None:
        """Be ready to play the spikes after step `first`, up to step `last`."""
        found = [population.trains.spikes_between(first, last) for _, population in self._members]
        steps = np.concatenate([steps for steps, _ in found])
        rows = np.concatenate(
            [rows + begin for (begin, _), (_, rows) in zip(self._members, found, strict=True)]
        )
        self.made.play(*spikes_by_step(steps, rows, self.size, first, last))

    def reset(self) -> None:
        """Go back to time 0."""
        for _, population in self._members:
            population.reset_trains()

    @property
    def spikes(self) -> np.ndarray:
        """Rows of the sources that spike in this step, each as often as it does."""
        fired: np.ndarray = self.made.fired
        return fired


class Player(Group, SpikeSource):
    """What Brian2 sees of sources: a group that emits the spikes that it is given.

    `SpikeGeneratorGroup` has one spike of a source in a step at most.

    Attributes
    ----------
    fired : ndarray of int32
        Rows of the sources that spike in the present step, ascending; repeated for several spikes.
    due
        The next step, counted as Brian2 does, that has spikes.
    """

    # No attribute is a variable of Brian2's, and `Group` asks that in every step: a tenth of a run.
    __setattr__ = object.__setattr__

    def __init__(self, size: int, name: str, clock: Any) -> None:
        Group.__init__(self, clock=clock, when="thresholds", order=0, name=name)
        self.events = {"spike": None}
        self.start, self.stop = 0, size
        self.variables = Variables(self)
        self.variables.create_clock_variables(self._clock)
        self.variables.add_constant("N", value=size)
        self.variables.add_arange("i", size)
        # Synapses look for it: see `pathways`, which asks for `fired`.
        self.variables.add_array("_spikespace", size=size + 1, dtype=np.int32)
        self.play(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))
        self._enable_group_attributes()

    def play(self, steps: np.ndarray, rows: np.ndarray) -> None:
        """Take spikes, in order of steps, then of rows.

        A spike that Brian2 emits in the step beginning at t is one that ends its step at t + dt,
        as NEST stamps it: each is played one step early.
        """
        self._rows = rows.astype(np.int32)
        begins = np.flatnonzero(np.diff(steps, prepend=-2)) if steps.size else steps
        self._due = (steps[begins] - 1).tolist()
        self._bounds = [*begins.tolist(), len(steps)]
        self._next = 0
        self.due = self._due[0] if self._due else UNLIMITED_STEPS
        self.fired = self._rows[:0]

    def fire(self) -> np.ndarray:
        """Rows of the sources that spike in the step that is due."""
        k = self._next
        self._next = k + 1
        self.due = self._due[k + 1] if k + 1 < len(self._due) else UNLIMITED_STEPS
        self.fired = self._rows[self._bounds[k] : self._bounds[k + 1]]
        return self.fired

    def run(self) -> None:
        """Do what is due in the present step."""
        step = int(self.variables["t_in_timesteps"].get_value()[0])
        self.fired = self._rows[:0]
        if step >= self.due:
            self.fire()
