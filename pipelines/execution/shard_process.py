"""The process of a shard: it imports the backend, warms it up, and forks a child a run.

It is a child of the process that called `worker.run_shard`, so a simulator that takes it down at
import or priming takes nothing else down. Events go to the caller through a pipe, a JSON object a
line: ``priming``, ``primed``, ``run`` (with run_id, status, error), ``fatal`` (error). Where
several MPI processes share a run, the child becomes their launcher (`mpi`).
"""

from __future__ import annotations

import faulthandler
import gc
import json
import os
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, ModuleType
from typing import TYPE_CHECKING, Any

from pipelines import backends
from pipelines.backends.shared.compile_time import COMPILE_TIME
from pipelines.errors import CounterpointError, one_line
from pipelines.execution import mpi
from pipelines.execution.child_process import fork
from pipelines.execution.importing import import_backend
from pipelines.execution.limits import Child, Ending
from pipelines.execution.processes import describe_exit, redirect_output, signal_name
from pipelines.experiment.code_errors import explain
from pipelines.experiment.parameters import DEFAULT_TIMESTEP
from pipelines.tables.run_store import RunStore
from pipelines.tables.schemas import DONE, FAILED

if TYPE_CHECKING:
    from pipelines.sweep.runs import Plan, Run

# Longest delay (s) between a signal to a child and the same signal to this process, where both
# belong to the signalled process group.
_SIGNAL_DELAY_S = 0.3


# Without a repr of all runs: `signal` makes one of its handler whenever that is replaced.
@dataclass(repr=False)
class ShardProcess:
    """The process of a shard, with what it needs.

    Attributes
    ----------
    plan
        The plan, with the experiment and the recording.
    runs
        The runs to carry out, all on one backend.
    store
        Store of results.
    log
        File for all output of the process and its children.
    warm
        Whether to prime before the first fork.
    channel
        File descriptor to write events to.
    launcher
        Command that starts MPI processes, for a run that several share.
    scratch
        Folder for temporary files, which the caller removes: a child that is killed removes none.
    """

    plan: Plan
    runs: Sequence[Run]
    store: RunStore
    log: Path | None
    warm: bool
    channel: int
    scratch: Path
    launcher: str = mpi.LAUNCHER
    child: Child | None = None

    def serve(self) -> None:
        """Carry out the runs; called in a fork of the caller's process."""
        try:
            signal.signal(signal.SIGTERM, self._on_sigterm)
            redirect_output(self.log)
            # The Python line in which a simulator crashed belongs in the log, too.
            faulthandler.enable()
            os.environ["TMPDIR"] = tempfile.tempdir = os.fspath(self.scratch)
            self._serve()
        except BaseException as error:
            self._send_event(event="fatal", error=one_line(error))
            raise

    @property
    def processes(self) -> int:
        """MPI processes that share each run's network."""
        return backends.processes_of(self.runs[0].backend, self.plan.sweep.mpi)

    def _serve(self) -> None:
        # Cached here, so that no child has to call git.
        self._provenance()
        # Processes that share a network have to import the simulator themselves.
        if self.processes == 1 and not self._import_simulator():
            return
        for run in self.runs:
            # Another process may have done it meanwhile.
            if self.store.has(run.run_id, done=True):
                self._send_event(event="run", run_id=run.run_id, status=DONE, error="")
            elif not self._fork_run(run):
                return

    def _import_simulator(self) -> bool:
        """Import the simulator for all runs, and prime it; return False if the import fails."""
        backend = self.runs[0].backend
        try:
            sim = import_backend(backend)
        except Exception as error:
            traceback.print_exc()
            self._send_event(
                event="fatal", error=f"{backend} cannot be imported: {one_line(error)}"
            )
            return False
        if self.warm:
            self._prime(sim, self.runs[0])
        return True

    def _prime(self, sim: ModuleType, run: Run) -> None:
        from pipelines.execution.cache_priming import restoring_state
        from pipelines.execution.simulate import prime

        COMPILE_TIME.listener = self._tell_compiling
        self._send_event(event="priming")
        with restoring_state(sim, float(run.parameters.get("timestep", DEFAULT_TIMESTEP))):
            try:
                prime(run, self.plan.experiment, self.plan.sweep.record)
            except Exception:
                # The run itself reports the error; priming only saves time.
                sys.stderr.write(f"== priming with {run.run_id} failed; going on without\n")
                traceback.print_exc()
        self._send_event(event="primed")

    def _fork_run(self, run: Run) -> bool:
        """Carry out one run in a child; return False if no further run can succeed."""
        limits = self.plan.sweep.limits
        self.child = fork(
            lambda writing: self._run_in_child(run, writing), limits.time, limits.memory
        )
        # The child counts what priming has compiled; the next ones do not.
        COMPILE_TIME.take()
        ending = self.child.wait()
        self.child = None
        event = mpi.first_event(ending.answer) or self._store_lost_run(run, ending)
        if event["event"] == "failed":
            event = self._store_failed_run(run, ending, event["error"])
        self._send_event(**event)
        return bool(event["event"] != "fatal")

    def _store_lost_run(self, run: Run, ending: Ending) -> dict[str, Any]:
        """Store a run as failed whose child ended without sending an event."""
        killer = os.WTERMSIG(ending.status) if os.WIFSIGNALED(ending.status) else 0
        if killer == signal.SIGTERM:
            # Most likely sent to the process group: then the handler ends this process during the
            # sleep, and nothing is stored for the run.
            time.sleep(_SIGNAL_DELAY_S)
        error = describe_exit(ending.status)
        if ending.broken:
            error = f"{ending.broken}, the sweep's limits.{ending.limit}"
        sys.stderr.write(f"== run {run.run_id} {error}\n")
        return self._store_failed_run(run, ending, error, signal_name(killer))

    def _store_failed_run(
        self, run: Run, ending: Ending, error: str, killer: str = ""
    ) -> dict[str, Any]:
        """Store a run as failed, on behalf of its ended process."""
        from pipelines.execution.provenance import timing

        ended = {**timing(ending.wall_s), "killed_by": killer}
        return _store_failure(self.store, run, error, ending.usage, self._provenance(**ended))

    def _provenance(self, **known: Any) -> dict[str, Any]:
        """Columns of a record on provenance: host, commit, log, threads, processes, times."""
        from pipelines.execution.provenance import circumstances

        log = "" if self.log is None else str(self.log)
        threads = backends.threads_of(self.runs[0].backend, self.plan.sweep.threads)
        defaults: dict[str, Any] = {"wall_s": None, "started_utc": "", "killed_by": "", "log": log}
        defaults |= {"threads": threads, "mpi_processes": self.processes}
        return defaults | circumstances(self.plan.experiment.root) | known

    def _run_in_child(self, run: Run, writing: int) -> None:
        # A run is short, and its process frees all memory at its end: frequent collections would
        # copy every page shared with the parent.
        gc.set_threshold(100_000, 50, 1000)
        # The channel stays open for what is compiled; it closes with the last process of the shard.
        COMPILE_TIME.listener = self._tell_compiling
        if self.processes > 1:
            known = self._provenance()
            mpi.exec_launcher(run, self.plan, self.store, self.launcher, known, writing)
        shown = json.dumps(dict(run.parameters))
        sys.stderr.write(f"== run {run.run_id} on {run.backend}, seed {run.seed}, {shown}\n")
        event = self._carry_out(run)
        os.write(writing, json.dumps(event).encode())

    def _carry_out(self, run: Run) -> dict[str, Any]:
        """Simulate and store one run; an error is stored as the result of the run."""
        from pipelines.execution.provenance import timing
        from pipelines.execution.simulate import simulate

        started = time.monotonic()

        def provenance() -> dict[str, Any]:
            return self._provenance(**timing(time.monotonic() - started))

        try:
            sweep = self.plan.sweep
            result = simulate(run, self.plan.experiment, sweep.record, sweep.threads)
        except BaseException as error:  # An experiment may call sys.exit, too.
            traceback.print_exc()
            message = explain(error, self.plan.experiment.folder)
            usage = resource.getrusage(resource.RUSAGE_SELF)
            return _store_failure(self.store, run, message, usage, provenance())
        try:
            self.store.write(result.record | provenance(), result.tables)
        except CounterpointError as error:
            return {"event": "fatal", "error": str(error)}
        status = result.record["status"]
        return {"event": "run", "run_id": run.run_id, "status": status, "error": ""}

    def _tell_compiling(self, number: int | None) -> None:
        self._send_event(event="compiling", number=number)

    def _send_event(self, **event: Any) -> None:
        # A broken pipe means that the caller has ended; then this process ends, too.
        os.write(self.channel, (json.dumps(event) + "\n").encode())

    def _on_sigterm(self, number: int, frame: FrameType | None) -> None:
        if self.child is not None:
            self.child.kill()
        os._exit(128 + number)


def _store_failure(
    store: RunStore,
    run: Run,
    error: str,
    usage: resource.struct_rusage,
    provenance: dict[str, Any],
) -> dict[str, Any]:
    from pipelines.execution.run_records import unfinished_record

    record = unfinished_record(run, FAILED, error, usage) | provenance
    try:
        store.write(record)
    except CounterpointError as problem:
        return {"event": "fatal", "error": str(problem)}
    return {"event": "run", "run_id": run.run_id, "status": FAILED, "error": error}
