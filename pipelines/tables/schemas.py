"""The columns of every table: names, types, order. Units are part of a column's name.

All tables are long and tidy. A column is required to be without nulls unless it is declared
nullable here; numbers that do not exist (the build time of a run that failed) are null.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import get_type_hints

import pyarrow as pa

from pipelines.errors import BadInput
from pipelines.experiment.run_columns import AFTER, BEFORE, RESERVED_COLUMNS


def _column(name: str, kind: pa.DataType, nullable: bool = False) -> pa.Field:
    return pa.field(name, kind, nullable=nullable)


_TEXT, _INT32, _INT64, _FLOAT = pa.string(), pa.int32(), pa.int64(), pa.float64()

# bool first: it is a subclass of int.
_TYPES = {bool: pa.bool_(), int: _INT64, float: _FLOAT, str: _TEXT}

_RUNS_BEFORE, _RUNS_AFTER = (
    [_column(column.name, _TYPES[column.kind], column.nullable) for column in columns]
    for columns in (BEFORE, AFTER)
)

# Columns that tables of earlier versions do not have, by table.
ADDED_COLUMNS: dict[str, tuple[str, ...]] = {
    "runs": ("simulated_ms", "started_utc", "projections", "cell_parameters"),
    "comparisons": (
        "scale", "primary", "excess", "excess_high", "excess_margin", "power", "detectable",
        "statistics",
    ),
    "verdicts": ("n_seeds", "statistics"),
}  # fmt: skip

# Statuses of a run.
DONE, FAILED = "done", "failed"

SCHEMAS: dict[str, pa.Schema] = {
    # Fixed columns alone; `runs_schema` adds those of the parameters.
    "runs": pa.schema([*_RUNS_BEFORE, *_RUNS_AFTER]),
    "spikes": pa.schema(
        [
            _column("run_id", _TEXT),
            _column("population", _TEXT),
            _column("neuron", _INT32),  # index within the population
            _column("time_ms", _FLOAT),
        ]
    ),
    "weights": pa.schema(
        [
            _column("run_id", _TEXT),
            _column("projection", _TEXT),
            _column("pre", _INT32),  # index within the presynaptic population
            _column("post", _INT32),
            _column("weight", _FLOAT),  # in PyNN's unit for the receptor: nA or uS
            _column("delay_ms", _FLOAT),
            _column("time_ms", _FLOAT),  # biological time at which the weight was read
        ]
    ),
    "signals": pa.schema(
        [
            _column("run_id", _TEXT),
            _column("population", _TEXT),
            _column("neuron", _INT32),
            _column("variable", _TEXT),
            _column("time_ms", _FLOAT),
            _column("value", _FLOAT, nullable=True),  # in PyNN's unit for the variable
        ]
    ),
    "metrics": pa.schema(
        [
            _column("run_id", _TEXT),
            _column("population", _TEXT),  # or the projection, for metrics of weights
            _column("metric", _TEXT),
            _column("value", _FLOAT, nullable=True),
        ]
    ),
    "comparisons": pa.schema(
        [
            _column("experiment", _TEXT),
            _column("point_id", _TEXT),  # of independent draws, the first of these parameters
            _column("backend_a", _TEXT),
            _column("backend_b", _TEXT),
            _column("population", _TEXT),  # or the projection, for metrics of weights
            _column("metric", _TEXT),
            _column("distance_name", _TEXT),  # KS, relative or shape
            # Of the two runs of the point; null for independent draws.
            _column("distance", _FLOAT, nullable=True),
            # The rest is of all seeds at the point's parameters.
            _column("between", _FLOAT, nullable=True),  # mean distance across the backends
            _column("seed_floor", _FLOAT, nullable=True),  # mean distance within each
            _column("floor_low", _FLOAT, nullable=True),  # its bootstrap interval, 95 %
            _column("floor_high", _FLOAT, nullable=True),
            # Adjusted for all metrics, points and pairs of backends.
            _column("p_value", _FLOAT, nullable=True),
            _column("mean_a", _FLOAT, nullable=True),  # in the metric's unit
            _column("mean_b", _FLOAT, nullable=True),
            # In the metric's unit, or of natural logarithms where `scale` is log.
            _column("difference", _FLOAT, nullable=True),
            _column("difference_low", _FLOAT, nullable=True),  # 90 % interval
            _column("difference_high", _FLOAT, nullable=True),
            _column("margin", _FLOAT, nullable=True),  # a smaller difference does not matter
            _column("n_a", _INT64),  # runs that have values
            _column("n_b", _INT64),
            # Runs a backend that would decide all primary metrics with a probability of 80 %.
            _column("runs_needed", _INT64, nullable=True),
            _column("verdict", _TEXT),
            _column("scale", _TEXT),  # linear or log
            _column("primary", pa.bool_()),  # whether *equivalent* depends on it
            # Distance of the distributions beyond the margin (of courses and spectra, `between`
            # less `seed_floor`); its upper bound, 95 %, and what of it does not matter.
            _column("excess", _FLOAT, nullable=True),
            _column("excess_high", _FLOAT, nullable=True),
            _column("excess_margin", _FLOAT, nullable=True),
            # Probability with which so many runs find two equal backends equivalent.
            _column("power", _FLOAT, nullable=True),
            # Smallest difference that so many runs find *different* with a probability of 80 %.
            _column("detectable", _FLOAT, nullable=True),
            _column("statistics", _TEXT),  # verdict of all seeds, whatever these two runs are
        ]
    ),
    "verdicts": pa.schema(
        [
            _column("experiment", _TEXT),
            _column("point_id", _TEXT),  # of independent draws, the first of these parameters
            _column("backend_a", _TEXT),
            _column("backend_b", _TEXT),
            _column("verdict", _TEXT),
            _column("evidence", _TEXT),
            # Spikes of the point's run; of independent draws, of all runs.
            _column("n_spikes_a", _INT64, nullable=True),
            _column("n_spikes_b", _INT64, nullable=True),
            _column("n_common", _INT64, nullable=True),
            _column("first_difference_ms", _FLOAT, nullable=True),
            _column("first_difference_population", _TEXT, nullable=True),
            _column("first_difference_neuron", _INT64, nullable=True),
            _column("max_abs_weight_difference", _FLOAT, nullable=True),
            _column("causes", _TEXT),  # known ones that fit, "; " between them; may be empty
            # Seeds a backend that statistics are of; null without statistics.
            _column("n_seeds", _INT64, nullable=True),
            # What the statistics of all seeds say, where verdicts are on single seeds.
            _column("statistics", _TEXT, nullable=True),
        ]
    ),
    "conformance": pa.schema(
        [
            _column("check_name", _TEXT),
            _column("known_difference", _TEXT),  # row of the register that the check watches
            _column("backend", _TEXT),
            _column("outcome", _TEXT),  # passed, failed, refused or error
            _column("expected", pa.bool_()),  # passed, or refused as the register says
            _column("deviation", _FLOAT, nullable=True),  # largest, in the unit of the values
            _column("tolerance", _FLOAT),
            _column("detail", _TEXT),
        ]
    ),
    "support": pa.schema(
        [
            _column("kind", _TEXT),  # of construct: cell, synapse, operation, ...
            _column("name", _TEXT),
            _column("backend", _TEXT),
            _column("outcome", _TEXT),  # exact, basis, alone, refused, wrong or crashed
            _column("conforms", pa.bool_()),  # neither wrong nor crashed
            _column("basis", _TEXT),  # backend that it is compared with; may be empty
            _column("deviation", _FLOAT, nullable=True),  # as a share of the largest value
            _column("detail", _TEXT),  # reason of a refusal, or what is wrong; may be empty
        ]
    ),
    "expectations": pa.schema(
        [
            _column("experiment", _TEXT),
            _column("check_name", _TEXT),
            _column("backend", _TEXT),
            _column("passed", pa.bool_()),
            _column("value", _FLOAT, nullable=True),
            _column("limit", _FLOAT, nullable=True),
            _column("unit", _TEXT),
            _column("detail", _TEXT),
        ]
    ),
}

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
        columns.append(_column(field.name, _TYPES[kind]))
    return pa.schema([*_RUNS_BEFORE, *columns, *_RUNS_AFTER])


def is_parameter_type(kind: pa.DataType) -> bool:
    """Whether a column of `runs` with this type can be a parameter's."""
    return kind in _TYPES.values()
