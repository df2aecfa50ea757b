"""Adding a metric touches one file, and it goes everywhere."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.metrics.chain import EXPERIMENT, follow

ROOT = Path(__file__).parents[2]

BUILT_IN = """
SPIKE_METRICS += (
    Metric(
        "last_spike", "ms", "time of the last spike", lambda trains: trains.time_ms[-1:],
        summary=only, distance=relative_distance,
    ),
)
"""

OWN = '''
"""When the last neuron was silent."""
from pipelines.metrics import Metric, only, relative_distance


def last_spike(trains):
    return trains.time_ms[-1:]


METRICS = [
    Metric(
        "last_spike", "ms", "time of the last spike", last_spike,
        summary=only, distance=relative_distance,
    )
]
'''


def copied(tmp_path):
    """A folder with one experiment."""
    folder = tmp_path / "experiments" / EXPERIMENT
    shutil.copytree(ROOT / "experiments" / EXPERIMENT, folder)
    sweep = folder / "sweep.yaml"
    sweep.write_text(sweep.read_text().replace("figures:", "figures:\n  raster: {}", 1))
    return folder


def test_a_metric_of_an_experiment_is_one_file(tmp_path):
    (copied(tmp_path) / "metrics.py").write_text(OWN)
    follow("last_spike", tmp_path, tmp_path / "results")


def test_a_built_in_metric_is_one_file(tmp_path):
    copied(tmp_path)
    package = tmp_path / "library" / "pipelines"
    shutil.copytree(ROOT / "pipelines", package, ignore=shutil.ignore_patterns("__pycache__"))
    with (package / "metrics" / "spike_metrics.py").open("a") as file:
        file.write(BUILT_IN)
    path = os.pathsep.join([str(package.parent), str(ROOT)])
    command = [sys.executable, "-m", "tests.metrics.chain", "last_spike", tmp_path, tmp_path / "r"]
    done = subprocess.run(
        command, cwd=tmp_path, env=os.environ | {"PYTHONPATH": path}, text=True, capture_output=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [str(package / "metrics")]


def test_without_it_there_is_none(tmp_path):
    copied(tmp_path)
    with pytest.raises(Exception, match="there is no metric 'last_spike'"):
        follow("last_spike", tmp_path, tmp_path / "results")
