"""The register: every row is watched, every check has its row, and the page is what it gives."""

from pathlib import Path

import pytest

from pipelines import backends, differences
from pipelines.conformance import register
from pipelines.conformance.check import CHECKS, Outcome
from pipelines.differences import AGREES, REFUSED, SEVERITIES

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "pipelines" / "conformance" / "DIFFERENCES.md"


@pytest.mark.parametrize("row", differences.known())
def test_every_row_has_a_check(row):
    assert register.checks_of(row)


def test_every_check_has_its_row():
    assert {case.row for case in CHECKS.values()} <= set(differences.known())


def test_no_row_comes_twice():
    rows = [known.name for one in differences.subjects() for known in one.differences]
    assert len(rows) == len(set(rows))


@pytest.mark.parametrize("known", differences.known().values(), ids=differences.known())
def test_a_row_is_whole(known):
    folder = Path(backends.__file__).parent
    assert all((folder / module).is_file() for module in known.modules)
    assert set(known.severity) <= set(SEVERITIES)
    named = {
        name
        for by_backend in (known.stock_failures, known.stock_failures_numpy_2, known.refused)
        for names in by_backend.values()
        for name in names
    }
    assert named <= set(register.checks_of(known.name))
    refusable = {name for names in known.refused.values() for name in names}
    assert all(CHECKS[name].refusable for name in refusable)
    if known.state == AGREES:
        assert not known.stock_failures and not known.modules
    else:
        # A check that no stock module fails would not see the difference.
        assert known.stock_failures and known.modules and known.correction
    assert bool(known.refused) == (known.state not in (AGREES, "reconciled"))
    if known.state == REFUSED:
        refused = set(known.refused["nest"]) | set(known.refused["brian2"])
        assert refused == set(register.checks_of(known.name))


def test_the_page_is_up_to_date():
    assert PAGE.read_text(encoding="utf-8") == register.page(), (
        f"run: counterpoint conformance --register {PAGE.relative_to(ROOT)}"
    )


@pytest.mark.parametrize(
    ("name", "backend", "outcome", "expected"),
    [
        ("regular_firing", "nest", "passed", True),
        ("regular_firing", "nest", "failed", False),
        ("regular_firing", "nest", "refused", False),
        ("duration_off_the_grid", "nest", "refused", True),
        ("duration_off_the_grid", "nest", "error", False),
        ("direct_current_from_the_start", "brian2", "refused", False),
    ],
)
def test_only_refusals_of_the_register_are_expected(name, backend, outcome, expected):
    one = Outcome(name, CHECKS[name].row, backend, False, outcome, None, 1e-9, "")
    assert register.is_expected(one) == expected
