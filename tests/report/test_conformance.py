"""What the report says about the backends: check by check, and loudly where one fails."""

import pandas as pd

from pipelines.report.conformance import conformance_of
from pipelines.report.page import render
from pipelines.tables.files import write_table


def outcomes(backend, *kinds):
    return pd.DataFrame(
        {
            "check_name": f"check_{k}",
            "known_difference": "refractory period",
            "backend": backend,
            "outcome": kind,
            "expected": kind in ("passed", "refused"),
            "deviation": float("nan") if kind == "refused" else 0.5,
            "tolerance": 1e-9,
            "detail": "191.8, expected <193.5>",
        }
        for k, kind in enumerate(kinds)
    )


def written(folder, **by_backend):
    for backend, kinds in by_backend.items():
        path = folder / "conformance.parquet" / f"{backend}.parquet"
        write_table("conformance", outcomes(backend, *kinds), path)
    return conformance_of(folder, ["brian2", "nest"])


def test_without_a_table_the_page_says_that_nothing_was_checked(tmp_path):
    assert conformance_of(tmp_path, ["nest"]) is None
    page = render([], None)
    assert "Not checked: the conformance suite" in page
    assert "All 0 checks" not in page


def test_a_backend_that_was_not_checked_is_named(tmp_path):
    found = written(tmp_path, nest=["passed"])
    assert found.summary == "NEST: 1 passed; Brian2: not checked"
    assert "Brian2: not checked" in render([], found)


def test_all_as_it_should_be(tmp_path):
    found = written(tmp_path, nest=["passed", "refused"], brian2=["passed", "passed"])
    assert found.backends == ("nest", "brian2")
    assert found.summary == "NEST: 1 passed, 1 refused; Brian2: 2 passed"
    page = render([], found)
    assert "Nothing: every run was done" in page
    assert "All 2 checks" in page and "check_1" in page
    assert "Not checked" not in page


def test_what_fails_is_named_with_the_command(tmp_path):
    found = written(tmp_path, nest=["passed", "failed"], brian2=["passed"])
    page = render([], found)
    assert "Nothing: every run was done" not in page
    assert "counterpoint conformance check_1 --backend nest" in page
    assert "expected &lt;193.5&gt;" in page
    assert found.rows[1]["cells"]["brian2"] is None


def test_only_backends_that_are_used_count(tmp_path):
    written(tmp_path, nest=["passed"], brian2=["failed"])
    assert conformance_of(tmp_path, ["nest"]).unexpected == []


def test_the_table_is_one_for_those_who_read_it_as_a_folder(tmp_path):
    written(tmp_path, nest=["passed"], brian2=["passed"])
    assert len(pd.read_parquet(tmp_path / "conformance.parquet")) == 2
