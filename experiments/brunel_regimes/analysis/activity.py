"""Reference points of the four regimes, and network metrics of each run."""

import numpy as np

from pipelines.metrics import NETWORK
from pipelines.metrics.selection import finished

from ..metrics import METRICS

# Points at which the paper shows the regimes: (g, eta) by name.
REGIMES = {"SR": (3.0, 2.0), "AI": (5.0, 2.0), "SI fast": (6.0, 4.0), "SI slow": (4.5, 0.9)}


def activity_table(tables):
    """Network metrics of every finished run, after its warm-up.

    Returns
    -------
    pandas.DataFrame
        Rows of the finished runs with one additional column for each of `METRICS`; NaN where a
        metric is undefined.
    """
    metrics = tables.metrics[tables.metrics["population"] == NETWORK]
    wide = metrics.pivot(index="run_id", columns="metric", values="value")
    return finished(tables.runs).join(wide.reindex(columns=[m.name for m in METRICS]), on="run_id")


def of_regime(table, name):
    """Rows of a table of runs whose (g, eta) are the reference point of a regime."""
    g, eta = REGIMES[name]
    return table[np.isclose(table["g"], g) & np.isclose(table["eta"], eta)]
