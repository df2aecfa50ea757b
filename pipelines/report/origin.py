"""Results of earlier calls in the same folder: when they were made, and whether they still hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pipelines.errors import BadInput, CounterpointError
from pipelines.sweep import Plan
from pipelines.sweep import plan as plan_sweep
from pipelines.sweep.identity import changes
from pipelines.tables.reader import Tables

# The tables that a section is made from, in the order in which they are made.
_MADE_FROM = ("runs", "comparisons", "verdicts", "expectations")
_MOST_NAMED = 3


@dataclass(frozen=True)
class Origin:
    """When the tables of an experiment were made, and by which call.

    Attributes
    ----------
    made
        Date and time, local to the machine; "" if unknown.
    is_older
        Whether an earlier call made them, not the one that writes this page.
    stale
        Why they would be made otherwise today; empty if they would not.
    """

    made: str = ""
    is_older: bool = False
    stale: str = ""

    @property
    def call(self) -> str:
        """Which call made them, in words."""
        return "earlier call" if self.is_older else "this call"


@dataclass(frozen=True)
class LeftOut:
    """An experiment in the results folder that cannot be shown, and why."""

    name: str
    why: str


def date_of(folder: Path) -> str:
    """Date and time at which the verdicts in a folder were made, to the minute; "" without any."""
    try:
        made = (folder / "verdicts.parquet").stat().st_mtime
    except OSError:
        return ""
    return datetime.fromtimestamp(made).strftime("%Y-%m-%d %H:%M")


def check_complete(plan: Plan, folder: Path) -> None:
    """Refuse tables that are not those of a plan, or are not all there.

    Raises
    ------
    CounterpointError
        Saying what is missing. A call that was interrupted leaves such tables.
    """
    missing = [name for name in _MADE_FROM if not (folder / f"{name}.parquet").exists()]
    if missing:
        raise BadInput(
            "half written", f"there is no {', no '.join(f'{name}.parquet' for name in missing)}"
        )
    planned = {run.run_id for run in plan.runs}
    found = set(Tables(folder).read("runs", ["run_id"])["run_id"])
    if planned != found:
        raise BadInput(
            "half written",
            f"plan.json has {len(planned):,} runs of profile {plan.sweep.profile},"
            f" {len(planned & found):,} of which are in runs.parquet",
        )


def why_stale(plan: Plan) -> str:
    """What has changed since a plan was made, so that its runs would be repeated; "" if nothing."""
    try:
        now = plan_sweep(plan.experiment.name, plan.sweep.profile, plan.experiment.root)
    except CounterpointError as error:
        return f"its sweep cannot be planned today: {error}"
    if now.digest == plan.digest:
        return ""
    changed = {
        what
        for backend, before in plan.ingredients.items()
        if backend in now.ingredients
        for what in changes(before, now.ingredients[backend])
    }
    if not changed:
        return "sweep.yaml has changed since: other points, seeds or backends"
    named = sorted(changed)
    more = len(named) - _MOST_NAMED
    listed = ", ".join(named[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
    return f"changed since: {listed}"
