"""``counterpoint new``; that the template runs is in test_run."""

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from pipelines.cli.new import TEMPLATES
from pipelines.sweep import plan


@pytest.mark.parametrize("arguments", [[], *(["--template", name] for name in TEMPLATES)])
def test_each_template_is_whole_and_valid(counterpoint, root, arguments):
    answer = counterpoint("new", "my_network", *arguments)
    assert answer.code == 0 and "counterpoint run my_network" in answer.out
    folder = root / "experiments" / "my_network"
    files = {path.name for path in folder.iterdir()}
    expectation = set() if arguments == ["--template", "minimal"] else {"expectation.py"}
    assert files == {"experiment.py", "sweep.yaml", "README.md"} | expectation
    assert folder.joinpath("sweep.yaml").read_text().startswith("# yaml-language-server: $schema=")
    assert folder.joinpath("README.md").read_text().startswith("# my_network\n")
    assert not any("@NAME@" in path.read_text() for path in folder.iterdir())
    for profile in ("quick", "full"):
        assert plan("my_network", profile, root).runs
    assert [path.name for path in folder.parent.iterdir()] == ["my_network"]


def test_an_unknown_template_is_refused_with_the_nearest_one(counterpoint, root):
    answer = counterpoint("new", "x1", "--template", "netwrok")
    assert answer.code == 2 and "did you mean 'network'?" in answer.err
    assert not list((root / "experiments").iterdir())


@pytest.mark.slow
@pytest.mark.parametrize("template", TEMPLATES)
def test_the_first_report_of_a_template_has_its_figures_and_agreement(counterpoint, root, template):
    assert counterpoint("new", "mine", "--template", template).code == 0
    snakefile = Path(__file__).resolve().parents[2] / "workflow" / "Snakefile"
    words = ["--cores", "2", "--snakefile", str(snakefile), "--config", "conformance=false"]
    subprocess.run([sys.executable, "-m", "snakemake", *words], cwd=root, check=True)
    results = root / "results" / "mine"
    runs = pd.read_parquet(results / "runs.parquet")
    assert set(runs["status"]) == {"done"} and set(runs["backend"]) == {"nest", "brian2"}
    verdicts = pd.read_parquet(results / "verdicts.parquet")
    fired = verdicts["n_spikes_a"] > 0
    assert fired.sum() >= 2 and set(verdicts["verdict"][fired]) == {"identical"}
    assert pd.read_parquet(results / "expectations.parquet")["passed"].all()
    figures = {path.stem for path in (results / "figures").glob("*.png")}
    assert template == "minimal" or {"raster", "weight_course", "weights"} <= figures


def test_json(counterpoint, root):
    assert counterpoint("new", "x1", "--template", "minimal", "--json").json == {
        "name": "x1",
        "folder": str(root / "experiments" / "x1"),
        "files": ["README.md", "experiment.py", "sweep.yaml"],
    }


@pytest.mark.parametrize("name", ["my-network", "1st", "Upper", "class", "a b", "../up", "_x", ""])
def test_names_that_cannot_be(counterpoint, root, name):
    answer = counterpoint("new", name)
    assert answer.code == 2
    assert "cannot be an experiment's name; allowed: a lower-case letter" in answer.err
    assert not list((root / "experiments").iterdir())


def test_an_existing_folder_is_left_alone(counterpoint, demo):
    before = demo.joinpath("experiment.py").stat().st_mtime_ns
    answer = counterpoint("new", "demo")
    assert answer.code == 2 and "exists already" in answer.err
    assert demo.joinpath("experiment.py").stat().st_mtime_ns == before
