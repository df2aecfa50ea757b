"""Comparison of two folders of tables from any program, run by run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from pipelines.diagnosis.causes import causes
from pipelines.errors import BadInput
from pipelines.verdicts.folder_tables import Folder, failure, read_folder
from pipelines.verdicts.record_comparison import canonical, common_timestep, known_value
from pipelines.verdicts.run_comparison import Comparison, add_causes, compare_evidence
from pipelines.verdicts.verdict_names import DIFFERENT, UNDECIDED

__all__ = ["Folder", "FolderComparison", "PairedRuns", "compare_folders", "read_folder"]


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


def compare_folders(a: Folder, b: Folder, uses: frozenset[str] = frozenset()) -> FolderComparison:
    """Pair the runs of two folders and compare each pair.

    Runs are paired that agree in the parameters that both folders have, in the seed and in the
    backend. The backend is ignored if each folder has only one; a seed or backend that only one
    folder has is ignored, too. If a folder has nothing of these, runs are paired by run_id.

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
    if not by and not all(_are_described(folder) for folder in (a, b)):
        # Run_ids are all that is known. With one run a folder, these are meant.
        shared = {*a.runs["run_id"]} & {*b.runs["run_id"]}
        by = ["run_id"] if shared and max(len(a.runs), len(b.runs)) > 1 else []
    return by


def _are_described(folder: Folder) -> bool:
    """Whether something but the run_id tells the runs of a folder apart."""
    return bool(folder.parameters) or "seed" in folder.runs


def _by_key(folder: Folder, by: Sequence[str]) -> dict[tuple[Any, ...], pd.Series]:
    found: dict[tuple[Any, ...], pd.Series] = {}
    for _, run in folder.runs.iterrows():
        key = tuple(canonical(run[name]) for name in by)
        if key in found:
            raise BadInput(
                f"{folder.path}: runs",
                f"'{found[key]['run_id']}' and '{run['run_id']}' are the same in"
                f" {', '.join(by) or 'everything'}",
                "runs that differ in a parameter, the seed or the backend, which both folders have",
            )
        found[key] = run
    return found


def _plain(value: Any) -> Any:
    """A value of a table in Python's own types; None if it is missing."""
    known = known_value(value)
    return known.item() if isinstance(known, np.generic) else known


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
        f"the run in {name} failed ({why})"
        for name, run in zip(names, (run_a, run_b), strict=True)
        if (why := failure(run)) is not None
    ]
    if failed:
        return Comparison(UNDECIDED, " and ".join(failed))
    first, second = a.evidence(run_a["run_id"]), b.evidence(run_b["run_id"])
    step, where = common_timestep(first, second), (f"in {names[0]}", f"in {names[1]}")
    pair, result = compare_evidence(first, second, step, names, where, uses)
    return add_causes(result, causes(pair)) if result.verdict == DIFFERENT else result
