"""NEST's recorders of spikes and of signals, and what they hand on late.

Mends (seen in PyNN 0.13.0, NEST 3.10.0): cells that are recorded once a device is connected (row
"record() in mid-run"); the last slice of every signal, to read which PyNN runs NEST further
("changes in mid-run").
"""

from __future__ import annotations

from collections.abc import Iterable

import nest
import numpy as np
from pyNN.nest import simulator
from pyNN.nest.recording import Multimeter, SpikeDetector

from ..shared.time_grid import to_ms
from . import mpi_processes
from .kernel_time import go_beyond, has_begun, is_beyond, registry
from .pending_events import can_look_ahead, looked_ahead
from .synapse_models import MOST_SMALL_TARGETS


class SpikeRecorder(SpikeDetector):
    """Recorder of spikes, without room for a thousand synapses a neuron.

    NEST keeps connections from a neuron to devices in blocks of 1,024, and makes the first block
    of every neuron at once: 32 KB of memory a neuron for PyNN's one synapse to its recorder.
    Synapses that know neither a weight of their own nor a pointer to their target are a quarter
    of the size (10,000 neurons: 292 MB and 0.34 s, then 57 MB and 0.11 s).
    """

    _all_ids: set[int]
    _connected: bool

    def __init__(self) -> None:
        super().__init__()
        self._known: set[int] = set()
        # Spikes that were taken from NEST, in parts.
        self._taken: list[dict[str, np.ndarray]] = []
        # Those of them that `fresh` has not given; None as long as nobody asks for them.
        self._fresh: list[dict[str, np.ndarray]] | None = None

    def events(self) -> dict[str, np.ndarray]:
        """Senders and times (ms of NEST's clock) of all spikes until now."""
        self._take()
        self._taken = [_joined(self._taken)]
        return self._taken[0]

    def fresh(self) -> dict[str, np.ndarray]:
        """Those since this was last asked for."""
        self._take()
        fresh = self._taken if self._fresh is None else self._fresh
        self._fresh = []
        return _joined(fresh)

    def keep(self, first_step: float) -> None:
        """Forget the spikes before a step of NEST's clock."""
        self._taken = [_since(first_step, self.events())]
        if self._fresh:
            self._fresh = [_since(first_step, _joined(self._fresh))]

    def _take(self) -> None:
        """Take what NEST has: it hands over all of its spikes whenever it is asked for some."""
        new = nest.GetStatus(self.device, "events")[0]
        if len(new["times"]):
            nest.SetStatus(self.device, {"n_events": 0})
            self._taken.append(new)
            if self._fresh is not None:
                self._fresh.append(new)

    def add_ids(self, new_ids: Iterable[int]) -> None:
        """Record cells, each of them once, from the next run on."""
        new = {int(id) for id in new_ids} - self._known
        self._known |= new
        self._all_ids |= new
        self._connected = self._connected and not new

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
        # What comes later is connected by itself.
        self._connected, self._all_ids = True, set()

    def copy_into(self, other: SpikeRecorder) -> None:
        """Have another one record the same cells."""
        other.add_ids(self._known)


def _joined(parts: list[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """Senders and times of spikes that come in parts."""
    if len(parts) == 1:
        return parts[0]
    none = {"senders": np.empty(0, dtype=np.int64), "times": np.empty(0)}
    return {name: np.concatenate([none[name], *(part[name] for part in parts)]) for name in none}


def _since(first_step: float, events: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Senders and times of spikes from a step of NEST's clock on."""
    # A time between two steps belongs to the later one.
    kept = events["times"] / registry.timestep > first_step - 1 + 1e-6
    return {name: values[kept] for name, values in events.items()}


class SignalRecorder(Multimeter):
    """Recorder of signals, and the samples that NEST would hand on in its next step."""

    # The step at which they were read, and the samples by NEST's names.
    _late: tuple[int, dict[str, np.ndarray]] = (-1, {})

    def __init__(self, interval_ms: float) -> None:
        super().__init__()
        nest.SetStatus(self.device, {"interval": interval_ms})
        self.names: list[str] = []
        # Whether it has samples from time 0 on.
        self.from_start = not has_begun()

    def add_variable(self, variable: str) -> None:
        """Record a variable, by NEST's name."""
        super().add_variable(variable)
        self.names.append(variable)

    @property
    def ids(self) -> list[int]:
        """Numbers of the cells that it records, ascending."""
        return sorted(int(id) for id in self._all_ids)

    def events(self) -> dict[str, np.ndarray]:
        """Samples until the present, by NEST's names; times in ms of NEST's clock."""
        if not can_look_ahead():
            go_beyond()
        handed_on = nest.GetStatus(self.device, "events")[0]
        if not has_begun() or is_beyond():
            return mpi_processes.joined(handed_on, first_alone=registry.is_read_only)
        if self._late[0] != registry.present_step:
            _look_ahead()
        return {name: np.append(values, self._late[1][name]) for name, values in handed_on.items()}


def _look_ahead() -> None:
    """Read what all recorders of signals lack."""
    known = [one for one in simulator.state.recording_devices if isinstance(one, SignalRecorder)]
    numbers = [nest.GetStatus(one.device, "n_events")[0] for one in known]

    def read() -> list[dict[str, np.ndarray]]:
        # NEST hands on samples in the order of their times.
        events = [nest.GetStatus(one.device, "events")[0] for one in known]
        return [
            {name: values[number:] for name, values in some.items()}
            for some, number in zip(events, numbers, strict=True)
        ]

    for one, late in zip(known, looked_ahead(read), strict=True):
        one._late = registry.present_step, late
