"""Importing a backend for a process that does nothing but simulate: quickly, and quietly.

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
    """Import all that a child will need, so that no child has to."""
    import pyarrow.compute
    import pyarrow.parquet  # noqa: F401

    import pipelines.execution.simulate
    import pipelines.tables.files  # noqa: F401
    from pipelines import backends

    # An experiment may import them.
    description = backends.get(backend)
    with _hidden(*description.spared_imports):
        sim: ModuleType = backends.load(backend)
        from pipelines.backends import collect  # noqa: F401

    description.quieten()
    return sim


@contextmanager
def _hidden(*names: str) -> Iterator[None]:
    """Let imports within this block fail, as if these packages were not installed."""
    hidden = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]
