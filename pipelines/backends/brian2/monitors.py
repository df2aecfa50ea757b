"""Monitors that record spikes and state variables of groups while the network runs."""

from __future__ import annotations

from typing import Any

import numpy as np

from .cell_groups import CellGroup, SourceGroup

# Number of spikes that the arrays of a new monitor have room for.
_INITIAL_CAPACITY = 4096


class SpikeMonitor:
    """Recorded spikes of some cells of a group.

    Attributes
    ----------
    is_recorded : ndarray of bool, shape (size of the group,)
        Whether the spikes of each cell are recorded from now on.
    """

    def __init__(self, group: CellGroup | SourceGroup) -> None:
        self.group = group
        self.is_recorded = np.zeros(0, dtype=bool)
        self._all_recorded = False
        self.clear()

    def clear(self) -> None:
        """Delete all records."""
        self._count = 0
        self._rows = np.empty(_INITIAL_CAPACITY, dtype=np.int32)
        self._steps = np.empty(_INITIAL_CAPACITY, dtype=np.int32)
        self._sorted: tuple[int, np.ndarray, np.ndarray] | None = None

    def add_rows(self, rows: np.ndarray) -> None:
        """Start recording the cells in these rows."""
        is_recorded = np.zeros(self.group.size, dtype=bool)
        is_recorded[: len(self.is_recorded)] = self.is_recorded
        is_recorded[rows] = True
        self.is_recorded = is_recorded

    def stop_recording(self, rows: np.ndarray) -> None:
        """Stop recording these cells, and delete what was recorded of them."""
        self.is_recorded[rows] = False
        self.delete_past(rows)

    def delete_past(self, rows: np.ndarray) -> None:
        """Delete the spikes recorded so far from these cells."""
        kept = np.flatnonzero(~np.isin(self._rows[: self._count], rows))
        for recorded in (self._rows, self._steps):
            recorded[: len(kept)] = recorded[kept]
        self._count, self._sorted = len(kept), None

    def prepare(self) -> None:
        """Prepare for a run."""
        self.add_rows(np.empty(0, dtype=np.int64))
        self._all_recorded = bool(self.is_recorded.all())

    def append(self, step: int, fired: np.ndarray) -> None:
        """Record the spikes of a step, given the rows of the cells that fired."""
        if not self._all_recorded:
            fired = fired[self.is_recorded[fired]]
        number = len(fired)
        end = self._count + number
        if end > len(self._rows):
            size = max(end, 2 * len(self._rows))
            # `resize` copies the used part only.
            self._rows.resize(size, refcheck=False)
            self._steps.resize(size, refcheck=False)
        self._rows[self._count : end] = fired
        self._steps[self._count : end] = step
        self._count = end

    def spikes_of(self, first: int, stop: int) -> tuple[np.ndarray, np.ndarray]:
        """Recorded spikes of the cells in rows `first` to `stop` (exclusive).

        Returns
        -------
        rows, steps : ndarray of int64, shape (number of spikes,)
            The cell, and the step at whose end it fired; sorted by row, then by step.
        """
        if self._sorted is None or self._sorted[0] != self._count:
            rows, steps = self._rows[: self._count], self._steps[: self._count]
            order = np.argsort(rows, kind="stable")
            self._sorted = self._count, rows[order], steps[order]
        _, rows, steps = self._sorted
        here = slice(*np.searchsorted(rows, [first, stop]))
        # Brian2 numbers steps by their beginning; a spike is dated by the end of its step.
        return rows[here].astype(np.int64), steps[here].astype(np.int64) + 1


class SignalMonitor:
    """Samples of one variable of a group at multiples of a sampling interval.

    Attributes
    ----------
    rows : ndarray of int64, shape (n,)
        Cells that are recorded from now on, ascending.
    interval_steps
        Sampling interval, in steps; sample k is taken at step k * interval_steps.
    next_step
        Step of the next sample. A monitor made in mid-run starts after the present step.
    """

    def __init__(self, group: CellGroup, variable: str, interval_steps: int, step: int) -> None:
        self.group, self.variable, self.interval_steps = group, variable, interval_steps
        self.rows = np.empty(0, dtype=np.int64)
        self.clear()
        if step > 0:
            self.next_step = interval_steps * (step // interval_steps + 1)
            self._missing_samples = self.next_step // interval_steps

    def clear(self) -> None:
        """Delete all records."""
        self.next_step = 0
        # Number of samples before the monitor was made; then for each run, its cells (shape (n,))
        # and their samples (shape (k, n)), of which `_filled` are taken in the present run.
        self._missing_samples = 0
        self._blocks: list[tuple[np.ndarray, np.ndarray]] = []
        self._filled = 0

    def stop_recording(self, rows: np.ndarray) -> None:
        """Stop recording these cells, and delete what was recorded of them."""
        self.rows = np.setdiff1d(self.rows, rows)
        for recorded, values in self._blocks:
            values[:, np.isin(recorded, rows)] = np.nan

    def delete_past(self, rows: np.ndarray) -> None:
        """Delete the samples taken so far of these cells, except the last one."""
        blocks = self._joined_blocks()
        if not blocks:
            return
        last, values = blocks.pop()
        self._blocks = []
        for recorded, earlier in (*blocks, (last, values[:-1])):
            others = ~np.isin(recorded, rows)
            self._blocks.append((recorded[others], earlier[:, others]))
        self._blocks.append((last, values[-1:].copy()))

    def prepare(self, until: int) -> None:
        """Allocate the samples of a run that ends at step `until`."""
        number = max(0, (until - self.next_step) // self.interval_steps + 1)
        self._blocks.append((self.rows, np.empty((number, len(self.rows)))))
        self._filled = 0
        self._values = self.group.values[self.variable]
        undelivered = self.group.kind.undelivered.get(self.variable)
        self._undelivered = None if undelivered is None else self.group.values[undelivered]

    def take_sample(self) -> None:
        """Record the present values as the next sample."""
        sample = self._blocks[-1][1][self._filled]
        np.take(self._values, self.rows, out=sample)
        if self._undelivered is not None:
            sample += self._undelivered[self.rows]
        self._filled += 1
        self.next_step += self.interval_steps

    def samples(self, rows: np.ndarray, first: int = 0) -> np.ndarray:
        """Samples of some cells, from sample number `first` on.

        Returns
        -------
        ndarray, shape (k, len(rows))
            In the units of the group's kind; NaN where a cell was not recorded.
        """
        found = [np.full((max(0, self._missing_samples - first), len(rows)), np.nan)]
        number = self._missing_samples
        for recorded, values in self._joined_blocks():
            here = values[max(0, first - number) :]
            columns = np.searchsorted(recorded, rows)
            there = np.isin(rows, recorded)
            block = np.full((len(here), len(rows)), np.nan)
            block[:, there] = here[:, columns[there]]
            found.append(block)
            number += len(values)
        return np.concatenate(found)

    def _joined_blocks(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Join the samples of consecutive runs that recorded the same cells."""
        joined: list[tuple[np.ndarray, list[np.ndarray]]] = []
        for recorded, values in self._blocks:
            if not len(values):
                continue
            if not joined or not np.array_equal(joined[-1][0], recorded):
                joined.append((recorded, []))
            joined[-1][1].append(values)
        self._blocks = [(recorded, np.concatenate(parts)) for recorded, parts in joined]
        return self._blocks


class Monitors:
    """All monitors of a network.

    Attributes
    ----------
    spikes
        Spike monitors, by the id of their group.
    signals
        Signal monitors, by the id of their group, the variable and the interval in steps.
    """

    def __init__(self) -> None:
        self.spikes: dict[int, SpikeMonitor] = {}
        self.signals: dict[Any, SignalMonitor] = {}

    def record_spikes(self, group: CellGroup | SourceGroup, rows: np.ndarray) -> SpikeMonitor:
        """Record spikes of these cells from now on."""
        monitor = self.spikes.setdefault(id(group), SpikeMonitor(group))
        monitor.add_rows(rows)
        return monitor

    def record_signal(
        self, group: CellGroup, variable: str, interval_steps: int, rows: np.ndarray, step: int
    ) -> SignalMonitor:
        """Record a variable of these cells at multiples of an interval, starting at `step`."""
        key = id(group), variable, interval_steps
        if key not in self.signals:
            self.signals[key] = SignalMonitor(group, variable, interval_steps, step)
        monitor = self.signals[key]
        monitor.rows = np.union1d(monitor.rows, rows)
        return monitor

    def stop_recording(self, group: CellGroup | SourceGroup, rows: np.ndarray) -> None:
        """Stop recording these cells, and delete what was recorded of them."""
        for monitor in self._monitors_of(group):
            monitor.stop_recording(rows)

    def delete_past(self, group: CellGroup | SourceGroup, rows: np.ndarray) -> None:
        """Delete what was recorded of these cells so far, except the last samples."""
        for monitor in self._monitors_of(group):
            monitor.delete_past(rows)

    def _monitors_of(self, group: CellGroup | SourceGroup) -> list[SpikeMonitor | SignalMonitor]:
        every: list[Any] = [*self.spikes.values(), *self.signals.values()]
        return [monitor for monitor in every if monitor.group is group]

    def prepare(self, step: int, until: int) -> None:
        """Prepare for a run from step `step` to step `until`."""
        for spikes in self.spikes.values():
            spikes.prepare()
        for signal in self.signals.values():
            if step == 0:
                # A run of 0 steps may already have taken the sample of time 0.
                signal.clear()
            signal.prepare(until)

    def sample(self, step: int) -> int:
        """Record the samples due at the beginning of a step; return the step of the next one."""
        for signal in self.signals.values():
            if signal.next_step == step:
                signal.take_sample()
        return min((signal.next_step for signal in self.signals.values()), default=step)

    def append_spikes(self, step: int) -> None:
        """Record the spikes of this step."""
        for spikes in self.spikes.values():
            fired = spikes.group.spikes
            if len(fired):
                spikes.append(step, fired)

    def clear(self) -> None:
        """Delete all records, and continue to record the same cells."""
        for spikes in self.spikes.values():
            spikes.clear()
        for signal in self.signals.values():
            signal.clear()
