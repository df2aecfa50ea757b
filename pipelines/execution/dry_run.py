"""The dry run of a sweep: which runs would be reused, which carried out, and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.sweep.identity import changes, run_id_of
from pipelines.tables.run_store import RunStore
from pipelines.tables.schemas import FAILED

if TYPE_CHECKING:
    from pipelines.sweep.runs import Plan, Run

# Actions for a run.
REUSED, RUN = "reused", "run"

DONE_EARLIER = "done earlier"
FAILED_EARLIER = "failed earlier; --retry-failed tries again"
TRIED_AGAIN = "failed earlier"
NEW = "no result of this point yet"


@dataclass(frozen=True)
class PlannedAction:
    """What a sweep would do with one run, and why."""

    run: Run
    action: str
    reason: str


def planned_actions(
    plan: Plan, store: RunStore, *, retry_failed: bool = False
) -> list[PlannedAction]:
    """Determine for every run of a plan whether it is reused or carried out.

    Reads only the names of stored files and the ingredients of earlier identities; damaged files
    are not detected.

    Parameters
    ----------
    plan
        The plan.
    store
        Store of earlier results.
    retry_failed
        Whether failed runs are carried out again.

    Returns
    -------
    list of PlannedAction
        In the order of the plan.
    """
    stored = store.ids()
    earlier = _earlier(plan, store)
    found = []
    for run in plan.runs:
        status = stored.get(run.run_id)
        if status == FAILED:
            again = (RUN, TRIED_AGAIN) if retry_failed else (REUSED, FAILED_EARLIER)
            found.append(PlannedAction(run, *again))
        elif status is not None:
            found.append(PlannedAction(run, REUSED, DONE_EARLIER))
        else:
            found.append(PlannedAction(run, RUN, _why_missing(run, earlier[run.backend], stored)))
    return found


def _earlier(plan: Plan, store: RunStore) -> dict[str, list[tuple[str, str]]]:
    """For each backend, earlier identities and what has changed since."""
    known = store.known_identities()
    return {
        backend: [
            (identity, ", ".join(changes(parts, plan.ingredients[backend])))
            for identity, parts in known.items()
            if parts.get("backend") == backend and identity != plan.identities.get(backend)
        ]
        for backend in plan.sweep.backends
    }


def _why_missing(run: Run, earlier: Iterable[tuple[str, str]], stored: dict[str, str]) -> str:
    for identity, changed in earlier:
        if run_id_of(identity, run.point_id) in stored:
            return f"changed: {changed}" if changed else "changed"
    return NEW
