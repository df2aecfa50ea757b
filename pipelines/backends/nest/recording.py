"""Reading NEST's recordings as arrays.

Mends (seen in PyNN 0.13.0, NEST 3.10.0): `get_data(clear=True)` loses the sample at the
border and shifts what follows; `get_spike_counts` counts spikes beyond the end of the run;
signals are collected in a Python loop a sample; every population has a multimeter, which costs
time in every slice though nothing is recorded.
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
from .kernel_time import has_begun, is_beyond, registry
from .potentiation import all_spiked_since, first_needed_step
from .recording_devices import SignalRecorder, SpikeRecorder

_NO_SPIKES = np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)


class Recorder(SegmentsMixin, StockRecorder):
    """Recorder that leaves the data in NEST and cuts out the time that is asked for.

    A device is made when something is to be recorded with it.
    """

    def __init__(self, population: Any, file: Any = None) -> None:
        self.recorded_all: defaultdict[Any, set] = defaultdict(set)
        # Step after which a cell's spikes are recorded, where that is not the start.
        self._spikes_after: dict[int, int] = {}
        # Whether synapses may ask for the spikes of all cells, and the step since which every cell
        # has spiked again.
        self.is_noted = False
        self.all_spiked_since = 0
        # Cells, and steps of NEST's clock, of their spikes that may still reach a synapse.
        self._recent = _NO_SPIKES
        self.signal_recorders: list[SignalRecorder] = []
        # Stock makes both devices at once, and asks NEST what time it is, and how long a step.
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
        """Time between two samples of a signal, in ms."""
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

    def make_devices_again(self) -> None:
        """Make devices for the same variables and cells in a NEST that has none of them."""
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
        self._spikes_after.clear()

    def record(
        self, variables: Any, ids: Any, sampling_interval: Any = None, locations: Any = None
    ) -> None:
        # Stock asks NEST of every neuron whether it is in this process: 0.2 ms each.
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
            native_generators.stop(self.population)
            if has_begun():
                self._spikes_after |= {int(id): registry.present_step for id in new_ids}
            self._spike_detector.add_ids(new_ids)
            return
        self.sampling_interval = sampling_interval
        if has_begun():
            self.late_signals |= {variable.name}
        self._record_signal([self._in_nest(variable)[0]], new_ids)

    def _record_signal(self, names: list[str], ids: Iterable[Any]) -> None:
        """Record variables, by NEST's names, of cells."""
        # A device that is connected takes neither.
        last = self.signal_recorders[-1] if self.signal_recorders else None
        if last is None or last._connected:
            self.signal_recorders.append(SignalRecorder(self._interval_ms))
        for name in names:
            self.signal_recorders[-1].add_variable(name)
        self.signal_recorders[-1].add_ids(ids)

    def _in_nest(self, variable: Any) -> tuple[str, float]:
        """NEST's name of a variable, and PyNN's value of 1 in NEST's unit."""
        celltype = self.population.celltype
        name = getattr(celltype, "variable_map", {}).get(variable.name, variable.name)
        return name, getattr(celltype, "scale_factors", {}).get(variable.name, 1.0)

    def note_spikes(self) -> None:
        """Have the spikes of all cells recorded, whatever the script asks for."""
        self.is_noted = True
        self._spike_detector.add_ids(self.population.all_cells)

    def spikes_of_all(self) -> tuple[np.ndarray, np.ndarray]:
        """Cells (NEST's numbers) and steps of their spikes until now, from when they are noted."""
        ids = np.asarray(self.population.all_cells, dtype=np.int64)
        steps, keep, events = self._until_now(self._spike_events(), ids, 0)
        return np.asarray(events["senders"])[keep], steps[keep]

    def recent_spikes(self) -> tuple[np.ndarray, np.ndarray]:
        """As `spikes_of_all`, without those that a later one has followed to every synapse.

        What it costs does not grow with the length of a simulation.
        """
        events = mpi_processes.joined(self._spike_detector.fresh())
        new, _, _ = self._until_now(events, self._recent[0], 0)
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
        return mpi_processes.joined(self._spike_detector.events(), registry.is_read_only)

    @staticmethod
    def _until_now(events: Any, ids: Any, first: int) -> tuple[np.ndarray, np.ndarray, Any]:
        """The step of each event, which are of `ids` from step `first` until now, and the events,
        times (ms) counted from the start or `reset`."""
        dt, between = registry.timestep, registry.off_grid
        times = np.asarray(events["times"]) - to_ms(registry.origin_step, dt)
        steps = ceil_steps(times, dt) if between else np.rint(times / dt).astype(np.int64)
        keep = (steps >= first) & (steps <= registry.present_step)
        return steps, keep & np.isin(events["senders"], ids), events | {"times": times}

    def _get_spiketimes(self, ids: Any, clear: bool = False) -> tuple[np.ndarray, np.ndarray]:
        wanted = np.asarray(list(ids), dtype=np.int64)
        first = last_step_before_segment(self._first_step()) + 1
        steps, keep, events = self._until_now(self._spike_events(), wanted, first)
        for id, after in self._spikes_after.items():
            keep &= (events["senders"] != id) | (steps > after)
        between = registry.off_grid
        times = (
            off_grid_ms(events["times"][keep]) if between else to_ms(steps[keep], registry.timestep)
        )
        return np.asarray(events["senders"])[keep], times

    def _get_all_signals(self, variable: Any, ids: Any, clear: bool = False) -> tuple[Any, None]:
        wanted = np.asarray([int(id) for id in ids], dtype=np.int64)
        if wanted.size == 0:
            return np.array([]), None
        name, scale = self._in_nest(variable)
        every = round(self._interval_ms / registry.timestep)
        first = -(-self._first_step() // every)
        values = np.full((registry.present_step // every + 1 - first, wanted.size), np.nan)
        order = np.argsort(wanted)
        for device in self.signal_recorders:
            if name not in device.names:
                continue
            if first == 0 and device.from_start:
                # NEST records from the first step on: the state at time 0 is the initial value.
                recorded = np.isin(wanted, device.ids)
                rows = wanted[recorded] - int(self.population.all_cells[0])
                initial = as_array(self.population.at_time_0(variable.name), self.population.size)
                values[0, recorded] = initial[rows]
            if not device._connected:
                continue
            steps, keep, events = self._until_now(device.events(), wanted, max(first * every, 1))
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
        """Let NEST forget what no later segment has, but for spikes that plastic synapses need.

        A segment begins where the one before it was read, whatever NEST still holds. Populations
        that are not recorded, and have spikes for plastic synapses alone, take part.
        """
        if not is_beyond():
            # In one order in all processes, which ask each other for spikes.
            for one in sorted(simulator.state.recorders, key=_first_cell):
                if one is self or not any(one.recorded_all.values()):
                    one._forget()

    def _forget(self) -> None:
        for one in self.signal_recorders:
            if one._connected:
                nest.SetStatus(one.device, {"n_events": 0})
        if "_spike_detector" in vars(self):
            self._spike_detector.keep(self._first_needed_step())

    def _first_needed_step(self) -> float:
        """First step of NEST's clock of which plastic synapses need the spikes."""
        if not self.is_noted:
            return np.inf
        events = self._spike_events()
        steps, _, _ = self._until_now(events, [], 0)
        self.all_spiked_since = all_spiked_since(events["senders"], steps)
        noted = [one for one in simulator.state.recorders if one.is_noted]
        since = min(one.all_spiked_since for one in noted)
        return registry.origin_step + first_needed_step(since)


def _first_cell(recorder: Recorder) -> int:
    return int(recorder.population.all_cells[0])
