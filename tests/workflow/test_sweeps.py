"""What the rules know of plans: the same from the plan as from its file; resources; code."""

import dataclasses
import json

import pytest

from pipelines.errors import BadInput
from pipelines.experiment import load_experiment
from pipelines.installation import PACKAGE
from pipelines.sweep.model import Limits
from pipelines.workflow import code, outcome, shard_resources, sweeps


@pytest.fixture
def root(empty_project, monkeypatch):
    """A project with the experiment `one`, in which this process is at work."""
    empty_project.add("one")
    monkeypatch.chdir(empty_project.folder)
    return empty_project


@pytest.fixture
def jobs(root):
    """Jobs of its sweep, on both backends."""
    plans, _ = sweeps.plan_all(["one"], "both", "mpirun")
    made = {name: sweeps.jobs_of(one, "results") for name, one in plans.items()}
    sweeps.write_plans(plans, made, "results")
    return made["one"]


def test_a_job_reads_what_was_planned(jobs):
    found = sweeps.read_jobs("one", "results")
    assert dataclasses.asdict(found) == dataclasses.asdict(jobs)
    assert found.figures == {"bars": {}} and found.swept == ["i_offset"]
    assert found.manifests == jobs.manifests and len(found.manifests) == 2
    assert found.tables[0] == "results/one/runs.parquet"
    assert found.experiment.source == jobs.experiment.source
    assert found.caption("bars") == "Number of spikes of each run."


def test_a_job_without_a_plan_is_refused(root):
    with pytest.raises(BadInput, match=r"results/one/plan\.json: there is no such plan"):
        sweeps.read_jobs("one", "results")


def test_all_experiments_are_meant_where_none_is_named(root):
    root.add("two")
    assert sweeps.requested_names(None) == ["one", "two"]
    assert sweeps.requested_names(["two"]) == ["two"]
    with pytest.raises(BadInput, match="did you mean 'two'"):
        sweeps.requested_names(["twoo"])


def test_manifests_without_their_runs_are_dropped(root, jobs):
    path = root.path(jobs.manifests[0])
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"shard_id": path.stem, "runs": {}}))
    plans, _ = sweeps.plan_all(["one"], "both", "mpirun")
    sweeps.drop_stale_shards(plans, "results", retry_failed=False)
    assert not path.exists()
    line, failed = outcome.closing_line(plans, {"one": jobs}, "results")
    assert line.startswith("0 of 4 runs done, 0 failed") and not failed


def shard(jobs, **changes):
    """A shard of NEST, under another sweep."""
    sweep = dataclasses.replace(jobs.sweep, **changes)
    return sweeps.ShardJob("nest", 120, sweep)


def test_a_shard_asks_for_what_its_limits_say(jobs):
    limited = shard(jobs, limits=Limits(time=2, memory=800))
    assert shard_resources.memory_mb(limited, 1) == 800 + shard_resources.BESIDE_MB
    assert shard_resources.memory_mb(limited, 2, most_mb=100) == 2 * (
        800 + shard_resources.BESIDE_MB
    )
    assert shard_resources.runtime_min(limited, 1) == 4 + shard_resources.BESIDE_MIN
    assert shard_resources.runtime_min(limited, 2) == 2 * (4 + shard_resources.BESIDE_MIN)


def test_a_shard_without_limits_asks_for_the_usual(jobs):
    one = shard(jobs)
    assert shard_resources.memory_mb(one, 2) == 2 * shard_resources.DEFAULT_MB
    assert shard_resources.memory_mb(one, 2, most_mb=1000) == 1000
    assert shard_resources.runtime_min(one, 1) == shard_resources.DEFAULT_MIN


def test_a_shard_takes_the_threads_of_all_its_processes(jobs):
    one = shard(jobs, threads=3, mpi=2)
    assert shard_resources.processes(one) == 2 and shard_resources.threads_each(one) == 3
    assert shard_resources.threads(one) == 6
    # Brian2 has neither.
    other = dataclasses.replace(one, backend="brian2")
    assert shard_resources.threads(other) == 1
    # It may have to compile.
    assert shard_resources.priority(other) > shard_resources.priority(one) >= 120


def test_every_rule_names_code_that_is_there():
    for parts in code.PARTS.values():
        assert all((PACKAGE / part).exists() for part in parts)
    assert len({code.of_rule(rule) for rule in ("gather", "compare", "figure", "report")}) == 4
    assert code.of_conformance("nest") != code.of_conformance("brian2")


def test_code_of_a_figure_is_its_own_and_what_the_folder_shares(root):
    folder = root.path("experiments/one")
    experiment = load_experiment("one")

    def found():
        bars, raster = (code.of_figure(experiment, name) for name in ("bars", "raster"))
        return bars, raster, code.of_expectation(experiment)

    before = found()
    (folder / "figures" / "more.py").write_text("x = 1")
    assert found() == before
    (folder / "expectation.py").write_text("def check(tables):\n    return []\n")
    bars, raster, expectation = found()
    assert (bars, raster) == before[:2] and expectation != before[2]
    (folder / "analysis").mkdir()
    (folder / "analysis" / "measures.py").write_text("x = 1")
    assert found()[0] != bars and found()[1] == raster and found()[2] != expectation
