"""Currents that current sources inject into cells."""

from __future__ import annotations

import numpy as np

from ..shared.electrodes import CurrentSource
from .cell_groups import CellGroup

# Number of steps for which currents are computed at once.
_BLOCK = 1000


class InjectedCurrents:
    """The sum of all injected currents of each cell, computed in blocks of steps."""

    def __init__(self, dt: float) -> None:
        self._dt = dt
        self._injected: list[tuple[CurrentSource, CellGroup, np.ndarray]] = []
        self._run_end = 0
        # For each group: rows of the cells, their currents (shape (steps, cells), in the units of
        # the kind) in the steps `_first` to `_end`, and whether any differs from the step before.
        self._amplitudes: list[tuple[CellGroup, np.ndarray, np.ndarray, np.ndarray]] = []
        self._first = self._end = 0

    def inject(self, source: CurrentSource, cells: CellGroup, rows: np.ndarray) -> None:
        """Inject a source into the cells in these rows of a group."""
        self._injected.append((source, cells, rows))

    @property
    def has_sources(self) -> bool:
        """Whether any current source was injected."""
        return bool(self._injected)

    def prepare(self, step: int, until: int) -> None:
        """Prepare for a run from step `step` to step `until`."""
        self._run_end = until
        self._first = self._end = step

    def apply(self, step: int) -> None:
        """Set the injected current of every cell for this step."""
        if not self._injected:
            return
        if step >= self._end:
            self._compute_block(step)
        k = step - self._first
        for cells, rows, amplitudes, changes in self._amplitudes:
            if changes[k]:
                cells.values["i_inj"][rows] = amplitudes[k]

    def _compute_block(self, first: int) -> None:
        self._first, self._end = first, min(self._run_end, first + _BLOCK)
        steps = np.arange(self._first, self._end)
        self._amplitudes = []
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
            self._amplitudes.append((cells, rows, sums * cells.kind.current_scale, changes))

    def reset(self) -> None:
        """Go back to time 0."""
        for source, cells, rows in self._injected:
            source.reset()
            cells.values["i_inj"][rows] = 0.0
