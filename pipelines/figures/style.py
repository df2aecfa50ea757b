"""Style of all figures: colour, marker and line of each backend, legends and settings."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib import RcParams, rc_params_from_file
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure, FigureBase
from matplotlib.lines import Line2D

from pipelines import backends as known
from pipelines.backends import in_order as in_order
from pipelines.backends.protocol import Style

# Colours of Okabe and Ito (2008), distinguishable with every common form of colour vision.
GREEN = "#009E73"
REFERENCE = "#000000"
QUIET = "#8a8a8a"
BAND = "#e6e6e6"

STYLE_FILE = Path(__file__).with_name("counterpoint.mplstyle")
DPI = 150
WIDTH_IN = 9.0


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


def line_style(backends: Sequence[str]) -> dict[str, Any]:
    """Keyword arguments of seaborn's `lineplot`: colour, marker, dash and width by backend."""
    styles = {name: style_of(name) for name in backends}
    return {
        "hue": "backend",
        "hue_order": list(backends),
        "style": "backend",
        "style_order": list(backends),
        "size": "backend",
        "palette": {name: style.colour for name, style in styles.items()},
        "markers": {name: style.marker for name, style in styles.items()},
        "dashes": {name: style.dash or "" for name, style in styles.items()},
        "sizes": {name: style.width for name, style in styles.items()},
        "estimator": None,
        "legend": False,
    }


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
    figure.legend(
        handles=handles, loc="outside upper right", ncols=len(handles), frameon=False,
        handlelength=2.6, columnspacing=1.6,
    )  # fmt: skip


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


@functools.cache
def _style() -> RcParams:
    return rc_params_from_file(STYLE_FILE, use_default_template=False)


@contextmanager
def theme() -> Iterator[None]:
    """Context manager with the matplotlib settings of all figures."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_style())
        yield


def styled(draw: Callable[..., Figure]) -> Callable[..., Figure]:
    """Decorator of drawing functions that applies the settings of `theme`."""

    @functools.wraps(draw)
    def inner(*arguments: Any, **options: Any) -> Figure:
        with theme():
            return draw(*arguments, **options)

    return inner
