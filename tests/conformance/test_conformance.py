"""Both backends give what closed forms and the reference say, or refuse as the register says."""

import pytest

from pipelines.conformance import register, run

BACKENDS = ("nest", "brian2")


@pytest.mark.parametrize("name", run.names())
@pytest.mark.parametrize("backend", BACKENDS)
def test_backend_conforms(outcomes, backend, name):
    outcome = outcomes[backend, False, name]
    expected = "refused" if register.is_refused(backend, name) else "passed"
    assert outcome.outcome == expected, outcome.detail
    assert register.is_expected(outcome)
