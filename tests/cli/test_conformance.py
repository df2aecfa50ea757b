"""The command `conformance`: outcomes as a table or JSON, exit codes, the register's page."""

import pytest

from pipelines import backends
from pipelines.conformance import register, suite
from pipelines.conformance.check import CHECKS, Outcome
from pipelines.conformance.support import run as matrix
from pipelines.conformance.support.outcome import Support
from pipelines.conformance.support.rows import rows_of


@pytest.fixture
def outcomes(monkeypatch):
    """No simulator: what the suite gives is set here, by check and backend."""
    given = {}

    def pretend(selected, on, target="numpy", workers=2, log=None):
        return [
            Outcome(
                name, CHECKS[name].row, backend, stock,
                given.get((name, backend, stock), "passed"), 0.0, 1e-9, "9.4, expected\n9.5",
            )
            for backend, stock in on
            for name in selected
        ]  # fmt: skip

    def pretend_matrix(rows=None, on=None, target="numpy"):
        return [
            Support(
                one.kind, one.name, backend, given.get((one.key, backend), "exact"), "", None,
                "v: -65, expected -60" if (one.key, backend) in given else "",
            )
            for one in (rows_of() if rows is None else rows)
            for backend in on or backends.names()
        ]  # fmt: skip

    monkeypatch.setattr(suite, "run", pretend)
    monkeypatch.setattr(matrix, "support", pretend_matrix)
    return given


def test_on_a_real_backend(counterpoint):
    answer = counterpoint("conformance", "spike_at_the_end", "--backend", "nest", "--json")
    assert answer.code == 0
    assert answer.json["conforms"] is True
    [outcome] = answer.json["outcomes"]
    assert (outcome["outcome"], outcome["row"], outcome["expected"]) == (
        "passed", "spike stamp", True,
    )  # fmt: skip


def test_all_is_well(counterpoint, outcomes):
    outcomes["duration_off_the_grid", "nest", False] = "refused"
    answer = counterpoint("conformance")
    assert answer.code == 0
    assert f"nest: {len(CHECKS) - 1} passed, 1 refused" in answer.out
    assert f"brian2: {len(CHECKS)} passed" in answer.out


def test_what_fails_is_shown_and_the_code_is_1(counterpoint, outcomes):
    outcomes["regular_firing", "brian2", False] = "failed"
    answer = counterpoint("conformance", "firing")
    assert answer.code == 1
    assert "FAILED" in answer.out
    assert "regular_firing on brian2  failed  9.4, expected 9.5" in answer.out


def test_a_refusal_that_the_register_does_not_list_is_not_well(counterpoint, outcomes):
    outcomes["duration_off_the_grid", "nest", False] = "refused"
    outcomes["direct_current_from_the_start", "brian2", False] = "refused"
    answer = counterpoint("conformance", "--json")
    assert answer.code == 1
    wrong = [o for o in answer.json["outcomes"] if not o["expected"]]
    assert [(o["name"], o["backend"]) for o in wrong] == [
        ("direct_current_from_the_start", "brian2")
    ]


def test_what_stock_fails_is_no_failure(counterpoint, outcomes):
    outcomes["regular_firing", "brian2", True] = "failed"
    answer = counterpoint("conformance", "regular_firing", "--stock")
    assert answer.code == 0
    assert "stock brian2: 1 failed" in answer.out


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["regular_fring"], "did you mean 'regular_firing'?"),
        (["--backend", "brian"], "did you mean 'brian2'?"),
        (["--target", "cpp"], "--target: there is no 'cpp'; allowed: numpy, cython"),
        (["one_pair", "--register", "page.md"], "--register: writes the whole page"),
    ],
)
def test_bad_input_is_one_line_and_code_2(counterpoint, outcomes, arguments, part):
    answer = counterpoint("conformance", *arguments)
    assert answer.code == 2 and answer.out == ""
    assert part in answer.err
    assert answer.err.count("\n") == 1


def test_the_register_is_written(counterpoint, root):
    answer = counterpoint("conformance", "--register", "page.md")
    assert answer.code == 0
    assert (root / "page.md").read_text(encoding="utf-8") == register.page()


def test_rows_of_the_matrix_are_run_too(counterpoint):
    answer = counterpoint("conformance", "source: DCSource: from t = 0", "--json")
    assert answer.code == 0 and answer.json["outcomes"] == []
    assert {one["backend"]: one["outcome"] for one in answer.json["support"]} == {
        "nest": "exact", "brian2": "exact", "reference": "basis",
    }  # fmt: skip


def test_a_row_that_is_wrong_is_shown_and_the_code_is_1(counterpoint, outcomes):
    outcomes["cell: HH_cond_exp", "brian2"] = "wrong"
    outcomes["cell: HH_cond_exp", "nest"] = "refused"
    answer = counterpoint("conformance", "HH_cond_exp")
    assert answer.code == 1
    assert "cell: HH_cond_exp on brian2  wrong  v: -65," in answer.out
    assert "    nest: v: -65, expected -60" in answer.out and "WRONG" in answer.out


def test_the_matrix_is_written_as_a_page(counterpoint, outcomes, root):
    answer = counterpoint("conformance", "--support", "page.md")
    assert answer.code == 0
    assert "| IF_curr_exp | exact | exact | exact |" in (root / "page.md").read_text()
