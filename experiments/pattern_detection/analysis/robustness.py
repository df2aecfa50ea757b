"""Success rates under the conditions of the published robustness tests."""

from dataclasses import fields

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from ..experiment import Parameters

# Successes of 100 runs of 450 s with a time step of 0.1 ms (Hathway and Goodman 2018, ReScience
# 4(1):6, figure 5 and its data), with one parameter varied at a time.
PUBLISHED = {
    "jitter": {0.0: 89, 1.0: 94, 2.0: 92, 3.0: 51, 4.0: 4, 5.0: 0, 6.0: 0},
    "pattern_frequency": {0.05: 43, 0.1: 97, 0.15: 99, 0.25: 94, 0.5: 49},
    "proportion": {0.2: 0, 0.3: 6, 0.4: 74, 0.5: 94, 0.6: 95},
    "deletion": {0.0: 94, 0.1: 67, 0.2: 13, 0.3: 1},
}
PUBLISHED_RUNS = 100

# Size parameters that may differ from their defaults; with fewer inputs, success is less frequent.
_SIZE = {"duration", "period", "n_inputs"}


def has_standard_conditions(table, varied=()):
    """Mask of the runs with default parameters, apart from those in `varied` and the size."""
    standard = np.ones(len(table), dtype=bool)
    for field in fields(Parameters):
        if field.name not in _SIZE and field.name not in varied:
            standard &= (table[field.name] == field.default).to_numpy()
    return standard


def success_rates(table):
    """Success rate under each published condition.

    Parameters
    ----------
    table
        Table from `detection.detection_table`.

    Returns
    -------
    pandas.DataFrame
        One row per backend and condition with runs. Columns: backend, parameter, value,
        successes, runs, low and high (95 % Wilson interval of the success rate), published
        (success rate), standard (whether the value is that of the standard conditions, which
        appear once for every parameter).
    """
    rows = []
    for parameter, published in PUBLISHED.items():
        rows_varied = table[has_standard_conditions(table, varied=(parameter,))]
        for value, percent in published.items():
            here = rows_varied[np.isclose(rows_varied[parameter], value)]
            for backend, runs in here.groupby("backend", sort=False):
                k, n = int(runs["success"].sum()), len(runs)
                interval = binomtest(k, n).proportion_ci(method="wilson")
                rows.append(
                    (backend, parameter, value, k, n, interval.low, interval.high,
                     percent / PUBLISHED_RUNS, value == getattr(Parameters, parameter))
                )  # fmt: skip
    columns = ["backend", "parameter", "value", "successes", "runs", "low", "high", "published",
               "standard"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns).astype({"standard": bool})
