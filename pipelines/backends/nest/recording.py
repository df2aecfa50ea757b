"""Reading NEST's recordings as arrays.

Mends (seen in PyNN 0.13.0, NEST 3.10.0): `get_data(clear=True)` loses the sample at the
border and shifts what follows; `get_spike_counts` counts spikes beyond the end of the run;
signals are collected in a Python loop a sample; every population has a multimeter, which costs
time in every slice though nothing is recorded.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import Any

import nest
import numpy as np
import quantities as pq
from pyNN.errors import RecordingError
from pyNN.nest import simulator
from pyNN.nest.recording import Multimeter, SpikeDetector
from pyNN.nest.recording import Recorder as StockRecorder
from pyNN.recording import DataCache

from ..shared.grid import ceil_steps, precise_ms, to_ms
from ..shared.populations import as_array
from ..shared.possible import refuse_not_finite
from ..shared.recorded import before_segment, refuse_late_signal
from . import generators
from .ahead import go_beyond, has_begun, registry
from .control import get_current_time
from .synapses import MOST_SMALL_TARGETS


class SpikeRecorder(SpikeDetector):
    """Recorder of spikes, without room for a thousand synapses a neuron.

    NEST keeps connections from a neuron to devices in blocks of 1,024, and makes the first block
    of every neuron at once: 32 KB of memory a neuron for PyNN's one synapse to its recorder.
    Synapses that know neither a weight of their own nor a pointer to their target are a quarter
    of the size (10,000 neurons: 292 MB and 0.34 s, then 57 MB and 0.11 s).
    """

    def connect_to_cells(self) -> None:
        """Connect the cells that are to be recorded, when the simulation begins."""
        if self._all_ids:
            # The device's number in its thread is no larger than its number in all of NEST.
            small = self.device.global_id <= MOST_SMALL_TARGETS
            model = "static_synapse_hom_w_hpc" if small else "static_synapse_hom_w"
            # NEST takes none that is smaller than the slice.
            delay = float(to_ms(registry.slice_steps or 1, registry.timestep))
            cells = nest.NodeCollection(sorted(self._all_ids))
            synapse = {"synapse_model": model, "delay": delay}
            nest.Connect(cells, self.device, "all_to_all", synapse)
        self._connected = True


class Recorder(StockRecorder):
    """Recorder that leaves the data in NEST and cuts out the time that is asked for.

    A device is made when something is to be recorded with it.
    """

    def __init__(self, population: Any, file: Any = None) -> None:
        self.recorded_all: defaultdict[Any, set] = defaultdict(set)
        # Whether spikes of some cell are recorded since a later time than others'.
        self.began_late = False
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

    @cached_property
    def _multimeter(self) -> Multimeter:
        made = Multimeter()
        nest.SetStatus(made.device, {"interval": self._interval_ms})
        return made

    @property
    def sampling_interval(self) -> float:
        """Time between two samples of a signal, in ms."""
        return self._interval_ms

    @sampling_interval.setter
    def sampling_interval(self, value: float | None) -> None:
        if value is None:
            return
        self._interval_ms = value
        if "_multimeter" in vars(self):
            nest.SetStatus(self._multimeter.device, {"interval": value})

    def _reset(self) -> None:
        for name in ("_spike_detector", "_multimeter"):
            made = self.__dict__.pop(name, None)
            if made is not None:
                simulator.state.recording_devices.remove(made)

    def store_to_cache(self, annotations: Any = None) -> None:
        # Stock's asks the multimeter to forget initial values, which it is not asked for here.
        super(StockRecorder, self).store_to_cache(annotations)
        self.began_late = False

    def record(
        self, variables: Any, ids: Any, sampling_interval: Any = None, locations: Any = None
    ) -> None:
        if simulator.state.num_processes > 1:
            super().record(variables, ids, sampling_interval, locations)
            return
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
        spikes = variable.name == "spikes"
        if spikes:
            generators.stop(self.population)
        made = vars(self).get("_spike_detector" if spikes else "_multimeter")
        connected = made if made is not None and made._connected else None
        if not spikes and (connected or has_begun()):
            refuse_late_signal(self.population, variable.name, simulator.state.t)
        self.began_late = self.began_late or has_begun()
        if connected:
            # The next run connects what is new.
            connected._connected, connected._all_ids = False, set()
        super()._record(variable, new_ids, sampling_interval)

    def _first_step(self) -> int:
        """First step of the current segment."""
        start = float(self._recording_start_time.rescale("ms").magnitude)
        return round(start / registry.timestep)

    @staticmethod
    def _events(device: Any, ids: Any, first: int) -> tuple[np.ndarray, np.ndarray, Any]:
        """What a device has recorded: the step of each event, which are of `ids` from step `first`
        until now, and the events by NEST's names, times (ms) counted from the start or `reset`."""
        go_beyond()
        events, dt = nest.GetStatus(device.device, "events")[0], registry.timestep
        times = np.asarray(events["times"]) - to_ms(registry.origin_step, dt)
        between = registry.between_steps
        steps = ceil_steps(times, dt) if between else np.rint(times / dt).astype(np.int64)
        keep = (steps >= first) & (steps <= registry.present_step)
        return steps, keep & np.isin(events["senders"], ids), events | {"times": times}

    def _get_spiketimes(self, ids: Any, clear: bool = False) -> tuple[np.ndarray, np.ndarray]:
        wanted = np.asarray(list(ids), dtype=np.int64)
        first = before_segment(self._first_step()) + 1
        steps, keep, events = self._events(self._spike_detector, wanted, first)
        between = registry.between_steps
        times = (
            precise_ms(events["times"][keep]) if between else to_ms(steps[keep], registry.timestep)
        )
        return np.asarray(events["senders"])[keep], times

    def _get_all_signals(self, variable: Any, ids: Any, clear: bool = False) -> tuple[Any, None]:
        wanted = np.asarray([int(id) for id in ids], dtype=np.int64)
        if wanted.size == 0:
            return np.array([]), None
        celltype = self.population.celltype
        name = getattr(celltype, "variable_map", {}).get(variable.name, variable.name)
        scale = getattr(celltype, "scale_factors", {}).get(variable.name, 1.0)
        first = self._first_step()
        # A sample at 0 is of the run before a reset: the state there is the initial value.
        steps, keep, events = self._events(self._multimeter, wanted, max(first, 1))
        order = np.lexsort((np.asarray(events["senders"])[keep], steps[keep]))
        # np.lexsort puts senders in ascending order within a step; `wanted` need not be.
        values = np.asarray(events[name])[keep][order].reshape(-1, wanted.size) * scale
        values = values[:, np.argsort(np.argsort(wanted))]
        refuse_not_finite(self.population, values, get_current_time())
        if first == 0:
            # NEST records from the first step on: the state at time 0 is the initial value.
            initial = self.population.at_time_0(variable.name)
            rows = np.asarray([self.population.id_to_index(id) for id in ids])
            start = as_array(initial, self.population.size)
            values = np.vstack([start[rows], values])
        return values, None

    def _local_count(self, variable: Any, filter_ids: Any = None) -> dict[int, int]:
        ids = sorted(self.filter_recorded(variable, filter_ids))
        senders, _ = self._get_spiketimes(ids)
        counts = dict(zip(*np.unique(senders, return_counts=True), strict=True))
        return {int(id): int(counts.get(int(id), 0)) for id in ids}

    def _clear_simulator(self) -> None:
        """Nothing to do: a segment begins where the one before it was read."""
