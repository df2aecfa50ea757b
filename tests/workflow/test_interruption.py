"""A killed workflow: the same command finishes it, and repeats nothing that was completed."""

from __future__ import annotations

import pandas as pd
import pytest

pytestmark = pytest.mark.slow


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
