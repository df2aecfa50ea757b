"""Phase diagrams of the mean rate over inhibition and external drive, with the difference."""

import matplotlib as mpl
import numpy as np
from matplotlib.colors import LogNorm, Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from pipelines.figures import style
from pipelines.figures.sweep_points import format_value

from ..analysis.activity import REGIMES, activity_table

TITLE = "Phase diagram"

CAPTION = (
    "Mean firing rate of all neurons after the warm-up, averaged over seeds, against the strength "
    "of inhibition g and the external drive eta: a panel a backend, with a common logarithmic "
    "colour scale, and NEST minus Brian2, seed by seed, where it is largest in size. Names stand "
    "where Brunel (2000) looks at the four regimes: synchronous regular (SR), asynchronous "
    "irregular (AI), synchronous irregular with fast and with slow oscillations (SI). The dashed "
    "lines are the balance of excitation and inhibition, g = 4, and the drive that just reaches "
    "the threshold, eta = 1. Look for high rates on the left of the balance alone, for rates that "
    "rise with the drive on its right, and for a cell in the last panel that is not zero. A "
    "hatched cell has no finished run."
)

LOWEST_HZ = 1.0  # lower end of the colour scale
MOST_NUMBERS = 40
BALANCE, THRESHOLD = 4.0, 1.0


@style.styled
def draw(tables, swept) -> Figure:
    """Draw the phase diagram of each backend and their difference; reads runs and metrics."""
    table = activity_table(tables)
    backends = style.in_order(tables.runs["backend"])
    g = np.sort(tables.runs["g"].unique())
    eta = np.sort(tables.runs["eta"].unique())[::-1]
    maps = {b: _grid(table[table["backend"] == b], "mean", g, eta) for b in backends}
    pair = len(backends) == 2
    n_panels = len(backends) + pair
    height = float(np.clip(35 + 12 * len(eta), 61, 132))
    figure, grid = style.panel_grid(height, 1, n_panels, sharex=True, sharey=True)
    panels = grid[0]

    highest = max([LOWEST_HZ * 10, *(np.nanmax(m, initial=0.0) for m in maps.values())])
    norm = LogNorm(LOWEST_HZ, highest, clip=True)
    for panel, backend in zip(panels, backends, strict=False):
        mesh = _map(panel, maps[backend], g, eta, "cividis", norm)
        panel.set_title(style.style_of(backend).label)
    bar = figure.colorbar(
        mesh, ax=list(panels[: len(backends)]), label="mean firing rate (Hz)",
        location="bottom", shrink=0.9, aspect=60, extend="min",
    )  # fmt: skip
    bar.ax.xaxis.set_major_formatter(mpl.ticker.StrMethodFormatter("{x:g}"))
    if pair:
        difference = _grid(_differences(table, backends), "largest", g, eta)
        bound = np.nanmax(np.abs(difference), initial=0.0) or 1.0
        mesh = _map(panels[-1], difference, g, eta, "PuOr", Normalize(-bound, bound))
        first, second = (style.style_of(b).label for b in backends)
        panels[-1].set_title(f"{first} \N{MINUS SIGN} {second}")
        figure.colorbar(
            mesh, ax=panels[-1], label="difference (Hz)", location="bottom", shrink=0.9, aspect=30
        )
    for panel in panels:
        panel.set_xlabel("g (inhibitory over excitatory weight)")
    panels[0].set_ylabel("eta (external drive over threshold)")
    return figure


def _grid(table, how, g, eta):
    """Rates (Hz) over g (columns) and eta (rows); NaN without a run."""
    pick = {"mean": np.mean, "largest": lambda v: v[np.argmax(np.abs(v))]}[how]
    values = np.full((len(eta), len(g)), np.nan)
    for (a, b), cell in table.groupby(["g", "eta"])["network_rate"]:
        values[np.searchsorted(-eta, -b), np.searchsorted(g, a)] = pick(cell.to_numpy())
    return values


def _differences(table, backends):
    """Difference of the first and the second backend at the points that both finished."""
    a, b = (table[table["backend"] == name].set_index("point_id") for name in backends)
    both = a[["g", "eta"]].assign(
        network_rate=a["network_rate"] - b["network_rate"].reindex(a.index)
    )
    return both.dropna()


def _map(axes, values, g, eta, colours, norm):
    axes.set_facecolor("#f2f2f2")
    axes.patch.set(hatch="///", edgecolor="#bbbbbb")
    mesh = axes.pcolormesh(
        np.ma.masked_invalid(values), cmap=colours, norm=norm, edgecolors="white", linewidth=0.6
    )
    axes.invert_yaxis()
    text_colour = _text_colour_of_cells(values, mesh)
    numbered = values.size <= MOST_NUMBERS
    if numbered:
        for row, column in zip(*np.nonzero(np.isfinite(values)), strict=True):
            axes.text(
                column + 0.5, row + 0.38, f"{values[row, column]:.3g}", ha="center", va="center",
                fontsize="small", color=text_colour(row, column),
            )  # fmt: skip
    for set_ticks, values_along in ((axes.set_xticks, g), (axes.set_yticks, eta)):
        labelled = _label_indices(len(values_along))
        set_ticks(labelled + 0.5, [format_value(float(v)) for v in values_along[labelled]])
    _lines(axes, g, eta)
    for name, (at_g, at_eta) in REGIMES.items():
        column, row = _position(g, at_g), _position(-eta, -at_eta)
        if column is None or row is None:
            continue
        colour = text_colour(round(row), round(column))
        if numbered:
            axes.add_patch(
                Rectangle((column + 0.05, row + 0.06), 0.9, 0.88, fill=False, edgecolor=colour)
            )
        else:
            axes.plot(column + 0.5, row + 0.5, "s", color=colour, markersize=4)
        axes.annotate(
            name, (column + 0.5, row + 0.5), (0, -9 if numbered else -10),
            textcoords="offset points", ha="center", va="center", fontsize="small",
            fontweight="bold", color=colour,
        )  # fmt: skip
    return mesh


def _lines(axes, g, eta):
    """Draw the lines of balanced g and threshold eta at their positions on the axes."""
    marks = {"color": style.REFERENCE, "linestyle": (0, (4, 2)), "linewidth": 1.2}
    for draw_line, ascending, value in (
        (axes.axvline, g, BALANCE),
        (axes.axhline, -eta, -THRESHOLD),
    ):
        below, up_to = (np.searchsorted(ascending, value + e) for e in (-1e-9, 1e-9))
        if up_to > 0 and below < len(ascending):
            draw_line((below + up_to) / 2, **marks)


def _position(ascending, value):
    """Interpolated index of a value in an ascending array; None outside of its range."""
    if not ascending[0] - 1e-9 <= value <= ascending[-1] + 1e-9:
        return None
    return float(np.interp(value, ascending, np.arange(len(ascending))))


def _text_colour_of_cells(values, mesh):
    """Function that returns the text colour of a cell: black or white, for contrast."""

    def colour(row, column):
        if not np.isfinite(values[row, column]):
            return "black"
        red, green, blue, _ = mesh.cmap(mesh.norm(values[row, column]))
        return "black" if 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.4 else "white"

    return colour


def _label_indices(number, most=12):
    """Evenly spaced indices of the values with a tick label, at most `most`."""
    return np.arange(0, number, -(-number // most))
