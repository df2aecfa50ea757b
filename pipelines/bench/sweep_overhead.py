"""Time of a sweep of small runs, compared with one process a run and with simulation alone."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from pipelines import backends
from pipelines.errors import BadInput, CounterpointError, one_line
from pipelines.execution.child_process import each_in_fresh
from pipelines.execution.run_records import peak_rss_mb
from pipelines.installation import LIBRARY
from pipelines.tables.schemas import DONE
from pipelines.workflow import command

from . import single_runs
from .sweep_timing import IncrementTiming, SweepTiming

_NAME = "bench"
# Parameters of runs of a tenth of the length, with traces that decay before the second pair.
_SHORT = {"lag_max": 2.5, "duration": 100.0, "tau_plus": 1.0, "tau_minus": 1.0}


def time_sweep(
    backend: str,
    runs: int,
    sample: int,
    cores: int,
    report: Callable[[str], None],
    stock: bool = True,
) -> SweepTiming:
    """Measure a sweep of runs of the size of `stdp_window`.

    Parameters
    ----------
    runs
        Number of points of the sweep.
    sample
        Number of runs that are also carried out with one process a run.
    report
        Called with a line before each measurement.
    stock
        Whether PyNN's unmodified module is measured too.

    Raises
    ------
    CounterpointError
        If a command fails, or a run of the sweep does.
    """
    with _temporary_project() as root:
        values = _amplitudes(runs)
        _write_sweep(root, backend, values)
        report(f"{backend}: compiling, and the simulator's own time of {sample} runs")
        simulator_s = _simulator_seconds(root, backend, values[:sample])
        before, after = values[: (sample + 1) // 2], values[(sample + 1) // 2 : sample]
        report(f"{backend}: {len(before)} runs, one process each")
        alone_s = _time_separate_processes(root, backend, before, cores)
        stock_process_s = None
        if stock:
            some = values[: min(sample, 2 * cores)]
            report(f"stock_{backend}: {len(some)} runs, one process each")
            stock_process_s = _time_stock_process(root, backend, some, cores)
        report(f"{backend}: a sweep of {runs} runs")
        wall_s, _ = _time_snakemake(root, cores)
        _check_done(root, runs)
        report(f"{backend}: {len(after)} runs, one process each")
        alone_s += _time_separate_processes(root, backend, after, cores)
    one_process_s = alone_s / (len(before) + len(after))
    return SweepTiming(backend, runs, cores, wall_s, one_process_s, stock_process_s, simulator_s)


def time_increment(points: int, cores: int, report: Callable[[str], None]) -> IncrementTiming:
    """Measure repeated commands on a sweep of many short runs on the first backend.

    Parameters
    ----------
    points
        Number of points of the sweep.
    cores
        Number of processes at the same time.
    report
        Called with a line before each measurement.

    Raises
    ------
    CounterpointError
        If a command fails, or a run of the sweep does.
    """
    backend = backends.names()[0]
    with _temporary_project() as root:
        values = _amplitudes(points + 1)
        _write_sweep(root, backend, values[:-1], **_SHORT)
        report(f"{backend}: a sweep of {points} points")
        first_s, _ = _time_snakemake(root, cores)
        _check_done(root, points)
        report(f"{backend}: nothing to do")
        nothing_s, nothing_mb = _time_snakemake(root, cores)
        store = root / "results" / _NAME / "runs"
        before = {path.name: path.stat().st_mtime_ns for path in store.glob("*.zip")}
        _write_sweep(root, backend, values, **_SHORT)
        report(f"{backend}: one more value")
        one_more_s, _ = _time_snakemake(root, cores)
        _check_done(root, points + 1)
        after = {path.name: path.stat().st_mtime_ns for path in store.glob("*.zip")}
    new = sum(before.get(name) != stamp for name, stamp in after.items())
    return IncrementTiming(points, first_s, nothing_s, nothing_mb, one_more_s, new)


def _check_done(root: Path, runs: int) -> None:
    """Raise CounterpointError if a run failed: a failed run takes no time."""
    found = pd.read_parquet(root / "results" / _NAME / "runs.parquet")
    if len(found) != runs or set(found["status"]) != {DONE}:
        errors = sorted(set(found["error"]) - {""})
        raise CounterpointError(
            f"bench sweep: not all of {runs} runs were done: {'; '.join(errors[:3])}"
        )


def _amplitudes(number: int) -> list[float]:
    """Amplitudes of potentiation, one for each point."""
    return [round(0.005 + 1e-6 * k, 9) for k in range(number)]


@contextmanager
def _temporary_project() -> Iterator[Path]:
    """Make a project with one experiment in a temporary folder."""
    source = LIBRARY / "experiments" / "stdp_window"
    if not source.is_dir():
        raise CounterpointError("bench sweep: needs a clone of the project, with its experiments")
    with tempfile.TemporaryDirectory(prefix="counterpoint-bench-") as folder:
        root = Path(folder)
        target = root / "experiments" / _NAME
        target.mkdir(parents=True)
        shutil.copy(source / "experiment.py", target)
        yield root


def _write_sweep(root: Path, backend: str, values: list[float], **fixed: float) -> None:
    content = {
        "record": {
            "populations": {"pre": ["spikes"], "post": ["spikes"]},
            "projections": ["plastic"],
        },
        "profiles": {
            "quick": {
                "backends": [backend],
                "parameters": {"dendritic_delay_fraction": 1.0, **fixed},
                "grid": {"A_plus": values},
            }
        },
    }
    (root / "experiments" / _NAME / "sweep.yaml").write_text(yaml.safe_dump(content))


def _time_snakemake(root: Path, cores: int) -> tuple[float, float]:
    """Return time (s) and peak memory (MB) of the command that makes the tables of the sweep."""
    log = root / "said.log"
    started = time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen(
            command.sweep_command(root, str(cores), {"conformance": "false"}),
            cwd=root,
            env=command.environment(root),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        with command.interrupted_together(process):
            _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise CounterpointError(f"bench sweep: snakemake failed: {_last_output_line(log)}")
    return time.monotonic() - started, peak_rss_mb(usage)


def _time_separate_processes(
    root: Path, backend: str, values: list[float], cores: int, **fixed: float
) -> float:
    """Return the wall-clock time (s) of all runs, each in a process of its own."""
    started = time.monotonic()
    tasks = [_task(root, "alone", backend, [value], **fixed) for value in values]
    _execute_in_processes(root, tasks, cores)
    return time.monotonic() - started


def _time_stock_process(root: Path, backend: str, values: list[float], cores: int) -> float:
    stock = backends.get(backend).stock
    if stock is None:
        raise BadInput("--backend", f"'{backend}' has no stock module", "--skip-stock")
    # Each stock module has a fixed dendritic fraction of the delay.
    fixed = {"dendritic_delay_fraction": stock.dendritic_delay_fraction}
    # A first run compiles, so that the sample does not.
    _execute_in_processes(root, [_task(root, "alone", f"stock_{backend}", values[:1], **fixed)])
    return _time_separate_processes(root, f"stock_{backend}", values, cores, **fixed) / len(values)


def _simulator_seconds(root: Path, backend: str, values: list[float]) -> float:
    (answer,) = _execute_in_processes(root, [_task(root, "simulator", backend, values)])
    return answer["simulator_s"]


def _task(
    root: Path, what: str, backend: str, values: list[float], **fixed: float
) -> dict[str, Any]:
    """Task for `single_runs`."""
    return {
        "root": str(root),
        "name": _NAME,
        "what": what,
        "backend": backend,
        "A_plus": values,
        "fixed": fixed,
    }


def _execute_in_processes(root: Path, tasks: list[dict[str, Any]], cores: int = 1) -> list[Any]:
    """Have `single_runs` carry out tasks, each in a fresh interpreter."""
    environment = {"COUNTERPOINT_ROOT": str(root)}
    calls = [(task,) for task in tasks]
    try:
        return each_in_fresh(single_runs.execute_task, calls, cores, environment=environment)
    except Exception as error:
        raise CounterpointError(f"bench sweep: a run failed: {one_line(error)}") from error


def _last_output_line(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else "no output"
