"""The dry run of a sweep: which runs would be reused, carried out or refused, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipelines.execution.probe_process import ProbeProcess, refusal_lines
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


@dataclass(frozen=True)
class Foreseen:
    """What is known of failures before anything runs.

    Attributes
    ----------
    profile
        Profile of the sweeps.
    refusals
        What backends refuse, as in the result of `pipelines.execution.probe.run_probe`.
    not_asked
        By backend, why it does not say what it refuses.
    """

    profile: str
    refusals: list[dict[str, Any]]
    not_asked: Mapping[str, str]

    def lines(self) -> list[str]:
        """Lines of text, the first a heading; none if nothing is known to fail."""
        found = refusal_lines({self.profile: self.refusals})
        found += [
            f"{backend} does not say what it refuses: {why}"
            for backend, why in self.not_asked.items()
        ]
        heading = ["would fail, known before anything runs:"] if found else []
        return heading + [f"    {line}" for line in found]


def foresee(planned: Iterable[PlannedAction], profile: str) -> Foreseen:
    """Ask each backend that has something to run what it would refuse of it.

    All backends are asked at the same time, each in one process, which builds points of the
    sweeps: see `pipelines.execution.preflight`.

    Parameters
    ----------
    planned
        The dry run of one sweep or several.
    profile
        Profile of the sweeps.
    """
    asked: dict[str, dict[str, None]] = {}
    for one in planned:
        if one.action == RUN:
            asked.setdefault(one.run.backend, {})[one.run.experiment] = None
    probes = {backend: ProbeProcess(backend, *names, profile) for backend, names in asked.items()}
    answers = {backend: probe.answer() for backend, probe in probes.items()}
    return Foreseen(
        profile,
        [refusal for answer in answers.values() for refusal in answer.get("refusals", [])],
        {
            backend: answer["detail"]
            for backend, answer in answers.items()
            if not answer["ok"] and "refusals" not in answer
        },
    )


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
