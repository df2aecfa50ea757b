"""Limits of a run: what breaks one is ended, with all that it started; the others are not."""

import os
import resource
import time
from datetime import datetime

import numpy as np
import pytest

from pipelines.errors import BadInput
from pipelines.execution.limits import machine_mb
from pipelines.execution.worker import run_shard
from pipelines.tables.gather import gather
from pipelines.tables.reader import Tables
from tests.execution.test_worker import whole

FAULTS = """
    if parameters.fault == "forever":
        import subprocess
        subprocess.Popen(["sleep", "3600.5"])
        while True:
            pass
    if parameters.fault == "gobble":
        held = []
        while True:
            held.append(bytearray(20_000_000))
    if parameters.fault == "30 GB":
        import numpy as np
        np.ones(30_000_000_000 // 8)
"""


@pytest.fixture
def project(project):
    code = (project.folder / "experiment.py").read_text()
    project.write(code.replace("    # Chatter on every", FAULTS + "    # Chatter on every"))
    return project


def sleepers():
    """Processes that an experiment left behind."""
    found = []
    for process in os.listdir("/proc"):
        try:
            with open(f"/proc/{process}/cmdline", "rb") as words:
                if b"3600.5" in words.read():
                    found.append(process)
        except OSError:
            continue
    return found


def test_a_run_that_breaks_a_limit_is_ended_and_costs_that_run_only(project):
    # A run starts with the memory of the process that it is a fork of, here that of every test
    # before this one.
    memory_mb = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6) + 600
    faults = (
        "grid: {fault: [none, forever, gobble, 30 GB, raise]}, "
        f"limits: {{time: 3 s, memory: {memory_mb}}}"
    )
    plan = project.plan("nest", faults)
    store = project.store()
    began_s = time.time()
    summary = run_shard(plan, whole(plan), store, project.root / "log")
    assert time.time() - began_s < 30
    assert len(summary.done) == 1 and len(summary.failed) == 4
    gather(plan, store, project.root)
    runs = Tables(project.root).runs.set_index("fault")
    assert runs.index[runs["status"] == "done"].tolist() == ["none"]
    assert runs["error"]["forever"] == "ran longer than 3 s, the sweep's limits.time"
    assert runs["killed_by"]["forever"] == "SIGKILL"
    assert 3 <= runs["wall_s"]["forever"] < 6
    assert sleepers() == []
    # Whichever comes first: the look at what is in use, or the end of what may be reserved.
    assert f"MB of memory, more than {memory_mb} MB" in runs["error"]["gobble"] or (
        "MemoryError" in runs["error"]["gobble"]
    )
    assert runs["peak_rss_mb"]["gobble"] < memory_mb + 2000
    assert "MemoryError" in runs["error"]["30 GB"] and runs["killed_by"]["30 GB"] == ""
    assert runs["peak_rss_mb"]["30 GB"] < memory_mb
    assert (
        runs["error"]["raise"].endswith(": ValueError: no such network")
        and runs["wall_s"]["raise"] > 0
    )
    assert set(runs["log"]) == {str(project.root / "log")}
    assert runs["host"].iloc[0] == os.uname().nodename
    # One after the other, those that were killed, too.
    starts = [datetime.fromisoformat(text).timestamp() for text in runs["started_utc"]]
    ends = [start + wall_s for start, wall_s in zip(starts, runs["wall_s"], strict=True)]
    in_turn = [time_s for pair in zip(starts, ends, strict=True) for time_s in pair]
    # Starts are stored in whole milliseconds.
    assert np.diff([began_s, *in_turn, time.time()]).min() > -0.01


def test_limits_are_no_part_of_a_result(project):
    free = project.plan("nest", "seeds: [1]")
    limited = project.plan("nest", "seeds: [1], limits: {time: 1 s}")
    assert [run.run_id for run in free.runs] == [run.run_id for run in limited.runs]


@pytest.mark.parametrize(
    ("limits", "problem"),
    [
        ("{tme: 3}", r"limits.*'tme'.*did you mean 'time'"),
        ("{time: 0}", r"limits\.time.*above 0 s"),
        ("{time: 3 mV}", r"limits\.time.*unit 'mV'.*allowed: s"),
        ("{memory: -1}", r"limits\.memory.*above 0 MB"),
    ],
)
def test_bad_limits_are_named(project, limits, problem):
    with pytest.raises(BadInput, match=problem):
        project.plan("nest", f"limits: {limits}")


def test_the_memory_of_this_machine():
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    assert 100 < machine_mb() <= physical // 1_000_000
