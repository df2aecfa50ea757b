"""Expectations of an experiment: checks of its results, run on its tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from pipelines.errors import BadInput, UnusableCode
from pipelines.experiment import Experiment, load_part
from pipelines.experiment.code_errors import Attempt, attempt
from pipelines.tables.schemas import SCHEMAS
from pipelines.verdicts.verdict_names import IDENTICAL

if TYPE_CHECKING:
    import pandas as pd

SAME = "every point identical on both backends"
ENDS = "check() ends without an error"
"""Name of the failed check that stands for what an expectation could not check."""


@dataclass(frozen=True)
class Check:
    """One statement about a result, compared with a limit.

    Parameters
    ----------
    check
        What must hold, in words.
    backend
        Backend that the check is about, or two joined by `` and ``.
    passed
        Whether the statement holds.
    value, limit
        Measured value and largest value allowed; None where there is no number.
    unit
        Unit of both; "1" for a pure number.
    detail
        Where the value was measured, or why there is none.
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
    """Check that `value` does not exceed `limit`; NaN never passes."""
    return Check(check, backend, bool(value <= limit), float(value), float(limit), unit, detail)


def not_tested(check: str, backend: str, why: str, unit: str = "1") -> Check:
    """Failed check that could not be carried out."""
    return Check(check, backend, False, None, None, unit, why)


def same_on_all(tables: Any) -> list[Check]:
    """Check that every point is identical on all backends; empty if there is nothing to compare.

    Runs of one point with different seeds are compared by their statistics, not here.
    """
    runs = tables.runs
    if runs["backend"].nunique() < 2 or (runs.groupby("point_id")["seed"].nunique() > 1).any():
        return []
    verdicts = tables.verdicts
    not_same = int((verdicts["verdict"] != IDENTICAL).sum())
    detail = f"{len(verdicts)} points compared, {not_same} not identical"
    backends = " and ".join(runs["backend"].unique())
    return [at_most(SAME, backends, not_same, 0, "1", detail)]


def load_checks(
    experiment: Experiment, on_hardware: bool = False
) -> Callable[[Any], Sequence[Check]] | None:
    """A function of an experiment that makes checks; None if it has none.

    Parameters
    ----------
    experiment
        The experiment, which may have an expectation.py.
    on_hardware
        Whether to look for `check_hardware(tables)`, which compares runs under hardware profiles,
        instead of `check(tables)`. It may be left out.

    Raises
    ------
    UnusableCode
        If expectation.py has no function `check`, or cannot be imported.
    """
    if not (experiment.folder / "expectation.py").is_file():
        return None
    module = load_part(experiment, "expectation")
    if on_hardware:
        return getattr(module, "check_hardware", None)
    check = getattr(module, "check", None)
    if not callable(check):
        where = f"experiments/{experiment.name}/expectation.py"
        raise UnusableCode(where, "defines no 'check'", allowed="check(tables) -> list[Check]")
    return check


def expectations_table(
    experiment: Experiment, tables: Any, on_hardware: Any = None
) -> tuple[pd.DataFrame | pa.Table, Attempt]:
    """Run an experiment's checks.

    An error of expectation.py is a failed check named `ENDS`, after those that were made before it.

    Parameters
    ----------
    experiment
        The experiment, which may have an expectation.py.
    tables
        Its tables (`pipelines.tables.reader.Tables`): runs, spikes, weights, signals, metrics,
        verdicts.
    on_hardware
        Tables for the experiment's `check_hardware`, if it has one: those of all runs, where some
        are under hardware profiles.

    Returns
    -------
    table : pandas.DataFrame or pyarrow.Table
        Columns of the table `expectations`; one row per check, in the order of the experiment;
        no rows without an expectation.py.
    outcome : Attempt
        With the error, if there was one.
    """
    made: list[Check] = []
    with attempt(experiment.folder) as outcome:
        for given in (tables, on_hardware):
            checks = None if given is None else load_checks(experiment, given is on_hardware)
            for check in checks(given) if checks is not None else ():
                made.append(_plain(check, experiment))
    if outcome.error:
        backends = " and ".join(tables.runs["backend"].unique())
        made.append(not_tested(ENDS, backends, outcome.error))
    if not made:
        return pa.Table.from_batches([], SCHEMAS["expectations"]), outcome
    # Imported here: the workflow imports this module before its first job, and an experiment
    # without checks needs no pandas.
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
    return frame.astype({"passed": bool, "value": float, "limit": float}), outcome


def _plain(check: Any, experiment: Experiment) -> Check:
    """A check with values of the table's own types.

    Raises
    ------
    BadInput
        If it is no `Check`, or a value of it cannot be stored.
    """
    where = f"experiments/{experiment.name}/expectation.py: check()"
    if not isinstance(check, Check):
        raise BadInput(where, f"gives {type(check).__name__}", "Check, of verdicts.expectations")
    values: dict[str, Any] = {"passed": bool(check.passed)}
    for name in ("value", "limit"):
        given = getattr(check, name)
        try:
            values[name] = None if given is None else float(given)
        except (TypeError, ValueError):
            raise BadInput(where, f"{name} of '{check.check}' is {given!r}", "a number") from None
    values |= {name: str(getattr(check, name)) for name in ("check", "backend", "unit", "detail")}
    return Check(**values)
