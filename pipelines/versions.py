"""Which backends there are, and which versions of their libraries are installed."""

from __future__ import annotations

import platform
from collections.abc import Iterable
from functools import cache
from importlib import metadata

BACKENDS = ("nest", "brian2")
# The unmodified modules of PyNN, for sweeps that show what conformance changes.
STOCK_BACKENDS = {"stock_nest": "nest", "stock_brian2": "brian2"}
ALL_BACKENDS = (*BACKENDS, *STOCK_BACKENDS)

# Everything whose version can move a bit of a result, by backend.
_DISTRIBUTIONS = {
    "nest": ("PyNN", "nest-simulator", "numpy"),
    "brian2": ("PyNN", "Brian2", "Cython", "sympy", "numpy"),
}

# Everything a reader of the report wants to know.
_STACK = (
    "PyNN", "nest-simulator", "Brian2", "numpy", "snakemake", "pandas", "pyarrow", "seaborn",
    "matplotlib",
)  # fmt: skip


def in_order(backends: Iterable[str]) -> list[str]:
    """Backends in the order in which they are compared, drawn and listed; others come last."""
    present = set(backends)
    known = [name for name in ALL_BACKENDS if name in present]
    return known + sorted(present - set(known))


@cache
def installed(distribution: str) -> str:
    """Version of a distribution, or ``"not installed"``."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "not installed"


def of_backend(backend: str) -> dict[str, str]:
    """Versions of all that takes part in a run on `backend`, Python included."""
    simulator = STOCK_BACKENDS.get(backend, backend)
    versions = {name: installed(name) for name in _DISTRIBUTIONS[simulator]}
    versions["Python"] = platform.python_version()
    return versions


def of_stack() -> dict[str, str]:
    """Versions of the whole stack, for reports."""
    return {"Python": platform.python_version()} | {name: installed(name) for name in _STACK}
