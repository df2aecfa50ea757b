"""A backend that somebody adds as one folder takes part in everything, and no other file knows."""

import json
import subprocess
import sys

import pandas as pd
import pytest

from pipelines.backends import VARIABLE
from tests.toy_backend import add_toy

pytestmark = pytest.mark.slow

PROFILE = """
  added:
    backends: [nest, toy]
    grid:
      i_offset: [0.5, 3.0]
"""


@pytest.fixture
def added(empty_project, tmp_path, monkeypatch):
    """A project with one experiment, whose profile `added` runs on a backend of another folder."""
    add_toy(tmp_path)
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    empty_project.add("tiny")
    empty_project.edit("experiments/tiny/sweep.yaml", "\n  both:", f"{PROFILE}  both:")
    empty_project.edit("experiments/tiny/sweep.yaml", "record:", "figures: {rates: {}}\nrecord:")
    return empty_project


def counterpoint(project, *arguments):
    done = subprocess.run(
        [sys.executable, "-m", "pipelines", *arguments, "--json"],
        cwd=project.folder, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode in (0, 1), done.stderr
    return json.loads(done.stdout)


def test_an_experiment_runs_on_it_with_verdicts_and_report(added):
    said = added.snakemake("--config", "profile=added")
    assert "tiny  4 of 4 runs done (nest 2/2, toy 2/2), 0 failed" in said
    results = added.path("results")

    runs = pd.read_parquet(results / "tiny" / "runs.parquet")
    assert list(runs["backend"]) == ["nest", "toy"] * 2
    spikes = pd.read_parquet(results / "tiny" / "spikes.parquet")
    n_spikes = spikes.groupby("run_id").size().reindex(runs["run_id"], fill_value=0)
    # Too little current for a spike, and enough: then the toy, which rests for longer, has fewer.
    assert list(n_spikes[:2]) == [0, 0] and 0 < n_spikes.iloc[3] < n_spikes.iloc[2]

    verdicts = pd.read_parquet(results / "tiny" / "verdicts.parquet")
    assert set(verdicts["backend_a"]) == {"nest"} and set(verdicts["backend_b"]) == {"toy"}
    assert list(verdicts["verdict"]) == ["undecided", "different"]
    assert "intervals of neurons are 29 steps longer on toy" in verdicts["evidence"].iloc[1]
    assert "different tau_refrac" in verdicts["causes"].iloc[1]

    assert list((results / "tiny" / "evidence").glob("*"))
    report = (results / "report.html").read_text()
    assert "NEST and Toy simulator" in report
    assert "#117733" in (results / "tiny" / "figures" / "rates.svg").read_text()


def test_commands_know_it(added):
    listed = counterpoint(added, "list")
    assert "toy" in json.dumps(listed)
    found = counterpoint(added, "conformance", "refractory_period", "--backend", "toy")
    assert {row["backend"] for row in found["outcomes"]} == {"toy"}
