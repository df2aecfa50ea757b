"""One Brian2 group for all cells of a kind, and one for all spike sources.

Each population is a range of rows of a group.

Corrects (seen in PyNN 0.13.0, Brian2 2.9.0 to 2.11.0): source spikes are emitted one step late
(row "source to current"), and sources run on Brian2's default clock ("SpikeSourceArray, dt other
than 0.1").
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
        Every parameter and state variable, in the units of the kind. Once the Brian2 group
        exists, these are the arrays it computes with, not copies.
    brian_object
        The Brian2 group, None until it is created.
    parameters_changed
        Whether parameters were set since the last run.
    """

    def __init__(self, kind: CellKind | CompiledKind, name: str, dt: float) -> None:
        self.kind, self.name = kind, name
        self._dt = dt  # ms
        self.size = 0
        self.brian_object: Any = None
        self.parameters_changed = True
        self.values: dict[str, np.ndarray] = {name: np.empty(0) for name in kind.variables}
        self._initial_states: dict[str, np.ndarray] = {}

    def add(self, size: int, values: dict[str, Any]) -> int:
        """Add cells with these parameters, and return the row of the first one."""
        first, self.size = self.size, self.size + size
        for name, array in self.values.items():
            new = np.broadcast_to(np.asarray(values.get(name, 0.0), dtype=float), (size,))
            self.values[name] = np.concatenate([array, new])
        return first

    def create(self, clock: Any) -> Any:
        """Create the Brian2 group."""
        self.brian_object = self.kind.create_group(self.size, self.name, clock)
        variables = self.brian_object.variables
        for name in self.values.keys() & variables.keys():
            variables[name].set_value(self.values[name])
            self.values[name] = variables[name].get_value()
        self.kind.add_compiled_step(self.brian_object, self.values, self._dt)
        return self.brian_object

    def set(self, name: str, rows: Any, value: Any) -> None:
        """Set a parameter or state variable of some cells.

        State variables that the kind stores in units of this parameter are rescaled.
        """
        for state, parameter in self.kind.proportional_to.items():
            if parameter == name:
                self.values[state][rows] *= value / self.values[name][rows]
        self.values[name][rows] = value
        self.parameters_changed = True

    def apply_changes(self, step: int) -> None:
        """Recompute the values derived from parameters, if these were set since the last run."""
        if not self.parameters_changed:
            return
        self.parameters_changed = False
        variables = self.brian_object.variables
        for name, array in self.kind.derived_values(self.values, self._dt).items():
            if name in self.values:
                self.values[name][:] = array
            else:
                variables[name].set_value(array)

    @property
    def refractory_steps(self) -> np.ndarray:
        """Refractory period of each cell, in steps, as integers."""
        return self.kind.refractory_steps(self.values, self._dt)

    @property
    def is_finite(self) -> bool:
        """Whether all states are finite numbers."""
        return all(bool(np.isfinite(self.values[name]).all()) for name in self.kind.state)

    def store_initial_states(self) -> None:
        """Store the present state variables as those of time 0, for `reset`."""
        self._initial_states = {name: self.values[name].copy() for name in self.kind.state}

    def reset(self) -> None:
        """Go back to time 0."""
        for name, array in self._initial_states.items():
            self.values[name][:] = array
        self.kind.clear_transients(self.brian_object, self.values)

    @property
    def spikes(self) -> np.ndarray:
        """Rows of the cells that fired in this step."""
        space: np.ndarray = self.brian_object.variables["_spikespace"].get_value()
        return space[: space[-1]]


class SourceGroup:
    """All spike sources: populations with given spike trains, each a range of rows.

    Attributes
    ----------
    size
        Number of sources.
    brian_object
        The Brian2 object, None until it is created.
    """

    def __init__(self, name: str, dt: float) -> None:
        self.name = name
        self._dt = dt  # ms
        self.size = 0
        # Populations, and the first row of each.
        self._members: list[tuple[int, Any]] = []
        self.brian_object: Any = None

    def add(self, population: Any) -> int:
        """Add the sources of a population, and return the row of the first one."""
        first = self.size
        self._members.append((first, population))
        self.size += population.size
        return first

    def create(self, clock: Any) -> Any:
        """Create the Brian2 object."""
        self.brian_object = SpikeGenerator(self.size, self.name, clock)
        return self.brian_object

    def apply_changes(self, step: int) -> None:
        """Do nothing: `load_spikes` reads the trains in each run."""

    @property
    def fires_at_start(self) -> bool:
        """Whether a source spikes at time 0."""
        return any(population.trains.first_step == 0 for _, population in self._members)

    def load_spikes(self, first: int, last: int) -> None:
        """Load the spikes after step `first`, up to and including step `last`."""
        found = [population.trains.spikes_between(first, last) for _, population in self._members]
        steps = np.concatenate([steps for steps, _ in found])
        rows = np.concatenate(
            [rows + begin for (begin, _), (_, rows) in zip(self._members, found, strict=True)]
        )
        self.brian_object.set_spikes(*spikes_by_step(steps, rows, self.size, first, last))

    def reset(self) -> None:
        """Go back to time 0."""
        for _, population in self._members:
            population.reset_trains()

    @property
    def spikes(self) -> np.ndarray:
        """Rows of the sources that spike in this step, repeated for several spikes."""
        fired: np.ndarray = self.brian_object.fired
        return fired


class SpikeGenerator(Group, SpikeSource):
    """A Brian2 group that emits given spikes.

    Unlike Brian2's `SpikeGeneratorGroup`, a source can have several spikes in one step.

    Attributes
    ----------
    fired : ndarray of int32
        Rows of the sources that spike in the present step, ascending; repeated for several spikes.
    next_spike_step
        The next step that has spikes, numbered by its beginning as in Brian2.
    """

    # `Group.__setattr__` checks each name against Brian2's variables, which takes a tenth of a
    # run; no attribute set here is one.
    __setattr__ = object.__setattr__

    def __init__(self, size: int, name: str, clock: Any) -> None:
        Group.__init__(self, clock=clock, when="thresholds", order=0, name=name)
        self.events = {"spike": None}
        self.start, self.stop = 0, size
        self.variables = Variables(self)
        self.variables.create_clock_variables(self._clock)
        self.variables.add_constant("N", value=size)
        self.variables.add_arange("i", size)
        # `Synapses` requires this variable; `pathways` reads `fired` instead.
        self.variables.add_array("_spikespace", size=size + 1, dtype=np.int32)
        self.set_spikes(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))
        self._enable_group_attributes()

    def set_spikes(self, steps: np.ndarray, rows: np.ndarray) -> None:
        """Set the spikes to emit, sorted by step, then by row.

        A spike that Brian2 emits in the step beginning at t corresponds to NEST's spike at the
        end of that step, t + dt. Each spike is therefore emitted one step earlier than given.

        Parameters
        ----------
        steps : ndarray of int, shape (number of spikes,)
            Time of each spike, in steps.
        rows : ndarray of int, shape (number of spikes,)
            The source of each spike.
        """
        self._rows = rows.astype(np.int32)
        begins = np.flatnonzero(np.diff(steps, prepend=-2)) if steps.size else steps
        self._spike_steps = (steps[begins] - 1).tolist()
        self._bounds = [*begins.tolist(), len(steps)]
        self._next = 0
        self.next_spike_step = self._spike_steps[0] if self._spike_steps else UNLIMITED_STEPS
        self.fired = self._rows[:0]

    def emit(self) -> np.ndarray:
        """Emit the spikes of `next_spike_step`: return their rows, and advance to the next."""
        k = self._next
        self._next = k + 1
        self.next_spike_step = (
            self._spike_steps[k + 1] if k + 1 < len(self._spike_steps) else UNLIMITED_STEPS
        )
        self.fired = self._rows[self._bounds[k] : self._bounds[k + 1]]
        return self.fired

    def run(self) -> None:
        """Emit the spikes of the present step, if there are any."""
        step = int(self.variables["t_in_timesteps"].get_value()[0])
        self.fired = self._rows[:0]
        if step >= self.next_spike_step:
            self.emit()
