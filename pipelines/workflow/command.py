"""The call of Snakemake on a project from Python."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pipelines.errors import BadInput
from pipelines.installation import LIBRARY, python_path

SAID = "said"
"""Note of an interruption whose line is written already."""


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
        Settings of the workflow, as for Snakemake's ``--config``.

    Raises
    ------
    BadInput
        If neither the project nor the library has a workflow.
    """
    command = [sys.executable, "-m", "snakemake", "--cores", cores, "sweep"]
    given = [f"{name}={value}" for name, value in settings.items()]
    return [*command, "--snakefile", str(_snakefile(root)), "--config", *given]


def carry_out(root: Path, cores: str, settings: Mapping[str, str]) -> int:
    """Run `sweep_command` and wait for its end, with all output of Snakemake on stderr.

    Parameters are those of `sweep_command`.

    Returns
    -------
    int
        Snakemake's exit code.

    Raises
    ------
    BadInput
        If neither the project nor the library has a workflow.
    """
    process = subprocess.Popen(
        sweep_command(root, cores, settings),
        cwd=root,
        stdout=sys.stderr.fileno(),
        env=environment(root),
    )
    try:
        with interrupted_together(process):
            return process.wait()
    except (KeyboardInterrupt, SystemExit) as interruption:
        # Snakemake has said how to go on.
        interruption.add_note(SAID)
        raise


@contextmanager
def interrupted_together(process: subprocess.Popen[Any]) -> Iterator[None]:
    """Interrupt Snakemake, and wait for its end, when this process is interrupted in the block."""
    try:
        yield
    except (KeyboardInterrupt, SystemExit) as interruption:
        # Snakemake takes a signal that it has had already for the same interruption.
        is_ctrl_c = isinstance(interruption, KeyboardInterrupt)
        process.send_signal(signal.SIGINT if is_ctrl_c else signal.SIGTERM)
        process.wait()
        raise


def _snakefile(root: Path) -> Path:
    """The workflow of the project, or that beside the library for a project without one."""
    found = [folder / "workflow" / "Snakefile" for folder in (root, LIBRARY)]
    for path in found:
        if path.exists():
            return path
    raise BadInput("workflow", f"there is no {found[0]}", "a clone of the project, with its rules")
