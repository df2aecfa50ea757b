"""Files of a research object crate that say what was run: the workflow and the experiment."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from pipelines.experiment import Experiment
from pipelines.source_code import files_in

# Folder of the crate that holds them, and the main file in it.
SOURCE = "source"
SNAKEFILE = f"{SOURCE}/workflow/Snakefile"


def sources(experiment: Experiment, workflow: Path) -> dict[str, Path]:
    """Snakefile and rules of the workflow, and all files of an experiment, by their new paths.

    Parameters
    ----------
    experiment
        The experiment.
    workflow
        The folder ``workflow``.

    Returns
    -------
    dict
        Files by path in the folder of the crate.
    """
    rules = [workflow / "Snakefile", *sorted((workflow / "rules").glob("*.smk"))]
    found = [(path, workflow.parent) for path in rules]
    found += [(path, experiment.root) for path in files_in(experiment.folder)]
    return {f"{SOURCE}/{path.relative_to(root).as_posix()}": path for path, root in found}


def copy_sources(files: Mapping[str, Path], folder: Path) -> None:
    """Copy the files of `sources` into the folder of a crate."""
    for name, path in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, place)
