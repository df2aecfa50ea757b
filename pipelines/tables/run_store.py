"""The store of results: one zip file per run, written atomically and checked when it is read.

A run that was done is ``<run_id>.zip``, one that failed ``<run_id>.failed.zip``; so listing the
folder gives the status of all runs. A file holds ``run.json`` (the record: what ran, how it ended,
the sha256 of every other member) and a Parquet file for each table the run has rows for.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.atomic import clean_leftovers, write_bytes
from pipelines.errors import DamagedResult
from pipelines.tables.result_file import OpenResult, read_member, read_record, write_result
from pipelines.tables.schemas import DONE, FAILED

if TYPE_CHECKING:
    import pyarrow as pa

_FAILED_SUFFIX, _DONE_SUFFIX = ".failed.zip", ".zip"


@dataclass(frozen=True)
class StoredRun:
    """Path, status and size (bytes) of the file of a stored run."""

    path: Path
    status: str
    size: int


def status_of(path: Path) -> str:
    """Status of a run ("done" or "failed"), from the name of its file."""
    return FAILED if path.name.endswith(_FAILED_SUFFIX) else DONE


class RunStore:
    """Results of runs in a folder.

    Parameters
    ----------
    folder
        ``results/<experiment>/runs``; made when first written to.
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)

    @property
    def shards(self) -> Path:
        """The folder of shard manifests."""
        return self.folder / "shards"

    def ids(self) -> dict[str, str]:
        """Status of every stored run, by run_id; one look at the folder, no file is opened."""
        return {run_id: stored.status for run_id, stored in self.listing().items()}

    def listing(self) -> dict[str, StoredRun]:
        """Path, status and size of every stored run, by run_id."""
        found: dict[str, StoredRun] = {}
        try:
            entries = list(os.scandir(self.folder))
        except FileNotFoundError:
            return found
        # Failed ones first: a run that failed once and was then done is done.
        for suffix, status in ((_FAILED_SUFFIX, FAILED), (_DONE_SUFFIX, DONE)):
            for entry in entries:
                run_id = entry.name.removesuffix(suffix)
                if run_id == entry.name or "." in run_id:
                    continue
                try:
                    size = entry.stat().st_size
                except FileNotFoundError:
                    continue
                found[run_id] = StoredRun(Path(entry.path), status, size)
        return found

    def path(self, run_id: str) -> Path | None:
        """The file of a run, or None."""
        for suffix in (_DONE_SUFFIX, _FAILED_SUFFIX):
            path = self.folder / f"{run_id}{suffix}"
            if path.exists():
                return path
        return None

    def has(self, run_id: str, *, done: bool = False) -> bool:
        """Whether a run is stored (with `done`: and was not a failure)."""
        path = self.path(run_id)
        return path is not None and not (done and status_of(path) == FAILED)

    def write(
        self, record: Mapping[str, Any], tables: Mapping[str, pa.Table] | None = None
    ) -> Path:
        """Store a run, atomically; it takes the place of an earlier result of the same run.

        Parameters
        ----------
        record
            JSON-serialisable; must hold ``run_id`` and ``status`` ("done", "failed" or "unfit").
        tables
            Any of spikes, weights, signals; those without rows are left out.

        Raises
        ------
        CounterpointError
            If the disk does not take it.
        """
        run_id, status = record["run_id"], record["status"]
        done = self.folder / f"{run_id}{_DONE_SUFFIX}"
        failed = self.folder / f"{run_id}{_FAILED_SUFFIX}"
        path = failed if status == FAILED else done
        write_result(path, record, tables or {})
        if status != FAILED:
            failed.unlink(missing_ok=True)
        return path

    def read_record(self, run_id: str) -> dict[str, Any]:
        """The record of a run.

        Raises
        ------
        DamagedResult
            If the run is not stored, or its file is truncated, altered, or another run's.
        """
        path = self.existing_path(run_id)
        with OpenResult(path) as archive:
            return read_record(archive, status_of(path), run_id, path)

    def read_table_bytes(self, run_id: str, name: str) -> bytes | None:
        """The Parquet file of one of a run's tables; None if it has no rows of it."""
        path = self.existing_path(run_id)
        with OpenResult(path) as archive:
            record = read_record(archive, status_of(path), run_id, path)
            return read_member(archive, record, f"{name}.parquet", path)

    def read_table(self, run_id: str, name: str) -> pa.Table:
        """One of a run's tables: spikes, weights or signals; without rows if none were recorded."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        from pipelines.tables.columns import BadTable, conform
        from pipelines.tables.schemas import schema_of

        content = self.read_table_bytes(run_id, name)
        if content is None:
            return schema_of(name).empty_table()
        path = self.existing_path(run_id)
        try:
            # In this thread: one of pyarrow's own may still hold the bytes, which are Python's,
            # when the interpreter ends, and then ends it by a signal (Arrow issue 49942).
            file = pq.ParquetFile(pa.BufferReader(content))
            return conform(name, file.read(use_threads=False), str(path))
        except (pa.ArrowException, BadTable) as error:
            raise DamagedResult(f"{path}: {name} cannot be read: {error}") from error

    def read(self, run_id: str) -> tuple[dict[str, Any], dict[str, bytes]]:
        """Read all of a run's file and compare it with its checksums.

        Returns
        -------
        record, contents
            The record of the run, and the Parquet file of each table that it has rows of.

        Raises
        ------
        DamagedResult
            If anything differs.
        """
        path = self.existing_path(run_id)
        with OpenResult(path) as archive:
            record = read_record(archive, status_of(path), run_id, path)
            members = {name: read_member(archive, record, name, path) for name in record["members"]}
        return record, {
            Path(name).stem: content for name, content in members.items() if content is not None
        }

    def verify(self, run_id: str) -> dict[str, Any]:
        """The record of a run, after `read` has compared all of its file with the checksums."""
        return self.read(run_id)[0]

    def set_aside(self, run_id: str) -> None:
        """Rename the file of a damaged run, so that the run counts as missing."""
        for suffix in (_DONE_SUFFIX, _FAILED_SUFFIX):
            path = self.folder / f"{run_id}{suffix}"
            if path.exists():
                path.replace(path.with_name(f"{path.name}.damaged"))

    @property
    def identities(self) -> Path:
        """The folder of the ingredients of identities."""
        return self.folder / "identities"

    def knows_identity(self, identity: str) -> bool:
        """Whether the ingredients of an identity are stored."""
        return (self.identities / f"{identity}.json").exists()

    def note_identity(self, identity: str, ingredients: Mapping[str, Any]) -> None:
        """Store the ingredients of an identity, to report later what has changed."""
        text = json.dumps(ingredients, indent=1, sort_keys=True)
        write_bytes(self.identities / f"{identity}.json", (text + "\n").encode())

    def known_identities(self) -> dict[str, dict[str, Any]]:
        """Ingredients by identity, the latest first; unreadable files are left out."""
        found = {}
        try:
            entries = sorted(self.identities.glob("*.json"), key=lambda p: -p.stat().st_mtime_ns)
        except OSError:
            return {}
        for path in entries:
            try:
                found[path.stem] = json.loads(path.read_text())
            except (OSError, ValueError):
                continue
        return found

    def clean(self) -> list[Path]:
        """Remove temporary files of killed writers, and return their paths."""
        folders = (self.folder, self.shards, self.identities)
        return [path for folder in folders for path in clean_leftovers(folder)]

    def existing_path(self, run_id: str) -> Path:
        """The file of a run.

        Raises
        ------
        DamagedResult
            If the run is not stored.
        """
        path = self.path(run_id)
        if path is None:
            raise DamagedResult(f"{self.folder / run_id}.zip: the run is not in the store")
        return path
