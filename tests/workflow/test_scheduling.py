"""However a sweep is cut up, dealt out or broken off, its tables have the same bytes."""

from __future__ import annotations

import pytest

from pipelines.execution.limits import machine_mb

pytestmark = pytest.mark.slow

# Instead of the two points of the profile.
POINTS = "[0.5, 0.9, 1.1]"


def make(project, shard_size=None):
    project.add_wired("" if shard_size is None else f"    shard_size: {shard_size}\n")
    project.edit("experiments/tiny/sweep.yaml", "[0.5, 1.0]", POINTS)


def n_shards(project):
    return len(project.stamps("tiny/runs/shards/*.json"))


@pytest.fixture(scope="module")
def at_first(new_project):
    """The sweep as it is, with two processes at once."""
    project = new_project()
    make(project)
    project.snakemake("sweep", "--config", "profile=both")
    assert n_shards(project) == 2
    return project


@pytest.mark.parametrize(("cores", "shard_size", "shards"), [(1, 1, 6), (8, 2, 4)])
def test_tables_depend_on_neither_cores_nor_shards(
    at_first, empty_project, cores, shard_size, shards
):
    make(empty_project, shard_size)
    empty_project.snakemake("sweep", "--cores", str(cores), "--config", "profile=both")
    assert n_shards(empty_project) == shards
    empty_project.same_tables(at_first)


def test_tables_do_not_depend_on_an_interruption(at_first, empty_project):
    make(empty_project, shard_size=1)
    process = empty_project.start("sweep", "--config", "profile=both")
    # Brian2 has code to compile, where nobody has before.
    empty_project.wait_for_runs(process, "tiny", 2, within_s=300)
    process.kill()
    process.communicate()
    before = len(empty_project.stamps("tiny/runs/*.zip"))
    assert before < 6 and not empty_project.path("results/tiny/spikes.parquet").exists()
    # Another number of cores, and other shards, of which some runs are there already.
    empty_project.edit("experiments/tiny/sweep.yaml", "shard_size: 1", "shard_size: 2")
    empty_project.snakemake("sweep", "--cores", "8", "--config", "profile=both")
    empty_project.same_tables(at_first)


# Says when it runs, and takes its time.
TIMED = """

def run(sim, network, parameters):
    with open("times", "a") as file:
        file.write(f"{time.time()} ")
        file.flush()
        time.sleep(4)
        file.write(f"{time.time()}\\n")
"""


def test_runs_that_need_more_than_half_of_the_memory_come_one_after_the_other(empty_project):
    folder = empty_project.add("tiny")
    (folder / "experiment.py").write_text((folder / "experiment.py").read_text() + TIMED)
    limits = f"shard_size: 1\n    limits: {{memory: {machine_mb() // 2} MB}}"
    nest = "backends: [nest]\n"
    empty_project.edit("experiments/tiny/sweep.yaml", nest, f"{nest}    {limits}\n")
    empty_project.snakemake("sweep", "--cores", "4")
    lines = empty_project.path("times").read_text().splitlines()
    (_, first_end), (second_begin, _) = sorted(tuple(map(float, line.split())) for line in lines)
    assert second_begin > first_end
