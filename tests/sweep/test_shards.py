"""Shards: all runs once, one backend each, in the plan's order."""

import pytest

from pipelines.sweep import plan, shards


def test_shards_hold_every_run_once_by_backend(project, quick):
    quick("{shard_size: 4, grid: {current: {linspace: [0, 1, 11]}}}")
    planned = plan("toy", root=project)
    cut = shards(planned)
    assert [(shard.backend, len(shard.runs)) for shard in cut] == [
        ("nest", 4),
        ("nest", 4),
        ("nest", 3),
        ("brian2", 4),
        ("brian2", 4),
        ("brian2", 3),
    ]
    for backend in ("nest", "brian2"):
        runs = [run for shard in cut if shard.backend == backend for run in shard.runs]
        assert runs == [run for run in planned.runs if run.backend == backend]
    assert len({shard.shard_id for shard in cut}) == 6


def test_a_shard_is_known_by_its_runs(project, quick):
    quick("{shard_size: 2, grid: {current: [1, 2, 3, 4]}}")
    first = shards(plan("toy", root=project))
    quick("{shard_size: 2, grid: {current: [1, 2, 3, 5]}}")
    second = shards(plan("toy", root=project))
    assert [a.shard_id == b.shard_id for a, b in zip(first, second, strict=True)] == [
        True,
        False,
        True,
        False,
    ]


def test_the_shard_size_changes_no_run(project, quick):
    quick("{shard_size: 1, grid: {current: [1, 2]}}")
    small = plan("toy", root=project)
    quick("{shard_size: 100, grid: {current: [1, 2]}}")
    assert plan("toy", root=project).runs == small.runs
    assert len(shards(small)) == 4


def test_threads_change_no_run(project, quick):
    quick("{grid: {current: [1, 2]}}")
    one = plan("toy", root=project)
    quick("{threads: 3, grid: {current: [1, 2]}}")
    three = plan("toy", root=project)
    assert three.runs == one.runs and shards(three) == shards(one)
    assert (one.sweep.threads, three.sweep.threads) == (1, 3)


@pytest.mark.parametrize(
    ("number", "sizes"), [(20, [20]), (100, [32, 32, 32, 4]), (800, [200] * 4)]
)
def test_without_a_size_shards_are_large_but_several(project, quick, number, sizes):
    grid = f"current: {{linspace: [0, 1, {number}]}}"
    quick(f"{{backends: [nest], grid: {{{grid}}}}}")
    assert [len(shard.runs) for shard in shards(plan("toy", root=project))] == sizes
