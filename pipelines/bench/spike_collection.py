"""Time and memory of collecting spikes from a simulator into a Parquet file."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from pipelines.errors import BadInput

from .compared_codes import NATIVE, STOCK, native_module, set_codegen_target
from .measured_network import CELL, DT
from .peak_memory import PeakMemory

# With these currents and this refractory period, cells fire every 1.5 ms or a little faster.
_CURRENTS_NA = (8.0, 12.0)
_REFRACTORY_MS = 1.0
_INTERVAL_MS = 1.5


@dataclass(frozen=True)
class CollectTask:
    """Parameters of a measurement.

    Attributes
    ----------
    backend, code
        As in `measurement.Task`.
    neurons
        Number of cells, which are not connected and fire at about 700 Hz.
    n_spikes
        Smallest number of spikes to collect.
    codegen
        As in `measurement.Task`.
    """

    backend: str
    code: str
    neurons: int = 10_000
    n_spikes: int = 10_000_000
    codegen: str | None = None

    def __post_init__(self) -> None:
        if self.neurons < 1:
            raise BadInput("--neurons", f"{self.neurons} cells", "1 and more")
        if self.n_spikes < 1:
            raise BadInput("--spikes", f"{self.n_spikes} spikes", "1 and more")

    @property
    def duration(self) -> float:
        """Simulated time in ms."""
        return float(np.ceil(self.n_spikes * _INTERVAL_MS / self.neurons / DT + 1) * DT + 10.0)


@dataclass(frozen=True)
class Collection:
    """Time and memory of one collection.

    Attributes
    ----------
    seconds
        Time (s) from the simulator's recording to the finished file.
    peak_mb
        Peak memory (MB) beyond that before the collection.
    arrays_mb
        Memory (MB) of the arrays: 8 bytes for a neuron's index and 8 bytes for a time.
    file_mb
        Size of the file (MB).
    n_spikes
        Number of spikes in the file.
    """

    seconds: float
    peak_mb: float
    arrays_mb: float
    file_mb: float
    n_spikes: int

    @property
    def beyond_arrays_mb(self) -> float:
        """Peak memory (MB) beyond the arrays."""
        return round(max(0.0, self.peak_mb - self.arrays_mb), 1)


def measure_collection(task: CollectTask) -> Collection:
    """Simulate, then measure collecting the spikes, in this process."""
    from pipelines import backends

    # All three codes read the recording of the same PyNN simulation.
    sim = backends.load(task.backend, stock=task.code == STOCK)
    set_codegen_target(task.backend, task.codegen)
    population = _simulate_population(sim, task)
    write = _native_writer(task.backend) if task.code == NATIVE else _write_through_neo
    if task.code not in (NATIVE, STOCK):
        write = _write_as_worker
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "spikes"
        peak = PeakMemory()
        started = time.perf_counter()
        n_spikes = write(population, file)
        seconds = time.perf_counter() - started
        peak_mb, file_mb = peak.mb(), round(file.stat().st_size / 1e6, 1)
    return Collection(round(seconds, 4), peak_mb, round(16e-6 * n_spikes, 1), file_mb, n_spikes)


def _simulate_population(sim: ModuleType, task: CollectTask) -> Any:
    sim.setup(timestep=DT, spike_precision="on_grid")
    current = np.random.default_rng(1).uniform(*_CURRENTS_NA, task.neurons)
    cell = sim.IF_curr_exp(**CELL | {"tau_refrac": _REFRACTORY_MS, "i_offset": current})
    population = sim.Population(task.neurons, cell, initial_values={"v": -65.0})
    population.record("spikes")
    sim.run(task.duration)
    return population


def _write_as_worker(population: Any, file: Path) -> int:
    """Write spikes as a worker stores a finished run; return their number."""
    from pipelines.execution.recordings import collect_tables
    from pipelines.sweep import PopulationRecord, Record
    from pipelines.tables.result_file import write_result

    record = Record(populations={"cells": PopulationRecord(spikes=True)})
    tables = collect_tables("bench", {"cells": population}, record, weights=())
    write_result(file, {"run_id": "bench", "status": "done"}, tables)
    return int(tables["spikes"].num_rows)


def _native_writer(backend: str) -> Callable[[Any, Path], int]:
    """Return a function that writes the simulator's own arrays and returns the number of spikes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    def write(population: Any, file: Path) -> int:
        neuron, time_ms = native_module(backend).recorded_spikes(population)
        table = pa.table({"neuron": neuron, "time_ms": time_ms})
        pq.write_table(table, file, compression="zstd")
        return int(table.num_rows)

    return write


def _write_through_neo(population: Any, file: Path) -> int:
    """Write spikes as stock PyNN reads them, a Neo train a neuron; return their number."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    trains = population.get_data("spikes").segments[0].spiketrains
    neuron = np.repeat(np.arange(len(trains)), [len(train) for train in trains])
    time_ms = np.concatenate([train.rescale("ms").magnitude for train in trains])
    table = pa.table({"neuron": neuron, "time_ms": time_ms})
    pq.write_table(table, file, compression="zstd")
    return int(table.num_rows)
