"""Runs as folders of SONATA files: spikes, nodes, edges, and a report for each variable.

Layout and attributes follow the SONATA developer guide. A node is a neuron, its id the index within
the population. Signals that are not sampled regularly have no place in a report, and of weights
over time the last reading is written.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pipelines.exchange.records import described, empty_rows, record_from, signal_rows, spike_rows
from pipelines.tables.mappings import as_mapping
from pipelines.tables.run_data import RunData
from pipelines.tables.signal_samples import Samples, samples_of

SPIKES, CONFIG = "spikes.h5", "simulation_config.json"
_NODES, _EDGES, _CIRCUIT = "nodes.h5", "edges.h5", "circuit_config.json"
_EXACT = "data_float64"
_SORTING = {"none": 0, "by_id": 1, "by_time": 2}
_MAGIC, _VERSION = 0x0A7A, (0, 1)


def write(run: RunData, path: Path) -> list[str]:
    """Write a run as SONATA files into a new folder; return what was left out."""
    path.mkdir()
    reports, left_out = _write_reports(run, path)
    _write_spikes(run, path / SPIKES)
    nodes = _write_nodes(run, path / _NODES)
    network: dict[str, Any] = {"nodes": [{"nodes_file": _NODES, "populations": nodes}]}
    if len(run.weights):
        left_out += _write_edges(run, path / _EDGES)
        edges: dict[str, dict[str, str]] = {
            _escaped(str(name)): {} for name in run.weights["projection"].unique()
        }
        network["edges"] = [{"edges_file": _EDGES, "populations": edges}]
    about = described(run)
    config = {
        "version": 2,
        "network": _CIRCUIT,
        "run": {
            "tstop": run.duration_ms, "dt": float(run.parameters.get("timestep", 0.1)),
            "random_seed": int(about.get("seed", 0)),
        },
        "output": {"output_dir": ".", "spikes_file": SPIKES, "spikes_sort_order": "by_time"},
        "reports": reports,
        # Readers allow texts and numbers here, no mappings.
        "metadata": {"run": json.dumps(about, sort_keys=True)},
    }  # fmt: skip
    for name, content in ((CONFIG, config), (_CIRCUIT, {"version": 2, "networks": network})):
        (path / name).write_text(json.dumps(content, indent=1, sort_keys=True) + "\n")
    return left_out


def _open_new(path: Path) -> Any:
    import h5py

    file = h5py.File(path, "w")
    file.attrs["magic"] = np.uint32(_MAGIC)
    file.attrs["version"] = np.array(_VERSION, np.uint32)
    return file


def _write_spikes(run: RunData, path: Path) -> None:
    import h5py

    kind = h5py.enum_dtype(_SORTING, basetype="u1")
    with _open_new(path) as file:
        root = file.create_group("spikes")
        for population in run.sizes:
            rows = run.spikes[run.spikes["population"] == population]
            rows = rows.sort_values(["time_ms", "neuron"], kind="stable")
            group = root.create_group(_escaped(population))
            group.attrs.create("sorting", _SORTING["by_time"], dtype=kind)
            times = group.create_dataset("timestamps", data=rows["time_ms"].to_numpy(float))
            times.attrs["units"] = "ms"
            group.create_dataset("node_ids", data=rows["neuron"].to_numpy(np.uint64))


def _write_nodes(run: RunData, path: Path) -> dict[str, dict[str, str]]:
    """Write the nodes of the populations that were recorded or are connected; return their types.

    Of a population whose size is not known there are nodes up to the last one that occurs.
    """
    sizes = dict(run.sizes)
    for population, neurons in run.signals.groupby("population")["neuron"]:
        sizes[str(population)] = max(sizes.get(str(population), 0), int(neurons.max()) + 1)
    for name, rows in run.weights.groupby("projection"):
        for side, population in zip(("pre", "post"), _ends(run, str(name)), strict=True):
            sizes[population] = max(sizes.get(population, 0), int(rows[side].max()) + 1)
    with _open_new(path) as file:
        for population, size in sizes.items():
            group = file.create_group(f"nodes/{_escaped(population)}")
            group.create_dataset("node_type_id", data=np.zeros(size, np.int64))
            group.create_dataset("node_group_id", data=np.zeros(size, np.uint32))
            group.create_dataset("node_group_index", data=np.arange(size, dtype=np.uint64))
            group.create_group("0")
    return {_escaped(population): {"type": "point_neuron"} for population in sizes}


def _ends(run: RunData, projection: str) -> tuple[str, str]:
    """Names of the presynaptic and postsynaptic population; made-up ones if they are unknown."""
    told = as_mapping(as_mapping(run.record.get("projections")).get(projection))
    return (
        str(told.get("pre") or f"{projection} pre"), str(told.get("post") or f"{projection} post")
    )  # fmt: skip


def _write_edges(run: RunData, path: Path) -> list[str]:
    last = run.weights.groupby("projection")["time_ms"].transform("max")
    is_last = (run.weights["time_ms"] == last) | last.isna()
    with _open_new(path) as file:
        for name, rows in run.weights[is_last].groupby("projection"):
            group = file.create_group(f"edges/{_escaped(str(name))}")
            n, ends = len(rows), _ends(run, str(name))
            for side, column, population in zip(
                ("source", "target"), ("pre", "post"), ends, strict=True
            ):
                ids = group.create_dataset(f"{side}_node_id", data=rows[column].to_numpy(np.uint64))
                ids.attrs["node_population"] = _escaped(population)
            group.create_dataset("edge_type_id", data=np.zeros(n, np.int64))
            group.create_dataset("edge_group_id", data=np.zeros(n, np.uint64))
            group.create_dataset("edge_group_index", data=np.arange(n, dtype=np.uint64))
            group.create_dataset("0/syn_weight", data=rows["weight"].to_numpy(float))
            group.create_dataset("0/delay", data=rows["delay_ms"].to_numpy(float))
    return [] if is_last.all() else ["weights before the last reading"]


def _write_reports(run: RunData, path: Path) -> tuple[dict[str, Any], list[str]]:
    """A report a variable; return its configuration, and what was left out."""
    by_variable: dict[str, list[Samples]] = {}
    left_out = []
    for samples in samples_of(run.signals):
        taken = {one.population for one in by_variable.get(samples.variable, [])}
        if samples.interval_ms is None or samples.population in taken:
            left_out.append(
                f"{samples.variable} of {samples.population}, which is not sampled regularly"
            )
        else:
            by_variable.setdefault(samples.variable, []).append(samples)
    reports = {}
    for variable, several in by_variable.items():
        file_name = f"{_escaped(variable)}.h5"
        reports[variable] = {
            "type": "compartment", "variable_name": variable, "unit": several[0].unit,
            "dt": several[0].interval_ms, "file_name": file_name,
            "start_time": float(several[0].time_ms[0]), "end_time": _end(several[0]),
        }  # fmt: skip
        with _open_new(path / file_name) as file:
            for samples in several:
                _write_report(file, samples)
    return reports, list(dict.fromkeys(left_out))


def _write_report(file: Any, samples: Samples) -> None:
    group = file.create_group(f"report/{_escaped(samples.population)}")
    n = len(samples.neurons)
    # Readers of SONATA demand numbers of 32 bits. Rounded so, signals that are the same would
    # differ by more than a verdict allows: the numbers themselves stand beside them.
    data = group.create_dataset("data", data=samples.values.astype(np.float32))
    group.create_dataset(_EXACT, data=samples.values)
    data.attrs["units"] = samples.unit
    mapping = group.create_group("mapping")
    ids = mapping.create_dataset("node_ids", data=samples.neurons.astype(np.uint64))
    ids.attrs["sorted"] = np.uint8(1)
    mapping.create_dataset("index_pointers", data=np.arange(n + 1, dtype=np.uint64))
    mapping.create_dataset("element_ids", data=np.zeros(n, np.uint32))
    times = [float(samples.time_ms[0]), _end(samples), float(samples.interval_ms or 0.0)]
    mapping.create_dataset("time", data=np.array(times)).attrs["units"] = "ms"


def _end(samples: Samples) -> float:
    """End of a report in ms: one interval after its last sample."""
    return round(float(samples.time_ms[-1] + (samples.interval_ms or 0.0)), 9)


def read(path: Path) -> list[RunData]:
    """Read the run of a SONATA folder, or of one SONATA file.

    Weights are those of ``syn_weight`` and ``delay`` in the first group of edges.
    """
    files = sorted(path.glob("*.h5")) if path.is_dir() else [path]
    told: dict[str, Any] = {}
    if (path / CONFIG).is_file():
        config = json.loads((path / CONFIG).read_text())
        told = {"simulated_ms": config.get("run", {}).get("tstop")}
        told |= as_mapping(config.get("metadata", {}).get("run"))
    run_id = str(told.get("run_id") or path.stem)
    trains, samples, weights, sizes = [], [], [empty_rows("weights")], {}
    for one in files:
        import h5py

        with h5py.File(one, "r") as file:
            trains += list(_trains(file))
            samples += list(_samples(file, one))
            weights += list(_weights(file, run_id))
            for name, group in file.get("nodes", {}).items():
                sizes[_plain(name)] = len(group["node_type_id"])
    recorded = {population for population, _, _ in trains}
    told.setdefault("population_sizes", {n: k for n, k in sizes.items() if n in recorded})
    rows = weights[1:] or weights
    return [
        RunData(
            record_from(told, run_id), spike_rows(run_id, trains),
            pd.concat(rows, ignore_index=True), signal_rows(run_id, samples),
        )
    ]  # fmt: skip


def _trains(file: Any) -> Iterator[tuple[str, Any, np.ndarray]]:
    for name, group in file.get("spikes", {}).items():
        yield _plain(name), group["node_ids"][:].astype(np.int64), group["timestamps"][:]


def _samples(file: Any, path: Path) -> Iterator[Samples]:
    for name, group in file.get("report", {}).items():
        start, _, interval = group["mapping/time"][:]
        values = group[_EXACT if _EXACT in group else "data"][:].astype(float)
        times = np.round(start + interval * np.arange(len(values)), 9)
        # An element is a compartment: the first one of a node is its soma.
        first = group["mapping/index_pointers"][:-1].astype(int)
        neurons = group["mapping/node_ids"][:].astype(np.int64)[: len(first)]
        yield Samples(
            _plain(name), _plain(path.stem), neurons, times, values[:, first], float(interval)
        )


def _weights(file: Any, run_id: str) -> Iterator[pd.DataFrame]:
    for name, group in file.get("edges", {}).items():
        if "0/syn_weight" in group:
            weights = group["0/syn_weight"][:]
            delays = group["0/delay"][:] if "0/delay" in group else np.nan
            yield pd.DataFrame({
                "run_id": run_id, "projection": _plain(name),
                "pre": group["source_node_id"][:].astype(np.int64),
                "post": group["target_node_id"][:].astype(np.int64),
                "weight": weights, "delay_ms": delays,
            })  # fmt: skip


def _escaped(name: str) -> str:
    """A name as one part of a path in an HDF5 file, or of a file's name."""
    return name.replace("%", "%25").replace("/", "%2F")


def _plain(name: str) -> str:
    return name.replace("%2F", "/").replace("%25", "%")
