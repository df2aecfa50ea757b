"""A plan as a file: the same when it is read, written once, and refused when it is out of date."""

import json

import pytest

from pipelines import versions
from pipelines.errors import BadInput
from pipelines.sweep import plan, shards
from pipelines.sweep.plan_file import plan_path, read_plan, refuse_changes, shard_of, write_plan

SWEEP = """
    description: what it shows
    record:
      populations:
        neurons: {spikes: true, signals: [v], sampling_interval: 0.5}
      projections: [plastic]
      weights: {plastic: 30 ms}
    figures: {raster: {points: 2}}
    margins: {rate: 0.5}
    profiles:
      quick:
        backends: [nest, brian2]
        independent: true
        seeds: {first: 3, count: 2}
        parameters: {duration: 60, rule: multiplicative, frozen: true}
        grid: {current: [1, 2], number: [3]}
        limits: {time: 2 s, memory: 800 MB}
        shard_size: 3
        threads: 2
"""


@pytest.fixture
def made(project, sweep_file):
    """A plan that has everything in it."""
    sweep_file(SWEEP)
    return plan("toy", root=project)


@pytest.fixture
def file(made, tmp_path):
    """Its file."""
    path = plan_path(tmp_path / "results", "toy")
    assert write_plan(made, path, {"raster": {"points": 2}})
    return path


def test_a_plan_is_read_as_it_was_written(made, file, project):
    found = read_plan(file, project)
    assert found.runs == made.runs
    assert [dict(run.parameters) for run in found.runs] == [
        dict(run.parameters) for run in made.runs
    ]
    assert [type(value) for value in found.runs[0].parameters.values()] == [
        float, float, int, str, bool, float,
    ]  # fmt: skip
    assert found.sweep == made.sweep and found.sweep.record == made.sweep.record
    assert (found.digest, found.swept) == (made.digest, made.swept)
    assert (found.identities, found.ingredients) == (made.identities, made.ingredients)
    assert shards(found) == shards(made)
    assert json.loads(file.read_text())["figures"] == {"raster": {"points": 2}}


def test_the_same_plan_is_not_written_again(made, file):
    before = file.stat()
    assert not write_plan(made, file, {"raster": {"points": 2}})
    assert file.stat().st_mtime_ns == before.st_mtime_ns
    assert write_plan(made, file, {})


def test_a_shard_is_found_by_its_id(made):
    for shard in shards(made):
        assert shard_of(made, shard.shard_id) == shard
    with pytest.raises(BadInput, match="has changed since the workflow began"):
        shard_of(made, "0" * 16)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (None, "there is no such plan"),
        ("{", "is no plan: JSONDecodeError"),
        ("[]", "is no plan: TypeError"),
        ('{"runs": []}', "is no plan: KeyError"),
        ('{"format": 99}', "has the format 99; allowed: 1"),
    ],
)
def test_what_is_no_plan_is_refused(file, text, problem):
    file.unlink()
    if text is not None:
        file.write_text(text)
    with pytest.raises(BadInput, match=problem):
        read_plan(file)


def test_code_that_has_changed_since_is_refused_and_a_comment_is_not(made, file, project):
    source = project / "experiments" / "toy" / "experiment.py"
    refuse_changes(read_plan(file, project), "nest")
    text = source.read_text()
    source.write_text(text + "# A comment.\n")
    refuse_changes(read_plan(file, project), "nest")
    source.write_text(text.replace('"plastic": None', '"plastic": 0'))
    expected = r"has changed since the workflow began: experiments/toy/experiment\.py"
    with pytest.raises(BadInput, match=expected):
        refuse_changes(read_plan(file, project), "nest")


def test_a_new_file_and_another_version_are_refused(made, file, project, monkeypatch):
    whole = read_plan(file, project)
    added = project / "experiments" / "toy" / "rates.csv"
    added.write_text("1,2")
    with pytest.raises(BadInput, match=r"experiments/toy/rates\.csv"):
        refuse_changes(whole, "brian2")
    added.unlink()
    refuse_changes(whole, "brian2")
    real = versions.of_backend
    monkeypatch.setattr(versions, "of_backend", lambda name: real(name) | {"numpy": "99"})
    with pytest.raises(BadInput, match=r"numpy .* -> 99"):
        refuse_changes(whole, "brian2")
