"""Draw a figure of an experiment into files; the same tables give the same bytes."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from pipelines.atomic import replacing, write_bytes
from pipelines.experiment import describe, load_experiment
from pipelines.figures import look, style
from pipelines.figures.captions import caption
from pipelines.figures.gallery import load_figure
from pipelines.figures.options import check_options, split_options
from pipelines.figures.sweep_points import Swept
from pipelines.hardware.variants import AXES
from pipelines.metrics.known import known_metrics
from pipelines.tables.reader import Tables
from pipelines.tables.some_runs import ideal_runs

RASTER_DPI = 300
"""Dots per inch of the rasters in SVG and PDF, as journals ask."""

# What a file says of its making, which would differ from one day to the next, is left out.
_METADATA: Mapping[str, Mapping[str, None]] = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}


def draw_figure(
    name: str,
    tables_folder: Path | str,
    experiment_folder: Path | str,
    options: Mapping[str, Any] | None = None,
    swept: Iterable[str] = (),
) -> Figure:
    """Draw one figure of an experiment from its tables.

    Parameters
    ----------
    name
        Name of a file in the experiment's folder `figures`, or one of
        `pipelines.figures.gallery.GENERIC`.
    tables_folder
        Folder of the tables, ``results/<experiment>``.
    experiment_folder
        Folder of the experiment, ``experiments/<experiment>``.
    options
        Options of the figure.
    swept
        Names of the swept parameters; their units are those of the experiment.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.

    Raises
    ------
    BadInput
        If the figure or an option does not exist.
    """
    drawing = _Drawing(name, tables_folder, experiment_folder, options or {}, swept)
    with look.use(drawing.experiment.folder, drawing.width):
        return drawing.figure()


def write_figure(
    name: str,
    tables_folder: Path | str,
    experiment_folder: Path | str,
    files: Iterable[Path | str],
    options: Mapping[str, Any] | None = None,
    swept: Iterable[str] = (),
    profile: str = "",
) -> None:
    """Draw one figure of an experiment into files.

    Parameters are those of `draw_figure`, and:

    Parameters
    ----------
    files
        Paths of the figure, which end in ``.png``, ``.svg`` or ``.pdf``, and of its caption, which
        ends in ``.txt``.
    profile
        Profile of the sweep, for the caption.

    Raises
    ------
    BadInput
        If the figure or an option does not exist.
    """
    drawing = _Drawing(name, tables_folder, experiment_folder, options or {}, swept)
    paths = [Path(path) for path in files]
    with look.use(drawing.experiment.folder, drawing.width):
        save(drawing.figure(), *(path for path in paths if path.suffix != ".txt"))
    text = caption(drawing.module, drawing.tables, drawing.swept, drawing.options, profile)
    for path in paths:
        if path.suffix == ".txt":
            write_bytes(path, f"{text}\n".encode())


def note(text: str) -> Figure:
    """A small figure that shows a text in place of what could not be drawn."""
    figure = style.new_figure(30)
    lines = textwrap.fill(text, 110, break_on_hyphens=False)
    # Not as mathematics: an error message may hold dollar signs.
    figure.text(0.02, 0.9, lines, va="top", parse_math=False)
    return figure


def save(figure: Figure, *paths: Path | str) -> None:
    """Write a figure as PNG, SVG and PDF, by the endings of `paths`, without a date in any file.

    Text in SVG and PDF is text; dots of rasters are an image in them.

    Raises
    ------
    ValueError
        If a path has another ending.
    """
    for path in map(Path, paths):
        if path.suffix[1:] not in _METADATA:
            raise ValueError(f"'{path.name}' has none of the endings .png, .svg and .pdf")
    with style.theme():
        for number, path in enumerate(map(Path, paths)):
            kind = path.suffix[1:]
            with replacing(path) as temporary:
                dpi = style.DPI if kind == "png" else RASTER_DPI
                figure.savefig(temporary, format=kind, dpi=dpi, metadata=_METADATA[kind])
            if number == 0:
                # Computing the layout again for each file takes a quarter of the time.
                figure.set_layout_engine("none")


class _Drawing:
    """One figure of an experiment: its module, its options, and the tables, which are read once."""

    def __init__(
        self,
        name: str,
        tables_folder: Path | str,
        experiment_folder: Path | str,
        options: Mapping[str, Any],
        swept: Iterable[str],
    ) -> None:
        folder = Path(experiment_folder).resolve()
        self.experiment = load_experiment(folder.name, folder.parent.parent)
        self.module = load_figure(name, self.experiment)
        check_options(self.module, options, f"figure '{name}'")
        self.options, self._common = split_options(self.module, options)
        tables = Tables(tables_folder, known_metrics(self.experiment))
        # An experiment's own figure is of the ideal network, unless it says otherwise.
        is_generic = self.module.__name__.startswith("pipelines.")
        shows_hardware = getattr(self.module, "SHOWS_HARDWARE", is_generic)
        self.tables = tables if shows_hardware else ideal_runs(tables)
        self.swept = Swept(swept, describe(self.experiment.parameters) | AXES)

    @property
    def width(self) -> look.Width:
        """Width that the options ask for."""
        width: look.Width = self._common.get("width", "page")
        return width

    def figure(self) -> Figure:
        """Draw it in the look that is in use, with letters on its panels."""
        figure: Figure = self.module.draw(self.tables, self.swept, **self.options)
        # A figure made without `style.new_figure` does not know of the width.
        wanted = look.width_mm() / look.MM_PER_INCH
        if "width" in self._common and figure.get_figwidth() > wanted:
            figure.set_figwidth(wanted)
        if self._common.get("letters", True):
            with style.theme():
                style.letter_panels(figure)
        return figure
