"""Versions of the installed libraries."""

from __future__ import annotations

import platform
from functools import cache
from importlib import metadata

from pipelines import backends

# Everything else that a reader of the report wants to know.
_REST = ("snakemake", "pandas", "pyarrow", "seaborn", "matplotlib")


@cache
def installed(distribution: str) -> str:
    """Version of a distribution, or ``"not installed"``."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "not installed"


def of_backend(backend: str) -> dict[str, str]:
    """Versions of the simulator, its libraries and Python in a run on `backend`."""
    versions = {name: installed(name) for name in backends.get(backend).packages}
    versions["Python"] = platform.python_version()
    return versions


def of_stack() -> dict[str, str]:
    """Versions of the whole stack, for reports."""
    simulators = [name for backend in backends.descriptions().values() for name in backend.packages]
    names = dict.fromkeys([*simulators, *_REST])
    return {"Python": platform.python_version()} | {name: installed(name) for name in names}
