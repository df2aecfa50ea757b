"""The process in which a script runs on one backend: ``python -m pipelines.script.worker JOB``."""

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

from pipelines.execution.processes import die_with_parent, one_line
from pipelines.execution.simulate import peak_rss_mb
from pipelines.tables.schemas import DONE, FAILED

RECORD = "record.json"
"""File that a child writes about its run, in the folder of its tables."""


EXIT_CODE = "exit code"
"""Beginning of the error of a script that ends with one."""


@dataclass(frozen=True)
class Job:
    """What a child does.

    Attributes
    ----------
    backend
        A backend, or a stock module such as ``stock_nest``; the run has its name.
    script
        The file, as an absolute path.
    arguments
        Of the script, for this backend.
    working, tables
        Folders: where it runs, and where its tables are written.
    seed
        Of NumPy's and Python's global generators.
    parent
        Process with which it ends.
    """

    backend: str
    script: str
    arguments: list[str]
    working: str
    tables: str
    seed: int
    parent: int

    def write(self, path: Path) -> None:
        """Write the job for a child."""
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")


def main(job: Job) -> None:
    """Run the script, keep what it records, and write how it went."""
    from pipelines import backends
    from pipelines.script.pynn_module import script_module
    from pipelines.script.random_numbers import draw_alike
    from pipelines.script.recordings import Keeper
    from pipelines.script.simulator_imports import SimulatorFinder

    die_with_parent(job.parent, signal.SIGKILL)
    started = time.perf_counter()
    os.chdir(job.working)
    sim = backends.load(job.backend)
    keeper = Keeper(sim, job.backend, Path(job.tables))
    SimulatorFinder(script_module(job.backend, sim, keeper)).install()
    draw_alike(sim, job.seed)
    # As Python has it for a script, with this library behind.
    sys.path[0] = str(Path(job.script).parent)
    sys.argv[1:] = job.arguments
    before = _generators()
    trouble: dict[str, Any] = {"error": "", "line": None, "code": ""}
    try:
        runpy.run_path(job.script, run_name="__main__")
    except BaseException as error:
        trouble = _trouble(error, job.script)
    keeper.end_segment()
    if keeper.trouble and not trouble["error"]:
        trouble["error"] = f"what it recorded cannot be read: {keeper.trouble}"
    keeper.close()
    wall_s = time.perf_counter() - started
    record = {
        "status": FAILED if trouble["error"] else DONE,
        **trouble,
        "build_s": round(max(0.0, wall_s - keeper.simulate_s - keeper.collect_s), 6),
        "simulate_s": round(keeper.simulate_s, 6),
        "collect_s": round(keeper.collect_s, 6),
        "wall_s": round(wall_s, 6),
        "peak_rss_mb": peak_rss_mb(),
        "connectivity_sha256": keeper.digest("connectivity"),
        "input_sha256": keeper.digest("input"),
        "population_sizes": keeper.sizes,
        "neurons": keeper.neurons,
        "cell_types": keeper.cell_types,
        "timestep": min(keeper.timesteps, default=None),
        "duration": keeper.duration_ms,
        "seed": next((seed for seed in keeper.seeds if seed is not None), None),
        "notes": keeper.notes,
        "drawn": {name: now for name, now in _generators().items() if now != before[name]},
    }
    Path(job.tables, RECORD).write_text(json.dumps(record), encoding="utf-8")


def _generators() -> dict[str, str]:
    """Digests of the states of the global generators."""
    states = {"NumPy": np.random.get_state(), "Python": random.getstate()}
    return {name: sha256(repr(state).encode()).hexdigest() for name, state in states.items()}


def _trouble(error: BaseException, script: str) -> dict[str, Any]:
    """What ended a script: in one line, and the script's own line that led to it."""
    if isinstance(error, SystemExit) and error.code in (None, 0):
        return {"error": "", "line": None, "code": ""}
    frames = traceback.extract_tb(error.__traceback__)
    own = [number for number, frame in enumerate(frames) if frame.filename == script]
    if isinstance(error, SystemExit):
        said = error.code if isinstance(error.code, str) else f"{EXIT_CODE} {error.code}"
    else:
        said = one_line(error)
        # Without the frames of the process, which say nothing about the script.
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
