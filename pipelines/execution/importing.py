"""Importing a backend for a process that does nothing but simulate: quickly, and quietly."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

# Simulators import these, if they can, for tables and plots that no run uses; it takes longer
# than the simulator itself, and makes each fork copy a third more. An experiment may import them.
_FOR_PEOPLE = ("pandas", "matplotlib")


def import_backend(backend: str) -> ModuleType:
    """Import all that a child will need, so that no child has to."""
    import pyarrow.compute
    import pyarrow.parquet  # noqa: F401

    import pipelines.execution.simulate
    import pipelines.tables.files  # noqa: F401
    from pipelines import backends

    with _hidden(*_FOR_PEOPLE):
        sim: ModuleType = backends.load(backend)
        from pipelines.backends import collect  # noqa: F401

    _quieten_brian2()
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


def _quieten_brian2() -> None:
    """Stop Brian2's log of everything into a temporary file: it is slow, and nobody reads it."""
    module = sys.modules.get("brian2.utils.logger")
    if module is None:
        return
    brian2 = logging.getLogger("brian2")
    brian2.setLevel(logging.WARNING)
    # It warns of objects that no network ever held: those of a set-up that the next one discards.
    logging.getLogger("brian2.core.base").setLevel(logging.ERROR)
    if module.BrianLogger.file_handler is not None:
        brian2.removeHandler(module.BrianLogger.file_handler)
        module.BrianLogger.file_handler.close()
        module.BrianLogger.file_handler = None
