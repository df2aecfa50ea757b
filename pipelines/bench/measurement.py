"""Measurement of building and running a network, in a process of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, TypeVar

import numpy as np

from pipelines.errors import CounterpointError, one_line
from pipelines.execution.child_process import in_fresh

from .compared_codes import get_implementation, set_codegen_target
from .measured_network import RATE_WINDOW_MS, Network
from .peak_memory import PeakMemory

# Simulated before the measured run: code is generated, and caches are filled.
WARM_UP_MS = 10.0

T = TypeVar("T")


@dataclass(frozen=True)
class Task:
    """Parameters of a measurement.

    Attributes
    ----------
    question
        ``"build"`` or ``"run"``.
    backend
        Name of the backend.
    code
        One of the codes of `compared_codes`.
    network
        Network to build.
    duration
        Simulated time (ms) after the warm-up; used only for ``"run"``.
    codegen
        Target of code generation, None for the simulator's own choice.
    """

    question: str
    backend: str
    code: str
    network: Network
    duration: float = 1000.0
    codegen: str | None = None


@dataclass(frozen=True)
class Measurement:
    """Times, memory and spikes of one measurement.

    Attributes
    ----------
    build_s, run_s
        Time (s) of building, and of simulating `Task.duration` (None unless it was measured).
    peak_mb
        Peak memory (MB) beyond that after the imports.
    n_spikes, spikes_sha256
        Number and digest of the spikes of the run, or of a short run if only building was measured.
    """

    build_s: float
    run_s: float | None
    peak_mb: float
    n_spikes: int
    spikes_sha256: str


def measure_network(task: Task) -> Measurement:
    """Measure building, and running if the task asks for it, in this process."""
    code = get_implementation(task.code, task.backend)
    code.prepare()
    set_codegen_target(task.backend, task.codegen)
    peak = PeakMemory()
    started = time.perf_counter()
    state = code.build(task.network)
    build_s = time.perf_counter() - started
    peak_mb = peak.mb()
    run_s = None
    if task.question == "run":
        code.run(state, WARM_UP_MS)
        started = time.perf_counter()
        code.run(state, task.duration)
        run_s = round(time.perf_counter() - started, 4)
        until, peak_mb = WARM_UP_MS + task.duration, peak.mb()
    else:
        code.run(state, RATE_WINDOW_MS)
        until = RATE_WINDOW_MS
    return Measurement(round(build_s, 4), run_s, peak_mb, *spike_digest(*code.spikes(state, until)))


def spike_digest(cell: np.ndarray, step: np.ndarray) -> tuple[int, str]:
    """Return the number of spikes, and a digest of cells and steps that ignores their order."""
    order = np.lexsort((cell, step))
    columns = np.stack([step[order], cell[order]]).astype("<i8")
    return len(cell), sha256(columns.tobytes()).hexdigest()


def run_in_own_process(
    work: Callable[[Any], T], task: Any, environment: Mapping[str, str] | None = None
) -> T:
    """Call ``work(task)`` in a fresh process that inherits nothing but environment variables.

    Parameters
    ----------
    environment
        Environment variables to add or to replace in the process.

    Raises
    ------
    CounterpointError
        If the process fails or is killed.
    """
    try:
        return in_fresh(work, task, environment=environment)
    except Exception as error:
        why = str(error) if isinstance(error, CounterpointError) else one_line(error)
        raise CounterpointError(f"{task.code} on {task.backend}: {why}") from error


def measure_fastest(task: Task, repeat: int) -> Measurement:
    """Measure in `repeat` fresh processes, and return the fastest, least disturbed one."""
    found = [run_in_own_process(measure_network, task) for _ in range(repeat)]
    return min(found, key=lambda one: one.build_s if one.run_s is None else one.run_s)
