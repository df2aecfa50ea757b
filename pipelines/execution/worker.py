"""Carrying out the runs of a shard that are not stored yet; failed runs are stored as results.

The caller's process imports no simulator. It forks the process of the shard (`shard_process`),
reads its events, and starts another one if that one dies.
"""

from __future__ import annotations

import json
import os
import select
import signal
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines import backends
from pipelines.errors import CounterpointError, DamagedResult
from pipelines.execution import mpi
from pipelines.execution.child_process import fork
from pipelines.execution.processes import describe_exit, sigterm_as_exit
from pipelines.execution.shard_process import ShardProcess
from pipelines.tables.run_store import RunStore
from pipelines.tables.schemas import FAILED
from pipelines.tables.shard_manifests import write_manifest

if TYPE_CHECKING:
    from pipelines.execution.progress import Progress
    from pipelines.sweep.runs import Plan, Run
    from pipelines.sweep.shards import Shard

_POLL_S = 0.5
_GRACE_S = 3.0  # s, between SIGTERM and SIGKILL


@dataclass(frozen=True)
class ShardSummary:
    """Outcome of a shard: run_ids that were reused, done now, and failed now."""

    reused: tuple[str, ...]
    done: tuple[str, ...]
    failed: tuple[str, ...]


def run_shard(
    plan: Plan,
    shard: Shard,
    store: RunStore,
    log: Path | None = None,
    report: Progress | None = None,
    *,
    retry_failed: bool = False,
    warm: bool = True,
    launcher: str = mpi.LAUNCHER,
) -> ShardSummary:
    """Carry out the runs of a shard that are not in the store, and write its manifest.

    Parameters
    ----------
    plan
        The plan that the shard is part of.
    shard
        The shard.
    store
        Store of results.
    log
        File for the output of simulators and experiments; appended to. None throws it away.
    report
        Progress report, which shows failures and how many runs are done.
    retry_failed
        Carry out failed runs again.
    warm
        Prime the simulator before the first run, when there are several. Changes no result.
    launcher
        Command that starts MPI processes, where several share a run: see `pipelines.execution.mpi`.

    Returns
    -------
    ShardSummary
        A run that failed is a result like any other, and no error of the shard.

    Raises
    ------
    Unsupported
        If several MPI processes are to share a run, and cannot.
    CounterpointError
        If the backend cannot be imported, results cannot be written, or the process of the shard
        is killed without having finished a single run. Runs finished before remain stored.
    """
    store.clean()
    if log is not None:
        log.parent.mkdir(parents=True, exist_ok=True)
    missing = _missing(shard.runs, store, retry_failed)
    events = _ShardEvents(report)
    if missing:
        if backends.processes_of(shard.backend, plan.sweep.mpi) > 1:
            mpi.check(plan.experiment.name, plan.sweep, launcher)
        _note_identity(plan, shard.backend, store)
        if report is not None:
            report.start()
        _carry_out(plan, missing, store, log, events, warm, launcher)
    write_manifest(store, shard)
    if report is not None and missing:
        report.update(last=True)
    wanted = {run.run_id for run in missing}
    return ShardSummary(
        reused=tuple(run.run_id for run in shard.runs if run.run_id not in wanted),
        done=tuple(key for key, status in events.finished.items() if status != FAILED),
        failed=tuple(key for key, status in events.finished.items() if status == FAILED),
    )


def _note_identity(plan: Plan, backend: str, store: RunStore) -> None:
    identity = plan.identities.get(backend)
    if identity is not None and not store.knows_identity(identity):
        store.note_identity(identity, plan.ingredients[backend])


def _missing(runs: Sequence[Run], store: RunStore, retry_failed: bool) -> list[Run]:
    """Runs to carry out: not stored, stored but damaged, or (if asked for) failed."""
    missing = []
    for run in runs:
        if not store.has(run.run_id, done=retry_failed):
            missing.append(run)
            continue
        try:
            store.verify(run.run_id)
        except DamagedResult:
            store.set_aside(run.run_id)
            missing.append(run)
    return missing


@dataclass
class _ShardEvents:
    """Events received from the process of the shard so far."""

    report: Progress | None
    finished: dict[str, str] = field(default_factory=dict)
    priming: bool = False
    fatal: str | None = None

    def take(self, event: dict[str, Any], runs: Sequence[Run]) -> None:
        kind = event["event"]
        if kind == "run":
            self.finished[event["run_id"]] = event["status"]
            if event["status"] == FAILED and self.report is not None:
                run = next(run for run in runs if run.run_id == event["run_id"])
                self.report.failure(run, event["error"])
        elif kind == "fatal":
            self.fatal = event["error"]
        elif kind == "compiling":
            if self.report is not None:
                self.report.compiling(runs[0].backend, event["number"])
        else:
            self.priming = kind == "priming"


def _carry_out(
    plan: Plan,
    missing: Sequence[Run],
    store: RunStore,
    log: Path | None,
    events: _ShardEvents,
    warm: bool,
    launcher: str,
) -> None:
    """Start processes for the shard until every run has ended."""
    left = list(missing)
    while left:
        before = len(events.finished)
        # Priming pays when its caches are used at least twice.
        status = _run_process(plan, left, store, log, events, warm and len(left) > 1, launcher)
        if events.fatal is not None:
            raise CounterpointError(events.fatal)
        left = [run for run in left if run.run_id not in events.finished]
        if events.priming:
            # It died while priming: carry on without priming, so that only this run may fail.
            warm = events.priming = False
        elif left and len(events.finished) == before:
            raise CounterpointError(
                f"the process of {left[0].backend} runs of '{plan.experiment.name}' was lost: "
                f"{describe_exit(status)}" + (f"; its log is {log}" if log else "")
            )


def _run_process(
    plan: Plan,
    runs: Sequence[Run],
    store: RunStore,
    log: Path | None,
    events: _ShardEvents,
    warm: bool,
    launcher: str,
) -> int:
    """Fork the process of a shard, read its events until it ends, and return its wait status."""
    with sigterm_as_exit(), tempfile.TemporaryDirectory(prefix="counterpoint-") as scratch:

        def work(channel: int) -> None:
            folder = Path(scratch)
            ShardProcess(plan, runs, store, log, warm, channel, folder, launcher).serve()

        # A shard that is asked to end kills its run first.
        child = fork(work, when_orphaned=signal.SIGTERM, new_session=True)
        try:
            _listen(child.reading, events, runs)
        finally:
            os.close(child.reading)
            status = _end_process(child.pid)
    return status


def _listen(reading: int, events: _ShardEvents, runs: Sequence[Run]) -> None:
    pending = b""
    while True:
        if select.select([reading], [], [], _POLL_S)[0]:
            received = os.read(reading, 1 << 16)
            if not received:
                return
            *lines, pending = (pending + received).split(b"\n")
            for line in lines:
                events.take(json.loads(line), runs)
        if events.report is not None:
            events.report.update()


def _end_process(process: int) -> int:
    """Send SIGTERM to a process and wait for its end; send SIGKILL after `_GRACE_S`."""
    patience = time.monotonic() + _GRACE_S
    asked = False
    while True:
        ended, status = os.waitpid(process, os.WNOHANG)
        if ended:
            return status
        if not asked:
            # It has closed its pipe, or the caller was interrupted.
            os.kill(process, signal.SIGTERM)
            asked = True
        if time.monotonic() > patience:
            os.kill(process, signal.SIGKILL)
        time.sleep(0.005)
