"""Outcome of a workflow: what failed of each experiment, and the closing line."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path

from pipelines.atomic import write_bytes
from pipelines.sweep import Plan
from pipelines.tables.error_files import RUN, PartError, read_errors
from pipelines.tables.files import read_arrow
from pipelines.tables.schemas import DONE, FAILED
from pipelines.workflow.sweeps import SweepJobs, store_of


def write_outcome(
    path: Path, plans: Iterable[Plan], results: str, files: Mapping[str, Iterable[str]]
) -> None:
    """Write everything that failed of some experiments to one JSON file, an empty list if nothing.

    Parameters
    ----------
    path
        The file.
    plans
        Plans of the experiments.
    results
        Folder of all results.
    files
        Files of errors of each experiment, by its name.
    """
    found = []
    for plan in plans:
        name = plan.experiment.name
        errors = run_errors(Path(results) / name)
        errors += [error for file in files[name] for error in read_errors(file)]
        found += [{"experiment": name, **asdict(error)} for error in errors]
    write_bytes(path, (json.dumps(found, indent=1) + "\n").encode())


def run_errors(folder: Path) -> list[PartError]:
    """Errors of the runs in the table `runs` of a folder, each once for a backend."""
    runs = read_arrow(folder, "runs", ["backend", "status", "error"]).to_pylist()
    counts = Counter((run["backend"], run["error"]) for run in runs if run["status"] == FAILED)
    return [PartError(RUN, backend, error, n) for (backend, error), n in counts.items()]


def closing_line(
    plans: Mapping[str, Plan], jobs: Mapping[str, SweepJobs], results: str
) -> tuple[str, bool]:
    """Number of runs done and failed, what else failed, and the path of the report, as one line.

    Returns
    -------
    line : str
        The line.
    failed : bool
        Whether anything failed.
    """
    found: list[str | None] = []
    parts: Counter[str] = Counter()
    for name, plan in plans.items():
        statuses = store_of(results, name).ids()
        found += [statuses.get(run.run_id) for run in plan.runs]
        for file in jobs[name].errors:
            parts.update(error.part for error in read_errors(file))
    done, failed = found.count(DONE), found.count(FAILED)
    texts = [f"{done} of {len(found)} runs done", f"{failed} failed"]
    texts += [f"{n} {part}{'' if n == 1 else 's'} failed" for part, n in parts.items()]
    return f"{', '.join(texts)}: see {results}/report.html", bool(failed or parts)
