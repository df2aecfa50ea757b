"""The whole way from a sweep to the report, on both backends."""

from __future__ import annotations

import pandas as pd
from rocrate.rocrate import ROCrate

from pipelines import backends
from pipelines.conformance import suite
from pipelines.conformance.support.rows import rows_of


def test_one_command_makes_tables_figures_and_report(empty_project):
    empty_project.add("tiny")
    # Some checks stand for all, which `tests/conformance` carries out.
    asked = ("profile=both", "conformance=true", "checks=poisson")
    said = empty_project.snakemake("--config", *asked)
    names, rows = suite.names("poisson"), [one.key for one in rows_of("poisson")]
    results = empty_project.path("results")

    runs = pd.read_parquet(results / "tiny" / "runs.parquet")
    assert list(runs["backend"]) == ["nest", "brian2"] * 2
    assert set(runs["status"]) == {"done"}
    metrics = pd.read_parquet(results / "tiny" / "metrics.parquet")
    assert set(metrics["run_id"]) == set(runs["run_id"])
    verdicts = pd.read_parquet(results / "tiny" / "verdicts.parquet")
    # At one point nothing spikes, and nothing else is recorded.
    spikes = verdicts["n_spikes_a"] > 0
    assert spikes.any() and set(verdicts["verdict"][spikes]) == {"identical"}
    assert set(verdicts["verdict"][~spikes]) <= {"undecided"}
    assert (results / "tiny" / "figures" / "bars.png").read_bytes().startswith(b"\x89PNG")
    assert "<svg" in (results / "tiny" / "figures" / "bars.svg").read_text()
    assert (results / "tiny" / "figures" / "bars.pdf").read_bytes().startswith(b"%PDF")
    caption = (results / "tiny" / "figures" / "bars.txt").read_text().strip()
    assert caption.startswith("Number of spikes") and caption.endswith("profile both.")
    report = (results / "report.html").read_text()
    assert "tiny" in report and caption in report

    checks = pd.read_parquet(results / "conformance.parquet")
    assert set(checks["check_name"]) == set(names)
    assert (checks.groupby("check_name")["backend"].nunique() == 2).all()
    assert checks["expected"].all(), checks[~checks["expected"]].to_string()
    assert f"All {len(names)} checks" in report and "Not checked" not in report
    support = pd.read_parquet(results / "support.parquet")
    assert set(support["kind"] + ": " + support["name"]) == set(rows)
    assert set(support["backend"]) == set(backends.names())
    assert support["conforms"].all(), support[~support["conforms"]].to_string()
    assert f"All {len(rows)} constructs" in report

    assert "tiny  4 of 4 runs done (nest 2/2, brian2 2/2), 0 failed" in said
    assert "4 of 4 runs done, 0 failed: see results/report.html" in said.splitlines()
    # Lines that Snakemake writes at every job would bury the progress of the runs.
    assert "Select jobs" not in said and "Execute " not in said
    steps = {"gather", "compare", "expect", "figures", "simulate"}
    assert steps <= {p.stem for p in (results / "tiny" / "logs").iterdir()}
    assert steps <= {p.stem for p in (results / "tiny" / "benchmarks").iterdir()}


def test_the_report_says_that_the_backends_were_not_checked(project):
    assert not project.path("results/conformance.parquet").exists()
    report = project.path("results/report.html").read_text()
    assert "Not checked: the conformance suite" in report


def test_a_failed_run_costs_that_run_only(empty_project):
    empty_project.add("tiny")
    empty_project.edit(
        "experiments/tiny/experiment.py",
        "    time.sleep(",
        "    if parameters.i_offset == 1.0:\n"
        '        raise ValueError("too much current")\n'
        "    time.sleep(",
    )
    said = empty_project.snakemake(fails=True)
    runs = pd.read_parquet(empty_project.path("results/tiny/runs.parquet"))
    assert list(runs["status"]) == ["done", "failed"]
    assert "too much current" in runs["error"].iloc[1]
    assert "too much current" in said
    assert "1 of 2 runs done, 1 failed: see results/report.html" in said
    assert "too much current" in empty_project.path("results/report.html").read_text()
    crate = ROCrate(empty_project.path("results/tiny"))
    failed = crate.get(f"#run/{runs['run_id'].iloc[1]}")
    assert failed["error"] == runs["error"].iloc[1] and failed["endTime"] > failed["startTime"]
    copied = empty_project.path("results/tiny/source/experiments/tiny/experiment.py")
    assert "too much current" in copied.read_text()
