"""What carrying out a sweep would do: which runs there are, which are missing, and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelines.sweep.identity import changes, run_id_of
from pipelines.tables.run_store import RunStore
from pipelines.tables.schemas import FAILED

if TYPE_CHECKING:
    from pipelines.sweep.runs import Plan, Run

# What becomes of a run.
REUSED, RUN = "reused", "run"

DONE_EARLIER = "done earlier"
FAILED_EARLIER = "failed earlier; --retry-failed tries again"
TRIED_AGAIN = "failed earlier"
NEW = "no result of this point yet"


@dataclass(frozen=True)
class Outlook:
    """What would become of one run, and why."""

    run: Run
    action: str
    reason: str


def outlook(plan: Plan, store: RunStore, *, retry_failed: bool = False) -> list[Outlook]:
    """Say for every run of a plan whether it is reused or carried out.

    Nothing is read but the names of what is stored, and what went into earlier identities; a
    damaged file is found when it is read.

    Parameters
    ----------
    retry_failed
        Whether what failed is to be carried out again.

    Returns
    -------
    list of Outlook
        In the order of the plan.
    """
    stored = store.ids()
    earlier = _earlier(plan, store)
    found = []
    for run in plan.runs:
        status = stored.get(run.run_id)
        if status == FAILED:
            again = (RUN, TRIED_AGAIN) if retry_failed else (REUSED, FAILED_EARLIER)
            found.append(Outlook(run, *again))
        elif status is not None:
            found.append(Outlook(run, REUSED, DONE_EARLIER))
        else:
            found.append(Outlook(run, RUN, _why_missing(run, earlier[run.backend], stored)))
    return found


def _earlier(plan: Plan, store: RunStore) -> dict[str, list[tuple[str, str]]]:
    """For each backend the identities of earlier results, each with what is different now."""
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
