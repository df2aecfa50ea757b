"""Recorded spikes and signals.

A segment has the spikes in (start, end], the first segment also those at time 0, and samples from
its start to its end. Values that are set between two runs appear in later samples only.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from pyNN import recording

from ..shared.recordable import last_step_before_segment
from ..shared.segments import SegmentsMixin
from ..shared.time_grid import to_ms, to_steps
from . import simulator
from .simulator import state

_NONE = np.empty(0, dtype=np.int64)


class Recorder(SegmentsMixin, recording.Recorder):
    """Recorder of one population."""

    _simulator = simulator

    def __init__(self, population: Any, file: Any = None) -> None:
        super().__init__(population, file)
        self._reset()

    def _reset(self) -> None:
        """Stop recording, and delete all recorded data."""
        self._spikes_recorded = np.zeros(self.population.size, dtype=bool)
        # Recorded neurons of each variable, ascending.
        self._rows: dict[str, np.ndarray] = {}
        self._clear_data()

    def _clear_data(self) -> None:
        """Delete the recorded data of the present segment."""
        self._spikes: list[tuple[int, np.ndarray]] = []
        # Samples of each variable by step: neurons and their values.
        self._samples: dict[str, dict[int, tuple[np.ndarray, np.ndarray]]] = {}

    def store_to_cache(self, annotations: Any = None) -> None:
        super().store_to_cache(annotations)
        self._clear_data()

    def _record(self, variable: Any, new_ids: Any, sampling_interval: Any = None) -> None:
        rows = self._neurons(new_ids)
        if variable.name == "spikes":
            self._spikes_recorded[rows] = True
        elif rows.size:
            if state.step > 0:
                self.late_signals |= {variable.name}
            if sampling_interval is not None:
                to_steps(sampling_interval, state.dt, "record(sampling_interval)")
                self.sampling_interval = sampling_interval
            self._rows[variable.name] = np.union1d(self._rows.get(variable.name, _NONE), rows)

    def _neurons(self, ids: Any) -> np.ndarray:
        """Indices of cells within the population."""
        first = int(self.population.all_cells[0])
        return np.array([int(id) for id in ids], dtype=np.int64) - first

    def add_spikes(self, step: int, neurons: np.ndarray) -> None:
        """Store the spikes of a step, given as indices of neurons."""
        recorded = neurons[self._spikes_recorded[neurons]]
        if recorded.size:
            self._spikes.append((step, recorded))

    def sample(self, step: int) -> None:
        """Store a sample of every recorded variable, if `step` is a sampling time."""
        if step % self._sampling_steps == 0:
            for name, rows in self._rows.items():
                values = self.population.neurons.get(name)[rows]
                self._samples.setdefault(name, {})[step] = rows, values

    @property
    def _sampling_steps(self) -> int:
        """Sampling interval in steps."""
        return round(self.sampling_interval / state.dt)

    def _get_spiketimes(self, ids: Any, clear: bool = False) -> tuple[np.ndarray, np.ndarray]:
        after = last_step_before_segment(self._first_step())
        kept = [spikes for spikes in self._spikes if spikes[0] > after]
        neurons = np.concatenate([_NONE, *(some for _, some in kept)])
        steps = np.repeat([step for step, _ in kept], [len(some) for _, some in kept])
        wanted = np.isin(neurons, self._neurons(ids))
        cells = neurons[wanted] + int(self.population.all_cells[0])
        return cells, to_ms(steps[wanted], state.dt)

    def _get_all_signals(self, variable: Any, ids: Any, clear: bool = False) -> tuple[Any, None]:
        first = -(-self._first_step() // self._sampling_steps)
        samples = self._samples.get(variable.name, {})
        number = max(0, state.step // self._sampling_steps + 1 - first) if samples else 0
        values = np.full((number, self.population.size), np.nan)
        for step, (rows, sample) in samples.items():
            if step >= first * self._sampling_steps:
                values[step // self._sampling_steps - first, rows] = sample
        return values[:, self._neurons(ids)], None

    def _local_count(self, variable: Any, filter_ids: Any = None) -> dict[int, int]:
        ids = sorted(self.filter_recorded(variable, filter_ids))
        cells, _ = self._get_spiketimes(ids)
        return {id: int(np.count_nonzero(cells == int(id))) for id in ids}

    def _clear_simulator(self) -> None:
        """Delete past data, except the present sample, which is also the next segment's first."""
        self._spikes = [spikes for spikes in self._spikes if spikes[0] > state.step]
        for samples in self._samples.values():
            for step in [step for step in samples if step < state.step]:
                del samples[step]
