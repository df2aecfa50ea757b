"""Importing a backend into a process that only simulates, without its optional imports.

Packages that a simulator imports if they are there, for tables and plots, are hidden from it. A
small run on Brian2 takes 15 % less with that (``counterpoint bench sweep``): each run is a fork,
which copies an entry for every page that its parent has.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType


def import_backend(backend: str) -> ModuleType:
    """Import a backend and all modules that its forked runs need, and return the backend."""
    import pyarrow.compute
    import pyarrow.parquet  # noqa: F401

    import pipelines.execution.simulate
    import pipelines.tables.files  # noqa: F401
    from pipelines import backends

    # Hidden only during the import: an experiment may import them.
    description = backends.get(backend)
    with _hidden(*description.spared_imports):
        sim: ModuleType = backends.load(backend)
        from pipelines.backends import collect  # noqa: F401

    description.quieten()
    return sim


@contextmanager
def _hidden(*names: str) -> Iterator[None]:
    """Make imports of these packages fail within the block, as if they were not installed."""
    hidden = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]
