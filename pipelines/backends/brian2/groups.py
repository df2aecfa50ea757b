"""All cells of a kind in one Brian2 group, of which every population is a slice.

Mends (seen in PyNN 0.13.0, Brian2 2.9.0 to 2.11.0): sources that play one tick late (row "source
to current") and at Brian2's default clock ("SpikeSourceArray, dt other than 0.1").
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import brian2
import numpy as np
from brian2 import second

from .kinds import CellKind, CompiledKind


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
        """Rows of the cells that fired in this step, and at the end of the array their number."""
        space: np.ndarray = self.made.variables["_spikespace"].get_value()
        return space


class SourceGroup:
    """All sources that play trains, each a list of steps in which it fires.

    Attributes
    ----------
    trains : list of ndarray of int64
        Steps of each source's spikes.
    """

    def __init__(self, name: str, dt: float) -> None:
        self.name = name
        self._dt = dt  # ms
        self.trains: list[np.ndarray] = []
        self.made: Any = None
        self._changed = False

    @property
    def size(self) -> int:
        """Number of sources."""
        return len(self.trains)

    def add(self, trains: Sequence[np.ndarray]) -> int:
        """Add sources, and return the first one's row."""
        first = self.size
        self.trains.extend(trains)
        self._changed = True
        return first

    def make(self, clock: Any) -> Any:
        """Make the Brian2 group."""
        self.made = brian2.SpikeGeneratorGroup(
            self.size, indices=[], times=[] * second, clock=clock, name=self.name, sorted=True
        )
        return self.made

    def play(self, rows: Sequence[int], trains: Sequence[np.ndarray]) -> None:
        """Give some sources other trains; what is past of them is not played."""
        for row, train in zip(rows, trains, strict=True):
            self.trains[row] = train
        self._changed = True

    def renew(self, step: int) -> None:
        """Hand Brian2 the spikes after `step`, if trains were set since the last run.

        A spike that Brian2 emits in the step beginning at t is one that ends its step at
        t + dt, as NEST stamps it: each spike is played one step early.
        """
        if not self._changed:
            return
        self._changed = False
        sizes = [len(train) for train in self.trains]
        steps = np.concatenate([np.empty(0, dtype=np.int64), *self.trains])
        rows = np.repeat(np.arange(self.size, dtype=np.int32), sizes)
        ahead = steps > step
        steps, rows = steps[ahead], rows[ahead]
        order = np.lexsort((rows, steps))
        times = (steps[order] - 1) * (self._dt * 1e-3)
        self.made.set_spikes(rows[order], times * second, sorted=True)

    def reset(self) -> None:
        """Go back to time 0."""
        self._changed = True

    @property
    def spikes(self) -> np.ndarray:
        """Rows of the sources that fire in this step, and at the end of the array their number."""
        space: np.ndarray = self.made.variables["_spikespace"].get_value()
        return space
