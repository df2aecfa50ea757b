"""NEST's recording devices for spikes and signals, with the events still pending.

Mends (seen in PyNN 0.13.0, NEST 3.10.0): cells added after a device is connected (row "record() in
mid-run"); the last slice of every signal, which PyNN reads by running NEST further ("changes in
mid-run").
"""

from __future__ import annotations

from collections.abc import Iterable

import nest
import numpy as np
from pyNN.nest import simulator
from pyNN.nest.recording import Multimeter, SpikeDetector

from ..shared.time_grid import to_ms
from . import mpi_processes
from .kernel_time import deliver_pending_events, has_begun, kernel_is_ahead, registry
from .pending_events import read_after_delivery, reads_in_fork
from .synapse_models import MAX_HPC_TARGET_ID


class SpikeRecorder(SpikeDetector):
    """Spike recorder with small connections.

    NEST stores connections from a neuron to devices in blocks of 1,024, and allocates the first
    block at the first connection: 32 KB a neuron for PyNN's one synapse to its recorder. Synapses
    without a weight of their own and without a pointer to the target are a quarter of the size
    (10,000 neurons: 292 MB and 0.34 s before, 57 MB and 0.11 s after).
    """

    _all_ids: set[int]
    _connected: bool

    def __init__(self) -> None:
        super().__init__()
        self._recorded_ids: set[int] = set()
        # Spikes fetched from NEST, in parts.
        self._fetched: list[dict[str, np.ndarray]] = []
        # Spikes not yet returned by `new_spikes`; None until its first call.
        self._new_spikes: list[dict[str, np.ndarray]] | None = None

    def events(self) -> dict[str, np.ndarray]:
        """Senders and times (ms of NEST's clock) of all spikes so far."""
        self._fetch()
        self._fetched = [_concatenate(self._fetched)]
        return self._fetched[0]

    def new_spikes(self) -> dict[str, np.ndarray]:
        """Senders and times of the spikes since the last call."""
        self._fetch()
        new = self._fetched if self._new_spikes is None else self._new_spikes
        self._new_spikes = []
        return _concatenate(new)

    def drop_before(self, first_step: float) -> None:
        """Delete the spikes before a step of NEST's clock."""
        self._fetched = [_from_step(first_step, self.events())]
        if self._new_spikes:
            self._new_spikes = [_from_step(first_step, _concatenate(self._new_spikes))]

    def _fetch(self) -> None:
        """Move new spikes from NEST to this object: every read returns all spikes NEST has."""
        new = nest.GetStatus(self.device, "events")[0]
        if len(new["times"]):
            nest.SetStatus(self.device, {"n_events": 0})
            self._fetched.append(new)
            if self._new_spikes is not None:
                self._new_spikes.append(new)

    def add_ids(self, new_ids: Iterable[int]) -> None:
        """Record further cells from the next run on; a cell is connected only once."""
        new = {int(id) for id in new_ids} - self._recorded_ids
        self._recorded_ids |= new
        self._all_ids |= new
        self._connected = self._connected and not new

    def connect_to_cells(self) -> None:
        """Connect added cells; called before every run."""
        if self._all_ids:
            # The device's id within its thread is not larger than its node id.
            small = self.device.global_id <= MAX_HPC_TARGET_ID
            model = "static_synapse_hom_w_hpc" if small else "static_synapse_hom_w"
            # NEST refuses delays shorter than the slice.
            delay = float(to_ms(registry.slice_steps or 1, registry.timestep))
            cells = nest.NodeCollection(sorted(self._all_ids))
            synapse = {"synapse_model": model, "delay": delay}
            nest.Connect(cells, self.device, "all_to_all", synapse)
        # Cells added later are connected separately.
        self._connected, self._all_ids = True, set()

    def copy_into(self, other: SpikeRecorder) -> None:
        """Record the same cells with another recorder."""
        other.add_ids(self._recorded_ids)


def _concatenate(parts: list[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """Concatenate senders and times of spikes."""
    if len(parts) == 1:
        return parts[0]
    none = {"senders": np.empty(0, dtype=np.int64), "times": np.empty(0)}
    return {name: np.concatenate([none[name], *(part[name] for part in parts)]) for name in none}


def _from_step(first_step: float, events: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Senders and times of spikes from a step of NEST's clock on."""
    # A time between two steps belongs to the later one.
    kept = events["times"] / registry.timestep > first_step - 1 + 1e-6
    return {name: values[kept] for name, values in events.items()}


class SignalRecorder(Multimeter):
    """Multimeter, including samples that NEST delivers only in its next step."""

    # Step at which pending samples were read, and the samples by NEST's names.
    _pending: tuple[int, dict[str, np.ndarray]] = (-1, {})

    def __init__(self, interval_ms: float) -> None:
        super().__init__()
        nest.SetStatus(self.device, {"interval": interval_ms})
        self.names: list[str] = []
        # Whether it records from time 0 on.
        self.from_start = not has_begun()

    def add_variable(self, variable: str) -> None:
        """Record a variable, by NEST's name."""
        super().add_variable(variable)
        self.names.append(variable)

    @property
    def ids(self) -> list[int]:
        """Node ids of the recorded cells, ascending."""
        return sorted(int(id) for id in self._all_ids)

    def events(self) -> dict[str, np.ndarray]:
        """Samples up to the present, by NEST's names; times in ms of NEST's clock."""
        if not reads_in_fork():
            deliver_pending_events()
        delivered = nest.GetStatus(self.device, "events")[0]
        if not has_begun() or kernel_is_ahead():
            return mpi_processes.gather_columns(delivered, root_only=registry.is_read_only)
        if self._pending[0] != registry.present_step:
            _read_pending_samples()
        return {
            name: np.append(values, self._pending[1][name]) for name, values in delivered.items()
        }


def _read_pending_samples() -> None:
    """Read the pending samples of all signal recorders, in one fork."""
    recorders = [
        one for one in simulator.state.recording_devices if isinstance(one, SignalRecorder)
    ]
    numbers = [nest.GetStatus(one.device, "n_events")[0] for one in recorders]

    def read() -> list[dict[str, np.ndarray]]:
        # NEST appends samples in the order of time.
        events = [nest.GetStatus(one.device, "events")[0] for one in recorders]
        return [
            {name: values[number:] for name, values in some.items()}
            for some, number in zip(events, numbers, strict=True)
        ]

    for one, late in zip(recorders, read_after_delivery(read), strict=True):
        one._pending = registry.present_step, late
