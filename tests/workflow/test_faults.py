"""Whatever happens to a sweep, the same command completes it: good runs are kept, none is lost."""

from __future__ import annotations

import contextlib
import shutil
import subprocess

import pandas as pd
import pytest

N_RUNS = 120
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
