"""Starting runs whose network is distributed over several MPI processes.

The process of such a run becomes a launcher, such as ``mpiexec``, which starts `mpi_process` in
each of them. Events come back through its standard output, a JSON object a line; all other output
goes to the log.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sys
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, NoReturn

from pipelines import backends
from pipelines.errors import BadInput, Unsupported
from pipelines.installation import python_path

if TYPE_CHECKING:
    from pipelines.sweep.profile import Sweep
    from pipelines.sweep.runs import Plan, Run
    from pipelines.tables.run_store import RunStore

LAUNCHER = "mpiexec"
# For Open MPI 4 and 5, where a user has set nothing else.
_ENVIRONMENT = {
    # Or the processes of all runs are bound to the same first cores.
    "OMPI_MCA_hwloc_base_binding_policy": "none",
    "PRTE_MCA_hwloc_default_binding_policy": "none",
    # How many processes there are at once is for the workflow to say.
    "OMPI_MCA_rmaps_base_oversubscribe": "1",
    "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe",
    # Libraries beside the simulator are to leave the cores to its processes.
    "OMP_NUM_THREADS": "1",
    # What goes through a set of names does so in one order in all processes.
    "PYTHONHASHSEED": "0",
}


def check(experiment: str, sweep: Sweep, launcher: str = LAUNCHER) -> None:
    """Refuse a sweep with runs on several MPI processes where they cannot be started.

    Parameters
    ----------
    experiment
        Name of what is swept.
    sweep
        One profile of it.
    launcher
        Command that starts MPI processes, without their number.

    Raises
    ------
    Unsupported
        What a backend, or this machine, lacks.
    """
    wanted = sweep.mpi
    sharing = [one for one in sweep.backends if backends.processes_of(one, wanted) > 1]
    where = f"experiments/{experiment}/sweep.yaml: profiles.{sweep.profile}.mpi"
    allowed = "mpi: 1; or what docs/mpi.md describes"
    for name in sharing:
        missing = backends.get(name).missing_for_mpi()
        if missing:
            what = f"{backends.get(name).label} over {wanted} processes: {missing}"
            raise Unsupported(where, what, allowed)
    words = shlex.split(launcher)
    if sharing and (not words or shutil.which(words[0]) is None):
        what = f"{wanted} processes: there is no command {launcher!r} to start them"
        raise Unsupported(where, what, allowed)


def exec_launcher(
    run: Run,
    plan: Plan,
    store: RunStore,
    launcher: str,
    record: Mapping[str, Any],
    channel: int,
) -> NoReturn:
    """Replace this process by the launcher of the MPI processes of a run.

    Parameters
    ----------
    record
        What is known of the run's record: see `ShardProcess`.
    channel
        File descriptor for their events.
    """
    number = backends.processes_of(run.backend, plan.sweep.mpi)
    task = {
        "run": asdict(run) | {"parameters": dict(run.parameters)},
        "root": str(plan.experiment.root),
        "record": plan.sweep.record.model_dump(mode="json"),
        "threads": plan.sweep.threads,
        "processes": number,
        "store": str(store.folder),
        "known": dict(record),
    }
    processes = ["-n", str(number), sys.executable, "-m", "pipelines.execution.mpi_process"]
    command = [*shlex.split(launcher), *processes, json.dumps(task)]
    os.dup2(channel, 1)
    environment = _ENVIRONMENT | os.environ | {"PYTHONPATH": python_path()}
    os.execvpe(command[0], command, environment)


def first_event(said: bytes) -> dict[str, Any] | None:
    """The first event in the output of a launcher, or None."""
    for line in said.decode(errors="replace").splitlines():
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if isinstance(event, dict) and "event" in event:
            return event
    return None


def check_world_size(found: int, wanted: int) -> None:
    """Refuse to simulate if the MPI processes are not connected to each other.

    Raises
    ------
    BadInput
        If the launcher started another number of processes than MPI tells of.
    """
    if found != wanted:
        raise BadInput(
            "mpi",
            f"the launcher started {wanted} processes, and MPI tells each of {found}",
            "the launcher of the MPI that simulator and mpi4py use: see docs/mpi.md",
        )
