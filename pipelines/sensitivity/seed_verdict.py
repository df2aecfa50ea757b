"""Verdict on two sets of runs of different seeds, from metric values that are measured once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from pipelines.metrics.known import BUILT_IN
from pipelines.metrics.measured import Samples
from pipelines.sensitivity.fault import FAULTY_BACKEND, HEALTHY_BACKEND
from pipelines.verdicts.group_verdict import Observed, group_verdict
from pipelines.verdicts.metric_statistics import statistics

_RATE = "rate"


class _RememberedDistance:
    """Distance of two samples that is computed once for each pair, as runs are drawn often."""

    def __init__(self, distance: Callable[[np.ndarray, np.ndarray], float]) -> None:
        self._distance = distance
        self._known: dict[tuple[int, int], float] = {}

    def __call__(self, a: np.ndarray, b: np.ndarray) -> float:
        key = hash(a.tobytes()), hash(b.tobytes())
        if key not in self._known:
            self._known[key] = self._distance(a, b)
        return self._known[key]


_METRICS = {
    name: replace(metric, distance=_RememberedDistance(metric.distance))
    for name, metric in BUILT_IN.compared.items()
    if metric.distance is not None
}


def seed_verdict(a: Sequence[Samples], b: Sequence[Samples], seed: int = 1) -> tuple[str, float]:
    """Verdict on two sets of runs, and the smallest p-value of their metrics.

    This is what `metric_comparison.measure_and_compare` and the table of verdicts compute, without
    measuring the same run again in every comparison that it is drawn for.

    Parameters
    ----------
    a, b
        Values of each run, by population (or projection) and metric.
    seed
        Seed of the permutations.
    """
    found = statistics(a, b, _METRICS, seed)
    rows = [
        {
            "population": population,
            "metric": metric,
            "distance_name": BUILT_IN[metric].distance_name,
            **vars(of_metric),
            "statistics": of_metric.verdict,
        }
        for (population, metric), of_metric in found.items()
    ]
    frame = pd.DataFrame(rows)
    populations = {population for run in (*a, *b) for population, metric in run if metric == _RATE}
    observed = Observed((HEALTHY_BACKEND, FAULTY_BACKEND), populations, (len(a), len(b)))
    verdict, _ = group_verdict(frame, observed)
    return verdict, float(frame["p_value"].min())
