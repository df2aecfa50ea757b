"""Style of all figures: colour, marker and line of each backend, legends and settings."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Literal

import matplotlib as mpl
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure, FigureBase
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from numpy.typing import ArrayLike

from pipelines import backends as known
from pipelines.backends import in_order as in_order
from pipelines.backends.protocol import Style
from pipelines.figures import look
from pipelines.figures.look import columns as columns
from pipelines.figures.look import is_wide as is_wide
from pipelines.figures.look import new_figure as new_figure
from pipelines.figures.look import panel_grid as panel_grid
from pipelines.figures.look import styled as styled
from pipelines.figures.look import theme as theme
from pipelines.figures.look import width_mm as width_mm

# Colours of Okabe and Ito (2008), distinguishable with every common form of colour vision.
GREEN = "#009E73"
REFERENCE = "#000000"
QUIET = "#8a8a8a"
BAND = "#e6e6e6"

COMMON = "#4d4d4d"
"""Colour of spikes that all backends have in common."""

DPI = 200
WIDTH_IN = look.WIDTHS_MM["page"] / look.MM_PER_INCH
"""Width of a page in inches; `new_figure` takes the width that is chosen."""

PART_OF_PANEL = "part of the panel above"
"""Label of axes that belong to the panel above them, and get no letter of their own."""

_NO_BREAK = "\N{NO-BREAK SPACE}"
_UNLETTERED = (PART_OF_PANEL, "<colorbar>")


# Styles of backends that appear in tables but are no longer registered.
_SPARE = (
    Style("", GREEN, "P", (1.0, 1.0), 1.4, 1.8),
    Style("", QUIET, "X", (5.0, 1.5, 1.0, 1.5), 0.7, 1.2),
    Style("", REFERENCE, "v", (2.0, 2.0), 0.6, 1.0),
)


def style_of(backend: str) -> Style:
    """Style of a backend; an unknown backend always gets the same spare style."""
    own = known.style_of(backend)
    if own is not None:
        return own
    return replace(_SPARE[sum(backend.encode()) % len(_SPARE)], label=backend)


def scatter_style(backends: Sequence[str], points: float = 30.0) -> dict[str, Any]:
    """Keyword arguments of seaborn's `scatterplot`: colour, marker and size by backend."""
    styles = {name: style_of(name) for name in backends}
    return {
        "hue": "backend",
        "hue_order": list(backends),
        "style": "backend",
        "style_order": list(backends),
        "size": "backend",
        "palette": {name: style.colour for name, style in styles.items()},
        "markers": {name: style.marker for name, style in styles.items()},
        "sizes": {name: points * style.size for name, style in styles.items()},
        "linewidth": 0.4,
        "legend": False,
    }


def line_with_band(axes: Axes, x: ArrayLike, values: ArrayLike, backend: str) -> None:
    """Draw the mean over runs of one backend, with a band from the lowest to the highest run.

    Parameters
    ----------
    axes
        Panel.
    x
        Positions, shape (n,).
    values
        Values of each run, shape (n_runs, n); of one run there is no band.
    backend
        Name of the backend.
    """
    own, runs = style_of(backend), np.atleast_2d(np.asarray(values, float))
    if len(runs) > 1:
        axes.fill_between(
            x, runs.min(axis=0), runs.max(axis=0), color=own.colour, alpha=0.2, linewidth=0
        )
    axes.plot(
        x, runs.mean(axis=0), color=own.colour, marker=own.marker, linewidth=own.width,
        linestyle=(0, own.dash) if own.dash else "-", markersize=4.5 * own.size**0.5 + 1.5,
        markeredgecolor="white", markeredgewidth=0.4,
    )  # fmt: skip


def legend(
    figure: FigureBase,
    backends: Sequence[str],
    extra: Sequence[Artist] = (),
    line: bool = False,
    marker: bool = True,
) -> None:
    """Add one legend above the panels of a figure: an entry per backend, then `extra`."""
    handles: list[Artist] = []
    for name in backends:
        style = style_of(name)
        handles.append(
            Line2D(
                [], [],
                color=style.colour,
                marker=style.marker if marker else None,
                markersize=4.5 * style.size**0.5 + 1.5,
                markeredgecolor="white",
                markeredgewidth=0.4,
                linewidth=style.width if line else 0.0,
                linestyle=(0, style.dash) if line and style.dash else "-" if line else "none",
                label=style.label,
            )
        )  # fmt: skip
    handles += list(extra)
    place_legend(figure, handles)


def place_legend(
    figure: FigureBase,
    handles: Sequence[Artist],
    loc: Literal["outside upper right", "outside lower center"] = "outside upper right",
) -> None:
    """Add a legend of `handles` outside the panels, in as many columns as the width has room for.

    Parameters
    ----------
    figure
        Figure or part of one.
    handles
        Entries, with their labels.
    loc
        Above or below the panels.
    """
    if not handles:
        return
    # Sizes in points: a letter is 0.6 of the font size wide; the line and the spaces take 4.5.
    size = FontProperties(size=mpl.rcParams["legend.fontsize"]).get_size_in_points()
    longest = max(len(str(handle.get_label())) for handle in handles)
    room = 72 * figure.get_figure(root=True).get_figwidth()
    total = sum(0.6 * len(str(handle.get_label())) + 4.5 for handle in handles) * size
    ncols = len(handles) if total <= room else max(1, int(room / ((0.6 * longest + 4.5) * size)))
    figure.legend(
        handles=list(handles), loc=loc, ncols=ncols, frameon=False, handlelength=2.4,
        columnspacing=1.4,
    )  # fmt: skip


def panel_height(titles: Iterable[str]) -> float:
    """Height (mm) of a row of panels with room for the longest of their titles."""
    lines = max((title.count("\n") + 1 for title in titles), default=1)
    return 41 + 3.2 * lines


def wrap(text: str, columns: int = 1) -> str:
    """Text in lines that fit into the width of the figure, or of one of its columns of panels.

    Line breaks in the text stay. Left of a panel in a column are its labels, 13 mm wide.
    """
    width = max(14, int((width_mm() / columns - 13 * (columns > 1)) / 1.45))
    # A value stays in one line with its unit and the equals sign.
    whole = [
        re.sub(r"= \S+( \S+)?$", lambda found: found[0].replace(" ", _NO_BREAK), line)
        for line in text.split("\n")
    ]
    lines = [part for line in whole for part in textwrap.wrap(line, width)]
    return "\n".join(lines).replace(_NO_BREAK, " ")


def closed_form_handle(label: str = "closed form") -> Line2D:
    """Legend entry of the closed form: a black line."""
    return Line2D([], [], color=REFERENCE, linewidth=1.2, label=label)


def with_unit(name: str, unit: str | None) -> str:
    """Axis label ``name (unit)``; the name only if there is no unit."""
    return f"{name} ({unit})" if unit else name


def write_note(axes: Axes, text: str) -> None:
    """Write a note into the centre of an empty panel."""
    axes.text(
        0.5, 0.5, text, transform=axes.transAxes, ha="center", va="center", color="#444444",
        style="italic",
    )  # fmt: skip


def letter_panels(figure: Figure) -> None:
    """Write A, B, C ... beside the upper left corners of the panels of a figure.

    Colour bars, empty places of a grid and parts of a panel (axes labelled `PART_OF_PANEL`) get no
    letter, nor does a single panel.
    """
    panels = [
        axes
        for axes in figure.axes
        if axes.get_visible() and axes.axison and axes.get_label() not in _UNLETTERED
    ]
    if len(panels) < 2:
        return
    for number, axes in enumerate(panels):
        letter = chr(ord("A") + number % 26) * (1 + number // 26)
        # Above the tick labels; in the line of the title, which begins at the axis.
        axes.annotate(
            letter, (0, 1), (-6, 4), xycoords="axes fraction", textcoords="offset points",
            ha="right", va="baseline", fontweight="bold", fontsize="large", annotation_clip=False,
        )  # fmt: skip
