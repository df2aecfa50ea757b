"""`snakemake -n` says what a run would be refused, as `counterpoint sweep --dry-run` does."""

from __future__ import annotations

import subprocess
import sys

from pipelines.execution import dry_run
from pipelines.sweep import plan
from pipelines.workflow import sweeps

FAULT = '    if parameters.i_offset > 0.95:\n        raise ValueError("too\\nmuch")\n'
HEADING = "would fail, known before anything runs:"


def after_heading(text, number):
    """A number of lines that follow the heading of what would fail."""
    lines = text.splitlines()
    first = lines.index(HEADING) + 1
    return lines[first : first + number]


def test_what_would_be_refused_is_said_and_nothing_is_written(empty_project):
    for name in ("one", "two"):
        empty_project.add(name)
        code = f"experiments/{name}/experiment.py"
        empty_project.edit(code, "    time.sleep", f"{FAULT}    time.sleep")
    said = empty_project.snakemake("-n")
    assert empty_project.stamps() == {}
    text = empty_project.path("experiments/one/experiment.py").read_text()
    line = text[: text.index("raise ValueError")].count("\n") + 1
    assert after_heading(said, 2) == [
        f"    {name}: nest refuses of quick 1 of 2 runs, with i_offset 1.0: "
        f"experiments/{name}/experiment.py:{line}: ValueError: too much"
        for name in ("one", "two")
    ]
    command = [sys.executable, "-m", "pipelines", "sweep", "one", "--dry-run"]
    of_sweep = subprocess.check_output(command, cwd=empty_project.folder, text=True)
    assert after_heading(of_sweep, 1) == after_heading(said, 1)


def test_backends_without_anything_to_run_are_not_asked(project, monkeypatch):
    """A simulator takes seconds to import."""
    monkeypatch.setenv("COUNTERPOINT_ROOT", str(project.folder))
    asked = []

    class Probe:
        def __init__(self, *arguments):
            asked.append(arguments)

        def answer(self):
            return {"ok": True, "detail": "", "seconds": 0.0}

    monkeypatch.setattr(dry_run, "ProbeProcess", Probe)
    results = str(project.folder / "results")
    done = {name: plan(name, "quick") for name in ("one", "two")}
    assert sweeps.foreseen_lines(done, results, "quick", retry_failed=False) == []
    assert asked == []
    both = {name: plan(name, "both") for name in ("one", "two")}
    sweeps.foreseen_lines(both, results, "both", retry_failed=False)
    assert asked == [("brian2", "one", "two", "both")]
