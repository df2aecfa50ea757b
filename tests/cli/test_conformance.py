"""The command `conformance`: outcomes as a table or JSON, exit codes, the register's page."""

import pytest

from pipelines.conformance import register, run
from pipelines.conformance.check import CHECKS, Outcome


@pytest.fixture
def suite(monkeypatch):
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

    monkeypatch.setattr(run, "run", pretend)
    return given


def test_on_a_real_backend(counterpoint):
    answer = counterpoint("conformance", "spike_at_the_end", "--backend", "nest", "--json")
    assert answer.code == 0
    assert answer.json["conforms"] is True
    [outcome] = answer.json["outcomes"]
    assert (outcome["outcome"], outcome["row"], outcome["expected"]) == (
        "passed", "spike stamp", True,
    )  # fmt: skip


def test_all_is_well(counterpoint, suite):
    suite["duration_off_the_grid", "nest", False] = "refused"
    answer = counterpoint("conformance")
    assert answer.code == 0
    assert f"nest: {len(CHECKS) - 1} passed, 1 refused" in answer.out
    assert f"brian2: {len(CHECKS)} passed" in answer.out


def test_what_fails_is_shown_and_the_code_is_1(counterpoint, suite):
    suite["regular_firing", "brian2", False] = "failed"
    answer = counterpoint("conformance", "firing")
    assert answer.code == 1
    assert "FAILED" in answer.out
    assert "regular_firing on brian2  failed  9.4, expected 9.5" in answer.out


def test_a_refusal_that_the_register_does_not_list_is_not_well(counterpoint, suite):
    suite["duration_off_the_grid", "nest", False] = "refused"
    suite["direct_current_from_the_start", "brian2", False] = "refused"
    answer = counterpoint("conformance", "--json")
    assert answer.code == 1
    wrong = [o for o in answer.json["outcomes"] if not o["expected"]]
    assert [(o["name"], o["backend"]) for o in wrong] == [
        ("direct_current_from_the_start", "brian2")
    ]


def test_what_stock_fails_is_no_failure(counterpoint, suite):
    suite["regular_firing", "brian2", True] = "failed"
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
def test_bad_input_is_one_line_and_code_2(counterpoint, suite, arguments, part):
    answer = counterpoint("conformance", *arguments)
    assert answer.code == 2 and answer.out == ""
    assert part in answer.err
    assert answer.err.count("\n") == 1


def test_the_register_is_written(counterpoint, root):
    answer = counterpoint("conformance", "--register", "page.md")
    assert answer.code == 0
    assert (root / "page.md").read_text(encoding="utf-8") == register.page()
