"""Repeating stored runs in another folder and comparing the results byte for byte."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.errors import DamagedResult
from pipelines.execution.worker import run_shard
from pipelines.sweep import Shard
from pipelines.sweep.identity import digest
from pipelines.tables.run_store import RunStore
from pipelines.tables.schemas import DONE, RECORDED

if TYPE_CHECKING:
    from pipelines.sweep.runs import Plan, Run

SAME, DIFFERENT, DAMAGED, FAILED_NOW = "same", "different", "damaged", "failed now"
_HASHES = ("connectivity_sha256", "input_sha256")


@dataclass(frozen=True)
class Repetition:
    """Outcome of the repetition of one run.

    Attributes
    ----------
    outcome
        `SAME`, `DIFFERENT`, `DAMAGED` (what is stored cannot be read) or `FAILED_NOW`.
    detail
        What differs or went wrong; empty if nothing.
    """

    run: Run
    outcome: str
    detail: str


def sample(plan: Plan, store: RunStore, number: int, seed: int) -> list[Run]:
    """Choose at random, for each backend, `number` of the runs that are stored as done."""
    stored = store.ids()
    chosen = []
    for backend in plan.sweep.backends:
        there = [r for r in plan.runs if r.backend == backend and stored.get(r.run_id) == DONE]
        chosen += random.Random(seed).sample(there, min(number, len(there)))
    return chosen


def repeat(
    plan: Plan, runs: Sequence[Run], store: RunStore, scratch: Path, log: Path | None = None
) -> list[Repetition]:
    """Repeat runs and compare them with the stored results.

    Parameters
    ----------
    runs
        Runs of `plan` that are stored as done.
    scratch
        Folder for the new results.
    """
    anew = RunStore(scratch)
    for backend in plan.sweep.backends:
        some = tuple(run for run in runs if run.backend == backend)
        if some:
            shard = Shard(digest([run.run_id for run in some]), backend, some)
            run_shard(plan, shard, anew, log)
    return [Repetition(run, *_compared(run, store, anew)) for run in runs]


def _compared(run: Run, store: RunStore, anew: RunStore) -> tuple[str, str]:
    now = anew.read_record(run.run_id)
    if now["status"] != DONE:
        return FAILED_NOW, now["error"]
    try:
        before = store.read_record(run.run_id)
        unlike = [name for name in _HASHES if before[name] != now[name]]
        unlike += [
            name
            for name in RECORDED
            if store.read_table_bytes(run.run_id, name) != anew.read_table_bytes(run.run_id, name)
        ]
    except DamagedResult as problem:
        return DAMAGED, str(problem)
    return (DIFFERENT, ", ".join(unlike)) if unlike else (SAME, "")
