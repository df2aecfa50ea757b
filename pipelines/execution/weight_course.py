"""Reading the weights of a run at its start, at intervals and at its end, as its sweep asks for.

Whatever calls `run` advances time, be it an experiment with phases of its own: it is handed the
simulator as `WeightCourse.watched`, whose `run` stops for each reading. Our backends run in pieces
as they do at once, so readings change no result; PyNN's unmodified module for NEST does not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from pipelines.execution.recordings import rows

if TYPE_CHECKING:
    from pipelines.sweep.model import Readings

# Decimals of a ms at which a number of steps is cut: that of a step is far above.
_DECIMALS = 10


class WeightCourse:
    """The readings of the weights of a run.

    A reading shows what the network goes on with: weights that an experiment sets between two runs
    are in the reading of that time. After `reset` the course begins anew, as recorded signals do.

    Parameters
    ----------
    sim
        The backend, with the network built.
    run_id
        Of the run.
    network
        Populations and projections by name.
    readings
        When the weights of each projection are read, as `pipelines.sweep.model.Record.readings`.
    """

    def __init__(
        self, sim: ModuleType, run_id: str, network: Mapping, readings: Mapping[str, Readings]
    ) -> None:
        self._sim, self._run_id, self._network, self._readings = sim, run_id, network, readings
        self._timestep = float(sim.get_time_step())
        self.watched = _Watched(sim, self) if self._any_before_the_end() else sim
        self.begin()

    def _any_before_the_end(self) -> bool:
        return any(when.initial or when.interval for when in self._readings.values())

    def begin(self) -> None:
        """Forget what was read: time begins anew."""
        self._tables: dict[str, list[tuple[float, pa.Table]]] = {n: [] for n in self._readings}
        self._next = {n: 0.0 if when.initial else np.inf for n, when in self._readings.items()}

    def take(self) -> None:
        """Read what is due; to be called before time goes on."""
        step = self._step()
        for name, due in self._next.items():
            if due <= step:
                self._read(name)
                interval = self._readings[name].interval
                steps = round(interval / self._timestep) if interval else np.inf
                # A whole number of intervals from the start, whatever was missed.
                self._next[name] = (step // steps + 1) * steps if interval else np.inf

    def next_before(self, time_ms: float) -> float | None:
        """Time (ms) of the next reading, if it comes before a given one."""
        step = min(self._next.values())
        if step >= time_ms / self._timestep - 0.5:
            return None
        return round(step * self._timestep, _DECIMALS)

    def finish(self) -> list[pa.Table]:
        """Read all weights as they are at the end of the run.

        Returns
        -------
        list of pyarrow.Table
            Rows of the table `weights`: projections in order of their names, readings in that of
            their times. Of a time there is one reading.
        """
        for name in self._readings:
            self._read(name)
        return [table for name in sorted(self._tables) for _, table in self._tables[name]]

    def _step(self) -> int:
        return round(float(self._sim.get_current_time()) / self._timestep)

    def _read(self, name: str) -> None:
        from pipelines.backends import collect

        now = float(self._sim.get_current_time())
        found = collect.weights(self._network[name])
        table = rows("weights", self._run_id, name, **found, time_ms=now)
        before = self._tables[name]
        if before and abs(before[-1][0] - now) < 0.5 * self._timestep:
            before.pop()
        if before:
            table = _sharing(table, before[-1][1])
        before.append((now, table))


def _sharing(table: pa.Table, before: pa.Table) -> pa.Table:
    """A reading that holds no column again that is as it was: weights and times alone take memory.

    Connections stay what they are, so a long course takes 16 bytes a weight.
    """
    columns = [
        old if new.equals(old) else new
        for new, old in zip(table.columns, before.columns, strict=True)
    ]
    return pa.Table.from_arrays(columns, schema=table.schema)


class _Watched(ModuleType):
    """A PyNN module that has a course of weights read on its way; in all else as it is."""

    def __init__(self, sim: ModuleType, course: WeightCourse) -> None:
        super().__init__(sim.__name__, sim.__doc__)
        self._sim, self._course = sim, course
        self.run_for = self.run

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sim, name)

    def run(
        self, simtime: float, callbacks: Iterable[Callable[[float], float]] | None = None
    ) -> float:
        """Advance the simulation by `simtime`, in ms."""
        return self.run_until(self._sim.get_current_time() + simtime, callbacks)

    def run_until(
        self, time_point: float, callbacks: Iterable[Callable[[float], float]] | None = None
    ) -> float:
        """Advance the simulation until `time_point`, in ms."""
        course, run_until = self._course, self._sim.run_until
        if callbacks:
            # These are told of the start of a run: it must not be taken apart.
            return float(run_until(time_point, [*callbacks, self._reading_until(time_point)]))
        course.take()
        while (due := course.next_before(time_point)) is not None:
            run_until(due)
            course.take()
        return float(run_until(time_point))

    def _reading_until(self, time_point: float) -> Callable[[float], float]:
        """A callback for the readings before a time, at which they are left to the next run."""

        def read(_: float) -> float:
            self._course.take()
            due = self._course.next_before(time_point)
            return float("inf") if due is None else due

        return read

    def reset(self, *arguments: Any, **more: Any) -> None:
        """Set time back to zero, and begin the course anew."""
        self._sim.reset(*arguments, **more)
        self._course.begin()
