"""Verdict on two sets of runs of different seeds, from metric values that are measured once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from pipelines.metrics.known import BUILT_IN
from pipelines.metrics.measured import Samples
from pipelines.verdicts.group_verdict import Observed, group_verdict
from pipelines.verdicts.metric_statistics import statistics


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
    found = statistics(a, b, BUILT_IN.compared, seed)
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
    populations = {population for population, metric in found if metric == "rate"}
    observed = Observed(("a", "b"), populations, (len(a), len(b)))
    verdict, _ = group_verdict(frame, observed)
    return verdict, float(frame["p_value"].min()) if len(frame) else np.nan
