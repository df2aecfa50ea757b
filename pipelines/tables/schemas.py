"""The schema of every table: columns, their types and order, units and descriptions.

All tables are long and tidy. A column is required to be without nulls unless it is declared
nullable; numbers that do not exist (the build time of a run that failed) are null.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from typing import get_type_hints

import pyarrow as pa

from pipelines.errors import BadInput
from pipelines.experiment.run_columns import AFTER, BEFORE, JSON_COLUMNS, RESERVED_COLUMNS
from pipelines.tables.table_columns import BOOL, COLUMNS, FLOAT, INT64, TEXT, column

# bool first: it is a subclass of int.
_TYPES = {bool: BOOL, int: INT64, float: FLOAT, str: TEXT}

_RUNS_BEFORE, _RUNS_AFTER = (
    [
        column(one.name, _TYPES.get(one.kind, TEXT), one.description, one.unit, one.nullable)
        for one in columns
    ]
    for columns in (BEFORE, AFTER)
)

# Columns that tables of earlier versions do not have, by table.
ADDED_COLUMNS: dict[str, tuple[str, ...]] = {
    "runs": (
        "simulated_ms", "projections", "cell_parameters", "recorded_neurons", "warm_up_ms",
        "compile_s", "started_utc", "hardware", "constraints", "weight_bits", "mismatch",
    ),
    "comparisons": (
        "scale", "primary", "excess", "excess_high", "excess_margin", "power", "detectable",
        "statistics",
    ),
    "verdicts": ("n_seeds", "statistics"),
}  # fmt: skip

# Statuses of a run. One that does not fit its hardware is a result, and no failure.
DONE, FAILED, UNFIT = "done", "failed", "unfit"

SCHEMAS: dict[str, pa.Schema] = {
    # Fixed columns alone; `runs_schema` adds those of the parameters.
    "runs": pa.schema([*_RUNS_BEFORE, *_RUNS_AFTER]),
    **{name: pa.schema(columns) for name, columns in COLUMNS.items()},
}
"""Columns of each table, their types and order. A column is without nulls unless it is nullable."""

# Columns that had another name in the release before this one, as table -> former name -> name.
# Tables and records of runs that have the former names are still read.
FORMER_NAMES: dict[str, dict[str, str]] = {
    "runs": {"signal": "killed_by"},
    "conformance": {"check": "check_name"},
    "expectations": {"check": "check_name"},
}

# What a run's own file holds, and what is gathered from the runs of a plan.
RECORDED = ("spikes", "weights", "signals")


def schema_of(name: str) -> pa.Schema:
    """Schema of a table.

    Raises
    ------
    BadInput
        If there is no table of this name.
    """
    if name not in SCHEMAS:
        raise BadInput("table", f"unknown table '{name}'", given=name, among=SCHEMAS)
    return SCHEMAS[name]


def current_names(name: str, columns: Sequence[str]) -> list[str]:
    """Names of a table's columns, with those of an earlier release in today's form.

    Parameters
    ----------
    name
        Which table.
    columns
        Its columns as stored. A former name stands for itself where today's name is there, too:
        then it is a parameter of the experiment.
    """
    renamed = FORMER_NAMES.get(name, {})
    return [
        column if renamed.get(column, column) in columns else renamed[column] for column in columns
    ]


def runs_schema(parameters: type) -> pa.Schema:
    """Schema of `runs` for an experiment.

    Parameters
    ----------
    parameters
        The experiment's dataclass; its fields become columns, in their order.

    Raises
    ------
    BadInput
        If a field has the name of a fixed column, or a type other than float, int, str, bool.
    """
    hints = get_type_hints(parameters)
    columns = []
    for field in dataclasses.fields(parameters):
        where = f"{parameters.__module__}.{parameters.__name__}.{field.name}"
        if field.name in RESERVED_COLUMNS:
            raise BadInput(where, "is the name of a column of runs.parquet", "another name")
        kind = hints[field.name]
        if kind not in _TYPES:
            raise BadInput(where, f"unsupported type {kind!r}", "float, int, str, bool")
        # As `pipelines.experiment.parameter` declares them.
        about, unit = field.metadata.get("doc") or "", field.metadata.get("unit") or ""
        columns.append(column(field.name, _TYPES[kind], about, unit))
    return pa.schema([*_RUNS_BEFORE, *columns, *_RUNS_AFTER])


def described(schema: pa.Schema) -> pa.Schema:
    """The schema as it is stored, for readers that know no Arrow, such as DuckDB.

    Units and descriptions, which are the metadata ``unit`` and ``description`` of each field, are
    also an entry ``columns`` of the file's metadata, as JSON. Columns that hold JSON are marked so:
    DuckDB reads what is in them (``population_sizes.exc``), pandas the text.
    """
    json_type = pa.json_(TEXT)
    schema = pa.schema(
        [field.with_type(json_type) if field.name in JSON_COLUMNS else field for field in schema]
    )
    columns = {
        field.name: {key.decode(): text.decode() for key, text in (field.metadata or {}).items()}
        for field in schema
    }
    return schema.with_metadata({"columns": json.dumps(columns, ensure_ascii=False)})


def is_parameter_type(kind: pa.DataType) -> bool:
    """Whether a column of `runs` with this type can be a parameter's."""
    return kind in _TYPES.values()
