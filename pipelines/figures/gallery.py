"""Figures of an experiment, and the modules that draw them."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from pipelines.errors import BadInput, UnusableCode
from pipelines.experiment import Experiment, load_part

HARDWARE = "hardware"
"""Figure that is drawn by default where runs are under constraints of hardware."""

GENERIC = ("raster", "rates", "weights", "weight_course", "signals", "heat_map", HARDWARE)
"""Names of the figures that any experiment can request in its sweep.yaml."""


def own_figures(experiment: Experiment) -> list[str]:
    """Sorted names of the figures in the folder `figures` of an experiment."""
    return sorted(path.stem for path in (experiment.folder / "figures").glob("[!_]*.py"))


def figures_of(
    experiment: Experiment,
    requested: Mapping[str, Mapping[str, Any] | None],
    has_hardware: bool = False,
) -> dict[str, dict[str, Any]]:
    """All figures of an experiment: those of its own folder, then those of sweep.yaml.

    Parameters
    ----------
    experiment
        The experiment.
    requested
        Section `figures` of its sweep.yaml: options by name of the figure.
    has_hardware
        Whether runs are under constraints of hardware, of which `HARDWARE` is then drawn, too;
        where there are none, it is not, as a sweep.yaml asks for it on behalf of all profiles.

    Returns
    -------
    dict
        Options by name of the figure, in the order of the report.
    """
    names = list(dict.fromkeys([*own_figures(experiment), *requested]))
    if has_hardware:
        names = list(dict.fromkeys([*names, HARDWARE]))
    elif HARDWARE not in own_figures(experiment):
        names = [name for name in names if name != HARDWARE]
    return {name: dict(requested.get(name) or {}) for name in names}


def figure_path(name: str, experiment: Experiment) -> Path:
    """Path of the module that draws a figure; an experiment's own has priority.

    Raises
    ------
    BadInput
        If there is no figure of this name; the message suggests the nearest one.
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
    """Caption of a figure, read from the source of its module without an import.

    Returns
    -------
    str
        Value of CAPTION; "" if it is not a plain string literal, or the module is not valid.
    """
    try:
        lines = ast.parse(path.read_text()).body
    except (SyntaxError, ValueError):
        return ""
    for line in lines:
        match line:
            case ast.Assign(targets=[ast.Name(id="CAPTION")], value=ast.Constant(value=str(text))):
                return text
    return ""


def load_figure(name: str, experiment: Experiment) -> ModuleType:
    """Import the module that draws a figure.

    Raises
    ------
    BadInput
        If there is no such figure.
    UnusableCode
        If its module cannot be imported, or lacks `draw` or `CAPTION`.
    """
    path = figure_path(name, experiment)
    if path.parent == experiment.folder / "figures":
        module = load_part(experiment, f"figures.{name}")
    else:
        module = importlib.import_module(f"pipelines.figures.{name}")
    where = f"experiments/{experiment.name}/figures/{path.name}"
    if not callable(getattr(module, "draw", None)):
        raise UnusableCode(where, "defines no 'draw'", allowed="draw(tables, swept, **options)")
    if not isinstance(getattr(module, "CAPTION", None), str):
        raise UnusableCode(where, "defines no 'CAPTION'", allowed="a caption (str)")
    return module
