"""All backends give what closed forms and the reference say, or refuse as the register says."""

import pytest

from pipelines import backends
from pipelines.conformance import register, suite


@pytest.mark.parametrize("name", suite.names())
@pytest.mark.parametrize("backend", backends.names())
def test_backend_conforms(outcomes, backend, name):
    outcome = outcomes[backend, name]
    expected = "refused" if register.is_refused(backend, name) else "passed"
    assert outcome.outcome == expected, outcome.detail
    assert register.is_expected(outcome)
