"""Which verdicts need a look first, and the point of a sweep that each metric is judged by."""

from __future__ import annotations

import pandas as pd

from pipelines.metrics.known import in_table_order
from pipelines.verdicts.verdict_names import DIFFERENT, EQUIVALENT, IDENTICAL, UNDECIDED

WORST_FIRST = (DIFFERENT, UNDECIDED, EQUIVALENT, IDENTICAL)
"""From what is most urgent to what needs no look."""

PAIR = ["backend_a", "backend_b"]


def urgency(verdicts: pd.Series) -> pd.Series:
    """Place of each verdict in `WORST_FIRST`."""
    return verdicts.map({verdict: k for k, verdict in enumerate(WORST_FIRST)})


def count_verdicts(verdicts: pd.Series) -> dict[str, int]:
    """How many there are of each verdict, the most urgent first; none that is not there."""
    counts = verdicts.value_counts()
    return {verdict: int(counts[verdict]) for verdict in WORST_FIRST if verdict in counts}


def most_urgent(comparisons: pd.DataFrame, verdicts: pd.DataFrame) -> pd.DataFrame:
    """The point that needs a look the most, for every metric, pair of backends and population.

    Parameters
    ----------
    comparisons, verdicts
        The tables of these names.

    Returns
    -------
    pandas.DataFrame
        Rows of `comparisons`, metrics in the order of the tables, then pairs and populations.
        The worst verdict goes first, then the smallest p-value and the largest distance. Of
        points that are level, the one with the most spikes: it has the most to show.
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
    """Rows of the table `verdicts`, the most urgent first, and then the earliest divergence."""
    ranked = verdicts.assign(
        urgency=urgency(verdicts["verdict"]),
        time=verdicts["first_difference_ms"].astype(float),
    )
    ranked = ranked.sort_values(["urgency", "time"], kind="stable")
    return ranked[verdicts.columns].reset_index(drop=True)
