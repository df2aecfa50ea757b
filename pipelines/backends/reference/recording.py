"""Recorded spikes and signals.

A sample k is the state at k dt, as it is when the step that leads there is done: what is set
between two runs shows in the samples after it. A segment covers (start, end] for spikes, and has
samples from its start to its end.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from pyNN import recording

from ..shared.grid import to_ms, to_steps
from ..shared.recorded import refuse_late_signal
from . import simulator
from .simulator import state


class Recorder(recording.Recorder):
    """What is recorded of one population."""

    _simulator = simulator
    began_late = False

    def __init__(self, population: Any, file: Any = None) -> None:
        super().__init__(population, file)
        self._spiking = np.zeros(population.size, dtype=bool)
        self._reset()

    def _reset(self) -> None:
        """Forget what was to be recorded, and what was."""
        self._spiking[:] = False
        # By variable, the rows of its recorded neurons, ascending.
        self._rows: dict[str, np.ndarray] = {}
        self.forget()

    def forget(self) -> None:
        """Forget all data."""
        self._spikes: list[tuple[int, np.ndarray]] = []
        self._samples: dict[str, list[np.ndarray]] = {name: [] for name in self._rows}
        self._sampled: list[int] = []

    def store_to_cache(self, annotations: Any = None) -> None:
        super().store_to_cache(annotations)
        self.forget()

    def _record(self, variable: Any, new_ids: Any, sampling_interval: Any = None) -> None:
        if not new_ids:
            return
        rows = np.sort([int(id) for id in new_ids]) - int(self.population.all_cells[0])
        if variable.name == "spikes":
            self._spiking[rows] = True
            return
        if state.running:
            refuse_late_signal(self.population, variable.name, state.t)
        if sampling_interval is not None:
            to_steps(sampling_interval, state.dt, "record(sampling_interval)")
            self.sampling_interval = sampling_interval
        before = self._rows.get(variable.name, np.empty(0, dtype=np.int64))
        self._rows[variable.name] = np.union1d(before, rows)
        self._samples[variable.name] = []

    def note_spikes(self, step: int, neurons: np.ndarray) -> None:
        """Take the spikes of a step."""
        recorded = neurons[self._spiking[neurons]]
        if recorded.size:
            self._spikes.append((step, recorded))

    def sample(self, step: int) -> None:
        """Take a sample of every recorded signal, if one is due."""
        if not self._rows or step % round(self.sampling_interval / state.dt):
            return
        self._sampled.append(step)
        for name, rows in self._rows.items():
            self._samples[name].append(self.population.neurons.get(name)[rows])

    def _first_step(self) -> int:
        """First step of the current segment."""
        return round(float(self._recording_start_time.rescale("ms").magnitude) / state.dt)

    def _get_spiketimes(self, ids: Any, clear: bool = False) -> tuple[np.ndarray, np.ndarray]:
        first = self._first_step()
        kept = [(step, neurons) for step, neurons in self._spikes if step > first]
        neurons = np.concatenate([np.empty(0, dtype=np.int64), *(some for _, some in kept)])
        steps = np.repeat([step for step, _ in kept], [len(some) for _, some in kept])
        cells = neurons + int(self.population.all_cells[0])
        wanted = np.isin(cells, np.asarray([int(id) for id in ids], dtype=np.int64))
        return cells[wanted], to_ms(steps[wanted], state.dt)

    def _get_all_signals(self, variable: Any, ids: Any, clear: bool = False) -> tuple[Any, None]:
        wanted = np.asarray([int(id) for id in ids], dtype=np.int64)
        rows = self._rows.get(variable.name, np.empty(0, dtype=np.int64))
        columns = np.searchsorted(rows, wanted - int(self.population.all_cells[0]))
        keep = np.asarray(self._sampled, dtype=np.int64) >= self._first_step()
        values = np.asarray(self._samples.get(variable.name, []), dtype=float)
        return values.reshape(len(keep), len(rows))[keep][:, columns], None

    def _local_count(self, variable: Any, filter_ids: Any = None) -> dict[int, int]:
        ids = sorted(self.filter_recorded(variable, filter_ids))
        cells, _ = self._get_spiketimes(ids)
        counts = dict(zip(*np.unique(cells, return_counts=True), strict=True))
        return {int(id): int(counts.get(int(id), 0)) for id in ids}

    def _clear_simulator(self) -> None:
        """Nothing to do: a segment begins where the one before it was read."""
