"""``counterpoint new``: a new experiment from a template."""

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
    "they are; change them into your experiment. Templates: network (Poisson drive, plasticity,\n"
    "inhibition, figures and an expectation), phases (the same with a run in phases), minimal\n"
    "(neurons with given input spikes)."
)
EXAMPLE = "example: counterpoint new my_network --template phases"

TEMPLATES = ("network", "phases", "minimal")
"""Names of the templates; the first is the default."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments and options of the command."""
    parser.add_argument("name", metavar="NAME", help="lower-case letters, digits, underscores")
    parser.add_argument(
        "--template",
        default=TEMPLATES[0],
        metavar="TEMPLATE",
        help=f"{', '.join(TEMPLATES[1:])} or {TEMPLATES[0]}, the default",
    )


def execute(options: argparse.Namespace) -> int:
    """Make the folder and write the next steps."""
    folder = make_experiment(options.name, project_root(), options.template)
    files = sorted(path.name for path in folder.iterdir())
    if options.json:
        write_json({"name": options.name, "folder": str(folder), "files": files})
    else:
        write_lines(
            [
                f"made {folder}",
                f"try one run: counterpoint run {options.name}",
                f"all runs, figures and report: "
                f"snakemake --cores 8 --config experiments='[\"{options.name}\"]'",
                f"then change {', '.join(files)}",
            ]
        )
    return 0


def make_experiment(name: str, root: Path, template: str = TEMPLATES[0]) -> Path:
    """Make ``experiments/<name>`` below `root` from a template, complete or not at all.

    Returns
    -------
    Path
        The new folder.

    Raises
    ------
    BadInput
        If the name is not valid for a Python module, the folder exists, or there is no such
        template.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or keyword.iskeyword(name):
        raise BadInput(
            "NAME",
            f"'{name}' cannot be an experiment's name",
            allowed="a lower-case letter, then lower-case letters, digits, underscores",
        )
    if template not in TEMPLATES:
        raise BadInput("--template", f"there is no '{template}'", given=template, among=TEMPLATES)
    folder = root / "experiments" / name
    if folder.exists():
        raise BadInput("NAME", f"{folder} exists already", allowed="a new name")
    source = resources.files("pipelines.experiment") / "templates" / template
    # Made beside its final place and then renamed: an error leaves no incomplete experiment.
    temporary = Path(tempfile.mkdtemp(prefix=".new-", dir=folder.parent))
    try:
        for file in source.iterdir():
            if file.is_file():
                text = file.read_text(encoding="utf-8").replace("@NAME@", name)
                (temporary / file.name).write_text(text, encoding="utf-8")
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
