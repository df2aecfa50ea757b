"""The tutorial and the how-to pages are carried out to the letter."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import PAGES, ROOT, Step, script, steps

HOW_TO = sorted((PAGES / "howto").glob("*.md"))
UNWANTED = ("COUNTERPOINT_ROOT", "COUNTERPOINT_BACKENDS", "PYTHONPATH", "VIRTUAL_ENV")


def carry_out(page, folder, **environment):
    """Run the script of a page in a folder."""
    own = {key: value for key, value in os.environ.items() if key not in UNWANTED}
    done = subprocess.run(
        ["bash", "-c", script(page.read_text(), str(ROOT))],
        cwd=folder, env=own | environment, capture_output=True, text=True, timeout=1800,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-5000:]
    return done.stdout


@pytest.mark.slow
def test_tutorial_ends_with_its_figure(tmp_path):
    carry_out(PAGES / "tutorial.md", tmp_path)
    results = tmp_path / "counterpoint" / "results"
    for name in ("raster", "weights", "learned_weights"):
        figure = results / "plastic_drive" / "figures" / f"{name}.png"
        assert figure.read_bytes().startswith(b"\x89PNG") and figure.stat().st_size > 5000
    report = (results / "report.html").read_text()
    assert "Learned weights" in report and "weights are within their bounds" in report


@pytest.mark.slow
@pytest.mark.parametrize("page", HOW_TO, ids=lambda page: page.stem)
def test_how_to_page(page, tmp_path):
    ignored = shutil.ignore_patterns("__pycache__")
    for name in ("pipelines", "workflow", "experiments"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=ignored)
    for name in ("environment.yml", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    carry_out(page, tmp_path, PYTHONPATH=str(tmp_path), PATH=programs)


@pytest.mark.parametrize("page", HOW_TO, ids=lambda page: page.stem)
def test_how_to_pages_have_something_to_carry_out(page):
    assert any(step.file is None for step in steps(page.read_text()))


def test_blocks_are_steps_in_order_and_marked_ones_are_left_out():
    page = (
        '```sh\necho 1\n```\n\n```python title="a/b.py"\nx = 1\n```\n\n```text\nno\n```\n\n'
        "<!-- not carried out: needs a cluster -->\n```sh\nsbatch\n```\n\n"
        "```sh\necho ADDRESS\n```\n"
    )
    assert steps(page) == [Step("echo 1\n"), Step("x = 1\n", "a/b.py"), Step("echo ADDRESS\n")]
    assert "sbatch" not in script(page, "here") and "echo here" in script(page, "here")


def test_a_step_that_fails_ends_the_script(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("```sh\nfalse\n```\n\n```sh\necho after\n```\n")
    with pytest.raises(AssertionError):
        carry_out(page, tmp_path)
