"""Identities of runs: hashes of everything that can change a result, and their ingredients."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pipelines import backends, versions
from pipelines.experiment import Experiment
from pipelines.experiment.files import files_of_runs
from pipelines.installation import LIBRARY, PACKAGE
from pipelines.source_code import digests, files_in, fingerprint
from pipelines.sweep.record import Record

# The part of `pipelines.execution` that simulates; the rest starts processes, stores and reports.
SIMULATING = (
    "simulate.py", "network_contents.py", "recordings.py", "weight_course.py", "run_records.py",
)  # fmt: skip


def run_id_of(identity: str, point_id: str) -> str:
    """The run_id of a point, from the identity of its experiment and backend and the point_id."""
    return digest([identity, point_id])


def identity_from(experiment: str, parts: Mapping[str, Any]) -> str:
    """Identity that all runs of an experiment on one backend share: a hash of `ingredients`."""
    return digest({**parts, "experiment": experiment, "files": fingerprint(parts["files"])})


def ingredients(experiment: Experiment, backend: str, record: Record) -> dict[str, Any]:
    """Everything except point and seed that can change the runs of an experiment on one backend.

    These are the recording, the versions of the simulator, of its libraries and of Python, and the
    files of the experiment (`pipelines.experiment.files`), of the backend's folder, of
    ``backends/shared`` and of the part of ``execution`` that simulates (`SIMULATING`). Comments
    and docstrings have no effect.

    Returns
    -------
    dict
        ``backend``, ``record``, ``versions`` (distribution -> version), ``files`` (path within
        the project -> fingerprint).
    """
    bases = (experiment.root, LIBRARY, backends.get(backend).folder.parent)
    files = digests(_source_files(experiment, backend), bases)
    return {
        "backend": backend,
        "record": record.canonical(),
        "versions": versions.of_backend(backend),
        "files": files,
    }


def content_of(experiment: Experiment, backend: str) -> str:
    """SHA-256 (hex) of the bytes of all files that can change a run.

    Quicker than `ingredients`, whose files are unchanged as long as this hash is.
    """
    found = hashlib.sha256()
    for path in sorted(set(_source_files(experiment, backend))):
        found.update(f"{path}\n".encode())
        found.update(hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()


def hardware_code() -> str:
    """Hash of the code that puts networks on chips; comments and docstrings have no effect.

    Profiles are not part of it: what a run has of them is in its identity by value.
    """
    code = (path for path in files_in(PACKAGE / "hardware") if path.suffix == ".py")
    return digest(fingerprint(digests(code, (LIBRARY,))))


def changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Differences between two `ingredients`, as text.

    Examples
    --------
    ``["NumPy 1.26.4 -> 2.4.1", "pipelines/backends/nest/spike_sources.py"]``
    """
    found = []
    old, new = before.get("versions", {}), now["versions"]
    for name in sorted({*old, *new}):
        if old.get(name) != new.get(name):
            found.append(f"{name} {old.get(name, 'none')} -> {new.get(name, 'none')}")
    if before.get("record") != now["record"]:
        found.append("what is recorded")
    old, new = before.get("files", {}), now["files"]
    found += [name for name in sorted({*old, *new}) if old.get(name) != new.get(name)]
    return found


def digest(content: Any) -> str:
    """First 16 hex digits of the SHA-256 of canonical JSON: sorted keys, shortest floats."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _source_files(experiment: Experiment, backend: str) -> Iterator[Path]:
    yield from files_of_runs(experiment.folder)
    yield from (PACKAGE / "execution" / name for name in SIMULATING)
    shared = PACKAGE / "backends"
    yield shared / "collect.py"
    yield from _code_in(shared / "shared")
    if backend in backends.stock_names():
        return
    folder = backends.get(backend).folder
    yield from _code_in(folder)
    if folder.parent != shared:
        # One that lies elsewhere may be made of any that lies here.
        for other in backends.descriptions().values():
            if other.folder.parent == shared:
                yield from _code_in(other.folder)


def _code_in(folder: Path) -> Iterator[Path]:
    """Files of a backend's folder, except its description (label and colour)."""
    yield from (path for path in files_in(folder) if path != folder / "description.py")
