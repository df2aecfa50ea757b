"""Store what a script records at the end of each segment and setup, before it is deleted.

The name of a population in the tables is its label (PyNN's default label has a running number).
Populations of later segments and setups have ``[segment 2]``, ``[setup 2]`` or
``[setup 2, segment 2]`` after the name.
"""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.backends.shared.compile_time import COMPILE_TIME
from pipelines.errors import CounterpointError, one_line
from pipelines.execution.network_contents import cell_parameters, describe_projection, type_name
from pipelines.execution.recordings import rows, signal_rows
from pipelines.tables.files import PARQUET_OPTIONS
from pipelines.tables.schemas import schema_of

_SAMPLES_AT_ONCE = 1 << 20


class Recordings:
    """Tables of what a script records, written piece by piece.

    Parameters
    ----------
    sim
        The backend's module.
    run_id
        The run_id of all rows.
    folder
        Folder of the files ``<table>.parquet``; a table without rows has no file.

    Attributes
    ----------
    running
        Whether the network was run since data were last stored.
    projections
        Projections of the current setup, in order of creation.
    cell_types
        Cell type of each population, recorded or not.
    cell_parameters
        Parameters that its cells were asked for; see `network_contents.cell_parameters`.
    connected
        Populations, receptor and synapse of each projection; see `network_contents.projections`.
    timesteps, seeds
        Time step (ms) and seed of each setup; the seed is None for PyNN's default.
    duration_ms
        Simulated time of all segments.
    simulate_s, collect_s
        Wall-clock time of `run` and of storing, without that of compiling generated code.
    notes
        Weights that could not be stored, and why.
    error
        Why anything else could not be stored, in one line, or empty. The script goes on.
    """

    def __init__(self, sim: ModuleType, run_id: str, folder: Path) -> None:
        self.sim, self.run_id, self.folder = sim, run_id, folder
        self.running = False
        self.projections: list[Any] = []
        self.cell_types: dict[str, list[str]] = {}
        self.cell_parameters: dict[str, dict[str, Any]] = {}
        self.connected: dict[str, dict[str, Any]] = {}
        self.timesteps: list[float] = []
        self.seeds: list[int | None] = []
        self.duration_ms = self.simulate_s = self.collect_s = 0.0
        self.notes: list[str] = []
        self.error = ""
        self._digests: dict[str, list[str | None]] = {"connectivity": [], "input": []}
        self._setup = self._segment = 1
        self._recorded: dict[str, dict[str, np.ndarray]] = {}
        self._n_cells: dict[str, int] = {}
        self._until: dict[Any, float] = {}
        self._stored_in_setup = self._stored_in_segment = False
        self._files = ExitStack()
        self._writers: dict[str, pq.ParquetWriter] = {}

    def begin_setup(self, timestep: float, seed: int | None) -> None:
        """Store the time step (ms) and the seed of a new network."""
        self.timesteps.append(timestep)
        self.seeds.append(seed)

    def end_setup(self) -> None:
        """Store what was recorded of a network that is about to be deleted."""
        self.end_segment()
        if self._stored_in_setup:
            self._setup += 1
        self._segment, self._stored_in_setup = 1, False
        self.projections.clear()

    def end_segment(self) -> None:
        """Store what was recorded since the last reset or setup, and the plastic weights."""
        if not self.running or not self.sim.get_current_time():
            return
        started = COMPILE_TIME.clock_s()
        with self._noting_errors():
            recorders = self._recorders()
            populations = [recorder.population for recorder in recorders]
            for recorder, population in zip(recorders, populations, strict=True):
                name = self._named(self._label(population, populations))
                self.cell_types[name] = [type_name(population.celltype)]
                self.cell_parameters |= cell_parameters({name: population})
                self._store(recorder)
            names = {id(one): self._named(self._label(one, populations)) for one in populations}
            for projection in self.projections:
                name = self._named(self._label(projection, self.projections))
                self.connected[name] = describe_projection(
                    projection, lambda one: names.get(id(one), "")
                )
            self._store_weights()
            self._store_digests()
            self.duration_ms += float(self.sim.get_current_time())
        if self._stored_in_segment:
            self._segment += 1
        self.running = self._stored_in_segment = False
        self._until.clear()
        self.collect_s += COMPILE_TIME.clock_s() - started

    def store(self, recorder: Any) -> None:
        """Store what one population has recorded, before it is cleared."""
        with self._noting_errors():
            self._store(recorder)

    @contextmanager
    def _noting_errors(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            traceback.print_exc()
            self.error = self.error or one_line(error)

    def _store(self, recorder: Any) -> None:
        from pipelines.backends import collect

        now = float(self.sim.get_current_time())
        before = self._until.get(recorder, -1.0)
        if not self.running or before == now:
            return
        self._until[recorder] = now
        population = recorder.population
        name = self._named(self._label(population, [r.population for r in self._recorders()]))
        for variable in sorted({one.name for one, ids in recorder.recorded.items() if ids}):
            self._note_neurons(recorder, variable, name)
            if variable == "spikes":
                neuron, time_ms = collect.spikes(population)
                found = {"neuron": neuron, "time_ms": time_ms}
                self._write("spikes", rows("spikes", self.run_id, name, **found))
            else:
                self._write_signal(name, variable, before, *collect.signal(population, variable))

    def _write_signal(
        self,
        name: str,
        variable: str,
        after_ms: float,
        time_ms: np.ndarray,
        values: np.ndarray,
        neuron: np.ndarray,
    ) -> None:
        # A sample at the time of a clear() is in both pieces.
        new = time_ms > after_ms
        time_ms, values = time_ms[new], values[new]
        order = np.argsort(neuron, kind="stable")
        # In pieces: the names in every row of a long table take more memory than the values.
        width = max(1, _SAMPLES_AT_ONCE // max(1, len(time_ms)))
        for first in range(0, len(order), width):
            some = order[first : first + width]
            given = time_ms, values[:, some], neuron[some]
            self._write("signals", signal_rows(self.run_id, name, variable, *given))

    def _note_neurons(self, recorder: Any, variable: str, name: str) -> None:
        from pipelines.backends.shared.recordable import recorded_ids

        population = recorder.population
        cells = np.array(recorded_ids(population, variable), dtype=np.int64)
        kind = "spikes" if variable == "spikes" else "signals"
        kinds = self._recorded.setdefault(name, {})
        kinds[kind] = np.union1d(kinds.get(kind, []), cells - int(population.first_id))
        self._n_cells[name] = int(population.size)

    @property
    def sizes(self) -> dict[str, int]:
        """Number of neurons of each population whose spikes were stored."""
        return {n: len(kinds["spikes"]) for n, kinds in self._recorded.items() if "spikes" in kinds}

    @property
    def recorded_neurons(self) -> dict[str, dict[str, Any]]:
        """Populations recorded in part; see `network_contents.recorded_neurons`."""
        found: dict[str, dict[str, Any]] = {}
        for name, kinds in self._recorded.items():
            size = self._n_cells[name]
            for kind, indices in kinds.items():
                if len(indices) < size:
                    found.setdefault(name, {"of": size})[kind] = indices.astype(int).tolist()
        return found

    def close(self) -> None:
        """Complete the files."""
        self._files.close()

    def digest(self, of: str) -> str:
        """SHA-256 of the ``"connectivity"`` or ``"input"`` of all networks; empty if not known."""
        found = self._digests[of]
        if not found or None in found:
            return ""
        one = str(found[0])
        return one if len(found) == 1 else sha256("\n".join(map(str, found)).encode()).hexdigest()

    def _recorders(self) -> list[Any]:
        """Recorders of the present network's populations, in order of creation."""
        recorders = self.sim.Population._simulator.state.recorders
        return sorted(recorders, key=lambda recorder: int(recorder.population.first_id))

    def _store_weights(self) -> None:
        from pyNN.standardmodels.synapses import STDPMechanism

        from pipelines.backends import collect

        now = float(self.sim.get_current_time())
        for projection in self.projections:
            if not isinstance(projection.synapse_type, STDPMechanism) or not len(projection):
                continue
            name = self._named(self._label(projection, self.projections))
            try:
                found = collect.weights(projection)
            except CounterpointError as error:
                self.notes.append(f"weights of {name}: {error}")
                continue
            self._write("weights", rows("weights", self.run_id, name, **found, time_ms=now))

    def _store_digests(self) -> None:
        from pipelines.backends import collect

        self._digests["connectivity"].append(collect.connectivity_sha256(self.sim))
        self._digests["input"].append(collect.input_sha256(self.sim))

    def _label(self, one: Any, among: Iterable[Any]) -> str:
        """The label of `one`, with a number if others before it have the same."""
        counts: Counter[str] = Counter()
        for other in among:
            counts[str(other.label)] += 1
            if other is one:
                break
        label = str(one.label)
        return label if counts[label] < 2 else f"{label} ({counts[label]})"

    def _named(self, label: str) -> str:
        later = [
            f"{word} {number}"
            for word, number in (("setup", self._setup), ("segment", self._segment))
            if number > 1
        ]
        return f"{label} [{', '.join(later)}]" if later else label

    def _write(self, name: str, table: pa.Table) -> None:
        self._stored_in_setup = self._stored_in_segment = True
        if name not in self._writers:
            path, schema = self.folder / f"{name}.parquet", schema_of(name)
            writer = pq.ParquetWriter(path, schema, **PARQUET_OPTIONS)
            self._writers[name] = self._files.enter_context(writer)
        self._writers[name].write_table(table)
