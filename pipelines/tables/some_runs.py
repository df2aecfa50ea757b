"""The tables of an experiment with some of its runs alone, such as those of the ideal network."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pipelines.hardware.variants import IDEAL

if TYPE_CHECKING:
    # The workflow imports this module before its first job.
    import pandas as pd


class SomeRuns:
    """Tables (`pipelines.tables.reader.Tables`) of some runs: those of a hardware variant, say.

    Parameters
    ----------
    tables
        All tables of the experiment.
    which
        Function from the table `runs` to whether each row is kept; it is called at the first use.
        Of `comparisons` and `verdicts`, the rows of the points of these runs are kept.
    """

    def __init__(self, tables: Any, which: Callable[[pd.DataFrame], pd.Series]) -> None:
        self._tables, self._which = tables, which

    def __getattr__(self, name: str) -> Any:
        # What is not a table of runs: the folder, the metrics of the experiment, expectations.
        return getattr(self._tables, name)

    def read(self, name: str, columns: list[str] | None = None) -> pd.DataFrame:
        """Read a table, or some of its columns, without keeping it."""
        frame = self.runs if name == "runs" else self._kept(self._tables.read(name))
        return frame if columns is None else frame[columns]

    def of_runs(self, name: str, run_ids: Collection[str]) -> pd.DataFrame:
        """Read the rows of some runs, without keeping the rest."""
        return self._tables.of_runs(name, set(run_ids) & set(self.runs["run_id"]))

    @cached_property
    def runs(self) -> pd.DataFrame:
        """One row per run."""
        every = self._tables.runs
        return every[self._which(every)].reset_index(drop=True)

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
        if len(self.runs) == len(self._tables.runs):
            return frame
        key = "run_id" if "run_id" in frame else "point_id"
        return frame[frame[key].isin(self.runs[key])].reset_index(drop=True)


def is_constrained(runs: pd.DataFrame) -> pd.Series:
    """Whether each run is under a hardware profile; tables of earlier versions have none."""
    if "hardware" in runs:
        return runs["hardware"] != IDEAL
    return runs["run_id"] != runs["run_id"]


def ideal_runs(tables: Any) -> SomeRuns:
    """The tables with the runs of the ideal network alone."""
    return SomeRuns(tables, lambda runs: ~is_constrained(runs))
