"""Expectations of an experiment on the runs of each hardware variant alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd

from pipelines.experiment import Experiment
from pipelines.tables.schemas import DONE
from pipelines.tables.some_runs import SomeRuns, ideal_runs, is_constrained
from pipelines.verdicts.expectations import ENDS, SAME, expectations_table
from pipelines.verdicts.hardware_variants import VARIANT_COLUMNS, VariantName

_SEPARATOR = " and "
# Checks that no run, or no pair of backends, was there for have no value.
NOT_CHECKED = "could not be checked"


@dataclass(frozen=True)
class Lost:
    """An expectation that the ideal network meets and a constrained one does not."""

    check: str
    why: str

    def __str__(self) -> str:
        return f"{self.check} ({self.why})" if self.why else self.check


@dataclass(frozen=True)
class Kept:
    """Expectations of a hardware variant on one backend.

    Attributes
    ----------
    total
        Number of expectations that the ideal network meets.
    lost
        Those of them that the constrained one does not meet.
    """

    total: int = 0
    lost: tuple[Lost, ...] = ()

    @property
    def met(self) -> int:
        """Number of expectations that both meet."""
        return self.total - len(self.lost)


def expectations_kept(experiment: Experiment, tables: Any) -> dict[tuple[VariantName, str], Kept]:
    """Which expectations of the ideal network hardware variants keep.

    An expectation is about a whole sweep: it is checked on all runs of a variant together,
    whatever their parameters. One of two backends counts for each of them; that these agree is no
    expectation of the hardware, and left out.

    Parameters
    ----------
    experiment
        The experiment, which may have an expectation.py.
    tables
        Its tables (`pipelines.tables.reader.Tables`).

    Returns
    -------
    dict
        By variant and backend; variants without a finished run are left out.
    """
    runs = tables.runs
    ideal = _checks(experiment, ideal_runs(tables))
    ideal = ideal[ideal["passed"].astype(bool) & (ideal["check_name"] != SAME)]
    found: dict[tuple[VariantName, str], Kept] = {}
    constrained = runs[is_constrained(runs)]
    for _, rows in constrained.groupby(list(VARIANT_COLUMNS), sort=False, dropna=False):
        if not (rows["status"] == DONE).any():
            continue
        checks = _checks(experiment, SomeRuns(tables, partial(_are, rows)))
        of_variant = {(row["check_name"], row["backend"]): row for row in checks.to_dict("records")}
        variant = VariantName.of(rows.iloc[0])
        for backend in rows["backend"].unique():
            own = [key for key in _keys(ideal) if backend in key[1].split(_SEPARATOR)]
            errors = [str(row["detail"]) for key, row in of_variant.items() if key[0] == ENDS]
            why_not = ": ".join([NOT_CHECKED, *errors])
            lost = tuple(
                Lost(key[0], _why(of_variant[key]) if key in of_variant else why_not)
                for key in own
                if key not in of_variant or not of_variant[key]["passed"]
            )
            found[variant, str(backend)] = Kept(len(own), lost)
    return found


def _are(rows: pd.DataFrame, runs: pd.DataFrame) -> pd.Series:
    return runs["run_id"].isin(rows["run_id"])


def _checks(experiment: Experiment, tables: Any) -> pd.DataFrame:
    table, _ = expectations_table(experiment, tables)
    return table if isinstance(table, pd.DataFrame) else table.to_pandas()


def _keys(checks: pd.DataFrame) -> list[tuple[str, str]]:
    return list(zip(checks["check_name"], checks["backend"], strict=True))


def _why(row: Mapping[str, Any]) -> str:
    """What was found instead, in words."""
    if pd.isna(row["value"]):
        return str(row["detail"]) or NOT_CHECKED
    unit = "" if row["unit"] in ("", "1") else f" {row['unit']}"
    limit = "" if pd.isna(row["limit"]) else f", allowed {row['limit']:.3g}{unit}"
    return f"found {row['value']:.3g}{unit}{limit}"
