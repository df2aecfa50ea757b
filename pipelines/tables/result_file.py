"""The file of one run's result: its record, its tables, and the checksums of both."""

from __future__ import annotations

import hashlib
import io
import json
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.atomic import replacing
from pipelines.errors import DamagedResult
from pipelines.tables.schemas import DONE, RECORDED, UNFIT

if TYPE_CHECKING:
    import pyarrow as pa

_RECORD = "run.json"

# The earliest date a zip file can hold: equal content is equal bytes.
_DATE = (1980, 1, 1, 0, 0, 0)

# Everything that may go wrong inside zipfile and json when bytes are not what they were.
_DAMAGE = (
    zipfile.BadZipFile, struct.error, EOFError, KeyError, ValueError, TypeError, AttributeError,
    NotImplementedError, RuntimeError, OverflowError,
)  # fmt: skip


def write_result(path: Path, record: Mapping[str, Any], tables: Mapping[str, pa.Table]) -> None:
    """Write a result, atomically; tables without rows are left out.

    The file is not flushed to disk, which would take longer than a small run: the checksums detect
    a damaged file, and the files are flushed when the manifest of the shard is written.
    """
    members = {f"{name}.parquet": _parquet(name, table) for name, table in _nonempty(tables)}
    described = {
        name: {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
        for name, content in members.items()
    }
    full = {**record, "members": described}
    text = json.dumps(full, indent=1, sort_keys=True, allow_nan=False) + "\n"
    with (
        replacing(path, flushed=False) as temporary,
        temporary.open("wb") as file,
        zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive,
    ):
        for name, content in {_RECORD: text.encode(), **members}.items():
            archive.writestr(zipfile.ZipInfo(name, _DATE), content)


class OpenResult:
    """A result file open for reading; raises a DamagedResult if it is damaged."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> zipfile.ZipFile:
        try:
            # Whole in memory: results of runs are small, and one read is quicker than seeks.
            self.archive = zipfile.ZipFile(io.BytesIO(self.path.read_bytes()))
            if any(info.compress_type != zipfile.ZIP_STORED for info in self.archive.infolist()):
                raise zipfile.BadZipFile("a member claims to be compressed")
        except (*_DAMAGE, OSError) as error:
            raise self._damaged(error) from error
        return self.archive

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self.archive.close()
        if isinstance(error, _DAMAGE):
            raise self._damaged(error) from error

    def _damaged(self, error: BaseException) -> DamagedResult:
        return DamagedResult(f"{self.path}: damaged: {' '.join(str(error).split())}")


def read_record(archive: zipfile.ZipFile, status: str, run_id: str, path: Path) -> dict[str, Any]:
    """The record of an open result, which must be that of this run with this status.

    A file of a run that is done may be that of one that does not fit its hardware, too.
    """
    record = json.loads(archive.read(_RECORD))
    if record["run_id"] != run_id:
        raise DamagedResult(f"{path}: damaged: holds run {record['run_id']}, not {run_id}")
    if set(archive.namelist()) != {_RECORD, *record["members"]}:
        raise DamagedResult(f"{path}: damaged: its members are not those of its record")
    if record["status"] != status and (record["status"], status) != (UNFIT, DONE):
        raise DamagedResult(f"{path}: damaged: its record says '{record['status']}'")
    return record


def read_member(
    archive: zipfile.ZipFile, record: Mapping[str, Any], name: str, path: Path
) -> bytes | None:
    """A member of an open result, compared with its checksum; None if the run has none."""
    if name not in record["members"]:
        return None
    content = archive.read(name)
    if hashlib.sha256(content).hexdigest() != record["members"][name]["sha256"]:
        raise DamagedResult(f"{path}: damaged: {name} differs from its checksum")
    return content


def _nonempty(tables: Mapping[str, pa.Table]) -> list[tuple[str, pa.Table]]:
    return [(name, tables[name]) for name in RECORDED if name in tables and tables[name].num_rows]


def _parquet(name: str, table: pa.Table) -> bytes:
    import pyarrow.parquet as pq

    from pipelines.tables.columns import conform
    from pipelines.tables.files import PARQUET_OPTIONS, ROWS_A_GROUP

    sink = io.BytesIO()
    checked = conform(name, table, f"table '{name}' of a run").combine_chunks()
    # Gathering knows the schema; in a thousand small files it would be half of the bytes.
    options = PARQUET_OPTIONS | {"store_schema": False}
    pq.write_table(checked, sink, row_group_size=ROWS_A_GROUP, **options)
    return sink.getvalue()
