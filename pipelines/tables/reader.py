"""The tables of one experiment, read at their first use."""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.tables.files import iterate_table, read_table, to_pandas

if TYPE_CHECKING:
    # An experiment without expectations reads no table.
    import pandas as pd


class Tables:
    """Lazy access to the results folder of an experiment.

    Parameters
    ----------
    folder
        ``results/<experiment>``. A table is read at its first use and kept.
    known
        The metrics of the experiment (`pipelines.metrics.known.KnownMetrics`), for who draws them;
        None stands for the built-in ones.

    Raises
    ------
    BadInput
        When a table that does not exist is used.
    DamagedResult
        When a table cannot be read or has other columns than it must have.
    """

    def __init__(self, folder: Path | str, known: Any = None) -> None:
        self.folder = Path(folder)
        self.known = known

    def read(self, name: str, columns: list[str] | None = None) -> pd.DataFrame:
        """Read a table, or some of its columns, without keeping it."""
        return read_table(self.folder, name, columns)

    def of_runs(self, name: str, run_ids: Collection[str]) -> pd.DataFrame:
        """Read the rows of some runs, a row group at a time, without keeping the rest."""
        wanted = pa.array(sorted(run_ids), pa.string())
        path = self.folder / f"{name}.parquet"
        groups = [
            group.filter(pc.is_in(group.column("run_id"), value_set=wanted))
            for group in iterate_table(path, name)
        ]
        return to_pandas(pa.concat_tables(groups)) if groups else self.read(name)

    @cached_property
    def runs(self) -> pd.DataFrame:
        """One row per run."""
        return self.read("runs")

    @cached_property
    def spikes(self) -> pd.DataFrame:
        """One row per spike, runs in order of the plan, then population, time, neuron."""
        return self.read("spikes")

    @cached_property
    def weights(self) -> pd.DataFrame:
        """One row per connection of a recorded projection."""
        return self.read("weights")

    @cached_property
    def signals(self) -> pd.DataFrame:
        """One row per sample of a recorded variable of a neuron."""
        return self.read("signals")

    @cached_property
    def metrics(self) -> pd.DataFrame:
        """One row per run, population and metric."""
        return self.read("metrics")

    @cached_property
    def comparisons(self) -> pd.DataFrame:
        """One row per point, pair of backends and metric."""
        return self.read("comparisons")

    @cached_property
    def verdicts(self) -> pd.DataFrame:
        """One row per point and pair of backends."""
        return self.read("verdicts")

    @cached_property
    def expectations(self) -> pd.DataFrame:
        """One row per check of an experiment's expectation."""
        return self.read("expectations")

    @cached_property
    def mapping(self) -> pd.DataFrame:
        """One row per run and what its hardware realised; only where a plan has hardware runs."""
        return self.read("mapping")

    @cached_property
    def hardware(self) -> pd.DataFrame:
        """One row per hardware variant, setting, backend and metric."""
        return self.read("hardware")

    @cached_property
    def hardware_verdicts(self) -> pd.DataFrame:
        """One row per hardware variant, setting and backend."""
        return self.read("hardware_verdicts")
