"""Draw a figure of an experiment into files; the same tables give the same bytes."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from pipelines.atomic import replacing
from pipelines.experiment import describe, load_experiment
from pipelines.figures import style
from pipelines.figures.gallery import load_figure
from pipelines.figures.options import check_options
from pipelines.metrics.known import known_metrics
from pipelines.tables.reader import Tables


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
    folder = Path(experiment_folder).resolve()
    experiment = load_experiment(folder.name, folder.parent.parent)
    fields = describe(experiment.parameters)
    units = {field: (fields[field].unit or "") if field in fields else "" for field in swept}
    module = load_figure(name, experiment)
    options = dict(options or {})
    check_options(module, options, f"figure '{name}'")
    return module.draw(Tables(tables_folder, known_metrics(experiment)), units, **options)


def note(text: str) -> Figure:
    """A small figure that shows a text in place of what could not be drawn."""
    figure = Figure(figsize=(style.WIDTH_IN, 1.2))
    lines = textwrap.fill(text, 90, break_on_hyphens=False)
    # Not as mathematics: an error message may hold dollar signs.
    figure.text(0.02, 0.9, lines, va="top", fontsize=8, parse_math=False)
    return figure


def save(figure: Figure, png: Path | str, svg: Path | str) -> None:
    """Write a figure as PNG (150 dots per inch) and SVG, without a date in either file."""
    with style.theme():
        with replacing(Path(png)) as temporary:
            figure.savefig(temporary, format="png", dpi=style.DPI, metadata={"Software": None})
        # The SVG keeps the layout of the PNG: computing it again takes a quarter of the time.
        figure.set_layout_engine("none")
        with replacing(Path(svg)) as temporary:
            figure.savefig(
                temporary, format="svg", dpi=style.DPI, metadata={"Date": None, "Creator": None}
            )
