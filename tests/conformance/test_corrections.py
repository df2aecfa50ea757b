"""With a row's correction taken out, its check fails: it is the correction that mends it."""

import pytest

from pipelines import backends, differences
from pipelines.conformance.check import CHECKS
from pipelines.execution.child_process import each_in_fresh
from tests.conformance import ablations

pytestmark = pytest.mark.slow

BACKENDS = tuple(backends.stock_names().values())
ALL = [one for backend in BACKENDS for one in ablations.all_of(backend)]


@pytest.fixture(scope="module")
def without_it():
    """Outcomes by (row, backend, check): a fresh process a backend, a fork an ablation."""
    # Not from this process, which may have imported both simulators.
    found = each_in_fresh(ablations.perform_all, [(backend,) for backend in BACKENDS], 2)
    performed = [outcome for outcomes in found for outcome in outcomes]
    return {
        (one.row, one.backend, one.check): outcome
        for one, outcome in zip(ALL, performed, strict=True)
    }


@pytest.mark.parametrize("row", differences.known())
def test_every_row_can_be_taken_out(row):
    rows = {one.row for one in ALL}
    assert (row in rows) != (row in ablations.IMPOSSIBLE)


@pytest.mark.parametrize("one", ALL, ids=lambda one: f"{one.backend}-{one.check}")
def test_without_the_correction_the_check_fails(without_it, one):
    assert CHECKS[one.check].row == one.row
    outcome = without_it[one.row, one.backend, one.check]
    assert "the process ended" not in outcome.detail, "the ablation itself does not work any more"
    if outcome.detail.startswith("AttributeError"):
        shown = differences.known()[one.row].stock_failures[one.backend][one.check]
        assert "AttributeError" in shown, "the ablation itself misses something"
    assert outcome.outcome in ("failed", "error"), (
        f"{one.row!r} on {one.backend}: {one.check} still gives {outcome.outcome}: {outcome.detail}"
    )
