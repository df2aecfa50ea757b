"""One of the MPI processes that share a run: started by `mpi.exec_launcher`.

All of them simulate; the first one stores the result. An error in one ends all.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
import traceback
from importlib import import_module
from pathlib import Path
from typing import Any, TextIO

from pipelines.errors import CounterpointError
from pipelines.execution.mpi import check_world_size
from pipelines.execution.processes import die_with_parent, flush_all
from pipelines.experiment.code_errors import explain
from pipelines.tables.schemas import DONE

# Time (s) for an event to pass through the launcher to the process of the shard.
_DELIVERY_S = 0.5


def main() -> None:
    """Carry out this process's part of the run that the first argument describes."""
    # End with the launcher.
    die_with_parent(os.getppid(), signal.SIGKILL)
    events = _event_stream()
    task = json.loads(sys.argv[1])
    world = import_module("mpi4py.MPI").COMM_WORLD
    try:
        check_world_size(world.size, task["processes"])
        event = _carry_out(task, world)
    except BaseException as error:  # An experiment may call sys.exit, too.
        traceback.print_exc()
        folder = Path(task["root"]) / "experiments" / task["run"]["experiment"]
        _write_event(events, event="failed", error=explain(error, folder))
        flush_all()
        time.sleep(_DELIVERY_S)
        # The other processes may be waiting for this one.
        world.Abort(1)
        raise
    if world.rank == 0:
        _write_event(events, **event)


def _carry_out(task: dict[str, Any], world: Any) -> dict[str, Any]:
    """Simulate; in the process of rank 0, store the result and return its event."""
    from pipelines.execution.importing import import_backend
    from pipelines.execution.provenance import timing
    from pipelines.execution.simulate import simulate
    from pipelines.experiment import load_experiment
    from pipelines.sweep.record import Record
    from pipelines.sweep.runs import Run
    from pipelines.tables.run_store import RunStore

    started = time.monotonic()
    run = Run(**task["run"])
    if world.rank == 0:
        shown = json.dumps(dict(run.parameters))
        sys.stderr.write(
            f"== run {run.run_id} on {run.backend}, seed {run.seed}, {shown},"
            f" {world.size} processes\n"
        )
    import_backend(run.backend)
    experiment = load_experiment(run.experiment, task["root"])
    result = simulate(run, experiment, Record(**task["record"]), task["threads"])
    of_all = world.gather(result.record["peak_rss_mb"])
    if world.rank:
        return {}
    known = task["known"] | timing(time.monotonic() - started)
    known["peak_rss_mb"] = round(sum(of_all), 1)
    try:
        RunStore(Path(task["store"])).write(result.record | known, result.tables)
    except CounterpointError as error:
        return {"event": "fatal", "error": str(error)}
    return {"event": "run", "run_id": run.run_id, "status": DONE, "error": ""}


def _event_stream() -> TextIO:
    """A stream for events on the original stdout; all other output goes to stderr."""
    events = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return events


def _write_event(events: TextIO, **event: Any) -> None:
    events.write(json.dumps(event) + "\n")
    events.flush()


if __name__ == "__main__":
    main()
