"""The whole way from a sweep to the report, on both backends."""

from __future__ import annotations

import pandas as pd


def test_one_command_makes_tables_figures_and_report(empty_project):
    empty_project.add("tiny")
    said = empty_project.snakemake("--config", "profile=both")
    results = empty_project.path("results")

    runs = pd.read_parquet(results / "tiny" / "runs.parquet")
    assert list(runs["backend"]) == ["nest", "brian2"] * 2
    assert set(runs["status"]) == {"done"}
    metrics = pd.read_parquet(results / "tiny" / "metrics.parquet")
    assert set(metrics["run_id"]) == set(runs["run_id"])
    verdicts = pd.read_parquet(results / "tiny" / "verdicts.parquet")
    assert set(verdicts["verdict"]) == {"identical"}
    assert (results / "tiny" / "figures" / "bars.png").read_bytes().startswith(b"\x89PNG")
    assert "<svg" in (results / "tiny" / "figures" / "bars.svg").read_text()
    assert "tiny" in (results / "report.html").read_text()

    assert "tiny  4 of 4 runs done (nest 2/2, brian2 2/2), 0 failed" in said
    assert "4 of 4 runs done, 0 failed: see results/report.html" in said.splitlines()
    # Lines that Snakemake writes at every job would bury the progress of the runs.
    assert "Select jobs" not in said and "Execute " not in said
    steps = {"gather", "analyse", "compare", "expect", "figures", "simulate"}
    assert steps <= {p.stem for p in (results / "tiny" / "logs").iterdir()}
    assert steps <= {p.stem for p in (results / "tiny" / "benchmarks").iterdir()}


def test_a_failed_run_costs_that_run_only(empty_project):
    empty_project.add("tiny")
    empty_project.edit(
        "experiments/tiny/experiment.py",
        "    time.sleep(",
        "    if parameters.i_offset == 1.0:\n"
        '        raise ValueError("too much current")\n'
        "    time.sleep(",
    )
    said = empty_project.snakemake()
    runs = pd.read_parquet(empty_project.path("results/tiny/runs.parquet"))
    assert list(runs["status"]) == ["done", "failed"]
    assert "too much current" in runs["error"].iloc[1]
    assert "too much current" in said
    assert "1 of 2 runs done, 1 failed: see results/report.html" in said
    assert "too much current" in empty_project.path("results/report.html").read_text()
