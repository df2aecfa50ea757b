"""A project in a temporary folder, and the command line in it."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pipelines.cli import main


@dataclass(frozen=True)
class Answer:
    """What a command gave: exit code, output, errors."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project without experiments, as the current folder."""
    (tmp_path / "experiments").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COUNTERPOINT_ROOT", str(tmp_path))
    return tmp_path


@pytest.fixture
def counterpoint(root: Path, capfd: pytest.CaptureFixture[str]) -> Callable[..., Answer]:
    """Call the command in the project."""

    def call(*arguments: str) -> Answer:
        try:
            code = main(arguments)
        except SystemExit as end:
            code = int(end.code or 0)
        captured = capfd.readouterr()
        return Answer(code, captured.out, captured.err)

    return call


@pytest.fixture
def demo(root: Path, counterpoint: Callable[..., Answer]) -> Path:
    """The folder of an experiment `demo` made from the template."""
    assert counterpoint("new", "demo").code == 0
    return root / "experiments" / "demo"
