"""What is recorded: spikes and samples, taken from the groups as the network runs."""

from __future__ import annotations

from typing import Any

import numpy as np

from .cell_groups import CellGroup, SourceGroup

# Spikes for which room is made at once.
_ROOM = 4096


class SpikeTap:
    """Spikes of the recorded cells of a group.

    Attributes
    ----------
    wanted : ndarray of bool, shape (size of the group,)
        Which cells are recorded from now on.
    """

    def __init__(self, group: CellGroup | SourceGroup) -> None:
        self.group = group
        self.wanted = np.zeros(0, dtype=bool)
        self._all = False
        self.clear()

    def clear(self) -> None:
        """Forget what was recorded."""
        self._number = 0
        self._rows = np.empty(_ROOM, dtype=np.int32)
        self._steps = np.empty(_ROOM, dtype=np.int32)
        self._sorted: tuple[int, np.ndarray, np.ndarray] | None = None

    def want(self, rows: np.ndarray) -> None:
        """Record these cells, too."""
        wanted = np.zeros(self.group.size, dtype=bool)
        wanted[: len(self.wanted)] = self.wanted
        wanted[rows] = True
        self.wanted = wanted

    def forget(self, rows: np.ndarray) -> None:
        """Record these cells no longer, and forget what was recorded of them."""
        self.wanted[rows] = False
        self.let_go(rows)

    def let_go(self, rows: np.ndarray) -> None:
        """Forget what was recorded of these cells until now."""
        kept = np.flatnonzero(~np.isin(self._rows[: self._number], rows))
        for recorded in (self._rows, self._steps):
            recorded[: len(kept)] = recorded[kept]
        self._number, self._sorted = len(kept), None

    def prepare(self) -> None:
        """Make ready for a run."""
        self.want(np.empty(0, dtype=np.int64))
        self._all = bool(self.wanted.all())

    def take(self, step: int, fired: np.ndarray) -> None:
        """Take the spikes of a step, as rows of cells."""
        if not self._all:
            fired = fired[self.wanted[fired]]
        number = len(fired)
        end = self._number + number
        if end > len(self._rows):
            size = max(end, 2 * len(self._rows))
            # A longer array without a copy of what is not used yet.
            self._rows.resize(size, refcheck=False)
            self._steps.resize(size, refcheck=False)
        self._rows[self._number : end] = fired
        self._steps[self._number : end] = step
        self._number = end

    def of(self, first: int, stop: int) -> tuple[np.ndarray, np.ndarray]:
        """Spikes of the cells in rows `first` to `stop`: rows, and the steps that they ended.

        Both in order of rows, then of steps.
        """
        if self._sorted is None or self._sorted[0] != self._number:
            rows, steps = self._rows[: self._number], self._steps[: self._number]
            order = np.argsort(rows, kind="stable")
            self._sorted = self._number, rows[order], steps[order]
        _, rows, steps = self._sorted
        here = slice(*np.searchsorted(rows, [first, stop]))
        # Brian2 counts a spike to the step that it ends.
        return rows[here].astype(np.int64), steps[here].astype(np.int64) + 1


class SignalTap:
    """Samples of one variable of a group, at every so many steps, counted from step 0.

    Attributes
    ----------
    rows : ndarray of int64, shape (n,)
        Cells that are recorded from now on, ascending.
    next
        Step of the next sample: the first one after `step`, if the simulation has begun.
    """

    def __init__(self, group: CellGroup, variable: str, every: int, step: int) -> None:
        self.group, self.variable, self.every = group, variable, every
        self.rows = np.empty(0, dtype=np.int64)
        self.clear()
        if step > 0:
            self.next = every * (step // every + 1)
            self._lacking = self.next // every

    def clear(self) -> None:
        """Forget what was recorded."""
        self.next = 0
        # Samples that there are none of, and, of each run, the cells and their samples.
        self._lacking = 0
        self._blocks: list[tuple[np.ndarray, np.ndarray]] = []
        self._filled = 0

    def forget(self, rows: np.ndarray) -> None:
        """Record these cells no longer, and forget what was recorded of them."""
        self.rows = np.setdiff1d(self.rows, rows)
        for recorded, values in self._blocks:
            values[:, np.isin(recorded, rows)] = np.nan

    def let_go(self, rows: np.ndarray) -> None:
        """Forget the samples of these cells that were taken, but for the last one."""
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
        """Make room for the samples of a run."""
        number = max(0, (until - self.next) // self.every + 1)
        self._blocks.append((self.rows, np.empty((number, len(self.rows)))))
        self._filled = 0
        self._values = self.group.values[self.variable]
        pending = self.group.kind.pending.get(self.variable)
        self._pending = None if pending is None else self.group.values[pending]

    def take(self) -> None:
        """Take the sample that is due."""
        sample = self._blocks[-1][1][self._filled]
        np.take(self._values, self.rows, out=sample)
        if self._pending is not None:
            sample += self._pending[self.rows]
        self._filled += 1
        self.next += self.every

    def samples(self, rows: np.ndarray, first: int = 0) -> np.ndarray:
        """Samples of some cells from number `first` on, shape (k, len(rows)); NaN for none."""
        found = [np.full((max(0, self._lacking - first), len(rows)), np.nan)]
        number = self._lacking
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
        """Samples of the runs with the same cells, as one array."""
        joined: list[tuple[np.ndarray, list[np.ndarray]]] = []
        for recorded, values in self._blocks:
            if not len(values):
                continue
            if not joined or not np.array_equal(joined[-1][0], recorded):
                joined.append((recorded, []))
            joined[-1][1].append(values)
        self._blocks = [(recorded, np.concatenate(parts)) for recorded, parts in joined]
        return self._blocks


class Taps:
    """Everything that is recorded of a network."""

    def __init__(self) -> None:
        self.spikes: dict[int, SpikeTap] = {}
        self.signals: dict[Any, SignalTap] = {}

    def record_spikes(self, group: CellGroup | SourceGroup, rows: np.ndarray) -> SpikeTap:
        """Record spikes of these cells from now on."""
        tap = self.spikes.setdefault(id(group), SpikeTap(group))
        tap.want(rows)
        return tap

    def record_signal(
        self, group: CellGroup, variable: str, every: int, rows: np.ndarray, step: int
    ) -> SignalTap:
        """Record a variable of these cells every so many steps, from a step on."""
        key = id(group), variable, every
        if key not in self.signals:
            self.signals[key] = SignalTap(group, variable, every, step)
        tap = self.signals[key]
        tap.rows = np.union1d(tap.rows, rows)
        return tap

    def forget(self, group: CellGroup | SourceGroup, rows: np.ndarray) -> None:
        """Record these cells no longer, and forget what was recorded of them."""
        taps: list[SpikeTap | SignalTap] = [*self.spikes.values(), *self.signals.values()]
        for tap in taps:
            if tap.group is group:
                tap.forget(rows)

    def let_go(self, group: CellGroup | SourceGroup, rows: np.ndarray) -> None:
        """Forget what was recorded of these cells until now, but for the last samples."""
        taps: list[SpikeTap | SignalTap] = [*self.spikes.values(), *self.signals.values()]
        for tap in taps:
            if tap.group is group:
                tap.let_go(rows)

    def prepare(self, step: int, until: int) -> None:
        """Make ready for a run."""
        for spikes in self.spikes.values():
            spikes.prepare()
        for signal in self.signals.values():
            if step == 0:
                # A run of no steps may have been before.
                signal.clear()
            signal.prepare(until)

    def sample(self, step: int) -> int:
        """Take the samples of the state from which this step begins; the next one that is due."""
        for signal in self.signals.values():
            if signal.next == step:
                signal.take()
        return min((signal.next for signal in self.signals.values()), default=step)

    def take_spikes(self, step: int) -> None:
        """Take the spikes of this step."""
        for spikes in self.spikes.values():
            fired = spikes.group.spikes
            if len(fired):
                spikes.take(step, fired)

    def finish(self, step: int) -> None:
        """Take the samples of the present, when a run has ended."""
        self.sample(step)

    def clear(self) -> None:
        """Forget what was recorded, and go on with the same cells."""
        for spikes in self.spikes.values():
            spikes.clear()
        for signal in self.signals.values():
            signal.clear()
