"""The tables of an experiment with some of its runs alone."""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    # The workflow imports this module before its first job.
    import pandas as pd


class SomeRuns:
    """Tables (`pipelines.tables.reader.Tables`) of some runs: those of a hardware variant, say.

    Parameters
    ----------
    tables
        All tables of the experiment.
    runs
        The rows of `runs` that are kept. Of `comparisons` and `verdicts`, the rows of their points
        are; other tables are whole.
    """

    def __init__(self, tables: Any, runs: pd.DataFrame) -> None:
        self._tables = tables
        self.runs = runs.reset_index(drop=True)

    def __getattr__(self, name: str) -> Any:
        # What is not a table of runs: the folder, the metrics of the experiment, expectations.
        return getattr(self._tables, name)

    def read(self, name: str, columns: list[str] | None = None) -> pd.DataFrame:
        """Read a table, or some of its columns, without keeping it."""
        if name == "runs":
            return self.runs if columns is None else self.runs[columns]
        frame = self._kept(self._tables.read(name))
        return frame if columns is None else frame[columns]

    def of_runs(self, name: str, run_ids: Collection[str]) -> pd.DataFrame:
        """Read the rows of some runs, without keeping the rest."""
        return self._tables.of_runs(name, set(run_ids) & set(self.runs["run_id"]))

    @cached_property
    def spikes(self) -> pd.DataFrame:
        """One row per spike."""
        return self._kept(self._tables.spikes)

    @cached_property
    def weights(self) -> pd.DataFrame:
        """One row per connection of a recorded projection."""
        return self._kept(self._tables.weights)

    @cached_property
    def signals(self) -> pd.DataFrame:
        """One row per sample of a recorded variable of a neuron."""
        return self._kept(self._tables.signals)

    @cached_property
    def metrics(self) -> pd.DataFrame:
        """One row per run, population and metric."""
        return self._kept(self._tables.metrics)

    @cached_property
    def comparisons(self) -> pd.DataFrame:
        """One row per point, pair of backends and metric."""
        return self._kept(self._tables.comparisons)

    @cached_property
    def verdicts(self) -> pd.DataFrame:
        """One row per point and pair of backends."""
        return self._kept(self._tables.verdicts)

    def _kept(self, frame: pd.DataFrame) -> pd.DataFrame:
        for key in ("run_id", "point_id"):
            if key in frame:
                kept = frame[key].isin(self.runs[key])
                return frame if kept.all() else frame[kept].reset_index(drop=True)
        return frame
