"""A killed workflow: the same command finishes it, and repeats nothing that was completed."""

from __future__ import annotations

import time

import pandas as pd


def wait_for_runs(project, n, process):
    """Wait until `n` runs are stored."""
    for _ in range(600):
        if len(project.stamps("slow/runs/*.zip")) >= n:
            return
        assert process.poll() is None, process.stdout.read()
        time.sleep(0.05)
    raise AssertionError(f"{n} runs were not done within 30 s")


def test_a_killed_snakemake_is_taken_up_again(empty_project):
    empty_project.add("slow")
    process = empty_project.start("--config", "profile=slow")
    wait_for_runs(empty_project, 2, process)
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
    wait_for_runs(empty_project, 1, process)
    said = empty_project.snakemake("--config", "profile=slow", fails=True)
    assert "lock" in said.lower()
    process.communicate(timeout=120)
    assert process.returncode == 0
