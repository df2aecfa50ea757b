"""A script on several backends, one process after the other, and the tables of all of them."""

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

from pipelines import backends, versions, workflow
from pipelines.atomic import replacing
from pipelines.errors import BadInput
from pipelines.execution.processes import how_it_ended, signal_name
from pipelines.execution.provenance import circumstances
from pipelines.metrics.selection import DEFAULT_TIMESTEP
from pipelines.script.simulator_names import imported, replaced, word_of
from pipelines.script.worker import EXIT_CODE, RECORD, Job
from pipelines.script.working_folder import make_working_folder
from pipelines.tables.files import PARQUET_OPTIONS, iterate_table, write_table
from pipelines.tables.schemas import FAILED, RECORDED, schema_of

# What PyNN seeds a simulator with where a script names no seed.
_DEFAULT_SEED = 42
_ALWAYS = ("spikes",)
_NOT_IN_TABLE = ("line", "code", "notes", "neurons", "drawn")
_TEXTS = ("versions", "population_sizes", "cell_types")


def play(
    script: Path,
    arguments: Sequence[str],
    names: Sequence[str],
    folder: Path,
    progress: Callable[[str], None] = lambda line: None,
    seed: int = 1,
) -> list[dict[str, Any]]:
    """Run a script on backends, and write what it recorded.

    Parameters
    ----------
    script
        A Python file that imports any simulator of PyNN's.
    arguments
        Of the script.
    names
        Backends, and stock modules such as ``stock_nest``.
    folder
        Where the tables runs, spikes, weights and signals are written, as far as there is
        something in them (runs and spikes always); a run has the id of its backend. Below it are
        the folders in which the script ran, and ``logs``.
    progress
        Is told what is run next.
    seed
        Of NumPy's and Python's global generators, before the script begins.

    Returns
    -------
    list of dict
        Of each run what `runs` has, with ``line`` and ``code``, the script's own line that an
        error comes from, ``notes``, what could not be kept, ``neurons``, digests of which ones were
        recorded, and ``drawn``, states of the global generators that the script has drawn from.

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
    texts = [row | {name: json.dumps(row[name], sort_keys=True) for name in _TEXTS} for row in rows]
    write_table("runs", _table(texts), folder / "runs.parquet")
    return runs


def _run(
    script: Path,
    arguments: Sequence[str],
    name: str,
    folder: Path,
    tables: Path,
    seed_of_generators: int,
) -> dict[str, Any]:
    """Run a script on one backend, in a process of its own; its row of `runs`, and more."""
    tables.mkdir()
    working, log = folder / name, folder / "logs" / f"{name}.log"
    make_working_folder(working, script, arguments, [folder.parents[1]])
    source = script.read_text(encoding="utf-8", errors="replace")
    given = replaced(arguments, word_of(name), source)
    file = tables / "job.json"
    Job(
        name, str(script), given, str(working.resolve()), str(tables.resolve()),
        seed_of_generators, os.getpid(),
    ).write(file)  # fmt: skip
    started = time.perf_counter()
    with log.open("wb") as said:
        done = subprocess.run(
            [sys.executable, "-m", "pipelines.script.worker", str(file)],
            env=_environment(), stdin=subprocess.DEVNULL, stdout=said, stderr=said, check=False,
        )  # fmt: skip
    wall_s = round(time.perf_counter() - started, 6)
    record: dict[str, Any] = {"status": FAILED, "error": "", "line": None, "code": "", "notes": []}
    if (tables / RECORD).exists():
        record |= json.loads((tables / RECORD).read_text(encoding="utf-8"))
    else:
        status = -done.returncode if done.returncode < 0 else done.returncode << 8
        record["error"] = f"its process {how_it_ended(status)}"
        _drop_incomplete(tables)
    if record["error"].startswith(EXIT_CODE):
        # What a parser of arguments complains of, for one, stands in the log alone.
        last = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
        record["error"] = ": ".join([record["error"], *last])
    if others := _others_modules(source, name):
        record["notes"].append(f"it imports {others} itself, which is no part of {name}")
    seed = record.get("seed")
    numbers = ("build_s", "simulate_s", "collect_s", "peak_rss_mb")
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
        "wall_s": wall_s,
        "signal": signal_name(-done.returncode) if done.returncode < 0 else "",
        "log": str(log),
        "threads": 1,
        "mpi_processes": 1,
        "versions": versions.of_backend(name),
        **circumstances(script.parent),
        **{key: record.get(key, "") for key in digests},
        "population_sizes": record.get("population_sizes", {}),
        "neurons": record.get("neurons", {}),
        "drawn": record.get("drawn", {}),
        "cell_types": record.get("cell_types", {}),
        "point_id": script.stem,
    }


def _others_modules(source: str, name: str) -> str:
    """Modules of other simulators that a script imports by their own names."""
    others = {one for backend in backends.descriptions().values() for one in backend.modules}
    others -= {*backends.get(name).modules}
    return " and ".join(sorted(others & imported(source)))


def _environment() -> dict[str, str]:
    """Of a script's process: the same library, no windows, one order of sets on all backends."""
    usual = {"PYTHONHASHSEED": "0"} | os.environ
    return usual | {"PYTHONPATH": workflow.python_path(), "MPLBACKEND": "Agg"}


def _drop_incomplete(tables: Path) -> None:
    """Leave out the tables of a process that ended while it wrote them."""
    for path in tables.glob("*.parquet"):
        try:
            pq.read_metadata(path)
        except (pa.ArrowException, OSError):
            path.unlink()


def _gather(table: str, parts: Sequence[Path], folder: Path) -> None:
    """One table of all runs; none if there is nothing in it, but for tables that always are."""
    found = [part / f"{table}.parquet" for part in parts]
    found = [path for path in found if path.exists()]
    if not found and table not in _ALWAYS:
        return
    with (
        replacing(folder / f"{table}.parquet") as temporary,
        pq.ParquetWriter(temporary, schema_of(table), **PARQUET_OPTIONS) as writer,
    ):
        for group in _groups(found, table):
            writer.write_table(group)


def _groups(paths: Sequence[Path], table: str) -> Iterator[pa.Table]:
    for path in paths:
        yield from iterate_table(path, table)


def _table(rows: Sequence[dict[str, Any]]) -> pa.Table:
    """Rows of `runs`, whose columns have the types of the schema or of their values."""
    fixed = schema_of("runs")
    columns = {
        name: pa.array(
            [row[name] for row in rows], fixed.field(name).type if name in fixed.names else None
        )
        for name in rows[0]
    }
    return pa.table(columns)


def names_of(chosen: Sequence[str] | None, stock: bool) -> list[str]:
    """Backends to run, each followed by its stock module where that is asked for.

    Raises
    ------
    BadInput
        For a name that is no backend's, or if none of them has a stock module.
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
