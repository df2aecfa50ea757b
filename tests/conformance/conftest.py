"""All checks on all modules, carried out once for the tests of this folder."""

import pytest

from pipelines.conformance import run

BACKENDS = ("nest", "brian2")


@pytest.fixture(scope="session")
def outcomes():
    """Outcomes by (backend, stock, check)."""
    # Those of Brian2 are the long ones, and begin first.
    on = [(backend, stock) for backend in reversed(BACKENDS) for stock in (False, True)]
    return {(one.backend, one.stock, one.name): one for one in run.run(run.names(), on)}
