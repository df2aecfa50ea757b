"""PyNN modules that mean the same thing: ``load("nest")`` and ``load("brian2")``.

Importing this package imports no simulator; `load` does.
"""

from __future__ import annotations

import os
import warnings
from importlib import import_module
from types import ModuleType

from pipelines.errors import BadInput
from pipelines.versions import ALL_BACKENDS, BACKENDS, STOCK_BACKENDS


def load(name: str, stock: bool = False) -> ModuleType:
    """Return a backend: a module with the whole PyNN API.

    Parameters
    ----------
    name
        ``"nest"`` or ``"brian2"``; ``"stock_nest"`` and ``"stock_brian2"`` are the same with
        `stock`.
    stock
        True for the unmodified ``pyNN.nest`` or ``pyNN.brian2``, which stays as it is in
        the same process: every correction is a subclass.

    Raises
    ------
    BadInput
        If no backend has this name.
    ImportError
        If the simulator is not installed.
    """
    if name not in ALL_BACKENDS:
        raise BadInput("backend", f"no backend is called {name!r}", given=name, among=BACKENDS)
    stock = stock or name in STOCK_BACKENDS
    name = STOCK_BACKENDS.get(name, name)
    # Read by NEST when it is first imported: no welcome banner on every worker's output.
    os.environ.setdefault("PYNEST_QUIET", "1")
    with warnings.catch_warnings():
        # pyNN.nest looks for a compiler set-up of its optional extensions and uses a setting
        # that NEST 3.10 deprecates; a user can act on neither.
        warnings.filterwarnings("ignore", message="(?s).*(nest-config|cmake|NEST extensions)")
        warnings.filterwarnings("ignore", message="\\s*Provided for backward compatibility")
        module = f"pyNN.{name}" if stock else f"pipelines.backends.{name}"
        return import_module(module)
