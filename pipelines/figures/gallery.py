"""Which figures an experiment has, and the module that draws each."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from pipelines.errors import BadInput
from pipelines.experiment import Experiment, load_part

GENERIC = ("raster", "rates", "weights", "weight_course", "heat_map")
"""Figures that any experiment can ask for in its sweep.yaml."""


def own_figures(experiment: Experiment) -> list[str]:
    """Names of the figures in the experiment's own folder `figures`, sorted."""
    return sorted(path.stem for path in (experiment.folder / "figures").glob("[!_]*.py"))


def figures_of(
    experiment: Experiment, asked: Mapping[str, Mapping[str, Any] | None]
) -> dict[str, dict[str, Any]]:
    """All figures of an experiment: its own, always, then those asked for.

    Parameters
    ----------
    experiment
        The experiment.
    asked
        Section `figures` of its sweep.yaml: name -> options.

    Returns
    -------
    dict
        Name -> options, in the order in which the report shows them.
    """
    names = own_figures(experiment) + [n for n in asked if n not in own_figures(experiment)]
    return {name: dict(asked.get(name) or {}) for name in names}


def figure_path(name: str, experiment: Experiment) -> Path:
    """The file that draws a figure; an experiment's own file goes before the generic one.

    Raises
    ------
    BadInput
        There is no figure of this name; with the nearest one.
    """
    if name in own_figures(experiment):
        return experiment.folder / "figures" / f"{name}.py"
    if name in GENERIC:
        return Path(__file__).with_name(f"{name}.py")
    raise BadInput(
        f"experiments/{experiment.name}/sweep.yaml: figures",
        f"there is no figure '{name}'",
        given=name,
        among=[*own_figures(experiment), *GENERIC],
    )


def caption_of(path: Path) -> str:
    """The text CAPTION of a file that draws a figure, without importing what draws.

    Returns
    -------
    str
        "" if the file puts it together from other than plain strings.
    """
    for line in ast.parse(path.read_text()).body:
        match line:
            case ast.Assign(targets=[ast.Name(id="CAPTION")], value=ast.Constant(value=str(text))):
                return text
    return ""


def load_figure(name: str, experiment: Experiment) -> ModuleType:
    """Import the module that draws a figure.

    Raises
    ------
    BadInput
        There is none, it cannot be imported, or it lacks `draw` or `CAPTION`.
    """
    path = figure_path(name, experiment)
    if path.parent == experiment.folder / "figures":
        module = load_part(experiment, f"figures.{name}")
    else:
        module = importlib.import_module(f"pipelines.figures.{name}")
    where = f"experiments/{experiment.name}/figures/{path.name}"
    if not callable(getattr(module, "draw", None)):
        raise BadInput(where, "defines no 'draw'", allowed="draw(tables, swept, **options)")
    if not isinstance(getattr(module, "CAPTION", None), str):
        raise BadInput(where, "defines no 'CAPTION'", allowed="a text: what to look for")
    return module
