"""A killed workflow: the same command finishes it, and repeats nothing that was completed."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import psutil
import pytest

from pipelines.workflow.interruption import RESUMED
from tests.workflow.conftest import ROOT

pytestmark = pytest.mark.slow

SNAKEFILE = ROOT / "workflow" / "Snakefile"


def at_work(folder):
    """Number of processes whose current folder is that of a project, or in it."""
    found = 0
    for one in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            found += folder in (Path(one.cwd()), *Path(one.cwd()).parents)
    return found


def wait_for(condition, process=None, within_s=30):
    """Wait until a condition holds while a process is at work."""
    for _ in range(20 * within_s):
        if condition():
            return
        assert process is None or process.poll() is None, process.stdout.read()
        time.sleep(0.05)
    raise AssertionError("this did not happen in time")


def test_a_killed_snakemake_is_taken_up_again(empty_project):
    empty_project.add("slow")
    process = empty_project.start("--config", "profile=slow")
    empty_project.wait_for_runs(process, "slow", 2)
    process.kill()
    process.wait()
    completed = empty_project.stamps("slow/runs/*.zip")
    assert 2 <= len(completed) < 8

    empty_project.snakemake("--config", "profile=slow")
    after = empty_project.stamps("slow/runs/*.zip")
    assert len(after) == 8
    assert {name: after[name] for name in completed} == completed
    runs = pd.read_parquet(empty_project.path("results/slow/runs.parquet"))
    assert set(runs["status"]) == {"done"}
    assert not list(empty_project.path("results/slow/runs/shards").glob("*.claim"))


def test_a_second_snakemake_is_refused_while_one_is_at_work(empty_project):
    empty_project.add("slow")
    process = empty_project.start("--config", "profile=slow")
    empty_project.wait_for_runs(process, "slow", 1)
    said = empty_project.snakemake("--config", "profile=slow", fails=True)
    assert "lock" in said.lower()
    process.communicate(timeout=120)
    assert process.returncode == 0


COMMANDS = {
    "snakemake": ["snakemake", "--cores", "2", "--config", "profile=slow", "conformance=false"],
    "sweep": ["pipelines", "sweep", "slow", "--profile", "slow"],
    "run": ["pipelines", "run", "slow", "--set", "pause=60"],
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("number", "whole_group", "code"),
    [(signal.SIGINT, True, 130), (signal.SIGINT, False, 130), (signal.SIGTERM, False, 143)],
)
def test_an_interruption_is_one_line_and_leaves_no_process(
    empty_project, command, number, whole_group, code
):
    empty_project.add("slow")
    module, *arguments = COMMANDS[command]
    if module == "snakemake":
        arguments += ["--snakefile", str(SNAKEFILE)]
    process = subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=empty_project.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        start_new_session=True,
    )  # fmt: skip
    if command == "run":
        wait_for(lambda: at_work(empty_project.folder) > 2, process)
    else:
        empty_project.wait_for_runs(process, "slow", 1)
    # As the terminal does, or as `kill` does.
    (os.killpg if whole_group else os.kill)(process.pid, number)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == code, said
    assert said.count("interrupted") == 1 and said.strip().endswith(RESUMED)
    for noise in ("Traceback", "Error", "Exception", "Terminating", "Exiting"):
        assert noise not in said
    wait_for(lambda: at_work(empty_project.folder) == 0)
