"""Reading Brian2's recordings as arrays.

Mends (seen in PyNN 0.13.0, Brian2 2.9.0 to 2.11.0): spikes stamped at the start of their step
(row "spike stamp"); signals sampled at the end of a step, which shifts them when the sampling
interval is longer than one ("sampling_interval > dt"); `get_data(clear=True)`, which crashes
or pads with zeros; a subset of the recorded cells, which is not implemented.
"""

from __future__ import annotations

from typing import Any

import brian2
import numpy as np
from brian2 import ms
from pyNN.brian2 import simulator
from pyNN.brian2.recording import Recorder as StockRecorder

from ..shared.grid import to_ms, to_steps
from ..shared.recorded import refuse_late_signal


class Recorder(StockRecorder):
    """Recorder that leaves the data in Brian2 and cuts out the time that is asked for."""

    def __init__(self, population: Any = None, file: Any = None) -> None:
        super().__init__(population, file)
        # The step after which spikes of a cell are recorded, if that began in mid-run.
        self._since: dict[int, int] = {}

    def _record(self, variable: Any, new_ids: Any, sampling_interval: Any = None) -> None:
        if not new_ids:
            return
        now = simulator.state.t
        if variable.name != "spikes" and (now > 0 or variable.name in self._devices):
            refuse_late_signal(self.population, variable.name, now)
        if now > 0:
            step = round(now / simulator.state.dt)
            self._since.update({int(id): step for id in new_ids})
        super()._record(variable, new_ids, sampling_interval)

    def store_to_cache(self, annotations: Any = None) -> None:
        super().store_to_cache(annotations)
        # Of the segment that is to come, everything is recorded.
        self._since = {}

    def _create_device(self, group: Any, variable: Any) -> None:
        if variable.name == "spikes":
            super()._create_device(group, variable)
            return
        translation = self.population.celltype.state_variable_translations[variable.name]
        # A clock of its own would cost the network its quicker loop (see `steps`).
        each_step = self.sampling_interval == simulator.state.dt
        clock = (
            {"clock": simulator.state.network.clock}
            if each_step
            else {"dt": self.sampling_interval * ms}
        )
        monitor = brian2.StateMonitor(
            group,
            translation["translated_name"],
            record=self._rows(variable),
            when="start",  # the state at k dt is the one from which step k begins
            **clock,
        )
        self._devices[variable.name] = monitor
        simulator.state.network.add(monitor)

    def _rows(self, variable: Any) -> np.ndarray:
        """Recorded neurons, as ascending indices within the population."""
        ids = np.sort(np.fromiter(self.recorded[variable], dtype=np.int64))
        return ids - int(self.population.first_id)

    def _window(self) -> tuple[int, int]:
        """First and last step of the current segment."""
        dt = simulator.state.dt
        start = float(self._recording_start_time.rescale("ms").magnitude)
        return round(start / dt), round(simulator.state.t / dt)

    def _get_spiketimes(self, ids: Any, clear: bool = False) -> tuple[np.ndarray, np.ndarray]:
        dt = simulator.state.dt
        if "spikes" not in self._devices:  # nothing has run yet
            return np.empty(0, dtype=np.int64), np.empty(0)
        device = self._devices["spikes"]
        cells = np.asarray(device.i[:], dtype=np.int64) + int(self.population.first_id)
        # Brian2 stamps a spike with the beginning of its step.
        steps = np.rint(np.asarray(device.t[:] / ms) / dt).astype(np.int64) + 1
        first, last = self._window()
        keep = (steps > first) & (steps <= last)
        keep &= np.isin(cells, np.asarray([int(id) for id in ids], dtype=np.int64))
        if self._since:
            since = np.array([self._since.get(cell, 0) for cell in cells.tolist()], dtype=np.int64)
            keep &= steps > since
        return cells[keep], to_ms(steps[keep], dt)

    def _get_all_signals(self, variable: Any, ids: Any, clear: bool = False) -> tuple[Any, None]:
        dt = simulator.state.dt
        rows = np.asarray([int(id) for id in ids], dtype=np.int64) - int(self.population.first_id)
        recorded = self._rows(variable)
        translation = self.population.celltype.state_variable_translations[variable.name]
        name = translation["translated_name"]
        group = self.population.brian2_group
        now = np.asarray(getattr(group, name)[:], dtype=float)[recorded]
        every = int(to_steps(self.sampling_interval, dt, "sampling_interval"))
        first, last = self._window()
        values, steps = now[None, :], np.array([last])
        if variable.name in self._devices:
            device = self._devices[variable.name]
            before = np.asarray(getattr(device, name)[:], dtype=float).T
            steps = np.append(np.rint(np.asarray(device.t[:] / ms) / dt).astype(np.int64), [last])
            values = np.vstack([before, values])
        # The state now is a sample of its own, if a sample is due.
        keep = (steps >= first) & (steps % every == 0)
        reverse = translation["reverse_transform"]
        values = values[keep]
        if callable(reverse):  # else the variable has no unit
            unit = brian2.Quantity(1.0, dim=group.variables[name].dim)
            values = np.asarray(reverse(**{name: values * unit}), dtype=float)
        return values[:, np.searchsorted(recorded, rows)], None

    def _local_count(self, variable: Any, filter_ids: Any = None) -> dict[int, int]:
        ids = sorted(self.filter_recorded(variable, filter_ids))
        cells, _ = self._get_spiketimes(ids)
        counts = dict(zip(*np.unique(cells, return_counts=True), strict=True))
        return {id: int(counts.get(int(id), 0)) for id in ids}

    def _clear_simulator(self) -> None:
        """Nothing to do: a segment begins where the one before it was read."""
