"""A project with one small experiment in a temporary folder."""

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

EXPERIMENT = """
from dataclasses import dataclass

from pipelines.experiment import parameter


@dataclass(frozen=True)
class Parameters:
    current: float = parameter(0.5, "nA", "injected current", minimum=-2, maximum=5)
    tau: float = parameter(20.0, "ms", "time constant", above=0)
    number: int = parameter(4, "1", "number of neurons", minimum=1)
    rule: str = parameter("additive", "", "weight rule", choices=("additive", "multiplicative"))
    frozen: bool = parameter(False, "", "whether weights stay as they are")
    duration: float = parameter(100.0, "ms", "simulated time", above=0)


def build(sim, parameters, seed):
    return {"neurons": None, "plastic": None}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Root of a project that holds the experiment `toy`, without a sweep.yaml."""
    folder = tmp_path / "experiments" / "toy"
    folder.mkdir(parents=True)
    (folder / "experiment.py").write_text(EXPERIMENT)
    return tmp_path


@pytest.fixture
def sweep_file(project: Path) -> Callable[[str], Path]:
    """Write toy's sweep.yaml."""

    def write(text: str) -> Path:
        path = project / "experiments" / "toy" / "sweep.yaml"
        path.write_text(textwrap.dedent(text))
        return path

    return write


@pytest.fixture
def quick(sweep_file: Callable[[str], Path]) -> Callable[[str], Path]:
    """Write a sweep.yaml whose profile `quick` is the given mapping, as ``{seeds: [1]}``."""

    def write(profile: str) -> Path:
        return sweep_file(f"profiles:\n  quick: {profile}\n")

    return write
