"""Values of metrics under hardware profiles, run by run, for the figure `hardware`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from pipelines.errors import BadInput
from pipelines.hardware.variants import ALL
from pipelines.metrics.known import BUILT_IN, KnownMetrics
from pipelines.metrics.labels import metric_label
from pipelines.metrics.measured import Recordings
from pipelines.metrics.metric import Margin, Metric, Scale
from pipelines.metrics.selection import finished
from pipelines.verdicts.hardware_variants import ConstrainedRuns, constrained_runs


@dataclass(frozen=True)
class Measured:
    """A metric of a population or projection, its number in each finished run, and its margin."""

    population: str
    metric: Metric
    numbers: Mapping[str, float]
    margin: float

    @property
    def name(self) -> str:
        """What it is, with its population."""
        what = metric_label(self.metric.name)
        return what if self.population == "network" else f"{what} of {self.population}"

    def of(self, runs: pd.DataFrame) -> np.ndarray:
        """Numbers of those of some runs that have one."""
        found = [self.numbers[one] for one in runs["run_id"] if one in self.numbers]
        return np.array(found, float)

    def margin_around(self, ideal: float) -> tuple[float, float]:
        """Lowest and highest value that is the same as that of the ideal network."""
        metric = self.metric
        if metric.scale is Scale.LOG or metric.margin_of is Margin.MEAN:
            # A share of the smaller of the two.
            low, high = sorted((ideal / (1 + metric.margin), ideal * (1 + metric.margin)))
            return low, high
        return ideal - self.margin, ideal + self.margin


def metric_keys(
    tables: Any, metrics: Sequence[str] | None, population: str | None
) -> list[tuple[str, str]]:
    """Metrics and their populations in the order of the panels.

    Parameters
    ----------
    tables
        Tables of the experiment, of which `hardware` is read.
    metrics
        Names of metrics, in this order; by default the primary ones, those that moved most in
        their margins first.
    population
        Name of a population or projection; by default all.
    """
    rows = tables.hardware
    rows = rows[rows["metric"].isin(metrics) if metrics else rows["primary"]]
    if population is not None:
        rows = rows[rows["population"] == population]
    moved = (rows["difference"].abs() / rows["margin"]).fillna(0.0)
    by_key = rows.assign(moved=moved).groupby(["metric", "population"], sort=False)["moved"].max()
    if metrics:
        return sorted(by_key.index, key=lambda key: metrics.index(key[0]))
    return list(by_key.sort_values(ascending=False, kind="stable").index)


def chosen_metrics(
    tables: Any, metrics: Sequence[str] | None, population: str | None, most: int
) -> list[Measured]:
    """Metrics to draw, `most` at most, with their numbers; parameters as of `metric_keys`.

    Raises
    ------
    BadInput
        There is no such metric.
    """
    known: KnownMetrics = getattr(tables, "known", None) or BUILT_IN
    for name in metrics or ():
        if name not in known.compared:
            raise BadInput(
                "hardware: metrics", f"no metric '{name}'", given=name, among=known.compared
            )
    margins = tables.hardware.groupby(["metric", "population"])["margin"].max()
    runs = finished(tables.runs)
    recordings = Recordings(runs, tables)
    subjects = {run_id: recordings[run_id] for run_id in runs["run_id"]}
    return [
        Measured(
            where, known[name], _numbers(known[name], where, subjects), float(margins[name, where])
        )
        for name, where in metric_keys(tables, metrics, population)[:most]
    ]


def _numbers(metric: Metric, population: str, recorded: Mapping[str, Any]) -> dict[str, float]:
    found = {}
    for run_id, run in recorded.items():
        subject = run.subjects(metric.of).get(population)
        if subject is None:
            continue
        number = metric.number(metric.values(subject))
        if not np.isnan(number):
            found[run_id] = float(np.exp(number)) if metric.scale is Scale.LOG else number
    return found


@dataclass(frozen=True)
class Setting:
    """Constrained runs of one setting of the parameters."""

    label: str
    groups: tuple[ConstrainedRuns, ...]

    @property
    def profiles(self) -> list[str]:
        """Labels of the variants that are whole profiles, with their strengths."""
        labels = (one.variant.label for one in self.groups if one.variant.constraints == ALL)
        return list(dict.fromkeys(labels))

    def ideal(self, measured: Measured) -> np.ndarray:
        """Numbers of the ideal runs on all backends."""
        by_backend = {one.backend: one.ideal for one in self.groups}
        return np.concatenate([measured.of(runs) for runs in by_backend.values()])


def settings_of(runs: pd.DataFrame, labels: Mapping[str, str]) -> list[Setting]:
    """Settings of a sweep, in the order of the runs; `labels` are by run_id."""
    found: dict[int, list[ConstrainedRuns]] = {}
    for one in constrained_runs(runs):
        found.setdefault(one.setting, []).append(one)
    return [
        Setting(labels.get(groups[0].runs["run_id"].iloc[0], ""), tuple(groups))
        for groups in found.values()
    ]
