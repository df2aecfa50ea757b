"""Parts of expectations on hardware: what a chip realises, against published numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from pipelines.tables.schemas import UNFIT
from pipelines.verdicts.expectations import Check, at_most, not_tested

# Standard errors that a share may lie from a published one.
_ERRORS = 4


def synapses_lost(tables: Any, hardware: str, realised: int, asked: int) -> list[Check]:
    """Check that the share of synapses that a chip loses is a published one, on each backend.

    Parameters
    ----------
    tables
        All tables of the experiment (`pipelines.tables.reader.Tables`).
    hardware
        Hardware profile.
    realised, asked
        Published numbers of synapses that were realised, and that were asked for.
    """
    share = 1 - realised / asked
    title = f"share of synapses that {hardware} loses: distance from the published {share:.1%}"
    mapping = tables.mapping[tables.mapping["constraint"] == "synapse_loss"]
    of_run = mapping.groupby("run_id")[["asked", "realised"]].sum()
    runs = tables.runs[(tables.runs["hardware"] == hardware)].set_index("run_id")
    checks = []
    for backend, rows in runs.groupby("backend", sort=False):
        counts = of_run[of_run.index.isin(rows.index)]
        if counts.empty:
            checks.append(not_tested(title, str(backend), "no run with this constraint was done"))
            continue
        # Every run of a chip loses the same synapses: the first one is the sample.
        n, kept = counts.iloc[0]
        error = _ERRORS * np.sqrt(share * (1 - share) / n)
        detail = f"{n - kept:,.0f} of {n:,.0f} synapses are lost, {1 - kept / n:.2%}"
        checks.append(at_most(title, str(backend), abs(1 - kept / n - share), error, "1", detail))
    return checks


def does_not_fit(tables: Any, hardware: str, why: str) -> list[Check]:
    """Check that a network does not fit a chip, and for a reason whose text contains `why`."""
    title = f"the network does not fit {hardware}, which has {why}"
    runs = tables.runs
    runs = runs[(runs["hardware"] == hardware) & (runs["constraints"] == "all")]
    checks = []
    for backend, rows in runs.groupby("backend", sort=False):
        fits = int(((rows["status"] != UNFIT) | ~rows["error"].str.contains(why)).sum())
        detail = f"{fits} of {len(rows)} runs fit, or do not for another reason"
        checks.append(at_most(title, str(backend), fits, 0, "1", detail))
    return checks
