"""The identity of a run: a hash of all that can change its result, and what went into it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pipelines import backends, sources, versions
from pipelines.experiment import Experiment
from pipelines.sweep.model import Record

_LIBRARY = Path(sources.__file__).resolve().parent

# Code whose whole effect on a run is in its identity by value: parameters, seed, recording,
# versions. A better message for a bad sweep must not re-run anything.
_BY_VALUE = (
    "pipelines.experiment",
    "pipelines.sweep",
    "pipelines.sources",
    "pipelines.errors",
    "pipelines.versions",
    "pipelines.backends.protocol",
)
_NOT_DATA = (".py", ".md", ".pyc")


def run_id_of(identity: str, point_id: str) -> str:
    """Identity of the run of a point, of what its experiment and backend share and the point."""
    return digest([identity, point_id])


def identity_of(experiment: Experiment, backend: str, record: Record) -> str:
    """Hash of what the runs of an experiment on one backend share.

    That is the experiment's code with all of the project that it imports, data files in its
    folder, the recording, the backend's code, the code that executes a point, and the versions of
    the simulator, of its libraries and of Python.
    """
    return digest(
        {
            "experiment": experiment.name,
            "backend": backend,
            "record": record.canonical(),
            "versions": versions.of_backend(backend),
            "source": sources.fingerprint(_source_files(experiment, backend)),
        }
    )


def ingredients(experiment: Experiment, backend: str, record: Record) -> dict[str, Any]:
    """What `identity_of` is a hash of, file by file: to tell later what has changed.

    Returns
    -------
    dict
        ``backend``, ``record``, ``versions`` (distribution -> version), ``files`` (path within
        the project -> fingerprint).
    """
    files = {
        _shown(path, experiment): sources.fingerprint([path])
        for path in sorted(_source_files(experiment, backend))
    }
    return {
        "backend": backend,
        "record": record.canonical(),
        "versions": versions.of_backend(backend),
        "files": files,
    }


def changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """What differs between two `ingredients`, in words.

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


def _shown(path: Path, experiment: Experiment) -> str:
    for base in (experiment.root.resolve(), _LIBRARY.parent):
        if path.resolve().is_relative_to(base):
            return path.resolve().relative_to(base).as_posix()
    return path.name


def _source_files(experiment: Experiment, backend: str) -> set[Path]:
    folder = backends.get(backend).folder
    starts = [experiment.source, _LIBRARY / "execution" / "simulate.py"]
    if backend not in backends.stock_names():
        starts.append(folder)
    found = set(_data_files(experiment.folder))
    for start in starts:
        found.update(sources.closure(start, experiment.root, _BY_VALUE))
    # A label or a colour re-runs nothing.
    found.discard(folder / "description.py")
    # Holds the version of this program alone: a release re-runs nothing by itself.
    found.discard(_LIBRARY / "__init__.py")
    return found


def _data_files(folder: Path) -> Iterable[Path]:
    """Files in an experiment's folder that it may read: all but code, text, sweep and figures."""
    for path in sorted(folder.rglob("*")):
        inner = path.relative_to(folder)
        hidden = any(part.startswith((".", "__pycache__")) for part in inner.parts)
        if hidden or inner.parts[0] == "figures" or str(inner) == "sweep.yaml":
            continue
        if path.is_file() and path.suffix not in _NOT_DATA:
            yield path
