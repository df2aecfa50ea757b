"""Reading what was recorded on Brian2 as arrays.

Mends (seen in PyNN 0.13.0, Brian2 2.9.0 to 2.11.0): spikes stamped at the start of their step
(row "spike stamp"); signals sampled at the end of a step, which shifts them when the sampling
interval is longer than one ("sampling_interval > dt"); `get_data(clear=True)`, which crashes
or pads with zeros; a subset of the recorded cells, which is not implemented.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from pyNN import recording

from ..shared.recordable import last_step_before_segment
from ..shared.segments import SegmentsMixin
from ..shared.time_grid import to_ms, to_steps
from . import simulation as simulator
from .simulation import state


class Recorder(SegmentsMixin, recording.Recorder):
    """Recorder that leaves the data with the network and cuts out what is asked for."""

    _simulator = simulator
    sampling_interval: float

    def _record(self, variable: Any, new_ids: Any, sampling_interval: Any = None) -> None:
        if not new_ids:
            return
        rows = self._rows(new_ids)
        taps, group = state.network.taps, self.population.group
        if variable.name == "spikes":
            self._spikes = taps.record_spikes(group, rows)
            return
        if state.t > 0:
            self.late_signals |= {variable.name}
        self.sampling_interval = sampling_interval or self.sampling_interval
        every = int(to_steps(self.sampling_interval, state.dt, "record(sampling_interval)"))
        taps.record_signal(group, self._native(variable), every, rows, state.step)

    def _native(self, variable: Any) -> str:
        translation = self.population.celltype.state_variable_translations[variable.name]
        return str(translation["translated_name"])

    def _rows(self, ids: Any) -> np.ndarray:
        """Rows of cells in their group, in the order of the ids."""
        first = int(self.population.rows[0]) - int(self.population.first_id)
        return np.fromiter((int(id) for id in ids), dtype=np.int64) + first

    def _reset(self) -> None:
        state.network.taps.forget(self.population.group, self.population.rows)

    def _get_spiketimes(self, ids: Any, clear: bool = False) -> tuple[np.ndarray, np.ndarray]:
        if "_spikes" not in vars(self):
            return np.empty(0, dtype=np.int64), np.empty(0)
        rows, steps = self._spikes.of(
            int(self.population.rows[0]), int(self.population.rows[-1]) + 1
        )
        cells = rows - int(self.population.rows[0]) + int(self.population.first_id)
        keep = steps > last_step_before_segment(self._first_step())
        if len(ids) < self.population.size:
            keep &= np.isin(cells, np.asarray([int(id) for id in ids], dtype=np.int64))
        return cells[keep], to_ms(steps[keep], state.dt)

    def _get_all_signals(self, variable: Any, ids: Any, clear: bool = False) -> tuple[Any, None]:
        group, native = self.population.group, self._native(variable)
        every = int(to_steps(self.sampling_interval, state.dt, "sampling_interval"))
        tap = state.network.taps.signals[id(group), native, every]
        samples = tap.samples(self._rows(ids), -(-self._first_step() // every))
        translation = self.population.celltype.state_variable_translations[variable.name]
        reverse = translation["reverse_transform"]
        if callable(reverse):  # else the variable has no unit
            quantity = group.kind.quantity(native, samples)
            samples = np.asarray(reverse(**{native: quantity}), dtype=float)
        return samples, None

    def _local_count(self, variable: Any, filter_ids: Any = None) -> dict[int, int]:
        ids = sorted(self.filter_recorded(variable, filter_ids))
        cells, _ = self._get_spiketimes(ids)
        counts = dict(zip(*np.unique(cells, return_counts=True), strict=True))
        return {id: int(counts.get(int(id), 0)) for id in ids}

    def _clear_simulator(self) -> None:
        """Let go of what no later segment has: the sample of the present is of the next one."""
        state.network.taps.let_go(self.population.group, self.population.rows)
