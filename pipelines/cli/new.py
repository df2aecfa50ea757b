"""``counterpoint new``: a new experiment that runs as it is."""

from __future__ import annotations

import argparse
import keyword
import os
import re
import shutil
import tempfile
from importlib import resources
from pathlib import Path

from pipelines.cli.output import write_json, write_lines
from pipelines.errors import BadInput
from pipelines.experiment import project_root

SUMMARY = "make a new experiment from a template that runs as it is"
DESCRIPTION = (
    "Make the folder experiments/NAME with experiment.py, sweep.yaml and README.md. They run as\n"
    "they are; change them into your experiment."
)
EXAMPLE = "example: counterpoint new my_network"

_FILES = ("experiment.py", "sweep.yaml", "README.md")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("name", metavar="NAME", help="lower-case letters, digits, underscores")


def execute(options: argparse.Namespace) -> int:
    """Make the folder and say what is next."""
    folder = make_experiment(options.name, project_root())
    if options.json:
        write_json({"name": options.name, "folder": str(folder), "files": list(_FILES)})
    else:
        write_lines(
            [
                f"made {folder}",
                f"try it: counterpoint run {options.name}",
                f"then change {', '.join(_FILES)}",
            ]
        )
    return 0


def make_experiment(name: str, root: Path) -> Path:
    """Make ``experiments/<name>`` below `root` from the template, whole or not at all.

    Raises
    ------
    BadInput
        The name cannot be a Python module's, or the folder exists.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or keyword.iskeyword(name):
        raise BadInput(
            "NAME",
            f"'{name}' cannot be an experiment's name",
            allowed="a lower-case letter, then lower-case letters, digits, underscores",
        )
    folder = root / "experiments" / name
    if folder.exists():
        raise BadInput("NAME", f"{folder} exists already", allowed="a new name")
    template = resources.files("pipelines.experiment") / "template"
    # Made beside its place and then renamed: a full disk leaves no half experiment.
    temporary = Path(tempfile.mkdtemp(prefix=".new-", dir=folder.parent))
    try:
        for file in _FILES:
            text = (template / file).read_text(encoding="utf-8").replace("@NAME@", name)
            (temporary / file).write_text(text, encoding="utf-8")
        temporary.chmod(0o777 & ~_umask())
        os.rename(temporary, folder)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    return folder


def _umask() -> int:
    # Can only be read by setting it.
    mask = os.umask(0)
    os.umask(mask)
    return mask
