"""Groups of runs that have parameters and hardware in common, and differ in their seeds."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from pipelines.experiment.run_columns import parameter_columns
from pipelines.verdicts.hardware_variants import VARIANT_COLUMNS


def seed_groups(runs: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Runs with the same parameters and hardware, group by group, in the order of the first runs.

    Parameters
    ----------
    runs
        Rows of the table `runs`.
    """
    keys = [*parameter_columns(runs), *(name for name in VARIANT_COLUMNS if name in runs)]
    if not keys:
        yield runs
        return
    for _, group in runs.groupby(keys, sort=False, dropna=False):
        yield group


def group_of(runs: pd.DataFrame, point_id: str) -> pd.DataFrame:
    """Runs with the same parameters and hardware as a point."""
    return next(group for group in seed_groups(runs) if (group["point_id"] == point_id).any())


def independent_draws(runs: pd.DataFrame, a: str, b: str) -> dict[str, str]:
    """Points whose runs were drawn independently on two backends, which are compared as a group.

    No seed of one backend is set against a particular one of the other: the runs of a point are
    a pair by their number only.

    Parameters
    ----------
    runs
        Rows of the table `runs`, with those of failed runs.
    a, b
        Names of the backends.

    Returns
    -------
    dict
        The first point of the group, by point_id; points of other groups are left out.
    """
    rows = runs[runs["backend"].isin([a, b])]
    found: dict[str, str] = {}
    if not (rows.groupby("point_id", sort=False)["seed"].nunique() > 1).any():
        return found
    for group in seed_groups(rows):
        seeds = group.groupby("point_id", sort=False)["seed"].nunique()
        if (seeds > 1).any():
            found |= dict.fromkeys(seeds.index, seeds.index[0])
    return found
