"""Fingerprints of the code behind the rules."""

from pipelines.experiment import load_experiment
from pipelines.installation import LIBRARY
from pipelines.workflow import code


def test_the_crate_is_made_again_when_code_changes_that_is_in_it(empty_project, monkeypatch):
    folder = empty_project.add("tiny")
    monkeypatch.chdir(empty_project.folder)
    monkeypatch.delenv("COUNTERPOINT_ROOT", raising=False)

    def fingerprint():
        return code.of_crate(load_experiment("tiny"), LIBRARY / "workflow")

    first = fingerprint()
    empty_project.edit("experiments/tiny/figures/bars.py", "def draw", "# A comment.\ndef draw")
    empty_project.edit("experiments/tiny/sweep.yaml", "profiles:", "# Another one.\nprofiles:")
    (folder / "README.md").write_text("What it is.\n")
    assert fingerprint() == first
    empty_project.edit("experiments/tiny/figures/bars.py", "axes.bar(", "axes.barh(")
    second = fingerprint()
    assert second != first
    # A file that is no Python yet stops nothing but what needs it.
    (folder / "figures" / "draft.py").write_text("def\n")
    assert fingerprint() not in (first, second)
