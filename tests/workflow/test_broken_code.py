"""An error in code of a user costs what it concerns; mended, the same command goes on."""

from __future__ import annotations

import json

import pandas as pd
import pytest

FAILING_RUNS = '    if parameters.i_offset > 0.95:\n        raise ValueError("too\\nmuch")\n'
SWEEP = """
record:
  populations:
    neurons: [spikes]
figures: {raster: {}}
profiles:
  quick:
    backends: [nest]
    grid:
      i_offset: [0.85, 0.9, 1.0, 1.1, 1.2]
"""
METRICS = '''
"""Two metrics, of which one fails in a run."""

from pipelines.metrics import POPULATION, Metric, only


def first_ms(trains):
    """Time of the first spike."""
    if len(trains.time_ms) > 0:
        return trains.time_ms.min() / FACTOR
    return 0.0


def n_neurons(trains):
    """Number of neurons."""
    return float(trains.size)


FACTOR = None
METRICS = [
    Metric("first_ms", "ms", "first spike", first_ms, POPULATION, summary=only),
    Metric("n_neurons", "1", "neurons", n_neurons, POPULATION, summary=only),
]
'''
EXPECTATION = """
from pipelines.verdicts.expectations import at_most


def check(tables):
    yield at_most("runs are few", "nest", len(tables.runs), 10, "1")
    raise KeyError("i_ofset")
"""


def errors_of(project):
    """What the workflow lists as failed, by part and name."""
    found = json.loads(project.path("results/errors.json").read_text())
    return {(one["part"], one["name"]): one["error"] for one in found}


@pytest.fixture(scope="module")
def broken(new_project):
    """A project with an error in every part of an experiment, and another one beside it."""
    project = new_project()
    folder = project.add("one")
    project.add("two")
    (folder / "sweep.yaml").write_text(SWEEP)
    project.edit("experiments/one/experiment.py", "    time.sleep", FAILING_RUNS + "    time.sleep")
    # The figure of the other tests takes all runs to be done.
    (folder / "figures" / "bars.py").unlink()
    (folder / "metrics.py").write_text(METRICS)
    (folder / "expectation.py").write_text(EXPECTATION)
    (folder / "figures" / "broken.py").write_text(
        'CAPTION = "None."\n\n\ndef draw(tables, swept):\n    return tables.runs["i_ofset"]\n'
    )
    (folder / "figures" / "unreadable.py").write_text(
        'CAPTION = "None."\n\ndef draw(tables, swept\n'
    )
    return project, project.snakemake(fails=True)


def test_each_error_is_one_line_with_file_and_line(broken):
    project, said = broken
    code = project.path("experiments/one/experiment.py").read_text().split("raise")[0]
    line = code.count("\n") + 1
    expected = {
        ("run", "nest"): f"experiments/one/experiment.py:{line}: ValueError: too much",
        ("metric", "first_ms"): "experiments/one/metrics.py:10: TypeError: unsupported operand",
        ("expectation", "expectation"): "experiments/one/expectation.py:7: KeyError: 'i_ofset'",
        ("figure", "broken"): "experiments/one/figures/broken.py:5: KeyError: 'i_ofset'",
        (
            "figure",
            "unreadable",
        ): "experiments/one/figures/unreadable.py:3: cannot be imported: Syn",
    }
    errors = errors_of(project)
    assert set(errors) == set(expected)
    for part, error in expected.items():
        assert errors[part].startswith(error)
        # Once on the terminal, whichever way it is found.
        assert said.count(error) == 1, (part, said)
    assert said.strip().endswith(
        "4 of 7 runs done, 3 failed, 1 metric failed, 1 expectation failed, 2 figures failed: "
        "see results/report.html"
    )
    for cascade in ("Traceback", "Exiting because", "Error in rule", "WorkflowError"):
        assert cascade not in said


def test_every_good_result_is_there(broken):
    project, _ = broken
    results = project.path("results/one")
    runs = pd.read_parquet(results / "runs.parquet").set_index("i_offset")
    assert list(runs["status"]) == ["done", "done", "failed", "failed", "failed"]
    assert runs["error"][1.2].endswith(": ValueError: too much")
    metrics = pd.read_parquet(results / "metrics.parquet")
    values = metrics.pivot_table("value", "run_id", "metric", dropna=False)
    assert (values["n_neurons"] == 2).all() and (values["rate_mean"] > 0).all()
    assert values["first_ms"].isna().all() and len(values) == 2
    checks = pd.read_parquet(results / "expectations.parquet").set_index("check_name")
    assert checks["passed"].to_dict() == {
        "runs are few": True,
        "check() ends without an error": False,
    }
    for figure in ("raster", "broken", "unreadable"):
        for ending in ("png", "svg"):
            assert (results / "figures" / f"{figure}.{ending}").stat().st_size > 500
    assert len(pd.read_parquet(project.path("results/two/runs.parquet"))) == 2
    page = project.path("results/report.html").read_text()
    for error in errors_of(project).values():
        assert error.replace("'", "&#39;").replace(">", "&gt;") in page


@pytest.mark.slow
def test_what_still_fails_is_tried_again_and_what_was_mended_is_made(broken):
    project, _ = broken
    before = project.stamps("*/runs/*.zip", "*/*.parquet", "*/figures/*")
    said = project.snakemake(fails=True)
    assert said.count("KeyError: 'i_ofset'") == 2 and "ValueError" not in said
    after = project.stamps("*/runs/*.zip")
    assert {name: before[name] for name in after} == after

    project.edit("experiments/one/figures/broken.py", 'tables.runs["i_ofset"]', "Figure()")
    project.edit(
        "experiments/one/figures/broken.py",
        "CAPTION",
        "from matplotlib.figure import Figure\nCAPTION",
    )
    project.edit("experiments/one/figures/unreadable.py", "swept\n", "swept):\n    return FIGURE\n")
    project.path("experiments/one/expectation.py").write_text("def check(tables):\n    return []\n")
    project.edit("experiments/one/metrics.py", "FACTOR = None", "FACTOR = 1.0")
    before = project.stamps("*/runs/*.zip", "two/*.parquet", "two/figures/*", "one/spikes.parquet")
    project.snakemake(fails=True)
    assert set(errors_of(project)) == {("run", "nest"), ("figure", "unreadable")}
    after = project.stamps("*/runs/*.zip", "two/*.parquet", "two/figures/*", "one/spikes.parquet")
    assert after == before

    project.path("experiments/one/figures/unreadable.py").unlink()
    project.edit("experiments/one/experiment.py", FAILING_RUNS, "")
    said = project.snakemake()
    assert "7 of 7 runs done, 0 failed: see" in said
    assert errors_of(project) == {}
    assert "Nothing to be done" in project.snakemake()


@pytest.mark.slow
def test_failed_runs_alone_are_said_each_time(empty_project):
    folder = empty_project.add("one")
    empty_project.edit(
        "experiments/one/experiment.py", "    time.sleep", FAILING_RUNS + "    time.sleep"
    )
    for _ in range(2):
        said = empty_project.snakemake(fails=True)
        assert "1 of 2 runs done, 1 failed: see results/report.html" in said
    assert (folder.parent.parent / "results" / "report.html").is_file()
