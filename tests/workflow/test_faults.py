"""Whatever happens to a sweep, the same command completes it: good runs are kept, none is lost."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pandas as pd
import pytest

N_KILLS, N_RUNS = 20, 120
SWEEP = f"""
record:
  populations:
    neurons: [spikes]
profiles:
  quick:
    backends: [nest]
    shard_size: 60
    parameters: {{pause: 0.6}}
    grid:
      i_offset: {{linspace: [0.5, 1.0, {N_RUNS}]}}
"""


def children(process: int) -> list[int]:
    """Processes below a process, the nearest first."""
    found = []
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{process}/task").iterdir():
            found += [int(number) for number in (task / "children").read_text().split()]
    return found + [below for child in found for below in children(child)]


def state(project) -> dict[str, tuple[int, int]]:
    """Inode and time of every result that is good."""
    return {
        name: stamp
        for name, stamp in project.stamps("*/runs/*.zip").items()
        if not name.endswith(".failed.zip")
    }


def is_kept(before: dict, project) -> None:
    after = state(project)
    assert {name: after.get(name) for name in before} == before


def victims(snakemake: int, folder: Path) -> dict[str, int]:
    """Processes at work in a project, orphans too, by what they are."""
    found = {}
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError):
            process = int(entry.name)
            # The process of a shard leads a session; its child is a run.
            if os.getsid(process) == process and (entry / "cwd").readlink() == folder:
                run = children(process)
                found |= {"snakemake": snakemake, "shard": process}
                if run:
                    found["run"] = run[0]
    return found


@pytest.mark.slow
def test_killed_at_random_moments_a_sweep_goes_on(empty_project):
    folder = empty_project.add("one")
    (folder / "sweep.yaml").write_text(SWEEP)
    rng = random.Random(20)
    # Each kind of process in its turn: by chance alone one of them may be spared.
    targets = [kind for _ in range(N_KILLS) for kind in ("run", "shard", "snakemake")][:N_KILLS]
    rng.shuffle(targets)
    killed = dict.fromkeys(targets, 0)
    end = time.monotonic() + 600
    talking = []
    while targets:
        before = state(empty_project)
        process = empty_project.start("sweep")
        while process.poll() is None and targets:
            time.sleep(rng.uniform(0.05, 0.6))
            # At this moment, or the first one after it at which there is such a process.
            while process.poll() is None:
                assert time.monotonic() < end, killed
                found = victims(process.pid, empty_project.folder)
                if targets[-1] in found:
                    kind = targets.pop()
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(found[kind], signal.SIGKILL)
                    killed[kind] += 1
                    break
                time.sleep(0.01)
        process.kill()
        process.wait()
        # Its jobs live on, and still have something to say.
        talking.append(process.stdout)
        is_kept(before, empty_project)
        assert len(state(empty_project)) < N_RUNS, f"all is done before {targets} were killed"

    kept = state(empty_project)
    some_failed = list(empty_project.path("results/one/runs").glob("*.failed.zip")) != []
    empty_project.snakemake("sweep", fails=some_failed)
    for stream in talking:
        stream.close()
    is_kept(kept, empty_project)
    runs = pd.read_parquet(empty_project.path("results/one/runs.parquet"))
    failed = runs[runs["status"] == "failed"]
    assert len(runs) == N_RUNS and len(failed) <= killed["run"] + killed["shard"]
    assert failed["error"].str.contains("SIGKILL").all() and set(failed["killed_by"]) <= {"SIGKILL"}

    empty_project.snakemake("sweep", "--config", "retry_failed=true")
    is_kept(kept, empty_project)
    runs = pd.read_parquet(empty_project.path("results/one/runs.parquet"))
    assert set(runs["status"]) == {"done"} and len(runs) == N_RUNS
    leftovers = list(empty_project.path("results").rglob(".*.tmp"))
    assert leftovers == []


@pytest.fixture
def small_disk(empty_project):
    """The folder of results on a disk of 300 kB; gives a function that makes it larger."""
    results = empty_project.path("results")
    results.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(results)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("a small disk needs the right to mount one, which root has on Linux")

    def enlarge() -> None:
        subprocess.run(["mount", "-o", "remount,size=50m", str(results)], check=True)

    yield enlarge
    subprocess.run(["umount", "--lazy", str(results)], check=True)


@pytest.mark.slow
def test_a_full_disk_is_named_and_the_same_command_goes_on(empty_project, small_disk):
    folder = empty_project.add("one")
    (folder / "sweep.yaml").write_text(SWEEP.replace("pause: 0.6", "pause: 0.0"))
    said = empty_project.snakemake("sweep", fails=True)
    assert "No space left on device" in said
    before = state(empty_project)
    assert 0 < len(before) < N_RUNS
    small_disk()
    empty_project.snakemake("sweep")
    is_kept(before, empty_project)
    runs = pd.read_parquet(empty_project.path("results/one/runs.parquet"))
    assert set(runs["status"]) == {"done"} and len(runs) == N_RUNS


def test_a_flipped_bit_is_found_when_it_would_be_read(project):
    damaged = sorted(project.path("results/one/runs").glob("*.zip"))[0]
    content = bytearray(damaged.read_bytes())
    content[len(content) // 2] ^= 0x10
    others = {n: s for n, s in state(project).items() if not n.endswith(damaged.name)}
    damaged.write_bytes(content)
    project.path("results/one/runs.parquet").unlink()
    # Nothing damaged gets into a table: either it is found in time, or the command says so.
    with contextlib.suppress(AssertionError):
        said = project.snakemake(fails=True)
        assert damaged.name in said and "damaged" in said
    project.snakemake()
    is_kept(others, project)
    runs = pd.read_parquet(project.path("results/one/runs.parquet"))
    assert set(runs["status"]) == {"done"}
    assert "Nothing to be done" in project.snakemake()


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [-86_400, 86_400])
def test_a_clock_that_jumps_repeats_no_run(empty_project, seconds):
    """Half of the files come from before the jump, and half from after it."""
    empty_project.add("one")
    empty_project.snakemake()
    files = [path for path in empty_project.path("results").rglob("*") if path.is_file()]
    for path in sorted(files)[::2]:
        stamp = path.stat().st_mtime + seconds
        os.utime(path, (stamp, stamp))
    before = state(empty_project)
    empty_project.snakemake()
    is_kept(before, empty_project)
    assert "Nothing to be done" in empty_project.snakemake()
