"""The stock modules still show what the register says, and nothing that it does not."""

import numpy as np
import pytest

from pipelines import backends, differences
from pipelines.conformance.check import CHECKS

pytestmark = pytest.mark.slow

NUMPY_2 = int(np.__version__.split(".")[0]) >= 2
SHOWN = [
    (known, backend, name, text)
    for known in differences.known().values()
    for listed in (known.stock_failures, known.stock_failures_numpy_2 if NUMPY_2 else {})
    for backend, shown in listed.items()
    for name, text in shown.items()
]


@pytest.mark.parametrize(
    ("known", "backend", "name", "text"), SHOWN, ids=[f"{b}-{n}" for _, b, n, _ in SHOWN]
)
def test_stock_still_shows_it(stock_outcomes, known, backend, name, text):
    outcome = stock_outcomes[backend, name]
    modules = ", ".join(f"pipelines/backends/{module}" for module in known.modules)
    assert outcome.outcome in ("failed", "error"), (
        f"stock {backend} passes {name}: if no other check of {known.name!r} fails any more,"
        f" its correction in {modules} can go"
    )
    assert text in outcome.detail, f"stock {backend} gives something else: {outcome.detail}"


@pytest.mark.parametrize("backend", backends.stock_names().values())
def test_the_register_knows_all_that_stock_fails(stock_outcomes, backend):
    known = {name for _, where, name, _ in SHOWN if where == backend}
    failed = {
        name: stock_outcomes[backend, name].detail
        for name in CHECKS
        if stock_outcomes[backend, name].outcome != "passed" and name not in known
    }
    assert failed == {}
