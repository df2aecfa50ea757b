"""What the backends give, from the tables that the workflow made or carried out here.

The README's first command makes ``results/conformance.parquet`` and ``results/support.parquet``.
Tables that are newer than the code and the packages they depend on are read; what is missing or
older is carried out.
"""

from importlib.metadata import distribution
from pathlib import Path

import pytest

from pipelines import backends
from pipelines.conformance import suite
from pipelines.conformance.check import Outcome
from pipelines.conformance.support.page import read_support
from pipelines.conformance.support.row import ROWS
from pipelines.conformance.support.run import support
from pipelines.tables.files import read_table

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "results"


def last_change(*names):
    """When the code of the library, or a package of these backends, last changed (s)."""
    files = [path for path in (ROOT / "pipelines").rglob("*") if path.suffix in (".py", ".h")]
    for name in names:
        for package in backends.get(name).packages:
            recorded = distribution(package).files or ()
            files += [Path(file.locate()) for file in recorded if file.name == "METADATA"]
    return max(file.stat().st_mtime for file in files if file.exists())


def is_current(file, *names):
    """Whether a table was made after the last change of what it depends on."""
    return file.exists() and file.stat().st_mtime > last_change(*names)


def stored_outcomes(backend):
    """Outcomes of one backend as the workflow stored them; none if they are not of this code."""
    file = RESULTS / "conformance.parquet" / f"{backend}.parquet"
    if not is_current(file, backend):
        return []
    found = [
        Outcome(
            row.check_name, row.known_difference, row.backend, False, row.outcome, row.deviation,
            row.tolerance, row.detail,
        )
        for row in read_table(file, "conformance").itertuples()
    ]  # fmt: skip
    # A workflow that was asked for some of the checks stores those only.
    return found if {one.name for one in found} == set(suite.names()) else []


@pytest.fixture(scope="session")
def outcomes():
    """Outcomes of our backends by (backend, check)."""
    stored = {name: stored_outcomes(name) for name in backends.names()}
    # Those of Brian2 take longest, and begin first.
    missing = [(name, False) for name in reversed(backends.names()) if not stored[name]]
    carried_out = suite.run(suite.names(), missing) if missing else []
    found = [*carried_out, *(one for of_backend in stored.values() for one in of_backend)]
    return {(one.backend, one.name): one for one in found}


@pytest.fixture(scope="session")
def stock_outcomes():
    """Outcomes of the stock modules by (backend, check), always carried out."""
    on = [(name, True) for name in reversed([*backends.stock_names().values()])]
    return {(one.backend, one.name): one for one in suite.run(suite.names(), on)}


@pytest.fixture(scope="session")
def matrix():
    """The support matrix: every construct on every backend."""
    file = RESULTS / "support.parquet"
    if is_current(file, *backends.names()):
        found = read_support(read_table(file, "support"))
        if {one.key for one in found} == set(ROWS):
            return found
    return support()
