"""Readings of the synaptic weights of a run: at its start, at intervals and at its end.

The experiment gets the simulator as `WeightCourse.watched`, whose `run` stops for each reading.
A run in several parts gives the same results as one without stops on the backends of this
library, but not on PyNN's unmodified module for NEST.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from pipelines.execution.network_contents import evenly_spread
from pipelines.execution.recordings import rows

if TYPE_CHECKING:
    from pipelines.sweep.record import Readings

# Decimals of a reading time (ms); time steps are much longer than the last decimal.
_DECIMALS = 10


class WeightCourse:
    """Readings of the weights of the recorded projections of a run.

    A reading holds the weights with which the simulation continues: weights that an experiment
    sets between two calls of `run` are in the reading of that time. `reset` discards all readings,
    as it discards recorded signals.

    Parameters
    ----------
    sim
        The backend, with the network built.
    run_id
        Identity of the run.
    network
        Populations and projections by name.
    readings
        When the weights of each projection are read, as `pipelines.sweep.record.Record.readings`.
    """

    def __init__(
        self, sim: ModuleType, run_id: str, network: Mapping, readings: Mapping[str, Readings]
    ) -> None:
        self._sim, self._run_id, self._network, self._readings = sim, run_id, network, readings
        self._timestep = float(sim.get_time_step())
        self.samples: dict[str, dict[str, int | bool]] = {}
        """Projections of which some connections are read: ``recorded_connections``, their number,
        ``connections``, that of all, and ``all_at_end``, whether the last reading is of all."""
        self.watched = _ReadingModule(sim, self) if self._any_before_the_end() else sim
        self.restart()

    def _any_before_the_end(self) -> bool:
        return any(when.initial or when.interval for when in self._readings.values())

    def restart(self) -> None:
        """Discard all readings, after the time was set back to 0 ms."""
        self._tables: dict[str, list[tuple[float, pa.Table]]] = {n: [] for n in self._readings}
        self._next = {n: 0.0 if when.initial else np.inf for n, when in self._readings.items()}

    def read_due(self) -> None:
        """Read the weights that are due at the current time; called before time advances."""
        step = self._step()
        for name, due in self._next.items():
            if due <= step:
                self._read(name)
                interval = self._readings[name].interval
                steps = round(interval / self._timestep) if interval else np.inf
                # The next multiple of the interval, even if readings were missed.
                self._next[name] = (step // steps + 1) * steps if interval else np.inf

    def next_before(self, time_ms: float) -> float | None:
        """Time (ms) of the next reading before `time_ms`, or None."""
        step = min(self._next.values())
        if step >= time_ms / self._timestep - 0.5:
            return None
        return round(step * self._timestep, _DECIMALS)

    def finish(self) -> list[pa.Table]:
        """Read all weights at the end of the run, and return all readings.

        Returns
        -------
        list of pyarrow.Table
            Rows of the table `weights`: projections sorted by name, readings by time, one reading
            per time.
        """
        for name, when in self._readings.items():
            self._read(name, everything=when.all_at_end)
        return [table for name in sorted(self._tables) for _, table in self._tables[name]]

    def _step(self) -> int:
        return round(float(self._sim.get_current_time()) / self._timestep)

    def _read(self, name: str, everything: bool = False) -> None:
        from pipelines.backends import collect

        now = float(self._sim.get_current_time())
        found = collect.weights(self._network[name])
        when, n_all = self._readings[name], len(found["weight"])
        if when.connections is not None and when.connections < n_all and not everything:
            found = _followed(found, when.connections)
            self.samples[name] = {
                "recorded_connections": len(found["weight"]),
                "connections": n_all,
                "all_at_end": when.all_at_end,
            }
        table = rows("weights", self._run_id, name, **found, time_ms=now)
        before = self._tables[name]
        if before and abs(before[-1][0] - now) < 0.5 * self._timestep:
            before.pop()
        if before:
            table = _with_shared_columns(table, before[-1][1])
        before.append((now, table))


def _followed(weights: Mapping[str, np.ndarray], number: int) -> dict[str, np.ndarray]:
    """Some connections of a projection, the same ones at each reading.

    They are evenly spread over all connections in order of pre, post and delay. Connections that
    share all three cannot be told apart later, so they are read together.
    """
    order = np.lexsort([weights[name] for name in ("weight", "delay_ms", "post", "pre")])
    names = np.stack([weights[name][order] for name in ("pre", "post", "delay_ms")])
    group = np.append(0, np.cumsum(np.any(np.diff(names, axis=1) != 0, axis=0)))
    kept = np.zeros(len(order), bool)
    kept[order] = np.isin(group, group[evenly_spread(number, len(order))])
    return {name: values[kept] for name, values in weights.items()}


def _with_shared_columns(table: pa.Table, before: pa.Table) -> pa.Table:
    """A reading that shares all unchanged columns with the reading before.

    Connections do not change, so each reading takes 16 bytes per weight.
    """
    if len(table) != len(before):
        return table
    columns = [
        old if new.equals(old) else new
        for new, old in zip(table.columns, before.columns, strict=True)
    ]
    return pa.Table.from_arrays(columns, schema=table.schema)


class _ReadingModule(ModuleType):
    """A PyNN module whose `run` stops to read weights; all other attributes are the module's."""

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
            # Callbacks are called at the start of a run, so the run must not be split.
            return float(run_until(time_point, [*callbacks, self._reading_until(time_point)]))
        course.read_due()
        while (due := course.next_before(time_point)) is not None:
            run_until(due)
            course.read_due()
        return float(run_until(time_point))

    def _reading_until(self, time_point: float) -> Callable[[float], float]:
        """A callback that reads weights at each due time before `time_point`."""

        def read(_: float) -> float:
            self._course.read_due()
            due = self._course.next_before(time_point)
            return float("inf") if due is None else due

        return read

    def reset(self, *arguments: Any, **more: Any) -> None:
        """Reset the simulation to 0 ms and discard all readings."""
        self._sim.reset(*arguments, **more)
        self._course.restart()
