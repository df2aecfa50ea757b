"""Recording on NEST, with the recorded data read as arrays.

Mends (seen in PyNN 0.13.0, NEST 3.10.0): `get_data(clear=True)` loses the sample at the
border of two segments and shifts later ones; `get_spike_counts` counts spikes after the end of the
run; signals are collected in a Python loop over samples; every population has a multimeter, which
costs time in every slice even if nothing is recorded.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property
from typing import Any

import nest
import numpy as np
import quantities as pq
from pyNN.errors import RecordingError
from pyNN.nest import simulator
from pyNN.nest.recording import Recorder as StockRecorder
from pyNN.recording import DataCache

from ..shared.initial_values import as_array
from ..shared.recordable import last_step_before_segment
from ..shared.segments import SegmentsMixin
from ..shared.time_grid import ceil_steps, off_grid_ms, to_ms, to_steps
from . import mpi_processes, native_generators
from .control import get_current_time
from .kernel_time import has_begun, kernel_is_ahead, registry
from .potentiation import all_spiked_since, first_needed_step
from .recording_devices import SignalRecorder, SpikeRecorder

_NO_SPIKES = np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)


class Recorder(SegmentsMixin, StockRecorder):
    """Recorder that leaves the data in NEST and reads the requested interval.

    A device is created when it is first needed.
    """

    def __init__(self, population: Any, file: Any = None) -> None:
        self.recorded_all: defaultdict[Any, set] = defaultdict(set)
        # Step after which a cell's spikes are recorded, for cells recorded from mid-run on.
        self._recorded_after_step: dict[int, int] = {}
        # Whether the spikes of all cells are recorded for synapses, and the step before which each
        # of them has been followed by another one.
        self.records_all_spikes = False
        self.all_spiked_since = 0
        # Cells and times (steps of NEST's clock) of spikes that may still reach a synapse.
        self._recent = _NO_SPIKES
        self.signal_recorders: list[SignalRecorder] = []
        # The stock recorder creates both devices now, and reads time and time step from NEST.
        self.file = file
        self.population = population
        self.recorded: defaultdict[Any, set] = defaultdict(set)
        self.cache = DataCache()
        simulator.state.recorders.add(self)
        self.clear_flag = False
        self._recording_start_time = get_current_time() * pq.ms
        self.sampling_interval = registry.timestep
        self.record_times = False

    @cached_property
    def _spike_detector(self) -> SpikeRecorder:
        return SpikeRecorder()

    @property
    def sampling_interval(self) -> float:
        """Sampling interval of signals, in ms."""
        return self._interval_ms

    @sampling_interval.setter
    def sampling_interval(self, value: float | None) -> None:
        if value is None:
            return
        to_steps(value, registry.timestep, "record(sampling_interval)")
        self._interval_ms = value
        for one in self.signal_recorders:
            if not one._connected:
                nest.SetStatus(one.device, {"interval": value})

    def _reset(self) -> None:
        self.recorded_all.clear()
        for one in self.signal_recorders:
            simulator.state.recording_devices.remove(one)
        self.signal_recorders = []

    def rebuild_devices(self) -> None:
        """Create the devices again after a reset of NEST, for the same variables and cells."""
        before, self.signal_recorders = self.signal_recorders, []
        self.all_spiked_since = 0
        spikes = self.__dict__.pop("_spike_detector", None)
        self._recent = _NO_SPIKES
        for one in (*before, *([spikes] if spikes else [])):
            simulator.state.recording_devices.remove(one)
        if spikes is not None:
            spikes.copy_into(self._spike_detector)
        for one in before:
            self._record_signal(one.names, one.ids)

    def store_to_cache(self, annotations: Any = None) -> None:
        super().store_to_cache(annotations)
        self._recorded_after_step.clear()

    def record(
        self, variables: Any, ids: Any, sampling_interval: Any = None, locations: Any = None
    ) -> None:
        # The stock method queries for every neuron whether it is local, 0.2 ms each.
        self._check_sampling_interval(sampling_interval)
        wanted = set(ids)
        for variable in self._localize_variables(variables, locations):
            if not self.population.can_record(variable.name):
                raise RecordingError(variable, self.population.celltype)
            new = wanted.difference(self.recorded_all[variable])
            self.recorded[variable] = self.recorded[variable].union(wanted)
            self.recorded_all[variable] = self.recorded_all[variable].union(wanted)
            self._record(variable, new, sampling_interval)

    def _record(self, variable: Any, new_ids: Any, sampling_interval: Any = None) -> None:
        if not new_ids:
            return
        if variable.name == "spikes":
            native_generators.restore_sources(self.population)
            if has_begun():
                self._recorded_after_step |= {int(id): registry.present_step for id in new_ids}
            self._spike_detector.add_ids(new_ids)
            return
        self.sampling_interval = sampling_interval
        if has_begun():
            self.late_signals |= {variable.name}
        self._record_signal([self._native_variable(variable)[0]], new_ids)

    def _record_signal(self, names: list[str], ids: Iterable[Any]) -> None:
        """Record variables (NEST's names) of cells."""
        # Variables and cells cannot be added to a connected device.
        last = self.signal_recorders[-1] if self.signal_recorders else None
        if last is None or last._connected:
            self.signal_recorders.append(SignalRecorder(self._interval_ms))
        for name in names:
            self.signal_recorders[-1].add_variable(name)
        self.signal_recorders[-1].add_ids(ids)

    def _native_variable(self, variable: Any) -> tuple[str, float]:
        """NEST's name of a variable, and the factor from NEST's unit to PyNN's."""
        celltype = self.population.celltype
        name = getattr(celltype, "variable_map", {}).get(variable.name, variable.name)
        return name, getattr(celltype, "scale_factors", {}).get(variable.name, 1.0)

    def record_all_spikes(self) -> None:
        """Record the spikes of all cells internally, whether or not the script does."""
        self.records_all_spikes = True
        self._spike_detector.add_ids(self.population.all_cells)

    def all_spikes(self) -> tuple[np.ndarray, np.ndarray]:
        """Node ids and time steps of all spikes up to the present, since they are recorded."""
        ids = np.asarray(self.population.all_cells, dtype=np.int64)
        steps, keep, events = self._until_present(self._spike_events(), ids, 0)
        return np.asarray(events["senders"])[keep], steps[keep]

    def recent_spikes(self) -> tuple[np.ndarray, np.ndarray]:
        """As `all_spikes`, without spikes after which a later one has reached all synapses.

        The computing time does not grow with the length of the simulation.
        """
        events = mpi_processes.gather_columns(self._spike_detector.new_spikes())
        new, _, _ = self._until_present(events, self._recent[0], 0)
        ids = np.append(self._recent[0], events["senders"])
        steps = np.append(self._recent[1], new + registry.origin_step)
        order = np.lexsort((steps, ids))
        ids, steps = ids[order], steps[order]
        longest = max((p.delay_range_steps or (0, 0))[1] for p in registry.projections)
        seen = steps <= registry.origin_step + registry.present_step - longest
        followed = seen & np.append((ids[1:] == ids[:-1]) & seen[1:], False)
        self._recent = ids[~followed], steps[~followed]
        ids, steps = self._recent[0], self._recent[1] - registry.origin_step
        keep = (steps >= 0) & (steps <= registry.present_step)
        return ids[keep], steps[keep]

    def _spike_events(self) -> dict[str, np.ndarray]:
        return mpi_processes.gather_columns(self._spike_detector.events(), registry.is_read_only)

    @staticmethod
    def _until_present(events: Any, ids: Any, first: int) -> tuple[np.ndarray, np.ndarray, Any]:
        """Time step of each event, a mask, and the events with times (ms) since the last `reset`.

        The mask selects events of `ids` from step `first` to the present.
        """
        dt, off_grid = registry.timestep, registry.off_grid
        times = np.asarray(events["times"]) - to_ms(registry.origin_step, dt)
        steps = ceil_steps(times, dt) if off_grid else np.rint(times / dt).astype(np.int64)
        keep = (steps >= first) & (steps <= registry.present_step)
        return steps, keep & np.isin(events["senders"], ids), events | {"times": times}

    def _get_spiketimes(self, ids: Any, clear: bool = False) -> tuple[np.ndarray, np.ndarray]:
        wanted = np.asarray(list(ids), dtype=np.int64)
        first = last_step_before_segment(self._first_step()) + 1
        steps, keep, events = self._until_present(self._spike_events(), wanted, first)
        for id, after in self._recorded_after_step.items():
            keep &= (events["senders"] != id) | (steps > after)
        off_grid = registry.off_grid
        times = (
            off_grid_ms(events["times"][keep])
            if off_grid
            else to_ms(steps[keep], registry.timestep)
        )
        return np.asarray(events["senders"])[keep], times

    def _get_all_signals(self, variable: Any, ids: Any, clear: bool = False) -> tuple[Any, None]:
        wanted = np.asarray([int(id) for id in ids], dtype=np.int64)
        if wanted.size == 0:
            return np.array([]), None
        name, scale = self._native_variable(variable)
        every = round(self._interval_ms / registry.timestep)
        first = -(-self._first_step() // every)
        values = np.full((registry.present_step // every + 1 - first, wanted.size), np.nan)
        order = np.argsort(wanted)
        for device in self.signal_recorders:
            if name not in device.names:
                continue
            if first == 0 and device.from_start:
                # NEST has no sample at time 0: the state is the initial value.
                recorded = np.isin(wanted, device.ids)
                rows = wanted[recorded] - int(self.population.all_cells[0])
                initial = as_array(
                    self.population.value_at_time_0(variable.name), self.population.size
                )
                values[0, recorded] = initial[rows]
            if not device._connected:
                continue
            steps, keep, events = self._until_present(
                device.events(), wanted, max(first * every, 1)
            )
            recorded = np.asarray(events[name])[keep] * scale
            place = np.searchsorted(wanted[order], np.asarray(events["senders"])[keep])
            values[steps[keep] // every - first, order[place]] = recorded
        return values, None

    def _local_count(self, variable: Any, filter_ids: Any = None) -> dict[int, int]:
        ids = sorted(self.filter_recorded(variable, filter_ids))
        senders, _ = self._get_spiketimes(ids)
        counts = dict(zip(*np.unique(senders, return_counts=True), strict=True))
        return {int(id): int(counts.get(int(id), 0)) for id in ids}

    def _clear_simulator(self) -> None:
        """Delete recorded data of past segments from NEST, except spikes for plastic synapses.

        Later segments start at the present, so this only frees memory. It includes populations
        whose spikes are recorded for plastic synapses only.
        """
        if not kernel_is_ahead():
            # In the same order in all MPI processes, which gather spikes from each other.
            for one in sorted(simulator.state.recorders, key=_first_cell):
                if one is self or not any(one.recorded_all.values()):
                    one._drop_events()

    def _drop_events(self) -> None:
        for one in self.signal_recorders:
            if one._connected:
                nest.SetStatus(one.device, {"n_events": 0})
        if "_spike_detector" in vars(self):
            self._spike_detector.drop_before(self._first_needed_step())

    def _first_needed_step(self) -> float:
        """First step of NEST's clock whose spikes plastic synapses need."""
        if not self.records_all_spikes:
            return np.inf
        events = self._spike_events()
        steps, _, _ = self._until_present(events, [], 0)
        self.all_spiked_since = all_spiked_since(events["senders"], steps)
        recorders = [one for one in simulator.state.recorders if one.records_all_spikes]
        since = min(one.all_spiked_since for one in recorders)
        return registry.origin_step + first_needed_step(since)


def _first_cell(recorder: Recorder) -> int:
    return int(recorder.population.all_cells[0])
