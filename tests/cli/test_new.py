"""``counterpoint new``; that the template runs is in test_run."""

import pytest

from pipelines.sweep import plan


def test_the_template_is_whole_and_valid(counterpoint, root):
    answer = counterpoint("new", "my_network")
    assert answer.code == 0 and "counterpoint run my_network" in answer.out
    folder = root / "experiments" / "my_network"
    files = {path.name for path in folder.iterdir()}
    assert files == {"experiment.py", "sweep.yaml", "README.md"}
    assert folder.joinpath("README.md").read_text().startswith("# my_network\n")
    assert not any("@NAME@" in path.read_text() for path in folder.iterdir())
    for profile in ("quick", "full"):
        assert plan("my_network", profile, root).runs
    assert [path.name for path in folder.parent.iterdir()] == ["my_network"]


def test_json(counterpoint, root):
    assert counterpoint("new", "x1", "--json").json == {
        "name": "x1",
        "folder": str(root / "experiments" / "x1"),
        "files": ["experiment.py", "sweep.yaml", "README.md"],
    }


@pytest.mark.parametrize("name", ["my-network", "1st", "Upper", "class", "a b", "../up", "_x", ""])
def test_names_that_cannot_be(counterpoint, root, name):
    answer = counterpoint("new", name)
    assert answer.code == 2
    assert "cannot be an experiment's name; allowed: a lower-case letter" in answer.err
    assert not list((root / "experiments").iterdir())


def test_an_existing_folder_is_left_alone(counterpoint, demo):
    before = demo.joinpath("experiment.py").stat().st_mtime_ns
    answer = counterpoint("new", "demo")
    assert answer.code == 2 and "exists already" in answer.err
    assert demo.joinpath("experiment.py").stat().st_mtime_ns == before
