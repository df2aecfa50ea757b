"""One of the MPI processes that share a run: started by `mpi.become_launcher`.

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
from pipelines.execution.mpi import refuse_strangers
from pipelines.execution.processes import die_with_parent, flush_all, one_line
from pipelines.tables.schemas import DONE

# What an event may take from here through the launcher to the process of the shard.
_TO_BE_HEARD_S = 0.5


def main() -> None:
    """Carry out this process's part of the run that the first argument describes."""
    # Where the launcher is killed, what it has started ends too.
    die_with_parent(os.getppid(), signal.SIGKILL)
    events = _apart_from_output()
    task = json.loads(sys.argv[1])
    world = import_module("mpi4py.MPI").COMM_WORLD
    try:
        refuse_strangers(world.size, task["processes"])
        event = _carry_out(task, world)
    except BaseException as error:  # An experiment may call sys.exit, too.
        traceback.print_exc()
        message = str(error) if isinstance(error, CounterpointError) else one_line(error)
        _say(events, event="failed", error=message)
        flush_all()
        time.sleep(_TO_BE_HEARD_S)
        # The others may wait for this process, and would do so for ever.
        world.Abort(1)
        raise
    if world.rank == 0:
        _say(events, **event)


def _carry_out(task: dict[str, Any], world: Any) -> dict[str, Any]:
    """Simulate; in the first process, store the result and return the event that says so."""
    from pipelines.execution.importing import import_backend
    from pipelines.execution.simulate import simulate
    from pipelines.experiment import load_experiment
    from pipelines.sweep.model import Record
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
    known = task["known"] | {"wall_s": round(time.monotonic() - started, 6)}
    known["peak_rss_mb"] = round(sum(of_all), 1)
    try:
        RunStore(Path(task["store"])).write(result.record | known, result.tables)
    except CounterpointError as error:
        return {"event": "fatal", "error": str(error)}
    return {"event": "run", "run_id": run.run_id, "status": DONE, "error": ""}


def _apart_from_output() -> TextIO:
    """A stream for events: what this process prints otherwise goes where its errors go."""
    events = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return events


def _say(events: TextIO, **event: Any) -> None:
    events.write(json.dumps(event) + "\n")
    events.flush()


if __name__ == "__main__":
    main()
