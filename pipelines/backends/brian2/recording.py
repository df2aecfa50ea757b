"""Recorder that reads spikes and signals from the monitors of the network.

Corrects (seen in PyNN 0.13.0, Brian2 2.9.0 to 2.11.0): spikes are dated at the beginning of their
step (row "spike stamp"); signals are sampled at the end of a step, which shifts them if the
sampling interval is longer than a step ("sampling_interval > dt"); `get_data(clear=True)` crashes
or pads with zeros; reading a subset of the recorded cells is not implemented.
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
    """Recorder whose data stay in the network's monitors, and are selected on reading."""

    _simulator = simulator
    sampling_interval: float

    def _record(self, variable: Any, new_ids: Any, sampling_interval: Any = None) -> None:
        if not new_ids:
            return
        rows = self._rows(new_ids)
        monitors, group = state.network.monitors, self.population.group
        if variable.name == "spikes":
            self._spike_monitor = monitors.record_spikes(group, rows)
            return
        if state.t > 0:
            self.late_signals |= {variable.name}
        self.sampling_interval = sampling_interval or self.sampling_interval
        interval_steps = int(
            to_steps(self.sampling_interval, state.dt, "record(sampling_interval)")
        )
        monitors.record_signal(group, self._native_name(variable), interval_steps, rows, state.step)

    def _native_name(self, variable: Any) -> str:
        translation = self.population.celltype.state_variable_translations[variable.name]
        return str(translation["translated_name"])

    def _rows(self, ids: Any) -> np.ndarray:
        """Rows in the group of the cells with these ids, in their order."""
        first = int(self.population.rows[0]) - int(self.population.first_id)
        return np.fromiter((int(id) for id in ids), dtype=np.int64) + first

    def _reset(self) -> None:
        state.network.monitors.stop_recording(self.population.group, self.population.rows)

    def _get_spiketimes(self, ids: Any, clear: bool = False) -> tuple[np.ndarray, np.ndarray]:
        if "_spike_monitor" not in vars(self):
            return np.empty(0, dtype=np.int64), np.empty(0)
        rows, steps = self._spike_monitor.spikes_of(
            int(self.population.rows[0]), int(self.population.rows[-1]) + 1
        )
        cells = rows - int(self.population.rows[0]) + int(self.population.first_id)
        keep = steps > last_step_before_segment(self._first_step())
        if len(ids) < self.population.size:
            keep &= np.isin(cells, np.asarray([int(id) for id in ids], dtype=np.int64))
        return cells[keep], to_ms(steps[keep], state.dt)

    def _get_all_signals(self, variable: Any, ids: Any, clear: bool = False) -> tuple[Any, None]:
        group, native = self.population.group, self._native_name(variable)
        interval_steps = int(to_steps(self.sampling_interval, state.dt, "sampling_interval"))
        monitor = state.network.monitors.signals[id(group), native, interval_steps]
        samples = monitor.samples(self._rows(ids), -(-self._first_step() // interval_steps))
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
        """Delete the recorded data, except the present sample: the next segment begins with it."""
        state.network.monitors.delete_past(self.population.group, self.population.rows)
