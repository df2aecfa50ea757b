"""Currents that are injected into cells, worked out for a run before it begins."""

from __future__ import annotations

import numpy as np

from ..shared.electrodes import CurrentSource
from .cell_groups import CellGroup

# Steps for which currents are worked out at once.
_BLOCK = 1000


class Currents:
    """The sum of all injected currents of each cell."""

    def __init__(self, dt: float) -> None:
        self._dt = dt
        self._injected: list[tuple[CurrentSource, CellGroup, np.ndarray]] = []
        self._until = 0
        # Of each group: the rows that get a current, and (from `_first` on) what each gets.
        self._plans: list[tuple[CellGroup, np.ndarray, np.ndarray, np.ndarray]] = []
        self._first = self._end = 0

    def inject(self, source: CurrentSource, cells: CellGroup, rows: np.ndarray) -> None:
        """Inject a source into cells of a group, given by their rows."""
        self._injected.append((source, cells, rows))

    @property
    def any(self) -> bool:
        """Whether there is a current source."""
        return bool(self._injected)

    def prepare(self, step: int, until: int) -> None:
        """Make ready for a run from `step` until `until`."""
        self._until = until
        self._first = self._end = step

    def act(self, step: int) -> None:
        """Give every cell its current for this step."""
        if not self._injected:
            return
        if step >= self._end:
            self._work_out(step)
        k = step - self._first
        for cells, rows, amplitudes, changes in self._plans:
            if changes[k]:
                cells.values["i_inj"][rows] = amplitudes[k]

    def _work_out(self, first: int) -> None:
        self._first, self._end = first, min(self._until, first + _BLOCK)
        steps = np.arange(self._first, self._end)
        self._plans = []
        groups = {id(cells): cells for _, cells, _ in self._injected}
        for cells in groups.values():
            here = [one for one in self._injected if one[1] is cells]
            rows = np.unique(np.concatenate([into for _, _, into in here]))
            sums = np.zeros((len(steps), len(rows)))
            for source, _, into in here:
                # A cell into which a source is injected twice gets it twice.
                times = np.bincount(np.searchsorted(rows, into), minlength=len(rows))
                columns = np.flatnonzero(times)
                sums[:, columns] += np.outer(source.current_in(steps), times[columns])
            changes = np.ones(len(steps), dtype=bool)
            changes[1:] = np.any(sums[1:] != sums[:-1], axis=1)
            self._plans.append((cells, rows, sums * cells.kind.current, changes))

    def reset(self) -> None:
        """Go back to time 0."""
        for source, cells, rows in self._injected:
            source.reset()
            cells.values["i_inj"][rows] = 0.0
