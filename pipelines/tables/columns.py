"""The columns of a table, checked against its schema and converted to the schema's types."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pyarrow as pa

from pipelines.errors import CounterpointError
from pipelines.experiment.run_columns import BEFORE
from pipelines.tables.schemas import ADDED_COLUMNS, is_parameter_type, schema_of

if TYPE_CHECKING:
    import pandas as pd


class BadTable(CounterpointError):
    """A table does not have the columns of its schema."""


def conform(
    name: str, table: pd.DataFrame | pa.Table, where: str, schema: pa.Schema | None = None
) -> pa.Table:
    """Return the table with exactly the columns, types and order of its schema.

    Types change only where nothing is lost: int64 to int32 if all values fit, integers to
    floats, categories to strings.

    Raises
    ------
    BadTable
        If a column does not conform; names the column, the expected and the found type.
    """
    columns = table.column_names if isinstance(table, pa.Table) else [str(c) for c in table.columns]
    expected = schema if schema is not None else _schema_for(name, table, columns)
    if isinstance(table, pa.Table) and _is_as_expected(table, expected):
        # The columns as they are, with the units and descriptions of the schema.
        return pa.Table.from_arrays(table.columns, schema=expected)
    _check_names(name, expected, columns, where)
    arrays = [
        _column(table, field, f"{where}: table '{name}', column '{field.name}'")
        for field in expected
    ]
    return pa.Table.from_arrays(arrays, schema=expected)


def _is_as_expected(table: pa.Table, expected: pa.Schema) -> bool:
    """Whether a table already conforms to its schema.

    A shortcut: checking columns one by one takes as long as reading them.
    """
    return table.schema.equals(expected, check_metadata=False) and not any(
        table.column(field.name).null_count for field in expected if not field.nullable
    )


def _schema_for(name: str, table: pd.DataFrame | pa.Table, columns: Sequence[str]) -> pa.Schema:
    """The fixed schema; for `runs`, with the parameters found between its two fixed parts."""
    added = ADDED_COLUMNS.get(name, ())
    fixed = pa.schema([f for f in schema_of(name) if f.name in columns or f.name not in added])
    if name != "runs":
        return fixed
    found = table.schema if isinstance(table, pa.Table) else _arrow_schema(table)
    parameters = []
    for column in columns:
        if column in fixed.names:
            continue
        stored = found.field(column)
        kind = _plain(stored.type)
        if not is_parameter_type(kind):
            raise BadTable(
                f"table 'runs', column '{column}': expected float64, int64, string or bool, "
                f"found {kind}"
            )
        parameters.append(pa.field(column, kind, nullable=False, metadata=stored.metadata))
    before = len(BEFORE)
    return pa.schema([*list(fixed)[:before], *parameters, *list(fixed)[before:]])


def _arrow_schema(frame: pd.DataFrame) -> pa.Schema:
    return pa.Schema.from_pandas(frame, preserve_index=False)


def _plain(kind: pa.DataType) -> pa.DataType:
    """The type without dictionary encoding, JSON's mark, and the large variants."""
    if isinstance(kind, pa.JsonType):
        kind = kind.storage_type
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return pa.string() if pa.types.is_large_string(kind) else kind


def _check_names(name: str, expected: pa.Schema, columns: Sequence[str], where: str) -> None:
    for column in expected.names:
        if column not in columns:
            raise BadTable(
                f"{where}: table '{name}' lacks column '{column}' ({expected.field(column).type}); "
                f"found {', '.join(columns) or 'no columns'}"
            )
    for column in columns:
        if column not in expected.names:
            raise BadTable(
                f"{where}: table '{name}' has no column '{column}'; "
                f"expected {', '.join(expected.names)}"
            )
    if len(set(columns)) != len(columns):
        raise BadTable(f"{where}: table '{name}' has a column twice: {', '.join(columns)}")


def _column(table: pd.DataFrame | pa.Table, field: pa.Field, where: str) -> pa.ChunkedArray:
    try:
        if isinstance(table, pa.Table):
            array = table.column(field.name)
        else:
            array = pa.Table.from_pandas(table[[field.name]], preserve_index=False).column(0)
            if len(table) == 0:
                # The columns of an empty DataFrame have no meaningful types.
                array = pa.chunked_array([], type=field.type)
    except (pa.ArrowException, TypeError) as error:
        raise BadTable(f"{where}: expected {field.type}, found mixed values: {error}") from error
    array = _cast(array, field, where)
    if not field.nullable and array.null_count:
        raise BadTable(f"{where}: expected {field.type} without nulls, found {array.null_count}")
    return array


def json_as_text(table: pa.Table) -> pa.Table:
    """The table with the text of columns that are marked as JSON."""
    for k, field in enumerate(table.schema):
        if isinstance(field.type, pa.JsonType):
            text = field.with_type(field.type.storage_type)
            table = table.set_column(k, text, _storage(table.column(k)))
    return table


def text_as_json(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """The table with columns of text marked as JSON where the schema says so."""
    arrays = [
        pa.chunked_array(
            [pa.ExtensionArray.from_storage(field.type, chunk) for chunk in column.chunks],
            field.type,
        )
        if isinstance(field.type, pa.JsonType)
        else column
        for field, column in zip(schema, table.columns, strict=True)
    ]
    return pa.Table.from_arrays(arrays, schema=schema)


def _storage(array: pa.ChunkedArray) -> pa.ChunkedArray:
    return pa.chunked_array([chunk.storage for chunk in array.chunks], array.type.storage_type)


def _cast(array: pa.ChunkedArray, field: pa.Field, where: str) -> pa.ChunkedArray:
    if isinstance(array.type, pa.JsonType):
        array = _storage(array)
    found, expected = _plain(array.type), field.type
    integers = pa.types.is_integer
    allowed = (
        found == expected
        or (integers(found) and (integers(expected) or pa.types.is_floating(expected)))
        or (pa.types.is_floating(found) and pa.types.is_floating(expected))
        # pandas stores whole numbers with gaps as floats.
        or (pa.types.is_floating(found) and integers(expected) and field.nullable)
        or (pa.types.is_null(found) and field.nullable)
    )
    if not allowed:
        raise BadTable(f"{where}: expected {expected}, found {array.type}")
    try:
        return array.cast(expected)
    except pa.ArrowException as error:
        raise BadTable(f"{where}: expected {expected}, found {error}") from error
