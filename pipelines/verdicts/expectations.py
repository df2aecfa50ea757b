"""What an experiment must show: its checks, run on its tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from pipelines.errors import BadInput
from pipelines.experiment import Experiment, load_part
from pipelines.tables.schemas import SCHEMAS
from pipelines.verdicts.verdict_names import IDENTICAL

if TYPE_CHECKING:
    import pandas as pd

SAME = "every point identical on both backends"


@dataclass(frozen=True)
class Check:
    """One statement about a result, held against a limit.

    Parameters
    ----------
    check
        What must hold, in words.
    backend
        The backend it is about, or two joined by `` and ``.
    passed
        Whether it holds.
    value, limit
        What was found and the largest value allowed; None where there is no number.
    unit
        Unit of both; "1" for a number.
    detail
        Where the value was found, or why there is none.
    """

    check: str
    backend: str
    passed: bool
    value: float | None = None
    limit: float | None = None
    unit: str = "1"
    detail: str = ""


def at_most(
    check: str, backend: str, value: float, limit: float, unit: str, detail: str = ""
) -> Check:
    """A check that `value` does not exceed `limit`; NaN never passes."""
    return Check(check, backend, bool(value <= limit), float(value), float(limit), unit, detail)


def not_tested(check: str, backend: str, why: str, unit: str = "1") -> Check:
    """A check that could not be made, and so does not hold."""
    return Check(check, backend, False, None, None, unit, why)


def same_on_all(tables: Any) -> list[Check]:
    """That every point is identical on all backends; no check where there is nothing to compare.

    Backends that draw from seeds of their own are judged by their statistics, not here.
    """
    runs = tables.runs
    if runs["backend"].nunique() < 2 or (runs.groupby("point_id")["seed"].nunique() > 1).any():
        return []
    verdicts = tables.verdicts
    not_same = int((verdicts["verdict"] != IDENTICAL).sum())
    detail = f"{len(verdicts)} points compared, {not_same} not identical"
    backends = " and ".join(runs["backend"].unique())
    return [at_most(SAME, backends, not_same, 0, "1", detail)]


def load_checks(experiment: Experiment) -> Callable[[Any], Sequence[Check]] | None:
    """The function `check(tables)` of an experiment; None if it has no expectation.py.

    Raises
    ------
    BadInput
        If expectation.py has no function `check`, or cannot be imported.
    """
    if not (experiment.folder / "expectation.py").is_file():
        return None
    check = getattr(load_part(experiment, "expectation"), "check", None)
    if not callable(check):
        where = f"experiments/{experiment.name}/expectation.py"
        raise BadInput(where, "defines no 'check'", allowed="check(tables) -> list[Check]")
    return check


def expectations_table(experiment: Experiment, tables: Any) -> pd.DataFrame | pa.Table:
    """Run an experiment's checks.

    Parameters
    ----------
    experiment
        The experiment, which may have an expectation.py.
    tables
        Its tables (`pipelines.tables.reader.Tables`): runs, spikes, weights, signals, metrics,
        verdicts.

    Returns
    -------
    pandas.DataFrame or pyarrow.Table
        Columns of the table `expectations`; one row a check, in the order in which the
        experiment gives them; none without an expectation.py.
    """
    checks = load_checks(experiment)
    made = list(checks(tables)) if checks is not None else []
    if not made:
        return pa.Table.from_batches([], SCHEMAS["expectations"])
    # Not at the top: the workflow loads checks to look at them, before its first job, and an
    # experiment without any needs no pandas.
    import pandas as pd

    columns = SCHEMAS["expectations"].names
    frame = pd.DataFrame(
        [
            {
                "experiment": experiment.name,
                "check_name": check.check,
                **{c: getattr(check, c) for c in columns[2:]},
            }
            for check in made
        ],
        columns=columns,
    )
    return frame.astype({"passed": bool, "value": float, "limit": float})
