"""All checks on all modules, carried out once for the tests of this folder."""

import os

import pytest

from pipelines import backends
from pipelines.conformance import suite
from pipelines.conformance.support.page import read_support
from pipelines.conformance.support.run import support
from pipelines.tables.files import read_table


@pytest.fixture(scope="session")
def outcomes():
    """Outcomes by (backend, stock, check)."""
    # Those of Brian2 are the long ones, and begin first.
    on = [(name, False) for name in reversed(backends.names())]
    on += [(name, True) for name in reversed([*backends.stock_names().values()])]
    return {(one.backend, one.stock, one.name): one for one in suite.run(suite.names(), on)}


@pytest.fixture(scope="session")
def matrix():
    """The support matrix: every construct on every backend.

    Where the workflow has just made the table, by the same code, its path is in the environment.
    """
    file = os.environ.get("COUNTERPOINT_SUPPORT")
    return read_support(read_table(file, "support")) if file else support()
