"""Tables of runs in a folder, written by any program, and files of runs in other formats.

Other programs do not write the hashes, versions or ids of this project. Only columns that a
comparison needs are required; all others are used if present.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.diagnosis.run_pair import Evidence, Recorded
from pipelines.errors import BadInput, DamagedResult
from pipelines.exchange.files import is_exchange_file, read_frames
from pipelines.experiment.run_columns import parameter_columns
from pipelines.metrics.selection import ByRun
from pipelines.tables.schemas import DONE, FAILED, SCHEMAS, current_names
from pipelines.tables.some_runs import is_constrained
from pipelines.verdicts.coverage import recorded_in, recorded_populations
from pipelines.verdicts.hardware_variants import VARIANT_COLUMNS
from pipelines.verdicts.record_comparison import known_value

REQUIRED = {
    "runs": ("run_id",),
    "spikes": ("run_id", "population", "neuron", "time_ms"),
    "weights": ("run_id", "projection", "pre", "post", "weight"),
    "signals": ("run_id", "population", "neuron", "variable", "time_ms", "value"),
}
"""Required columns of each table; the tables `weights` and `signals` may be missing."""

_NUMBERS = {"neuron": np.int64, "pre": np.int64, "post": np.int64, "time_ms": float,
            "weight": float, "delay_ms": float, "value": float}  # fmt: skip
_MAY_BE_MISSING = ("delay_ms", "value")
_NAMES = ("run_id", "population", "projection", "variable")
# Texts of `runs` that may be unknown.
_DETAILS = ("experiment", "backend", "status", "error")


@dataclass(frozen=True)
class Folder:
    """Tables of runs in one folder.

    Attributes
    ----------
    path
        Path of the folder.
    runs, spikes, weights, signals
        The tables; `weights` and `signals` are empty if the file does not exist.
    """

    path: Path
    runs: pd.DataFrame
    spikes: pd.DataFrame
    weights: pd.DataFrame
    signals: pd.DataFrame

    @property
    def parameters(self) -> list[str]:
        """Columns of `runs` that are parameters."""
        names = parameter_columns(self.runs)
        constrained = is_constrained(self.runs).any()
        return [*names, *(name for name in VARIANT_COLUMNS if constrained and name in self.runs)]

    @property
    def backends(self) -> list[str]:
        """Backends of the runs; empty if they are not known."""
        return self._details("backend")

    @property
    def experiments(self) -> list[str]:
        """Experiments of the runs; empty if they are not known."""
        return self._details("experiment")

    def _details(self, column: str) -> list[str]:
        return sorted(set(self.runs[column]) - {""}) if column in self.runs else []

    def evidence(self, run_id: str) -> Evidence:
        """Data of one run, with the parameters in its record."""
        (run,) = self.runs[self.runs["run_id"] == run_id].to_dict("records")
        record: dict[str, object] = {str(name): value for name, value in run.items()}
        record["parameters"] = {name: run[name] for name in self.parameters}
        listed = recorded_populations(record)
        recorded = self._recorded if listed is None else replace(self._recorded, spikes=listed)
        spikes, weights, signals = (by_run[run_id] for by_run in self._by_run)
        return Evidence(record, spikes, weights, signals, recorded=recorded)

    @cached_property
    def _by_run(self) -> tuple[ByRun, ...]:
        tables = (self.spikes, self.weights, self.signals)
        return tuple(ByRun(self.runs, table) for table in tables)

    @cached_property
    def _recorded(self) -> Recorded:
        return recorded_in(self.weights, self.signals, self.spikes)


def failure(run: Mapping[str, Any] | pd.Series) -> str | None:
    """Why a run of a folder failed; None if it did not.

    Programs have words of their own for a run that was done. One that failed has the status
    "failed", or another than "done" and an error.
    """
    status, error = run.get("status") or DONE, run.get("error")
    if status == DONE or (status != FAILED and not error):
        return None
    return str(error or status)


def read_folder(path: Path) -> Folder:
    """Read the tables runs, spikes and, where they exist, weights and signals of a folder.

    Parameters
    ----------
    path
        A folder of tables, or a file of NWB, NIX or SONATA (or a folder of SONATA files).

    Raises
    ------
    BadInput
        If a table or a required column is missing, or a column holds invalid values.
    DamagedResult
        If a file cannot be read.
    """
    if is_exchange_file(path):
        runs, spikes, weights, signals = (
            _checked(table, name, f"{path}: {name}") for name, table in read_frames(path).items()
        )
    else:
        runs, spikes = _read(path, "runs"), _read(path, "spikes")
        weights, signals = (_read(path, name, required=False) for name in ("weights", "signals"))
    if runs["run_id"].duplicated().any():
        twice = runs["run_id"][runs["run_id"].duplicated()].iloc[0]
        raise BadInput(f"{path}: runs", f"run_id '{twice}' is there twice", "one row a run")
    for name, table in (("spikes", spikes), ("weights", weights), ("signals", signals)):
        unknown = set(table["run_id"].unique()) - set(runs["run_id"])
        if unknown:
            raise BadInput(
                f"{path}: {name}", f"run_id '{min(unknown)}' is not in the table runs",
                "ids of runs",
            )  # fmt: skip
    for column in ("delay_ms", "time_ms"):
        if column not in weights:
            weights[column] = np.nan
    return Folder(path, runs, spikes, weights, signals)


def _read(path: Path, name: str, required: bool = True) -> pd.DataFrame:
    file = path / f"{name}.parquet"
    if not file.exists():
        if not required:
            return SCHEMAS[name].empty_table().to_pandas()
        raise BadInput(
            str(path), f"there is no {name}.parquet",
            f"a folder with runs.parquet ({', '.join(REQUIRED['runs'])}; seed, backend and"
            f" parameters as they are) and spikes.parquet ({', '.join(REQUIRED['spikes'])})",
        )  # fmt: skip
    try:
        stored = pq.read_table(file)
        stored = stored.rename_columns(current_names(name, stored.column_names))
        table: pd.DataFrame = stored.to_pandas()
    except (OSError, ValueError, pa.ArrowException) as error:
        reason = str(error).splitlines()[0]
        raise DamagedResult(f"{file}: cannot be read as a Parquet table: {reason}") from error
    return _checked(table, name, str(file))


def _checked(table: pd.DataFrame, name: str, file: str) -> pd.DataFrame:
    """The table with the required columns, names as texts and numbers as numbers."""
    missing = [column for column in REQUIRED[name] if column not in table]
    if missing:
        raise BadInput(
            file, f"there is no column '{missing[0]}'",
            f"at least {', '.join(REQUIRED[name])}",
            given=missing[0], among=[str(column) for column in table],
        )  # fmt: skip
    # Columns of `runs` with other names are parameters, whatever a program calls them.
    numbers = [] if name == "runs" else [column for column in _NUMBERS if column in table]
    for column in [column for column in _NAMES if column in REQUIRED[name]]:
        table[column] = _texts(table[column], f"{file}: column '{column}'")
    for column in numbers:
        table[column] = _numbers(table[column], f"{file}: column '{column}'")
    if name == "runs":
        for column in [column for column in _DETAILS if column in table]:
            table[column] = ["" if known_value(one) is None else str(one) for one in table[column]]
        # A column without any value says no more than one that is not there.
        kept = [
            column == "run_id" or any(known_value(one) is not None for one in table[column])
            for column in table
        ]
        table = table.loc[:, kept]
    return table


def _texts(values: pd.Series, where: str) -> pd.Series:
    """Names as text; whole numbers have one form, whatever type a program gave them."""
    texts = {value: _text(value, where) for value in values.unique()}
    if isinstance(values.dtype, pd.StringDtype):
        return values
    return values.astype(object).map(texts).astype(str)


def _text(value: Any, where: str) -> str:
    if known_value(value) is None:
        raise BadInput(where, "holds an empty name", "names")
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    is_whole = isinstance(value, float | np.floating) and float(value).is_integer()
    return str(int(value)) if is_whole else str(value)


def _numbers(values: pd.Series, where: str) -> pd.Series:
    kind = _NUMBERS[str(values.name)]
    # Not as categories, which are no numbers even where all of them are.
    plain = values.astype(object) if isinstance(values.dtype, pd.CategoricalDtype) else values
    found = pd.to_numeric(plain, errors="coerce").to_numpy(float, na_value=np.nan)
    wrong = np.isnan(found) & plain.notna().to_numpy()
    if wrong.any():
        raise BadInput(where, f"holds {plain[wrong].iloc[0]!r}", "numbers")
    if values.name not in _MAY_BE_MISSING and not np.isfinite(found).all():
        raise BadInput(where, "holds a value that is no number", "numbers")
    if kind is np.int64 and np.any(found != np.rint(found)):
        raise BadInput(where, f"holds {found[found != np.rint(found)][0]:g}", "whole numbers")
    if kind is np.int64 and np.any(found < 0):
        raise BadInput(where, f"holds {found.min():g}", "0 and above")
    return pd.Series(found.astype(kind), index=values.index)
