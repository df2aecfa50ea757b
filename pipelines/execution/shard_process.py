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
from pipelines.errors import CounterpointError
from pipelines.execution import mpi
from pipelines.execution.child_process import fork
from pipelines.execution.importing import import_backend
from pipelines.execution.limits import Child, Ending
from pipelines.execution.processes import how_it_ended, one_line, output_to, signal_name
from pipelines.experiment.parameters import DEFAULT_TIMESTEP
from pipelines.tables.run_store import RunStore
from pipelines.tables.schemas import DONE, FAILED

if TYPE_CHECKING:
    from pipelines.sweep.runs import Plan, Run

# How long a signal to the whole process group may take to arrive here after it hit a child.
_SIGNAL_DELAY_S = 0.3


# Without a repr of all runs: `signal` makes one of its handler whenever that is replaced.
@dataclass(repr=False)
class ShardProcess:
    """What the process of a shard needs to know.

    Attributes
    ----------
    plan
        Experiment and what to record.
    runs
        The runs to carry out, all on one backend.
    store
        Where results go.
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
        """Carry out the runs; to be called in a fork of the caller's process."""
        try:
            signal.signal(signal.SIGTERM, self._terminated)
            output_to(self.log)
            # The Python line in which a simulator crashed belongs in the log, too.
            faulthandler.enable()
            os.environ["TMPDIR"] = tempfile.tempdir = os.fspath(self.scratch)
            self._serve()
        except BaseException as error:
            self._send(event="fatal", error=one_line(error))
            raise

    @property
    def processes(self) -> int:
        """MPI processes that share each run's network."""
        return backends.processes_of(self.runs[0].backend, self.plan.sweep.mpi)

    def _serve(self) -> None:
        # Asked once, not by every child.
        self._traced()
        # Processes that share a network have to import the simulator themselves.
        if self.processes == 1 and not self._get_ready():
            return
        for run in self.runs:
            # Another process may have done it meanwhile.
            if self.store.has(run.run_id, done=True):
                self._send(event="run", run_id=run.run_id, status=DONE, error="")
            elif not self._fork(run):
                return

    def _get_ready(self) -> bool:
        """Import the simulator, for all runs to come. False if it cannot be imported."""
        backend = self.runs[0].backend
        try:
            sim = import_backend(backend)
        except Exception as error:
            traceback.print_exc()
            self._send(event="fatal", error=f"{backend} cannot be imported: {one_line(error)}")
            return False
        if self.warm:
            self._prime(sim, self.runs[0])
        return True

    def _prime(self, sim: ModuleType, run: Run) -> None:
        from pipelines.execution.cache_priming import without_traces
        from pipelines.execution.simulate import prime

        self._send(event="priming")
        with without_traces(sim, float(run.parameters.get("timestep", DEFAULT_TIMESTEP))):
            try:
                prime(run, self.plan.experiment, self.plan.sweep.record)
            except Exception:
                # The run itself will say what is wrong; priming is only for speed.
                sys.stderr.write(f"== priming with {run.run_id} failed; going on without\n")
                traceback.print_exc()
        self._send(event="primed")

    def _fork(self, run: Run) -> bool:
        """Carry out one run in a child. False if going on makes no sense."""
        limits = self.plan.sweep.limits
        self.child = fork(lambda writing: self._be_child(run, writing), limits.time, limits.memory)
        ending = self.child.wait()
        self.child = None
        event = mpi.first_event(ending.answer) or self._lost(run, ending)
        if event["event"] == "failed":
            event = self._failed(run, ending, event["error"])
        self._send(**event)
        return bool(event["event"] != "fatal")

    def _lost(self, run: Run, ending: Ending) -> dict[str, Any]:
        """Store that a child ended without a word."""
        killer = os.WTERMSIG(ending.status) if os.WIFSIGNALED(ending.status) else 0
        if killer == signal.SIGTERM:
            # Most likely meant for all of us; then the handler ends this process here, and the
            # run counts as not yet carried out.
            time.sleep(_SIGNAL_DELAY_S)
        error = how_it_ended(ending.status)
        if ending.broken:
            error = f"{ending.broken}, the sweep's limits.{ending.limit}"
        sys.stderr.write(f"== run {run.run_id} {error}\n")
        return self._failed(run, ending, error, signal_name(killer))

    def _failed(self, run: Run, ending: Ending, error: str, killer: str = "") -> dict[str, Any]:
        """Store that a run failed, in the place of its process."""
        ended = {"wall_s": ending.wall_s, "killed_by": killer}
        return _store_failure(self.store, run, error, ending.usage, self._traced(**ended))

    def _traced(self, **known: Any) -> dict[str, Any]:
        """The part of a record that says where a run was made, and how it went."""
        from pipelines.execution.provenance import circumstances

        log = "" if self.log is None else str(self.log)
        threads = backends.threads_of(self.runs[0].backend, self.plan.sweep.threads)
        defaults = {"wall_s": None, "killed_by": "", "log": log, "threads": threads}
        defaults["mpi_processes"] = self.processes
        return defaults | circumstances(self.plan.experiment.root) | known

    def _be_child(self, run: Run, writing: int) -> None:
        # A run is short, and what is garbage goes with its process: looking for it often would
        # copy every page that the parent has.
        gc.set_threshold(100_000, 50, 1000)
        os.close(self.channel)
        if self.processes > 1:
            known = self._traced()
            mpi.become_launcher(run, self.plan, self.store, self.launcher, known, writing)
        shown = json.dumps(dict(run.parameters))
        sys.stderr.write(f"== run {run.run_id} on {run.backend}, seed {run.seed}, {shown}\n")
        event = self._carry_out(run)
        os.write(writing, json.dumps(event).encode())

    def _carry_out(self, run: Run) -> dict[str, Any]:
        """Simulate and store one run; what goes wrong with the run is stored as its result."""
        from pipelines.execution.simulate import simulate

        started = time.monotonic()

        def traced() -> dict[str, Any]:
            return self._traced(wall_s=round(time.monotonic() - started, 6))

        try:
            sweep = self.plan.sweep
            result = simulate(run, self.plan.experiment, sweep.record, sweep.threads)
        except BaseException as error:  # An experiment may call sys.exit, too.
            traceback.print_exc()
            message = str(error) if isinstance(error, CounterpointError) else one_line(error)
            usage = resource.getrusage(resource.RUSAGE_SELF)
            return _store_failure(self.store, run, message, usage, traced())
        try:
            self.store.write(result.record | traced(), result.tables)
        except CounterpointError as error:
            return {"event": "fatal", "error": str(error)}
        return {"event": "run", "run_id": run.run_id, "status": DONE, "error": ""}

    def _send(self, **event: Any) -> None:
        # A broken pipe means that the caller is gone, and this process has nothing left to do.
        os.write(self.channel, (json.dumps(event) + "\n").encode())

    def _terminated(self, number: int, frame: FrameType | None) -> None:
        if self.child is not None:
            self.child.kill()
        os._exit(128 + number)


def _store_failure(
    store: RunStore,
    run: Run,
    error: str,
    usage: resource.struct_rusage,
    traced: dict[str, Any],
) -> dict[str, Any]:
    from pipelines import versions
    from pipelines.execution.simulate import describe, peak_rss_mb

    record = describe(run) | {
        "status": FAILED,
        "error": error,
        "simulated_ms": None,
        "build_s": None,
        "simulate_s": None,
        "collect_s": None,
        "peak_rss_mb": peak_rss_mb(usage),
        "versions": versions.of_backend(run.backend),
        "population_sizes": {},
        "cell_types": {},
        "connectivity_sha256": "",
        "input_sha256": "",
        **traced,
    }
    try:
        store.write(record)
    except CounterpointError as problem:
        return {"event": "fatal", "error": str(problem)}
    return {"event": "run", "run_id": run.run_id, "status": FAILED, "error": error}
