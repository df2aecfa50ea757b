"""Shard manifests: JSON files that state which result files make a shard complete."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.atomic import flush, write_bytes
from pipelines.tables.run_store import RunStore, status_of
from pipelines.tables.schemas import FAILED

if TYPE_CHECKING:
    from pipelines.sweep.shards import Shard


def manifest_path(store: RunStore, shard: Shard) -> Path:
    """Path of the manifest of a shard."""
    return store.shards / f"{shard.shard_id}.json"


def write_manifest(store: RunStore, shard: Shard) -> Path:
    """Write the manifest of a complete shard: sha256, size and status of each run's file.

    The run files are flushed to disk first.

    Returns
    -------
    Path
        The manifest.

    Raises
    ------
    DamagedResult
        If a run of the shard is not stored.
    CounterpointError
        If the manifest cannot be written.
    """
    runs = {}
    paths = [store.existing_path(run.run_id) for run in shard.runs]
    flush(paths, store.folder)
    for run, path in zip(shard.runs, paths, strict=True):
        content = path.read_bytes()
        runs[run.run_id] = {
            "sha256": hashlib.sha256(content).hexdigest(),
            "bytes": len(content),
            "status": status_of(path),
        }
    text = json.dumps({"shard_id": shard.shard_id, "runs": runs}, indent=1, sort_keys=True)
    path = manifest_path(store, shard)
    write_bytes(path, (text + "\n").encode())
    return path


def drop_stale_manifests(
    store: RunStore, shards: Iterable[Shard], *, retry_failed: bool = False
) -> list[Path]:
    """Delete the manifests of shards whose run files are missing, truncated or replaced.

    Without its manifest the workflow carries the shard out again, which repeats only the runs
    that are missing.

    Parameters
    ----------
    store
        Store of the runs.
    shards
        Shards whose manifests are checked.
    retry_failed
        Treat failed runs as missing.

    Returns
    -------
    list of Path
        The manifests deleted.
    """
    listing = store.listing()
    dropped = []
    for shard in shards:
        path = manifest_path(store, shard)
        try:
            manifest = json.loads(path.read_text())
            runs = manifest["runs"]
            whole = set(runs) == {run.run_id for run in shard.runs} and all(
                run_id in listing
                and listing[run_id].size == entry["bytes"]
                and listing[run_id].status == entry["status"]
                and not (retry_failed and entry["status"] == FAILED)
                for run_id, entry in runs.items()
            )
        except FileNotFoundError:
            continue
        except (ValueError, KeyError, TypeError, AttributeError):
            whole = False
        if not whole:
            path.unlink(missing_ok=True)
            dropped.append(path)
    return dropped
