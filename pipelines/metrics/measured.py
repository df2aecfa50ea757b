"""Computation of the metrics of runs from the tables of an experiment, one run at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pipelines.metrics.known import BUILT_IN, KnownMetrics
from pipelines.metrics.metric import KINDS, Metric
from pipelines.metrics.recorded import Readings, Run, Signal
from pipelines.metrics.selection import (
    HasTables,
    duration_ms,
    finished,
    population_sizes,
    run_index,
    spiking_neurons,
    warm_up_ms,
)

Samples = Mapping[tuple[str, str], NDArray[np.float64]]
"""(population, projection or signal; metric) -> values, of one run."""

Numbers = list[tuple[str, str, float]]
"""Population, metric and value, of one run, in the order of the table `metrics`."""


def metrics_table(tables: HasTables, known: KnownMetrics = BUILT_IN) -> pd.DataFrame:
    """Compute the metrics of all finished runs.

    Parameters
    ----------
    tables
        The experiment's tables.
    known
        Its metrics.

    Returns
    -------
    pandas.DataFrame
        Columns run_id, population, metric, value. The column population holds the name of the
        projection for metrics of weights, of the population and variable for metrics of signals,
        and ``network`` for metrics of the whole run. Rows are in order of the runs, then
        of populations, projections and signals by name, then of the metrics. A metric that does
        not exist (the interval of a silent population) is NaN.
    """
    runs = finished(tables.runs)
    recordings = Recordings(runs, tables)
    return metrics_table_of(
        [(run_id, measure(recordings[run_id], known)[0]) for run_id in runs["run_id"]]
    )


def metrics_table_of(measured: Sequence[tuple[str, Numbers]]) -> pd.DataFrame:
    """The table `metrics` from pairs of run_id and the numbers of that run."""
    rows = [(run_id, *row) for run_id, numbers in measured for row in numbers]
    columns = list(zip(*rows, strict=True)) if rows else [(), (), (), ()]
    kinds = {"run_id": "str", "population": "str", "metric": "str", "value": float}
    return pd.DataFrame(
        {
            name: pd.Series(column, dtype=kind)
            for (name, kind), column in zip(kinds.items(), columns, strict=True)
        }
    )


def measure(
    run: Run, known: KnownMetrics = BUILT_IN, compare: bool = False
) -> tuple[Numbers, Samples]:
    """Compute the numbers of one run, and the samples whose distributions are compared.

    Parameters
    ----------
    run
        What the run recorded.
    known
        The metrics.
    compare
        Whether samples are needed for a comparison; if not, none are returned.

    Raises
    ------
    ValueError
        If a spike has a neuron index outside its population.
    """
    numbers: Numbers = []
    samples: dict[tuple[str, str], NDArray[np.float64]] = {}
    for kind in KINDS:
        metrics = known.of_kind(kind)
        for name, subject in run.subjects(kind).items() if metrics else ():
            for metric in metrics:
                if metric.summary is None and not compare:
                    continue
                values, number = _computed(metric, subject, run, known)
                if metric.summary is not None:
                    numbers.append((name, metric.name, number))
                # What has no value was not measured; a silent population has a rate of 0.
                if metric.distance is not None and len(values):
                    samples[name, metric.name] = values
    return numbers, _rounded(samples, known) if compare else {}


def _computed(
    metric: Metric, subject: Any, run: Run, known: KnownMetrics
) -> tuple[NDArray[np.float64], float]:
    """Values of a metric and their summary; an own metric that fails has none."""
    try:
        values = metric.values(subject)
        return values, np.nan if metric.summary is None else float(metric.summary(values))
    except Exception as error:  # whatever the experiment's function raises
        if known.errors is None or metric.name not in known.own:
            raise
        known.errors.add(metric.name, error, run.record.get("run_id"))
        return np.empty(0), np.nan


def _rounded(samples: Samples, known: KnownMetrics) -> Samples:
    compared = known.compared
    found = {}
    for (name, metric), values in samples.items():
        other = samples.get((name, compared[metric].digits_of))
        largest = None if other is None else float(np.abs(other).max(initial=0.0))
        found[name, metric] = compared[metric].rounded(values, largest)
    return found


class Recordings:
    """What runs recorded, by run_id, without scanning the tables for every run.

    Parameters
    ----------
    runs
        The runs that can be looked up.
    tables
        Tables with their spikes, weights and signals; rows of other runs are left out.
    """

    def __init__(self, runs: pd.DataFrame, tables: Any) -> None:
        self._number = {run_id: number for number, run_id in enumerate(runs["run_id"])}
        self._records = runs.to_dict("records")
        self._sizes = population_sizes(runs)
        self._neurons = spiking_neurons(runs)
        self._durations, self._warm_up = duration_ms(runs), warm_up_ms(runs)
        self._spikes = _RowsByRun(runs, tables.spikes, ("population",), ("neuron", "time_ms"))
        self._weights = _RowsByRun(
            runs, tables.weights, ("projection",), ("pre", "post", "delay_ms", "weight", "time_ms")
        )
        self._signals = _RowsByRun(
            runs, tables.signals, ("population", "variable"), ("neuron", "time_ms", "value")
        )

    def __getitem__(self, run_id: str) -> Run:
        number = self._number[run_id]
        return Run(
            self._records[number],
            float(self._durations[number]),
            float(self._warm_up[number]),
            self._sizes[number],
            self._spikes[number],
            {name: Readings(*columns) for name, columns in self._weights[number].items()},
            {name: Signal(*columns) for name, columns in self._signals[number].items()},
            self._neurons[number],
        )


class _RowsByRun:
    """Columns of a long table as arrays, by run and name; rows keep their order."""

    def __init__(
        self,
        runs: pd.DataFrame,
        table: pd.DataFrame,
        names: tuple[str, ...],
        columns: tuple[str, ...],
    ) -> None:
        key = run_index(runs, table["run_id"])
        self._names: list[str] = [""]
        for column in names:
            codes, found = pd.factorize(table[column], sort=True)
            # Several numbers become one, so that rows are found without strings.
            key = np.where(key < 0, -1, key * max(len(found), 1) + codes)
            self._names = [
                f"{one}.{name}" if one else str(name) for one in self._names for name in found
            ]
        order = np.argsort(key, kind="stable") if np.any(np.diff(key) < 0) else slice(None)
        key = key[order]
        self._columns = [table[column].to_numpy()[order] for column in columns]
        starts = np.flatnonzero(np.diff(key, prepend=-1))
        self._places: dict[int, dict[str, slice]] = {}
        for first, end in pairwise([*starts.tolist(), len(key)]):
            run, name = divmod(int(key[first]), len(self._names))
            self._places.setdefault(run, {})[self._names[name]] = slice(first, end)

    def __getitem__(self, number: int) -> dict[str, Any]:
        return {
            name: tuple(column[place] for column in self._columns)
            for name, place in self._places.get(number, {}).items()
        }
