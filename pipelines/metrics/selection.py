"""Selection of rows from an experiment's tables: finished runs, rows of one run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pipelines.experiment.parameters import DEFAULT_TIMESTEP
from pipelines.tables.schemas import DONE


class HasTables(Protocol):
    """Tables of one experiment, such as `pipelines.tables.Tables`."""

    @property
    def runs(self) -> pd.DataFrame: ...
    @property
    def spikes(self) -> pd.DataFrame: ...
    @property
    def weights(self) -> pd.DataFrame: ...
    @property
    def signals(self) -> pd.DataFrame: ...


def finished(runs: pd.DataFrame) -> pd.DataFrame:
    """Rows of the finished runs, with a new index from 0."""
    return runs[runs["status"] == DONE].reset_index(drop=True)


def population_sizes(runs: pd.DataFrame) -> list[dict[str, int]]:
    """Populations of every run whose spikes were recorded: name -> number of recorded neurons."""
    parsed: dict[str, dict[str, int]] = {}
    for text in runs["population_sizes"].unique():
        parsed[text] = {name: int(size) for name, size in json.loads(text or "{}").items()}
    return [parsed[text] for text in runs["population_sizes"]]


def spiking_neurons(runs: pd.DataFrame) -> list[dict[str, NDArray[np.int64]]]:
    """Populations of every run of which the spikes of some neurons were recorded: their indices."""
    return [
        {name: np.array(one["spikes"], np.int64) for name, one in parts.items() if "spikes" in one}
        for parts in recorded_parts(runs)
    ]


def recorded_parts(runs: pd.DataFrame) -> list[dict[str, dict[str, Any]]]:
    """The column `recorded_neurons` of every run, parsed; tables of earlier versions lack it."""
    if "recorded_neurons" not in runs:
        return [{} for _ in range(len(runs))]
    parsed = {text: json.loads(text or "{}") for text in runs["recorded_neurons"].unique()}
    return [parsed[text] for text in runs["recorded_neurons"]]


def warm_up_ms(runs: pd.DataFrame) -> NDArray[np.float64]:
    """Time (ms) at the start of every run that metrics leave out."""
    if "warm_up_ms" not in runs:
        return np.zeros(len(runs))
    return np.nan_to_num(runs["warm_up_ms"].to_numpy(float))


def duration_ms(runs: pd.DataFrame) -> NDArray[np.float64]:
    """Simulated time (ms) of every run; NaN where it is unknown.

    Tables of earlier versions lack `simulated_ms`: there the parameter `duration` is used.
    """
    found = np.full(len(runs), np.nan)
    for name in ("duration", "simulated_ms"):
        if name in runs:
            given = runs[name].to_numpy(float)
            found = np.where(np.isnan(given), found, given)
    return found


def timestep_ms(run: pd.Series | Mapping[str, object]) -> float:
    """Time step (ms) of a run."""
    return float(run.get("timestep", DEFAULT_TIMESTEP))  # type: ignore[arg-type]


def run_index(runs: pd.DataFrame, run_id: pd.Series) -> NDArray[np.int64]:
    """Position in `runs` of every entry of `run_id`; -1 for runs that are missing there."""
    index = pd.Index(runs["run_id"])
    # Factorised first: of ten million strings a few hundred are different.
    codes, ids = pd.factorize(run_id)
    return np.append(index.get_indexer(pd.Index(ids)), -1)[codes].astype(np.int64)


class ByRun:
    """Rows of a long table by run_id, without scanning the table for every run.

    Parameters
    ----------
    runs
        The runs that can be looked up.
    table
        A table with a column `run_id`; the order of a run's rows is kept.
    """

    def __init__(self, runs: pd.DataFrame, table: pd.DataFrame) -> None:
        index = run_index(runs, table["run_id"])
        order = np.argsort(index, kind="stable")
        self._table = table
        self._order = order
        self._ids = {run_id: number for number, run_id in enumerate(runs["run_id"])}
        self._bounds = np.searchsorted(index[order], np.arange(len(runs) + 1))

    def __getitem__(self, run_id: str) -> pd.DataFrame:
        number = self._ids[run_id]
        return self._table.iloc[self._order[self._bounds[number] : self._bounds[number + 1]]]
