"""Ranking of verdicts by urgency, and the most urgent point of a sweep for each metric."""

from __future__ import annotations

import pandas as pd

from pipelines.metrics.known import in_table_order
from pipelines.verdicts.verdict_names import DIFFERENT, EQUIVALENT, IDENTICAL, UNDECIDED

WORST_FIRST = (DIFFERENT, UNDECIDED, EQUIVALENT, IDENTICAL)
"""Verdicts from the most urgent to the least."""

PAIR = ["backend_a", "backend_b"]


def urgency(verdicts: pd.Series) -> pd.Series:
    """Index of each verdict in `WORST_FIRST`."""
    return verdicts.map({verdict: k for k, verdict in enumerate(WORST_FIRST)})


def count_verdicts(verdicts: pd.Series) -> dict[str, int]:
    """Number of each verdict that occurs, the most urgent first."""
    counts = verdicts.value_counts()
    return {verdict: int(counts[verdict]) for verdict in WORST_FIRST if verdict in counts}


def most_urgent(comparisons: pd.DataFrame, verdicts: pd.DataFrame) -> pd.DataFrame:
    """Find the most urgent point for every metric, pair of backends and population.

    Parameters
    ----------
    comparisons, verdicts
        The tables of these names.

    Returns
    -------
    pandas.DataFrame
        Rows of `comparisons`, metrics in the order of the tables, then pairs and populations.
        The worst verdict comes first, then the smallest p-value, the largest distance and the
        largest number of spikes.
    """
    keys = ["place", *PAIR, "population"]
    activity = verdicts.set_index(["point_id", *PAIR])["n_spikes_a"].astype(float)
    points = pd.MultiIndex.from_frame(comparisons[["point_id", *PAIR]])
    places = {metric: k for k, metric in enumerate(in_table_order(list(comparisons["metric"])))}
    ranked = comparisons.assign(
        urgency=urgency(comparisons["verdict"]),
        place=comparisons["metric"].map(places),
        distance=comparisons["distance"].astype(float),
        p_value=comparisons["p_value"].astype(float),
        n_spikes=activity.reindex(points).to_numpy(),
    )
    ranked = ranked.sort_values(
        [*keys, "urgency", "p_value", "distance", "n_spikes"],
        ascending=[True] * (len(keys) + 2) + [False, False],
        kind="stable",
    )
    chosen = ranked.drop_duplicates(keys)
    return chosen[comparisons.columns].reset_index(drop=True)


def points_by_urgency(verdicts: pd.DataFrame) -> pd.DataFrame:
    """Rows of the table `verdicts` in order of urgency, then of the time of divergence."""
    ranked = verdicts.assign(
        urgency=urgency(verdicts["verdict"]),
        time=verdicts["first_difference_ms"].astype(float),
    )
    ranked = ranked.sort_values(["urgency", "time"], kind="stable")
    return ranked[verdicts.columns].reset_index(drop=True)
