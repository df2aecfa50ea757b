"""What CONTRIBUTING.md says is carried out to the letter in a copy without experiments."""

import json
import os
import re
import shutil
import subprocess
import sys

import pandas as pd
import pytest

from tests.recipes import ROOT, recipes, write_recipes

# Commands of CONTRIBUTING.md that the tests below carry out.
NEW = "counterpoint new my_network --template minimal"
SWEEP = """snakemake --cores 2 --config experiments='["my_network"]'"""
RUN_ON_TOY = "counterpoint run my_network --backend toy"
CHECK_TOY = "counterpoint conformance --backend toy"


@pytest.fixture
def clone(tmp_path):
    """The library and the workflow, and a new experiment made by the first recipe."""
    ignored = shutil.ignore_patterns("__pycache__")
    for folder in ("pipelines", "workflow"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=ignored)
    for name in ("environment.yml", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "experiments").mkdir()
    carry_out(tmp_path, NEW)
    return tmp_path


def carry_out(folder, command, *more):
    """Run a command that CONTRIBUTING.md gives, with this Python; return what it wrote."""
    assert command in (ROOT / "CONTRIBUTING.md").read_text()
    program, *arguments = command.replace("'", "").split()
    module = {"counterpoint": "pipelines", "snakemake": "snakemake"}[program]
    unwanted = ("COUNTERPOINT_ROOT", "COUNTERPOINT_BACKENDS")
    environment = {k: v for k, v in os.environ.items() if k not in unwanted}
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments, *more],
        cwd=folder, capture_output=True, text=True, timeout=600,
        env=environment | {"PYTHONPATH": str(folder)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


@pytest.mark.slow
def test_a_metric_and_a_figure_of_an_experiment_are_one_file_each(clone):
    write_recipes(clone, "experiments/my_network/")
    carry_out(clone, SWEEP, "conformance=false")
    results = clone / "results" / "my_network"

    metrics = pd.read_parquet(results / "metrics.parquet").query("metric == 'response_time'")
    runs = pd.read_parquet(results / "runs.parquet").set_index("run_id")
    assert set(runs["status"]) == {"done"} and len(metrics) == len(runs) == 10
    weight = runs.loc[metrics["run_id"], "weight"].to_numpy()
    times = metrics["value"].to_numpy()
    # Without a spike there is no time; a larger weight gives an earlier spike.
    assert pd.isna(times[weight == weight.min()]).all()
    assert 1.0 < times[weight == weight.max()].min() < 20.0

    comparisons = pd.read_parquet(results / "comparisons.parquet")
    assert "response_time" in set(comparisons["metric"])
    verdicts = pd.read_parquet(results / "verdicts.parquet")
    # Where no spike fell, nothing was compared.
    fired = verdicts["n_spikes_a"] > 0
    assert fired.sum() >= 3 and set(verdicts["verdict"][fired]) == {"identical"}
    assert set(verdicts["verdict"][~fired]) == {"undecided"}
    report = (clone / "results" / "report.html").read_text()
    assert "response_time" in report and "Spikes of each run" in report
    assert (results / "figures" / "spike_counts.png").stat().st_size > 1000


@pytest.mark.slow
def test_a_backend_is_one_folder(clone):
    write_recipes(clone, "pipelines/backends/toy/")
    said = json.loads(carry_out(clone, RUN_ON_TOY, "--json"))
    assert [(run["backend"], run["status"]) for run in said["runs"]] == [("toy", "done")]
    found = json.loads(carry_out(clone, CHECK_TOY, "refractory_period", "--json"))
    assert {one["backend"] for one in found["outcomes"]} == {"toy"} and found["conforms"]


def test_files_that_are_named_exist():
    """But for those that its recipes make."""
    text = (ROOT / "CONTRIBUTING.md").read_text()
    made = {*recipes(), "experiments/my_network/experiment.py", "experiments/my_network"}
    named = set(re.findall(r"`((?:pipelines|tests|workflow|experiments)/[\w/.]+)`", text))
    assert len(named) > 10
    absent = [name for name in named - made if not (ROOT / name).exists()]
    assert [name for name in absent if not name.startswith("pipelines/backends/toy")] == []


def test_every_recipe_says_which_files_it_touches():
    text = (ROOT / "CONTRIBUTING.md").read_text()
    parts = re.split(r"^## ", text, flags=re.MULTILINE)
    sections = [part for part in parts if part.startswith("Add ")]
    assert len(sections) == 7
    assert all("\nFiles: " in section for section in sections)
