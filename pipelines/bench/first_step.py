"""Time before the first step of a network of many projections, in one process after another."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.machinery import EXTENSION_SUFFIXES
from itertools import product
from pathlib import Path
from typing import Any

from .compared_codes import NATIVE, OURS, available_codes, get_implementation, set_codegen_target
from .comparison import Report
from .measured_network import DT, RATE_WINDOW_MS
from .measurement import run_in_own_process, spike_digest
from .projection_grid import ProjectionGrid

# Of Cython; where nothing is compiled it stays empty.
_CACHE = "CYTHON_CACHE_DIR"
_COMPILED = tuple(EXTENSION_SUFFIXES)


@dataclass(frozen=True)
class FirstStepTask:
    """What to measure; `backend`, `code` and `codegen` are as in `measurement.Task`."""

    backend: str
    code: str
    network: ProjectionGrid
    codegen: str | None = None


@dataclass(frozen=True)
class FirstStepMeasurement:
    """What was measured in one process.

    Attributes
    ----------
    seconds
        From an empty simulator to the end of the first time step, imports left out.
    n_spikes, spikes_sha256
        Of the first 100 ms.
    """

    seconds: float
    n_spikes: int
    spikes_sha256: str


@dataclass(frozen=True)
class FirstStepComparison:
    """One network by one code, in one process after another.

    Attributes
    ----------
    backend, code, projections
        What was measured.
    seconds
        To the end of the first step, in every process.
    modules
        Compiled modules in the cache after every process; it was empty before the first.
    n_spikes, same_spikes
        Spikes of the first 100 ms, and whether all processes have those of ours.
    basis
        The number of projections with which others are compared.
    ratios
        Of seconds in the first and in the last process: ``first_to_one`` projection,
        ``first_to_basis`` and ``last_to_basis``, by the same code; ``first_to_hand_written`` and
        ``last_to_hand_written``, where there is such code, with as many projections.
    """

    backend: str
    code: str
    projections: int
    seconds: list[float]
    modules: list[int]
    n_spikes: int
    same_spikes: bool
    basis: int
    ratios: dict[str, float]

    def as_json(self) -> dict[str, Any]:
        """All of it."""
        return asdict(self)


def measure_first_step(task: FirstStepTask) -> FirstStepMeasurement:
    """Measure in this process."""
    code = get_implementation(task.code, task.backend)
    code.prepare()
    set_codegen_target(task.backend, task.codegen)
    started = time.perf_counter()
    state = code.build(task.network)
    code.run(state, DT)
    seconds = time.perf_counter() - started
    code.run(state, RATE_WINDOW_MS)
    return FirstStepMeasurement(
        round(seconds, 4), *spike_digest(*code.spikes(state, RATE_WINDOW_MS))
    )


def measure_in_processes(
    task: FirstStepTask, processes: int
) -> tuple[list[FirstStepMeasurement], list[int]]:
    """Measure in one process after another, which begin with an empty compile cache.

    Each has a PYTHONHASHSEED of its own.

    Returns
    -------
    list of FirstStep, list of int
        What was measured, and the number of compiled modules afterwards, a process each.
    """
    measured, modules = [], []
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(1, processes + 1):
            environment = {_CACHE: folder, "PYTHONHASHSEED": str(seed)}
            measured.append(run_in_own_process(measure_first_step, task, environment))
            modules.append(sum(file.name.endswith(_COMPILED) for file in Path(folder).rglob("*")))
    return measured, modules


def compare_first_steps(
    backend: str,
    *,
    projections: Sequence[int] = (64, 400),
    processes: int = 3,
    codegen: str | None = None,
    report: Report = lambda line: None,
) -> list[FirstStepComparison]:
    """Measure networks of one projection and of these numbers by every code.

    Parameters
    ----------
    projections
        Numbers of projections; the others are compared with the first.
    processes
        How many, one after another, from an empty compile cache on.
    codegen, report
        As in `compare.compare_networks`.
    """
    codes = available_codes(backend)
    networks = [ProjectionGrid(number) for number in dict.fromkeys([1, *projections])]
    measured = {}
    for network, code in product(networks, codes):
        report(
            f"projections: {backend}, {network.projections}, {code}, {processes} processes"
            " from an empty compile cache on"
        )
        task = FirstStepTask(backend, code, network, codegen)
        measured[network.projections, code] = measure_in_processes(task, processes)
    first = {key: steps[0].seconds for key, (steps, _) in measured.items()}
    last = {key: steps[-1].seconds for key, (steps, _) in measured.items()}
    results = []
    for key, (steps, modules) in measured.items():
        number, code = key
        basis = projections[0], code
        ratios = {
            "first_to_one": first[key] / first[1, code],
            "first_to_basis": first[key] / first[basis],
            "last_to_basis": last[key] / last[basis],
        }
        if code != NATIVE and NATIVE in codes:
            native_key = number, NATIVE
            ratios["first_to_hand_written"] = first[key] / first[native_key]
            ratios["last_to_hand_written"] = last[key] / last[native_key]
        ours = measured[number, OURS][0][0].spikes_sha256
        results.append(
            FirstStepComparison(
                backend,
                code,
                number,
                [step.seconds for step in steps],
                modules,
                steps[0].n_spikes,
                all(step.spikes_sha256 == ours for step in steps),
                projections[0],
                {name: round(ratio, 3) for name, ratio in ratios.items()},
            )
        )
    return results
