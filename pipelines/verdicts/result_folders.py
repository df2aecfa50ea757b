"""Comparison of two folders of tables from any program, run by run.

Other programs do not write the hashes, versions or ids of this project. Only columns that a
comparison needs are required; all others are used if present.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.diagnosis.causes import causes
from pipelines.diagnosis.run_pair import Evidence, Pair
from pipelines.errors import BadInput, DamagedResult
from pipelines.experiment.run_columns import parameter_columns
from pipelines.metrics.selection import ByRun, timestep_ms
from pipelines.tables.schemas import DONE, SCHEMAS, current_names
from pipelines.verdicts.verdict_names import DIFFERENT, UNDECIDED
from pipelines.verdicts.verdict_table import Comparison, add_causes, compare_pair

REQUIRED = {
    "runs": ("run_id",),
    "spikes": ("run_id", "population", "neuron", "time_ms"),
    "weights": ("run_id", "projection", "pre", "post", "weight"),
}
"""Required columns of each table; the table `weights` may be missing."""

_NUMBERS = {"neuron": np.int64, "pre": np.int64, "post": np.int64, "time_ms": float,
            "weight": float, "delay_ms": float}  # fmt: skip
# Significant digits to which values of a parameter from two programs are compared.
_DIGITS = 12


@dataclass(frozen=True)
class Folder:
    """Tables of runs in one folder.

    Attributes
    ----------
    path
        Path of the folder.
    runs, spikes, weights
        The tables; `weights` is empty if the file does not exist.
    """

    path: Path
    runs: pd.DataFrame
    spikes: pd.DataFrame
    weights: pd.DataFrame

    @property
    def parameters(self) -> list[str]:
        """Columns of `runs` that are parameters."""
        return parameter_columns(self.runs)

    @property
    def backends(self) -> list[str]:
        """Backends of the runs; empty if the table has no such column."""
        return sorted(set(self.runs["backend"])) if "backend" in self.runs else []

    @property
    def experiments(self) -> list[str]:
        """Experiments of the runs; empty if the table has no such column."""
        return sorted(set(self.runs["experiment"])) if "experiment" in self.runs else []

    @cached_property
    def spikes_by_run(self) -> ByRun:
        return ByRun(self.runs, self.spikes)

    @cached_property
    def weights_by_run(self) -> ByRun:
        return ByRun(self.runs, self.weights)


@dataclass(frozen=True)
class PairedRuns:
    """Two runs of one point, one from each folder, and the verdict on them."""

    run_a: str
    run_b: str
    point: dict[str, Any]
    result: Comparison


@dataclass(frozen=True)
class FolderComparison:
    """Result of the comparison of two folders.

    Attributes
    ----------
    paired_by
        Columns by which runs are paired.
    pairs
        Pairs of runs, in order of the first folder's runs.
    only_a, only_b
        Runs without a partner in the other folder: run_id and values of the columns `paired_by`.
    """

    paired_by: tuple[str, ...]
    pairs: tuple[PairedRuns, ...]
    only_a: tuple[tuple[str, dict[str, Any]], ...]
    only_b: tuple[tuple[str, dict[str, Any]], ...]


def read_folder(path: Path) -> Folder:
    """Read the tables runs, spikes and, where there is one, weights of a folder.

    Raises
    ------
    BadInput
        If a table or a required column is missing, or a column holds invalid values.
    DamagedResult
        If a file cannot be read.
    """
    runs, spikes = _read(path, "runs"), _read(path, "spikes")
    weights = _read(path, "weights", required=False)
    if runs["run_id"].duplicated().any():
        twice = runs["run_id"][runs["run_id"].duplicated()].iloc[0]
        raise BadInput(f"{path}: runs", f"run_id '{twice}' is there twice", "one row a run")
    for name, table in (("spikes", spikes), ("weights", weights)):
        unknown = set(table["run_id"].unique()) - set(runs["run_id"])
        if unknown:
            raise BadInput(
                f"{path}: {name}", f"run_id '{min(unknown)}' is not in the table runs",
                "ids of runs",
            )  # fmt: skip
    for column, usual in (("delay_ms", np.nan), ("time_ms", 0.0)):
        if column not in weights:
            weights[column] = usual
    return Folder(path, runs, spikes, weights)


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
    missing = [column for column in REQUIRED[name] if column not in table]
    if missing:
        raise BadInput(
            str(file), f"there is no column '{missing[0]}'",
            f"at least {', '.join(REQUIRED[name])}",
            given=missing[0], among=[str(column) for column in table],
        )  # fmt: skip
    for column in {"run_id", "population", "projection", "backend"} & {*table}:
        table[column] = table[column].astype(str)
    for column in _NUMBERS.keys() & {*table}:
        table[column] = _numbers(table[column], f"{file}: column '{column}'")
    return table


def _numbers(values: pd.Series, where: str) -> pd.Series:
    kind = _NUMBERS[str(values.name)]
    try:
        found = values.to_numpy(float)
    except (TypeError, ValueError) as error:
        raise BadInput(where, f"holds {values.iloc[0]!r}", "numbers") from error
    may_be_missing = values.name == "delay_ms"
    if not may_be_missing and not np.isfinite(found).all():
        raise BadInput(where, "holds a value that is no number", "numbers")
    if kind is np.int64 and np.any(found != np.rint(found)):
        raise BadInput(where, f"holds {found[found != np.rint(found)][0]:g}", "whole numbers")
    if kind is np.int64 and np.any(found < 0):
        raise BadInput(where, f"holds {found.min():g}", "0 and above")
    return pd.Series(found.astype(kind), index=values.index)


def compare_folders(a: Folder, b: Folder, uses: frozenset[str] = frozenset()) -> FolderComparison:
    """Pair the runs of two folders and compare each pair.

    Runs are paired that agree in the parameters that both folders have, in the seed and in the
    backend. The backend is ignored if each folder has only one; a seed or backend that only one
    folder has is ignored, too.

    Parameters
    ----------
    uses
        Names that the code of the experiment uses from PyNN; empty if unknown.

    Raises
    ------
    BadInput
        If several runs of a folder are the same in all columns by which runs are paired.
    """
    by = _pairing_columns(a, b)
    runs_a, runs_b = _by_key(a, by), _by_key(b, by)
    pairs = []
    for key, run_a in runs_a.items():
        if key in runs_b:
            run_b = runs_b[key]
            point = {name: _plain(run_a[name]) for name in by}
            result = _compare(a, b, run_a, run_b, uses)
            pairs.append(PairedRuns(run_a["run_id"], run_b["run_id"], point, result))
    return FolderComparison(
        tuple(by), tuple(pairs), _unpaired(runs_a, runs_b, by), _unpaired(runs_b, runs_a, by)
    )


def _pairing_columns(a: Folder, b: Folder) -> list[str]:
    by = [name for name in a.parameters if name in b.parameters]
    if "seed" in a.runs and "seed" in b.runs:
        by.append("seed")
    if a.backends and b.backends and (len(a.backends) > 1 or len(b.backends) > 1):
        by.append("backend")
    return by


def _by_key(folder: Folder, by: Sequence[str]) -> dict[tuple[Any, ...], pd.Series]:
    found: dict[tuple[Any, ...], pd.Series] = {}
    for _, run in folder.runs.iterrows():
        key = tuple(_canonical(run[name]) for name in by)
        if key in found:
            raise BadInput(
                f"{folder.path}: runs",
                f"'{found[key]['run_id']}' and '{run['run_id']}' are the same in"
                f" {', '.join(by) or 'everything'}",
                "runs that differ in a parameter, the seed or the backend, which both folders have",
            )
        found[key] = run
    return found


def _canonical(value: Any) -> Any:
    """Key that is equal for equal values of different types."""
    if isinstance(value, bool | np.bool_):
        return float(value)
    if isinstance(value, int | float | np.number):
        return "nan" if np.isnan(value) else float(f"{float(value):.{_DIGITS}g}")
    return str(value)


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _unpaired(
    runs: dict[tuple[Any, ...], pd.Series], other: dict[tuple[Any, ...], pd.Series], by: list[str]
) -> tuple[tuple[str, dict[str, Any]], ...]:
    return tuple(
        (run["run_id"], {name: _plain(run[name]) for name in by})
        for key, run in runs.items()
        if key not in other
    )


def _compare(
    a: Folder, b: Folder, run_a: pd.Series, run_b: pd.Series, uses: frozenset[str]
) -> Comparison:
    names = (str(a.path), str(b.path))
    failed = [
        f"the run in {name} failed ({run.get('error') or run['status']})"
        for name, run in zip(names, (run_a, run_b), strict=True)
        if run.get("status", DONE) != DONE
    ]
    if failed:
        return Comparison(UNDECIDED, " and ".join(failed))
    # Weights are compared only if both folders have some.
    both = len(a.weights) > 0 and len(b.weights) > 0
    first, second = (
        Evidence(
            run.to_dict(),
            folder.spikes_by_run[run["run_id"]],
            folder.weights_by_run[run["run_id"]] if both else folder.weights.iloc[:0],
        )
        for folder, run in ((a, run_a), (b, run_b))
    )
    step = timestep_ms(run_a if "timestep" in run_a else run_b)
    pair = Pair(first, second, step, (f"in {names[0]}", f"in {names[1]}"), uses)
    result = compare_pair(pair, names)
    return add_causes(result, causes(pair)) if result.verdict == DIFFERENT else result
