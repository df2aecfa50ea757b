"""The table `conformance`: outcomes of the conformance suite."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from pipelines.tables.schemas import schema_of

from .check import Outcome
from .register import is_expected


def conformance_table(outcomes: Iterable[Outcome]) -> pd.DataFrame:
    """Table of outcomes with one row per check and backend, in the given order."""
    rows = [
        {
            "check_name": one.name,
            "known_difference": one.row,
            "backend": one.backend,
            "outcome": one.outcome,
            "expected": is_expected(one),
            "deviation": float("nan") if one.deviation is None else one.deviation,
            "tolerance": one.tolerance,
            "detail": " ".join(one.detail.split()),
        }
        for one in outcomes
    ]
    # A pattern may select no check: the columns are kept.
    return pd.DataFrame(rows, columns=schema_of("conformance").names)
