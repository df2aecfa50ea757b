"""Research object crate of an experiment's results: their content and provenance.

A crate (RO-Crate 1.1) is one JSON-LD file beside the data that other programs read: the files
with their checksums, the software, and the runs that made them.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from rocrate.model import ContextEntity, Entity
from rocrate.rocrate import ROCrate

from pipelines import __version__
from pipelines.tables.files import read_arrow
from pipelines.tables.schemas import DONE

FILE_NAME = "ro-crate-metadata.json"


def describe_results(
    folder: Path | str,
    tables: Iterable[str],
    about: Mapping[str, Any],
    published: date | None = None,
) -> ROCrate:
    """Describe an experiment's results as a crate.

    Parameters
    ----------
    folder
        ``results/<experiment>``.
    tables
        Names of its tables; ``runs`` among them.
    about
        ``name``, ``description`` and ``profile`` of the experiment's sweep.
    published
        Date of publication; today by default.
    """
    folder = Path(folder)
    crate = ROCrate(version="1.1")
    root = crate.root_dataset
    root["name"] = f"{about['name']}, profile {about['profile']}"
    root["description"] = about["description"] or about["name"]
    root["datePublished"] = (published or datetime.now(UTC).date()).isoformat()
    root["license"] = "that of the project"
    files = [_add_table(crate, folder, f"{name}.parquet") for name in tables]
    # Without pandas, whose import takes longer than all of this (`pq.read_table` imports it).
    runs = read_arrow(folder, "runs").to_pydict()
    software = _add_software(crate, runs["versions"])
    action = ContextEntity(crate, "#runs", {"@type": "CreateAction", **_action(runs)})
    action["instrument"], action["result"] = software, files
    root["mentions"] = crate.add(action)
    return crate


def write_crate(path: Path, crate: ROCrate) -> None:
    """Write a crate, whole or not at all."""
    from pipelines.atomic import write_bytes

    content = crate.metadata.generate()
    write_bytes(path, (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode())


def _add_table(crate: ROCrate, folder: Path, name: str) -> Entity:
    path = folder / name
    pieces = sorted(path.glob("*.parquet")) if path.is_dir() else [path]
    digest = hashlib.sha256()
    for piece in pieces:
        with piece.open("rb") as content:
            while block := content.read(1 << 20):
                digest.update(block)
    about = {
        "encodingFormat": "application/vnd.apache.parquet",
        "contentSize": sum(piece.stat().st_size for piece in pieces),
        "sha256": digest.hexdigest(),
        "rows": sum(pq.read_metadata(piece).num_rows for piece in pieces),
    }
    add = crate.add_dataset if path.is_dir() else crate.add_file
    return add(path, name, properties=about)


def _add_software(crate: ROCrate, versions: Iterable[str]) -> list[Entity]:
    """Add all distributions, in all versions used by runs, and this program."""
    found = {("Counterpoint", __version__)}
    for text in set(versions):
        found.update(json.loads(text).items())
    kind = {"@type": "SoftwareApplication"}
    return [
        crate.add(
            ContextEntity(
                crate, f"#{name}-{version}", kind | {"name": name, "softwareVersion": version}
            )
        )
        for name, version in sorted(found)
    ]


def _action(runs: Mapping[str, list[Any]]) -> dict[str, Any]:
    """The runs as one action: outcome, backends, seeds, hosts, versions, durations, memory."""
    done = [status == DONE for status in runs["status"]]
    times = {name: _known(runs[f"{name}_s"]) for name in ("build", "simulate", "collect")}
    clean = _known(runs["git_clean"])
    peaks = _known(runs["peak_rss_mb"])
    return {
        "name": "the runs of the sweep",
        "actionStatus": "CompletedActionStatus" if all(done) else "FailedActionStatus",
        "runsDone": sum(done),
        "runsFailed": len(done) - sum(done),
        "backends": sorted(set(runs["backend"])),
        "seeds": sorted(set(runs["seed"])),
        "hosts": sorted(filter(None, set(runs["host"]))),
        "threads": sorted(set(runs["threads"])),
        "mpiProcesses": sorted(set(runs["mpi_processes"])),
        "gitCommits": sorted(filter(None, set(runs["git_commit"]))),
        "gitClean": all(clean) if clean else None,
        "connectivitySha256": sorted(filter(None, set(runs["connectivity_sha256"]))),
        "inputSha256": sorted(filter(None, set(runs["input_sha256"]))),
        **{f"{name}Seconds": round(math.fsum(values), 6) for name, values in times.items()},
        "peakRssMB": round(max(peaks), 6) if peaks else None,
    }


def _known(values: Iterable[Any]) -> list[Any]:
    """Values that are neither None nor NaN."""
    return [value for value in values if value is not None and value == value]
