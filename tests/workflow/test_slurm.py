"""A sweep through a real SLURM of one node, which is brought up for it and taken down again."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from pipelines import backends

ROOT = Path(__file__).resolve().parents[2]
ONE_NODE = ROOT / "tests" / "slurm" / "one_node.sh"
PROFILE = ROOT / "workflow" / "profiles" / "slurm"
DAEMONS = ("munged", "slurmctld", "slurmd")


def what_is_missing():
    """Why there can be no SLURM here; None if there can."""
    if os.geteuid() != 0:
        return "the daemons of SLURM run as root"
    path = os.pathsep.join([os.environ["PATH"], "/usr/sbin", "/sbin"])
    if not all(shutil.which(name, path=path) for name in DAEMONS):
        return "no SLURM: 'tests/slurm/one_node.sh install' installs Debian's"
    if importlib.util.find_spec("snakemake_executor_plugin_slurm") is None:
        return "no executor: pip install --no-deps -r workflow/profiles/slurm/requirements.txt"
    return None


# Where SLURM is required, as it is in CI, its absence is a failure.
pytestmark = [
    pytest.mark.slurm,
    pytest.mark.skipif(
        what_is_missing() is not None and not os.environ.get("COUNTERPOINT_REQUIRE_SLURM"),
        reason=what_is_missing() or "",
    ),
]


def in_slurm(folder, *command):
    """Run a command with a SLURM about it."""
    return subprocess.Popen(
        [ONE_NODE, "run", *command],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def carry_out_in_slurm(project):
    """Carry out the sweep with the profile; return SLURM's record of the jobs."""
    snakemake = [
        *(sys.executable, "-m", "snakemake", "--snakefile", ROOT / "workflow" / "Snakefile"),
        *("--workflow-profile", PROFILE, "--config", "profile=both", "conformance=false"),
        # A machine of CI may be small.
        *("--default-resources", "mem_mb=2000", "runtime=30"),
        # There is no accounting to ask, and the jobs are short.
        *("--slurm-status-command", "squeue"),
        *("--slurm-init-seconds-before-status-checks", "2"),
        *("--seconds-between-status-checks", "2"),
    ]
    records = project.path("jobs.txt")
    then = f'"$@" && squeue --states=all --noheader --format="%k %T %m %M %l %C" > {records}'
    process = in_slurm(project.folder, "sh", "-c", then, "sh", *snakemake)
    try:
        said, _ = process.communicate(timeout=600)
    finally:
        process.terminate()
    assert process.returncode == 0, said
    columns = ["comment", "state", "memory", "time", "time_limit", "cores"]
    return pd.read_csv(records, sep=" ", names=columns, index_col="comment")


def test_tables_are_the_same_through_slurm(new_project):
    here, there = new_project(), new_project()
    for project, shard_size in ((here, 1), (there, 2)):
        project.add_wired(
            f"    shard_size: {shard_size}\n    limits: {{time: 600, memory: 1000}}\n"
        )
    here.snakemake("--config", "profile=both")
    jobs = carry_out_in_slurm(there)
    there.same_tables(here)

    # One job a shard, with what the sweep asks for; those that only read tables are no jobs.
    assert set(jobs["state"]) == {"COMPLETED"}
    shards = [path.stem for path in there.path("results/tiny/runs/shards").glob("*.json")]
    assert len(shards) == 2
    of_shards = {f"rule_simulate_wildcards_tiny_{shard}" for shard in shards}
    others = {f"rule_capability_wildcards_{backend}" for backend in ("nest", "brian2")}
    assert set(jobs.index) == of_shards | others
    asked = jobs.loc[sorted(of_shards), ["memory", "time_limit", "cores"]]
    # One run of 1000 MB at a time, two of 10 minutes in all, and what is beside them.
    assert set(asked.itertuples(index=False, name=None)) == {("2500M", "35:00", 1)}


def test_processes_share_a_run_in_slurm(new_project, monkeypatch):
    missing = backends.get("nest").missing_for_mpi()
    if missing:
        pytest.skip(f"{missing}; see docs/mpi.md")
    for name in ("OMPI_ALLOW_RUN_AS_ROOT", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"):
        monkeypatch.setenv(name, "1")
    here, there = new_project(), new_project()
    for project, processes in ((here, 1), (there, 2)):
        project.add_wired(f"    mpi: {processes}\n")
    here.snakemake("--config", "profile=both")
    jobs = carry_out_in_slurm(there)
    there.same_tables(here)
    assert set(jobs["state"]) == {"COMPLETED"}
    of_shards = jobs[jobs.index.str.startswith("rule_simulate")]
    # The other backend takes one process.
    assert sorted(of_shards["cores"]) == [1, 2]


def test_slurm_is_taken_down_when_interrupted(tmp_path):
    process = in_slurm(tmp_path, "sh", "-c", 'echo "$SLURM_CONF"; exec sleep 60')
    folder = Path(process.stdout.readline().strip()).parent
    assert len(processes_with(folder)) >= len(DAEMONS)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=60) == 128 + signal.SIGTERM
    assert not folder.exists()
    assert not processes_with(folder)


def processes_with(folder):
    """Ids of the processes that have a folder in their command."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if str(folder).encode() in path.read_bytes():
                found.append(path.parent.name)
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found
