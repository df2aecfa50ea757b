"""Reading and writing tables as Parquet files, checked against their schema."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.atomic import replacing
from pipelines.errors import BadInput, DamagedResult
from pipelines.tables.columns import BadTable, conform, json_as_text, text_as_json
from pipelines.tables.schemas import current_names, described, schema_of

if TYPE_CHECKING:
    # The process of a run writes tables without pandas, which takes it a second to import.
    import pandas as pd

# Equal tables must give equal bytes: no option may depend on time or machine.
PARQUET_OPTIONS: dict[str, Any] = {
    "compression": "zstd",
    "version": "2.6",
    "data_page_version": "2.0",
    "write_page_checksum": True,
    # Units and descriptions of columns are in it.
    "store_schema": True,
    "write_statistics": True,
}
ROWS_A_GROUP = 1 << 20
# The first four bytes of a Parquet file, and the last.
_MAGIC = b"PAR1"

T = TypeVar("T")


def write_table(
    name: str, table: pd.DataFrame | pa.Table, path: Path | str, schema: pa.Schema | None = None
) -> Path:
    """Write a table to a Parquet file, atomically.

    Parameters
    ----------
    name
        Which table: a key of `pipelines.tables.schemas.SCHEMAS`.
    table
        The rows, in the order in which they are to be stored. Columns may be in any order.
    path
        The file, or the results folder of an experiment (then ``<name>.parquet`` in it).
    schema
        Expected columns, where they are more than the fixed ones (`runs`).

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    BadTable
        If a column is missing, not known, of another type, or holds nulls it must not hold.
    CounterpointError
        If the file cannot be written (a full disk, a read-only folder).
    """
    path = Path(path)
    if path.is_dir():
        path = path / f"{name}.parquet"
    checked = conform(name, table, str(path), schema)
    stored = text_as_json(checked, described(checked.schema))
    with (
        replacing(path) as temporary,
        pq.ParquetWriter(temporary, stored.schema, **PARQUET_OPTIONS) as writer,
    ):
        writer.write_table(stored, row_group_size=ROWS_A_GROUP)
    return path


def read_table(
    path: Path | str,
    name: str,
    columns: Sequence[str] | None = None,
    schema: pa.Schema | None = None,
) -> pd.DataFrame:
    """Read a table, checked.

    Parameters
    ----------
    path
        A Parquet file, a directory of Parquet files, or the results folder that holds
        ``<name>.parquet`` (either of the two).
    name
        Name of the table.
    columns
        The columns to read; all by default.

    Returns
    -------
    pandas.DataFrame
        Rows in stored order. Integers that may be null have pandas' ``Int64`` type.

    Raises
    ------
    BadInput
        If there is no such table.
    DamagedResult
        If the file is truncated, altered, or does not have the table's columns.
    """
    return to_pandas(read_arrow(path, name, columns, schema))


def read_arrow(
    path: Path | str,
    name: str,
    columns: Sequence[str] | None = None,
    schema: pa.Schema | None = None,
) -> pa.Table:
    """Like `read_table`, as an Arrow table."""
    parts = _parts(Path(path), name)
    return pa.concat_tables(
        _reading(part, partial(_read_part, part, name, columns, schema)) for part in parts
    )


def iterate_table(
    path: Path | str, name: str, columns: Sequence[str] | None = None
) -> Iterator[pa.Table]:
    """Iterate over the row groups of a table, so that it need not fit into memory."""
    for part in _parts(Path(path), name):
        file = _reading(part, partial(_open, part, name, None))
        wanted = _wanted(name, file.schema_arrow, columns, part)
        for group in range(file.metadata.num_row_groups):
            table = _reading(part, partial(file.read_row_group, group, wanted))
            yield json_as_text(table.rename_columns(current_names(name, table.column_names)))


def drop_damaged(paths: Iterable[Path | str]) -> list[Path]:
    """Delete tables that are cut off or no Parquet files, so that the workflow makes them again.

    Only the two ends of each file are read. Damage elsewhere is found when a table is read; the job
    that finds it deletes the table.

    Returns
    -------
    list of Path
        The files deleted.
    """
    dropped = []
    for path in map(Path, paths):
        if not path.is_file():
            continue
        if not _has_both_ends(path):
            path.unlink(missing_ok=True)
            dropped.append(path)
    return dropped


def _has_both_ends(path: Path) -> bool:
    """Whether a file begins and ends as a Parquet file does."""
    try:
        with path.open("rb") as file:
            if file.read(len(_MAGIC)) != _MAGIC:
                return False
        pq.read_metadata(path)
    except (pa.ArrowException, OSError):
        return False
    return True


def to_pandas(table: pa.Table) -> pd.DataFrame:
    """Turn an Arrow table into a DataFrame; whole numbers stay whole where some are null."""
    import pandas as pd

    frame = table.to_pandas()
    for field in table.schema:
        if field.nullable and pa.types.is_integer(field.type):
            frame[field.name] = pd.array(table.column(field.name).to_pylist(), dtype="Int64")
    return frame


def _parts(path: Path, name: str) -> list[Path]:
    """The Parquet files that make up a table."""
    schema_of(name)
    if path.is_dir() and path.suffix != ".parquet":
        path = path / f"{name}.parquet"
    if path.is_dir():
        parts = sorted(path.glob("*.parquet"))
        if not parts:
            raise BadInput(str(path), f"no Parquet files of table '{name}' in this folder")
        return parts
    if not path.exists():
        raise BadInput(str(path), f"there is no table '{name}' here")
    return [path]


def _reading(path: Path, read: Callable[[], T]) -> T:
    """Call `read`; raise its errors as a one-line DamagedResult that names the file."""
    try:
        return read()
    except (pa.ArrowException, OSError, BadTable) as error:
        said = " ".join(str(error).split())
        raise DamagedResult(f"{path}: cannot be read: {said}", path) from error


def _open(path: Path, name: str, schema: pa.Schema | None) -> pq.ParquetFile:
    file = pq.ParquetFile(path, page_checksum_verification=True)
    # An empty table of the file's schema is enough to see whether the columns are right.
    # Not `empty_table`, which imports pandas.
    empty = pa.Table.from_batches([], file.schema_arrow)
    empty = empty.rename_columns(current_names(name, empty.column_names))
    conform(name, empty, str(path), schema)
    return file


def _wanted(
    name: str, schema: pa.Schema, columns: Sequence[str] | None, path: Path
) -> list[str] | None:
    """The columns to read, by their names in the file."""
    if columns is None:
        return None
    in_file = dict(zip(current_names(name, schema.names), schema.names, strict=True))
    for column in columns:
        if column not in in_file:
            raise BadInput(str(path), f"no column '{column}'", given=column, among=in_file)
    return [in_file[column] for column in columns]


def _read_part(
    path: Path, name: str, columns: Sequence[str] | None, schema: pa.Schema | None
) -> pa.Table:
    file = _open(path, name, schema)
    table = file.read(_wanted(name, file.schema_arrow, columns, path))
    return json_as_text(table.rename_columns(current_names(name, table.column_names)))
