"""Calling Snakemake on a project from Python, and what a process needs to import the library."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from pipelines.errors import BadInput

PACKAGE = Path(__file__).resolve().parent
# The folder that holds the package, and of a clone the rest of the project.
LIBRARY = PACKAGE.parent


def python_path() -> str:
    """A PYTHONPATH under which other processes import this library, whatever else they do."""
    return os.pathsep.join(filter(None, [str(LIBRARY), os.environ.get("PYTHONPATH", "")]))


def environment(root: Path) -> dict[str, str]:
    """Environment of a process that works on the project in `root`."""
    return os.environ | {"PYTHONPATH": python_path(), "COUNTERPOINT_ROOT": str(root)}


def sweep_command(root: Path, cores: str, settings: Mapping[str, str]) -> list[str]:
    """The command that carries out a project's sweeps and makes their tables.

    Parameters
    ----------
    root
        The project's folder, in which the command is to be run.
    cores
        Processes at the same time, or ``all``.
    settings
        Of the workflow, as for Snakemake's ``--config``.

    Raises
    ------
    BadInput
        If neither the project nor the library has a workflow.
    """
    command = [sys.executable, "-m", "snakemake", "--cores", cores, "sweep"]
    given = [f"{name}={value}" for name, value in settings.items()]
    return [*command, "--snakefile", str(_snakefile(root)), "--config", *given]


def _snakefile(root: Path) -> Path:
    """The workflow of the project, or that beside the library for a project without one."""
    found = [folder / "workflow" / "Snakefile" for folder in (root, LIBRARY)]
    for path in found:
        if path.exists():
            return path
    raise BadInput("workflow", f"there is no {found[0]}", "a clone of the project, with its rules")
