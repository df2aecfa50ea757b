"""All checks on all modules, carried out once for the tests of this folder."""

import pytest

from pipelines import backends
from pipelines.conformance import run
from pipelines.conformance.support.run import support


@pytest.fixture(scope="session")
def outcomes():
    """Outcomes by (backend, stock, check)."""
    # Those of Brian2 are the long ones, and begin first.
    on = [(name, False) for name in reversed(backends.names())]
    on += [(name, True) for name in reversed([*backends.stock_names().values()])]
    return {(one.backend, one.stock, one.name): one for one in run.run(run.names(), on)}


@pytest.fixture(scope="session")
def matrix():
    """The support matrix: every construct on every backend."""
    return support()
