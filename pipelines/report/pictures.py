"""Figures of an experiment in the report, and errors of the code that draws or measures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipelines.errors import BadInput, UnusableCode
from pipelines.figures.gallery import figures_of, load_figure
from pipelines.report.images import Image, image_of
from pipelines.sweep import Plan
from pipelines.tables.error_files import PartError, read_errors


@dataclass(frozen=True)
class Picture:
    """A figure of an experiment with its title and caption."""

    name: str
    image: Image
    caption: str


def pictures_of(plan: Plan, folder: Path, *, optional: bool = False) -> list[Picture]:
    """Figures of an experiment.

    Parameters
    ----------
    plan, folder
        The experiment's plan, and the folder of its figures.
    optional
        Whether figures may be missing, as in results that only have tables.

    Raises
    ------
    BadInput
        If a figure that must be there has not been drawn.
    """
    pictures = []
    for name in figures_of(plan.experiment, plan.sweep.figures, plan.has_hardware):
        path = folder / f"{name}.png"
        if not path.is_file() and optional:
            continue
        if not path.is_file():
            raise BadInput(str(path), "this figure has not been drawn")
        title, caption = name.replace("_", " ").capitalize(), "It could not be drawn."
        try:
            module = load_figure(name, plan.experiment)
            title, caption = getattr(module, "TITLE", title), module.CAPTION
        except UnusableCode:
            # The picture says why.
            pass
        written = path.with_suffix(".txt")
        caption = written.read_text().strip() if written.is_file() else caption
        pictures.append(
            Picture(
                name=title,
                image=image_of(
                    path, f"{title} of {plan.experiment.name}. {caption}", folder.parents[1]
                ),
                caption=caption,
            )
        )
    return pictures


def errors_of(plan: Plan, folder: Path) -> list[PartError]:
    """Errors of metrics and figures; that of an expectation is one of its checks."""
    names = figures_of(plan.experiment, plan.sweep.figures, plan.has_hardware)
    parts = ("metrics", *(f"figures/{name}" for name in names))
    return [error for part in parts for error in read_errors(folder / f"{part}.json")]
