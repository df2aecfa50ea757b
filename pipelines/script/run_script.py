"""Run a script on several backends, one process after the other, and gather the tables."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines import backends, versions
from pipelines.atomic import replacing
from pipelines.errors import BadInput
from pipelines.execution.processes import describe_exit, signal_name
from pipelines.execution.provenance import circumstances, timing
from pipelines.experiment.parameters import DEFAULT_TIMESTEP
from pipelines.experiment.run_columns import JSON_COLUMNS
from pipelines.installation import python_path
from pipelines.script.simulator_names import arguments_for, imported_modules, pynn_name
from pipelines.script.worker import EXIT_CODE, RECORD, Job
from pipelines.script.working_folder import make_working_folder
from pipelines.tables.files import PARQUET_OPTIONS, iterate_table, write_table
from pipelines.tables.schemas import FAILED, RECORDED, described, schema_of

# PyNN's seed of a simulator if a script gives none.
_DEFAULT_SEED = 42
_REQUIRED = ("spikes",)
_NOT_IN_TABLE = ("line", "code", "notes", "drawn")


def run_script(
    script: Path,
    arguments: Sequence[str],
    names: Sequence[str],
    folder: Path,
    progress: Callable[[str], None] = lambda line: None,
    seed: int = 1,
) -> list[dict[str, Any]]:
    """Run a script on backends, and write what it recorded as tables.

    Parameters
    ----------
    script
        A Python file that imports any simulator of PyNN's.
    arguments
        Of the script.
    names
        Backends, and stock modules such as ``stock_nest``.
    folder
        Where the tables runs, spikes, weights and signals are written; weights and signals only
        if they have rows. The run_id is the name of the backend. Its subfolders are the working
        folders of the script, and ``logs``.
    progress
        Called with the name of each backend before it is run.
    seed
        Seed of NumPy's and Python's global generators when the script starts.

    Returns
    -------
    list of dict
        For each run its columns of `runs`, and ``line`` and ``code`` (the line of the script that
        caused an error), ``notes`` (what could not be stored) and ``drawn`` (digests of the global
        generators that the script used).

    Raises
    ------
    BadInput
        If there is no such script.
    """
    script = script.resolve()
    if not script.is_file():
        raise BadInput("script", f"there is no file {script}", "a Python script that uses PyNN")
    for table in ("runs", *RECORDED):
        (folder / f"{table}.parquet").unlink(missing_ok=True)
    (folder / "logs").mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".tables_", dir=folder) as parts:
        runs = []
        for name in names:
            progress(name)
            runs.append(_run(script, arguments, name, folder, Path(parts, name), seed))
        for table in RECORDED:
            _gather(table, [Path(parts, name) for name in names], folder)
    rows = [{name: run[name] for name in run if name not in _NOT_IN_TABLE} for run in runs]
    for row in rows:
        row |= {name: json.dumps(row[name], sort_keys=True) for name in JSON_COLUMNS}
    write_table("runs", _table(rows), folder / "runs.parquet")
    return runs


def _run(
    script: Path,
    arguments: Sequence[str],
    name: str,
    folder: Path,
    tables: Path,
    seed_of_generators: int,
) -> dict[str, Any]:
    """Run a script on one backend in a process of its own; return its row of `runs` and more."""
    tables.mkdir()
    working, log = folder / name, folder / "logs" / f"{name}.log"
    make_working_folder(working, script, arguments, [folder.parents[1]])
    source = script.read_text(encoding="utf-8", errors="replace")
    given = arguments_for(arguments, pynn_name(name), source)
    file = tables / "job.json"
    Job(
        name, str(script), given, str(working.resolve()), str(tables.resolve()),
        seed_of_generators, os.getpid(),
    ).write(file)  # fmt: skip
    started = time.perf_counter()
    with log.open("wb") as output:
        done = subprocess.run(
            [sys.executable, "-m", "pipelines.script.worker", str(file)],
            env=_environment(), stdin=subprocess.DEVNULL, stdout=output, stderr=output, check=False,
        )  # fmt: skip
    times = timing(time.perf_counter() - started)
    record: dict[str, Any] = {"status": FAILED, "error": "", "line": None, "code": "", "notes": []}
    if (tables / RECORD).exists():
        record |= json.loads((tables / RECORD).read_text(encoding="utf-8"))
    else:
        status = -done.returncode if done.returncode < 0 else done.returncode << 8
        record["error"] = f"its process {describe_exit(status)}"
        _drop_incomplete(tables)
    if record["error"].startswith(EXIT_CODE):
        # The message, for example of an argument parser, is in the log only.
        last = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
        record["error"] = ": ".join([record["error"], *last])
    if others := _other_simulators(source, name):
        record["notes"].append(f"it imports {others} itself, which is no part of {name}")
    seed = record.get("seed")
    numbers = ("compile_s", "build_s", "simulate_s", "collect_s", "peak_rss_mb")
    digests = ("connectivity_sha256", "input_sha256")
    return {
        "run_id": name,
        "experiment": script.stem,
        "backend": name,
        "seed": _DEFAULT_SEED if seed is None else int(seed),
        "arguments": shlex.join(arguments),
        "timestep": float(record.get("timestep") or DEFAULT_TIMESTEP),
        "duration": float(record.get("duration") or 0.0),
        **{key: record[key] for key in ("status", "error", "line", "code", "notes")},
        **{key: record.get(key) for key in numbers},
        **times,
        "killed_by": signal_name(-done.returncode) if done.returncode < 0 else "",
        "log": str(log),
        "threads": 1,
        "mpi_processes": 1,
        "versions": versions.of_backend(name),
        **circumstances(script.parent),
        **{key: record.get(key, "") for key in digests},
        "population_sizes": record.get("population_sizes", {}),
        "recorded_neurons": record.get("recorded_neurons", {}),
        "drawn": record.get("drawn", {}),
        "cell_types": record.get("cell_types", {}),
        "cell_parameters": record.get("cell_parameters", {}),
        "projections": record.get("projections", {}),
        "point_id": script.stem,
    }


def _other_simulators(source: str, name: str) -> str:
    """Simulators other than the backend's that a script imports directly, not through PyNN."""
    others = {one for backend in backends.descriptions().values() for one in backend.modules}
    others -= {*backends.get(name).modules}
    return " and ".join(sorted(others & imported_modules(source)))


def _environment() -> dict[str, str]:
    """Environment of a script's process: this library, no windows, one hash seed."""
    defaults = {"PYTHONHASHSEED": "0"} | os.environ
    return defaults | {"PYTHONPATH": python_path(), "MPLBACKEND": "Agg"}


def _drop_incomplete(tables: Path) -> None:
    """Delete the tables that a killed process left incomplete."""
    for path in tables.glob("*.parquet"):
        try:
            pq.read_metadata(path)
        except (pa.ArrowException, OSError):
            path.unlink()


def _gather(table: str, parts: Sequence[Path], folder: Path) -> None:
    """Write one table with the rows of all runs; an optional table without rows is not written."""
    found = [part / f"{table}.parquet" for part in parts]
    found = [path for path in found if path.exists()]
    if not found and table not in _REQUIRED:
        return
    with (
        replacing(folder / f"{table}.parquet") as temporary,
        pq.ParquetWriter(temporary, described(schema_of(table)), **PARQUET_OPTIONS) as writer,
    ):
        for group in _groups(found, table):
            writer.write_table(group)


def _groups(paths: Sequence[Path], table: str) -> Iterator[pa.Table]:
    for path in paths:
        yield from iterate_table(path, table)


def _table(rows: Sequence[dict[str, Any]]) -> pa.Table:
    """The table `runs`: columns have the types of the schema, or those of their values."""
    fixed = schema_of("runs")
    columns = {
        name: pa.array(
            [row[name] for row in rows], fixed.field(name).type if name in fixed.names else None
        )
        for name in rows[0]
    }
    return pa.table(columns)


def backend_names(chosen: Sequence[str] | None, stock: bool) -> list[str]:
    """Names of the backends to run, each followed by its stock module if `stock` is set.

    Raises
    ------
    BadInput
        If a name is not that of a backend, or `stock` is set and none has a stock module.
    """
    names = list(dict.fromkeys(chosen or backends.default_names()))
    for name in names:
        backends.get(name)
    if not stock:
        return names
    of_stock = {backend: one for one, backend in backends.stock_names().items()}
    if not any(name in of_stock for name in names):
        raise BadInput("--stock", f"{names[0]} has no stock module", among=of_stock)
    both = [one for name in names for one in (name, of_stock.get(name)) if one is not None]
    return list(dict.fromkeys(both))
