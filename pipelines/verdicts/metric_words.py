"""What the statistics of a metric say, in words, from a row of the table `comparisons`."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from pipelines.metrics.metric import Scale
from pipelines.verdicts.decision import ALPHA

_MOST_NAMED = 3


def most_in_words(rows: pd.DataFrame, say: Callable[[pd.Series], str]) -> str:
    """The first rows in words, and the number of the others."""
    said = [say(row) for _, row in rows.head(_MOST_NAMED).iterrows()]
    more = len(rows) - len(said)
    return "; ".join(said) + (f"; and {more} more" if more else "")


def different_in_words(row: pd.Series) -> str:
    """Distances and means of a metric that is different."""
    return (
        f"{row['metric']} of {row['population']}: {row['distance_name']} distance"
        f" {row['between']:.3g} against a seed floor of {row['seed_floor']:.3g}"
        f" ({row['floor_low']:.3g} to {row['floor_high']:.3g}), p = {row['p_value']:.2g},"
        f" {_apart(row)}"
    )


def within_in_words(row: pd.Series) -> str:
    """Means of a metric that differs by less than the margin."""
    return f"{row['metric']} of {row['population']} (p = {row['p_value']:.2g}, {_apart(row)})"


def undecided_in_words(row: pd.Series) -> str:
    """Why a metric is not decided."""
    what = f"{row['metric']} of {row['population']}"
    if not row["n_a"] or not row["n_b"]:
        return f"{what} has values on {row['backend_a' if row['n_a'] else 'backend_b']} alone"
    runs = int(min(row["n_a"], row["n_b"]))
    few = f"{runs} run{'' if runs == 1 else 's'} a backend {'is' if runs == 1 else 'are'} too few"
    if pd.isna(row["p_value"]):
        return f"{what}: {few}"
    if row["p_value"] < ALPHA:
        return (
            f"{what} differs (p = {row['p_value']:.2g}), but whether by more than the margin is"
            f" not certain: {_apart(row)}"
        )
    if pd.isna(row["difference"]):
        return f"{what}: {runs} runs a backend say nothing"
    if pd.isna(row["runs_needed"]):
        return f"{what}: {_apart(row)}, and seeds could explain it"
    return f"{what}: {few}, {_apart(row)}"


def _apart(row: pd.Series) -> str:
    """How far apart the means are, with the interval and the margin; and the distances."""
    words = "the means"
    if row["scale"] == Scale.LOG.value:
        ratio, low, high, margin = (
            float(np.exp(row[name]))
            for name in ("difference", "difference_low", "difference_high", "margin")
        )
        words += f" have a ratio of {ratio:.3g} ({low:.3g} to {high:.3g}; margin {margin:.3g})"
    else:
        words += (
            f" are {row['difference']:.3g} apart ({row['difference_low']:.3g} to"
            f" {row['difference_high']:.3g}; margin {row['margin']:.3g})"
        )
    if pd.notna(row["excess_margin"]):
        words += (
            f", the distributions differ beyond it by {row['excess']:.2g} (at most"
            f" {row['excess_high']:.2g}; margin {row['excess_margin']:g})"
        )
    return words
