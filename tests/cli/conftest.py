"""A project in a temporary folder, and the command line in it."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

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
    assert counterpoint("new", "demo", "--template", "minimal").code == 0
    return root / "experiments" / "demo"


@pytest.fixture
def sweep_weights(demo: Path) -> Callable[..., None]:
    """Give `demo` a sweep over weights (nA), on NEST, that records spikes."""

    def write(*weights: float) -> None:
        profile = {"backends": ["nest"], "grid": {"weight": list(weights)}}
        record = {"populations": {"neurons": ["spikes"]}}
        content = {"record": record, "profiles": {"quick": profile}}
        (demo / "sweep.yaml").write_text(yaml.safe_dump(content))

    return write
