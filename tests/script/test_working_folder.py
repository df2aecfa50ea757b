"""What a script finds in the folder in which it runs."""

import pytest

from pipelines.script import working_folder
from pipelines.script.working_folder import make_working_folder


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A script with a file and a folder beside it, and results of its own."""
    for name in ("code/script.py", "code/in.txt", "code/data/a.txt", "code/.git/config",
                 "code/results/scripts/old.txt", "settings/b.yaml"):  # fmt: skip
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def make(project, *arguments):
    results = project / "code" / "results"
    working = results / "scripts" / "script" / "one"
    make_working_folder(working, project / "code" / "script.py", arguments, [results])
    return working


def files(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}


def test_the_files_beside_the_script_are_copied(project):
    working = make(project)
    assert files(working) == {"script.py", "in.txt", "data/a.txt"}
    (working / "in.txt").write_text("changed")
    (working / "data" / "a.txt").write_text("changed")
    assert (project / "code" / "in.txt").read_text() == "code/in.txt"
    assert (project / "code" / "data" / "a.txt").read_text() == "code/data/a.txt"


def test_files_that_arguments_name_are_there_too(project):
    working = make(project, "settings/b.yaml", "nowhere.txt", "--fast", "", "..")
    assert files(working) == {"script.py", "in.txt", "data/a.txt", "settings/b.yaml"}


def test_what_an_earlier_run_left_is_gone(project):
    (make(project) / "left.txt").write_text("old")
    assert "left.txt" not in files(make(project))


def test_what_is_too_large_is_linked(project, monkeypatch):
    monkeypatch.setattr(working_folder, "_MOST_BYTES", 14)
    working = make(project)
    assert files(working) == {"script.py", "in.txt", "data/a.txt"}
    assert not (working / "in.txt").is_symlink()
    assert (working / "script.py").is_symlink() and (working / "data" / "a.txt").is_symlink()


def test_folders_are_linked_as_a_whole_after_many_files(project, monkeypatch):
    monkeypatch.setattr(working_folder, "_MOST_FILES", 2)
    working = make(project)
    assert (working / "data").is_symlink()
    assert (working / "data" / "a.txt").read_text() == "code/data/a.txt"


@pytest.mark.parametrize(("text", "made"), [("open('Results/a.txt', 'w')", True), ("pass", False)])
def test_the_folder_that_pynns_examples_write_into_is_there(project, text, made):
    (project / "code" / "script.py").write_text(text)
    assert (make(project) / "Results").is_dir() == made
