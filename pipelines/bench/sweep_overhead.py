"""Speed of a sweep of small runs, against one process a run and the simulation alone."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from pipelines import backends
from pipelines.errors import BadInput, CounterpointError
from pipelines.execution.child_process import each_in_fresh
from pipelines.execution.processes import one_line
from pipelines.execution.simulate import peak_rss_mb
from pipelines.installation import LIBRARY
from pipelines.tables.schemas import DONE
from pipelines.workflow import command

from . import single_runs

_NAME = "bench"
MS_PER_S = 1e3
# Runs of a tenth of the length, whose traces have died away by their second pair.
_SHORT = {"lag_max": 2.5, "duration": 100.0, "tau_plus": 1.0, "tau_minus": 1.0}


@dataclass(frozen=True)
class SweepTiming:
    """A sweep of small runs on one backend.

    Attributes
    ----------
    runs, cores
        How many runs, and processes at the same time.
    wall_s
        Of the whole command, Snakemake and the tables included.
    one_process_s
        A run in a process of its own, `cores` of them at the same time: seconds of the clock for
        each, over a sample, half of it before the sweep and half after: a machine's speed varies.
    stock_process_s
        The same with PyNN's unmodified module, over a smaller sample; None if it was left out.
    simulator_s
        Of a run, within the simulator's own loop over time steps: mean over the same sample.
    """

    backend: str
    runs: int
    cores: int
    wall_s: float
    one_process_s: float
    stock_process_s: float | None
    simulator_s: float

    @property
    def speedup(self) -> float:
        """Throughput of the sweep over that of one process a run."""
        return self.one_process_s / (self.wall_s / self.runs)

    @property
    def stock_speedup(self) -> float | None:
        """Throughput of the sweep over that of one process a run with the unmodified module."""
        if self.stock_process_s is None:
            return None
        return self.stock_process_s / (self.wall_s / self.runs)

    @property
    def overhead_ms(self) -> float:
        """Of a run beyond the simulator's own time, in ms of one core."""
        return MS_PER_S * (self.wall_s * self.cores / self.runs - self.simulator_s)

    @property
    def clock_overhead_ms(self) -> float:
        """The same in ms of the clock, `cores` runs being carried out at a time."""
        return self.overhead_ms / self.cores

    def as_json(self) -> dict[str, Any]:
        """All numbers."""
        return asdict(self) | {
            "speedup": self.speedup,
            "stock_speedup": self.stock_speedup,
            "overhead_ms": self.overhead_ms,
            "clock_overhead_ms": self.clock_overhead_ms,
        }


@dataclass(frozen=True)
class IncrementTiming:
    """Commands on a sweep of many points: first, again with nothing to do, with one more value."""

    points: int
    first_s: float
    nothing_s: float
    nothing_mb: float
    one_more_s: float
    one_more_runs: int

    def as_json(self) -> dict[str, Any]:
        """All numbers."""
        return asdict(self)


def time_sweep(
    backend: str,
    runs: int,
    sample: int,
    cores: int,
    report: Callable[[str], None],
    stock: bool = True,
) -> SweepTiming:
    """Carry out a sweep of the size of `stdp_window`, and measure it.

    Parameters
    ----------
    runs
        Points of the sweep.
    sample
        How many of them are carried out in processes of their own too.
    report
        Told what is measured next.
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
    """Measure commands on a sweep of many short runs on the first backend."""
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
    """A failed run takes no time: a sweep with one measures nothing."""
    found = pd.read_parquet(root / "results" / _NAME / "runs.parquet")
    if len(found) != runs or set(found["status"]) != {DONE}:
        errors = sorted(set(found["error"]) - {""})
        raise CounterpointError(
            f"bench sweep: not all of {runs} runs were done: {'; '.join(errors[:3])}"
        )


def _amplitudes(number: int) -> list[float]:
    """Amplitudes of potentiation, each a point of its own."""
    return [round(0.005 + 1e-6 * k, 9) for k in range(number)]


@contextmanager
def _temporary_project() -> Iterator[Path]:
    """A project with one experiment, in a temporary folder."""
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
    """Seconds and peak memory (MB) of the command that makes the tables of the sweep."""
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
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise CounterpointError(f"bench sweep: snakemake failed: {_last_output_line(log)}")
    return time.monotonic() - started, peak_rss_mb(usage)


def _time_separate_processes(
    root: Path, backend: str, values: list[float], cores: int, **fixed: float
) -> float:
    """Seconds for all of them."""
    started = time.monotonic()
    tasks = [_task(root, "alone", backend, [value], **fixed) for value in values]
    _execute_in_processes(root, tasks, cores)
    return time.monotonic() - started


def _time_stock_process(root: Path, backend: str, values: list[float], cores: int) -> float:
    stock = backends.get(backend).stock
    if stock is None:
        raise BadInput("--backend", f"'{backend}' has no stock module", "--skip-stock")
    # It takes one part of a synapse's delay to be dendritic, each its own.
    fixed = {"dendritic_delay_fraction": stock.dendritic_delay_fraction}
    # Once before, or the sample would compile.
    _execute_in_processes(root, [_task(root, "alone", f"stock_{backend}", values[:1], **fixed)])
    return _time_separate_processes(root, f"stock_{backend}", values, cores, **fixed) / len(values)


def _simulator_seconds(root: Path, backend: str, values: list[float]) -> float:
    (answer,) = _execute_in_processes(root, [_task(root, "simulator", backend, values)])
    return answer["simulator_s"]


def _task(
    root: Path, what: str, backend: str, values: list[float], **fixed: float
) -> dict[str, Any]:
    """What `single_runs` is to do."""
    return {
        "root": str(root),
        "name": _NAME,
        "what": what,
        "backend": backend,
        "A_plus": values,
        "fixed": fixed,
    }


def _execute_in_processes(root: Path, tasks: list[dict[str, Any]], cores: int = 1) -> list[Any]:
    """Let `single_runs` carry out tasks, each in a fresh interpreter."""
    environment = {"COUNTERPOINT_ROOT": str(root)}
    calls = [(task,) for task in tasks]
    try:
        return each_in_fresh(single_runs.execute_task, calls, cores, environment=environment)
    except Exception as error:
        raise CounterpointError(f"bench sweep: a run failed: {one_line(error)}") from error


def _last_output_line(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else "nothing was said"
