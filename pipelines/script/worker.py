"""The process of a script on one backend: ``python -m pipelines.script.worker JOB``."""

from __future__ import annotations

import json
import linecache
import os
import random
import runpy
import signal
import sys
import time
import traceback
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from pipelines.backends.shared.compile_time import COMPILE_TIME
from pipelines.errors import one_line
from pipelines.execution.processes import die_with_parent
from pipelines.execution.run_records import peak_rss_mb
from pipelines.tables.schemas import DONE, FAILED

RECORD = "record.json"
"""Name of the file with the record of the run, in the folder of its tables."""


EXIT_CODE = "exit code"
"""Start of the error message of a script that ends with an exit code."""


@dataclass(frozen=True)
class Job:
    """A script to run on one backend.

    Attributes
    ----------
    backend
        Name of a backend or stock module (``stock_nest``); it is the run_id, too.
    script
        Absolute path of the script.
    arguments
        Command-line arguments of the script for this backend.
    working, tables
        Folder in which the script runs, and folder of its tables.
    seed
        Seed of NumPy's and Python's global generators.
    parent
        Process id of the caller; this process ends with it.
    """

    backend: str
    script: str
    arguments: list[str]
    working: str
    tables: str
    seed: int
    parent: int

    def write(self, path: Path) -> None:
        """Write the job to a JSON file."""
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")


def main(job: Job) -> None:
    """Run the script, store what it records, and write the record of the run."""
    from pipelines import backends
    from pipelines.script.pynn_module import script_module
    from pipelines.script.random_numbers import seed_generators
    from pipelines.script.recordings import Recordings
    from pipelines.script.simulator_imports import SimulatorFinder

    die_with_parent(job.parent, signal.SIGKILL)
    started = time.perf_counter()
    os.chdir(job.working)
    sim = backends.load(job.backend)
    recordings = Recordings(sim, job.backend, Path(job.tables))
    SimulatorFinder(script_module(job.backend, sim, recordings)).install()
    seed_generators(sim, job.seed)
    # As Python sets it for a script: its own folder first.
    sys.path[0] = str(Path(job.script).parent)
    sys.argv[1:] = job.arguments
    before = _generators()
    failure: dict[str, Any] = {"error": "", "line": None, "code": ""}
    try:
        runpy.run_path(job.script, run_name="__main__")
    except BaseException as error:
        failure = _failure(error, job.script)
    recordings.end_segment()
    if recordings.error and not failure["error"]:
        failure["error"] = f"what it recorded cannot be read: {recordings.error}"
    recordings.close()
    wall_s = time.perf_counter() - started
    others = COMPILE_TIME.seconds, recordings.simulate_s, recordings.collect_s
    record = {
        "status": FAILED if failure["error"] else DONE,
        **failure,
        "compile_s": round(COMPILE_TIME.seconds, 6),
        "build_s": round(max(0.0, wall_s - sum(others)), 6),
        "simulate_s": round(recordings.simulate_s, 6),
        "collect_s": round(recordings.collect_s, 6),
        "wall_s": round(wall_s, 6),
        "peak_rss_mb": peak_rss_mb(),
        "connectivity_sha256": recordings.digest("connectivity"),
        "input_sha256": recordings.digest("input"),
        "population_sizes": recordings.sizes,
        "recorded_neurons": recordings.recorded_neurons,
        "cell_types": recordings.cell_types,
        "cell_parameters": recordings.cell_parameters,
        "projections": recordings.connected,
        "timestep": min(recordings.timesteps, default=None),
        "duration": recordings.duration_ms,
        "seed": next((seed for seed in recordings.seeds if seed is not None), None),
        "notes": recordings.notes,
        "drawn": {name: now for name, now in _generators().items() if now != before[name]},
    }
    Path(job.tables, RECORD).write_text(json.dumps(record), encoding="utf-8")


def _generators() -> dict[str, str]:
    """SHA-256 of the states of the global random generators, by name."""
    states = {"NumPy": np.random.get_state(), "Python": random.getstate()}
    return {name: sha256(repr(state).encode()).hexdigest() for name, state in states.items()}


def _failure(error: BaseException, script: str) -> dict[str, Any]:
    """The error that ended a script as one line, and the line of the script that caused it."""
    if isinstance(error, SystemExit) and error.code in (None, 0):
        return {"error": "", "line": None, "code": ""}
    frames = traceback.extract_tb(error.__traceback__)
    own = [number for number, frame in enumerate(frames) if frame.filename == script]
    if isinstance(error, SystemExit):
        said = error.code if isinstance(error.code, str) else f"{EXIT_CODE} {error.code}"
    else:
        said = one_line(error)
        # Without the frames of this module, which are not the script's.
        shown = "".join(traceback.format_list(frames[own[0] :] if own else frames))
        sys.stderr.write(f"Traceback (most recent call last):\n{shown}{said}\n")
    if isinstance(error, SyntaxError) and error.filename == script:
        return {"error": said, "line": error.lineno, "code": (error.text or "").strip()}
    if not own:
        return {"error": said, "line": None, "code": ""}
    line = frames[own[-1]].lineno
    return {"error": said, "line": line, "code": linecache.getline(script, line or 0).strip()}


if __name__ == "__main__":
    main(Job(**json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))))
