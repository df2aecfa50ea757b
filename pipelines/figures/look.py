"""Look of figures: width on paper and style files, chosen for all figures drawn within a block.

The style file of the library, `counterpoint.mplstyle`, comes first. A project replaces any of its
settings in ``experiments/style.mplstyle``, an experiment in ``figures/style.mplstyle`` of its own
folder.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import matplotlib as mpl
import numpy as np
from matplotlib import rc_params_from_file
from matplotlib.figure import Figure
from numpy.typing import NDArray
from pydantic import Field

from pipelines.errors import BadInput

STYLE_FILE = Path(__file__).with_name("counterpoint.mplstyle")
OWN_STYLE = "style.mplstyle"

WIDTHS_MM = {"column": 85.0, "page": 180.0}
"""Widths of figures by name: one column, and the whole page, of most journals."""

Width = Literal["column", "page"] | Annotated[float, Field(ge=40.0, le=500.0)]
"""Width of a figure: a name in `WIDTHS_MM`, or a number in mm."""

MM_PER_INCH = 25.4


@dataclass(frozen=True)
class Look:
    """Width of figures in mm, and style files that are read after that of the library."""

    width_mm: float = WIDTHS_MM["page"]
    files: tuple[Path, ...] = ()


_PAGE = Look()
_LOOK: ContextVar[Look] = ContextVar("look", default=_PAGE)


def style_files(experiment_folder: Path) -> tuple[Path, ...]:
    """Existing style files of a project and of one of its experiments, in the order of reading."""
    places = (experiment_folder.parent / OWN_STYLE, experiment_folder / "figures" / OWN_STYLE)
    return tuple(path for path in places if path.is_file())


@contextmanager
def use(experiment_folder: Path, width: Width = "page") -> Iterator[None]:
    """Context manager within which figures are drawn and saved in the look of an experiment.

    Parameters
    ----------
    experiment_folder
        Folder of the experiment, whose style files and whose project's are used.
    width
        Width of the figures: ``column``, ``page`` or a number in mm.

    Raises
    ------
    BadInput
        If a style file has a setting or a value that Matplotlib does not know.
    """
    files = check_styles(experiment_folder)
    width_mm = WIDTHS_MM[width] if isinstance(width, str) else float(width)
    token = _LOOK.set(Look(width_mm, files))
    try:
        yield
    finally:
        _LOOK.reset(token)


def check_styles(experiment_folder: Path) -> tuple[Path, ...]:
    """Check the settings in the style files of an experiment, and return their paths.

    Raises
    ------
    BadInput
        If there is no setting of a name (with the nearest one), or a value is not allowed.
    """
    files = style_files(experiment_folder)
    for path in files:
        _check(path, path.relative_to(experiment_folder.parent.parent).as_posix())
    return files


def _check(path: Path, where: str) -> None:
    for line in path.read_text().splitlines():
        name = line.partition("#")[0].partition(":")[0].strip()
        if name and name not in mpl.rcParams:
            raise BadInput(
                where,
                f"no setting '{name}'",
                "a setting of Matplotlib",
                given=name,
                among=list(mpl.rcParams),
            )
    try:
        rc_params_from_file(path, fail_on_error=True, use_default_template=False)
    except Exception as error:
        # Matplotlib raises a bare Exception around the error of a value.
        raise BadInput(where, " ".join(str(error).split())) from error


@contextmanager
def theme() -> Iterator[None]:
    """Context manager with the matplotlib settings of all figures."""
    with mpl.rc_context():
        mpl.rcdefaults()
        for path in (STYLE_FILE, *_LOOK.get().files):
            mpl.rcParams.update(rc_params_from_file(path, use_default_template=False))
        yield


def styled(draw: Callable[..., Figure]) -> Callable[..., Figure]:
    """Decorator of drawing functions that applies the settings of `theme`."""

    @functools.wraps(draw)
    def inner(*arguments: object, **options: object) -> Figure:
        with theme():
            return draw(*arguments, **options)

    return inner


def width_mm() -> float:
    """Width (mm) of the figures that are drawn now."""
    return _LOOK.get().width_mm


def new_figure(height_mm: float, share: float = 1.0) -> Figure:
    """Empty figure of the chosen width.

    Parameters
    ----------
    height_mm
        Height in mm.
    share
        Share of the width that the figure takes, of a whole page; a narrower figure takes it all.
    """
    width = width_mm() if width_mm() < WIDTHS_MM["page"] else share * width_mm()
    return Figure(figsize=(width / MM_PER_INCH, height_mm / MM_PER_INCH), layout="constrained")


def panel_grid(
    height_mm: float, n_rows: int, n_columns: int, least_mm: float = 50.0, **how: Any
) -> tuple[Figure, NDArray[np.object_]]:
    """Figure with a grid of panels, which are all below each other where they do not fit.

    Parameters
    ----------
    height_mm
        Height in mm of the grid on a page.
    n_rows, n_columns
        Rows and columns on a page.
    least_mm
        Width that a panel needs.
    how
        Options of `Figure.subplots`.

    Returns
    -------
    figure : Figure
        The figure.
    panels : ndarray, shape (n_rows, n_columns)
        Its axes.
    """
    if columns(n_columns, least_mm) == n_columns:
        figure = new_figure(height_mm)
        return figure, figure.subplots(n_rows, n_columns, squeeze=False, **how)
    figure = new_figure(0.85 * height_mm * n_columns)
    shared = {key: how[key] for key in ("sharex", "sharey") if isinstance(how.get(key), bool)}
    panels = figure.subplots(n_rows * n_columns, 1, squeeze=False, **shared)
    return figure, panels.reshape(n_rows, n_columns)


def columns(most: int, least_mm: float = 50.0) -> int:
    """Number of columns of panels, at most `most`, of which each is `least_mm` wide or wider."""
    return max(1, min(most, int(width_mm() // least_mm)))


def is_wide() -> bool:
    """Whether two panels fit beside each other."""
    return columns(2) == 2
