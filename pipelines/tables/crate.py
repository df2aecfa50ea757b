"""What an experiment's folder of results is and how it came about, as a research object crate.

A crate (RO-Crate 1.1) is one JSON-LD file beside the data that other programs read: the files
with their checksums, the software, and the runs that made them.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from pipelines import __version__
from pipelines.tables.files import read_arrow
from pipelines.tables.schemas import DONE

FILE_NAME = "ro-crate-metadata.json"
_SPECIFICATION = "https://w3id.org/ro/crate/1.1"


def describe_results(
    folder: Path | str, tables: Iterable[str], about: Mapping[str, Any]
) -> dict[str, Any]:
    """The crate of an experiment's results.

    Parameters
    ----------
    folder
        ``results/<experiment>``.
    tables
        Names of its tables; ``runs`` among them.
    about
        ``name``, ``description`` and ``profile`` of the experiment's sweep.

    Returns
    -------
    dict
        JSON-LD.
    """
    folder = Path(folder)
    files = [_file(folder, f"{name}.parquet") for name in tables]
    # Without pandas, whose import takes longer than all of this (`pq.read_table` imports it).
    runs = read_arrow(folder, "runs").to_pydict()
    software = _software(runs["versions"])
    parts = [{"@id": entity["@id"]} for entity in files]
    return {
        "@context": f"{_SPECIFICATION}/context",
        "@graph": [
            {
                "@id": FILE_NAME,
                "@type": "CreativeWork",
                "about": {"@id": "./"},
                "conformsTo": {"@id": _SPECIFICATION},
            },
            {
                "@id": "./",
                "@type": "Dataset",
                "name": f"{about['name']}, profile {about['profile']}",
                "description": about["description"] or about["name"],
                "datePublished": datetime.now(UTC).strftime("%Y-%m-%d"),
                "license": "that of the project",
                "hasPart": parts,
                "mentions": {"@id": "#runs"},
            },
            *files,
            *software,
            _action(runs, parts, software),
        ],
    }


def write_crate(path: Path, crate: Mapping[str, Any]) -> None:
    """Write a crate, whole or not at all."""
    from pipelines.atomic import write_bytes

    write_bytes(path, (json.dumps(crate, indent=1, ensure_ascii=False) + "\n").encode())


def _file(folder: Path, name: str) -> dict[str, Any]:
    path = folder / name
    pieces = sorted(path.glob("*.parquet")) if path.is_dir() else [path]
    digest = hashlib.sha256()
    for piece in pieces:
        with piece.open("rb") as content:
            while block := content.read(1 << 20):
                digest.update(block)
    return {
        "@id": name,
        "@type": "File",
        "encodingFormat": "application/vnd.apache.parquet",
        "contentSize": sum(piece.stat().st_size for piece in pieces),
        "sha256": digest.hexdigest(),
        "rows": sum(pq.read_metadata(piece).num_rows for piece in pieces),
    }


def _software(versions: Iterable[str]) -> list[dict[str, Any]]:
    """Every distribution in every version that a run was made with, and this program."""
    found = {("Counterpoint", __version__)}
    for text in set(versions):
        found.update(json.loads(text).items())
    return [
        {
            "@id": f"#{name}-{version}",
            "@type": "SoftwareApplication",
            "name": name,
            "softwareVersion": version,
        }
        for name, version in sorted(found)
    ]


def _action(
    runs: Mapping[str, list[Any]], results: list[dict[str, str]], software: list[dict[str, Any]]
) -> dict[str, Any]:
    """The runs as one action: who can tell from what, where, how long and with which seeds."""
    done = [status == DONE for status in runs["status"]]
    times = {name: _known(runs[name]) for name in ("build_s", "simulate_s", "collect_s")}
    clean = _known(runs["git_clean"])
    peaks = _known(runs["peak_rss_mb"])
    return {
        "@id": "#runs",
        "@type": "CreateAction",
        "name": "the runs of the sweep",
        "instrument": [{"@id": entity["@id"]} for entity in software],
        "result": results,
        "actionStatus": "CompletedActionStatus" if all(done) else "FailedActionStatus",
        "runs": {"done": sum(done), "failed": len(done) - sum(done)},
        "backends": sorted(set(runs["backend"])),
        "seeds": sorted(set(runs["seed"])),
        "hosts": sorted(filter(None, set(runs["host"]))),
        "threads": sorted(set(runs["threads"])),
        "mpiProcesses": sorted(set(runs["mpi_processes"])),
        "gitCommits": sorted(filter(None, set(runs["git_commit"]))),
        "gitClean": all(clean) if clean else None,
        "connectivitySha256": sorted(filter(None, set(runs["connectivity_sha256"]))),
        "inputSha256": sorted(filter(None, set(runs["input_sha256"]))),
        "seconds": {name: round(math.fsum(values), 6) for name, values in times.items()},
        "peakRssMB": round(max(peaks), 6) if peaks else None,
    }


def _known(values: Iterable[Any]) -> list[Any]:
    """Values that are there: neither missing nor NaN."""
    return [value for value in values if value is not None and value == value]
