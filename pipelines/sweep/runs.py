"""From points to runs, each with an identity that holds all that can change its result."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipelines import sources, versions
from pipelines.errors import BadInput
from pipelines.experiment import Experiment, load_experiment
from pipelines.experiment.parameters import Value, check_name, check_value, describe
from pipelines.sweep.model import MAX_SEED, Record
from pipelines.sweep.points import Sweep, complete_point, load_sweep, varying

_LIBRARY = Path(sources.__file__).resolve().parent

# Code whose whole effect on a run is in its identity by value: parameters, seed, recording,
# versions. A better message for a bad sweep must not re-run anything.
_BY_VALUE = (
    "pipelines.experiment",
    "pipelines.sweep",
    "pipelines.sources",
    "pipelines.errors",
    "pipelines.versions",
)
_NOT_DATA = (".py", ".md", ".pyc")


@dataclass(frozen=True)
class Run:
    """One point on one backend.

    Attributes
    ----------
    experiment, backend
        Names.
    parameters
        All of them, in the order of the dataclass, each of its field's type. Not to be changed.
    seed
        Of the point.
    run_id
        16 hex digits: hash of everything that can change the result.
    point_id
        16 hex digits: hash of experiment, parameters and seed; the same on every backend.
    """

    experiment: str
    backend: str
    parameters: Mapping[str, Value] = field(hash=False)
    seed: int
    run_id: str
    point_id: str


@dataclass(frozen=True)
class Plan:
    """All runs of one profile of an experiment.

    Attributes
    ----------
    experiment, sweep
        What they are runs of.
    runs
        In defined order: point, then seed, then backend.
    swept
        Names of the parameters that vary, in the order of the dataclass.
    digest
        16 hex digits: hash of all run_ids.
    """

    experiment: Experiment = field(hash=False)
    sweep: Sweep = field(hash=False)
    runs: tuple[Run, ...]
    swept: tuple[str, ...]
    digest: str


def plan(name: str, profile: str = "quick", root: Path | str | None = None) -> Plan:
    """Plan one profile of an experiment.

    Parameters
    ----------
    name
        The experiment's.
    profile
        "quick", "full", or another one of its sweep.yaml.
    root
        Folder that holds `experiments`; see `pipelines.experiment.project_root`.

    Raises
    ------
    BadInput
        The experiment or its sweep.yaml cannot be accepted.
    """
    experiment = load_experiment(name, root)
    return _plan(experiment, load_sweep(experiment, profile))


def plan_point(
    name: str,
    profile: str = "quick",
    values: Mapping[str, Any] | None = None,
    seed: int | None = None,
    backends: Sequence[str] | None = None,
    root: Path | str | None = None,
    where: str = "--set",
) -> Plan:
    """Plan one point of an experiment, with the same run_ids as in a sweep that has it.

    Parameters
    ----------
    name, profile, root
        As in `plan`. Of the profile are taken its fixed parameters, its first seed, its backends
        and the recording.
    values
        Parameters set for this point, over the profile's; text or numbers.
    seed, backends
        Instead of the profile's.
    where
        Place to name in an error about `values`.
    """
    experiment = load_experiment(name, root)
    sweep = load_sweep(experiment, profile)
    fields = describe(experiment.parameters)
    given = dict(sweep.fixed)
    for key, value in (values or {}).items():
        check_name(fields, key, where)
        given[key] = check_value(fields[key], value, f"{where} {key}")
    for backend in backends or ():
        if backend not in versions.BACKENDS:
            raise BadInput(
                "backend", f"there is no '{backend}'", given=backend, among=versions.BACKENDS
            )
    if seed is not None and not 1 <= seed <= MAX_SEED:
        raise BadInput("seed", f"{seed} is outside the limits", f"1 to {MAX_SEED}")
    one = dataclasses.replace(
        sweep,
        points=(complete_point(experiment, fields, given, where),),
        seeds=sweep.seeds[:1] if seed is None else (seed,),
        backends=tuple(backends) if backends else sweep.backends,
    )
    return _plan(experiment, one)


def _plan(experiment: Experiment, sweep: Sweep) -> Plan:
    identities = {
        backend: run_identity(experiment, backend, sweep.record) for backend in sweep.backends
    }
    runs = tuple(_runs(experiment.name, sweep, identities))
    swept = varying(describe(experiment.parameters), sweep.points)
    return Plan(experiment, sweep, runs, swept, digest([run.run_id for run in runs]))


def _runs(name: str, sweep: Sweep, identities: Mapping[str, str]) -> Iterable[Run]:
    for point in sweep.points:
        for seed in sweep.seeds:
            point_id = digest([name, point, seed])
            for backend in sweep.backends:
                run_id = digest([identities[backend], point_id])
                yield Run(name, backend, point, seed, run_id, point_id)


def run_identity(experiment: Experiment, backend: str, record: Record) -> str:
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


def _source_files(experiment: Experiment, backend: str) -> set[Path]:
    others = tuple(f"pipelines.backends.{b}" for b in versions.BACKENDS if b != backend)
    without = (*_BY_VALUE, *others)
    starts = (
        experiment.source,
        _LIBRARY / "backends" / backend,
        _LIBRARY / "execution" / "simulate.py",
    )
    found = set(_data_files(experiment.folder))
    for start in starts:
        found.update(sources.closure(start, experiment.root, without))
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


def digest(content: Any) -> str:
    """First 16 hex digits of the SHA-256 of canonical JSON: sorted keys, shortest floats."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
