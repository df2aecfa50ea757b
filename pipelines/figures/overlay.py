"""Panels that overlay the distributions of one metric in two runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from pipelines.figures import style
from pipelines.metrics.spectrum import FREQUENCIES_HZ

Floats = NDArray[np.float64]

# More steps of a distribution function than this cannot be resolved in a panel.
_MOST_CORNERS = 400
_MOST_BINS = 30
_FAINT = 0.35
_BAND = 0.2


@dataclass(frozen=True)
class PairSamples:
    """Values of one metric in runs of two backends.

    Attributes
    ----------
    backends
        Names of the two backends.
    values
        Values in the two compared runs.
    other_seeds
        For each backend, values in its runs that differ from the compared one in the seed only.
    """

    backends: tuple[str, str]
    values: tuple[Floats, Floats]
    other_seeds: tuple[Sequence[Floats], Sequence[Floats]]

    def all(self) -> Floats:
        """All values of all runs."""
        return np.concatenate([*self.values, *self.other_seeds[0], *self.other_seeds[1]])

    def has_single_values(self) -> bool:
        """Whether no run has more than one value, so that nothing has a distribution."""
        runs = (*self.values, *self.other_seeds[0], *self.other_seeds[1])
        return max((len(run) for run in runs), default=0) <= 1

    def pooled(self) -> PairSamples:
        """Values of all seeds of a backend together, for seeds that belong to no other's."""
        first, second = (
            np.concatenate([own, *others])
            for own, others in zip(self.values, self.other_seeds, strict=True)
        )
        return PairSamples(self.backends, (first, second), ((), ()))


def draw_histogram(axes: Axes, sides: PairSamples, label: str) -> None:
    """Draw the histograms of both runs; bin heights are shares of the values."""
    together = np.concatenate(sides.values)
    edges = _edges(together)
    # Drawn no further than 0 where no value is below it; the counts are those of the whole bins.
    shown = np.maximum(edges, 0.0) if together.min() >= 0 else edges
    for backend, values in zip(sides.backends, sides.values, strict=True):
        if not len(values):
            continue
        mark = style.style_of(backend)
        share = np.histogram(values, edges)[0] / len(values)
        axes.stairs(
            share, shown, color=mark.colour, linewidth=mark.width,
            linestyle=(0, mark.dash) if mark.dash else "-",
        )  # fmt: skip
    axes.set(xlabel=label, ylabel="share of values (1)")
    axes.set_ylim(bottom=0)
    axes.xaxis.set_major_locator(MaxNLocator(6))


def draw_distribution_functions(axes: Axes, sides: PairSamples, label: str) -> None:
    """Draw the empirical distribution functions of both runs and their largest gap.

    Runs with other seeds are drawn as thin, faint lines.
    """
    together = np.concatenate(sides.values)
    room = 0.04 * float(np.ptp(together)) or 0.04 * float(np.abs(together).max()) or 0.5
    low = float(together.min())
    ends = (0.0 if 0 <= low < room else low - room, float(together.max()) + room)
    for backend, others in zip(sides.backends, sides.other_seeds, strict=True):
        for values in others:
            _steps(axes, values, ends, color=style.style_of(backend).colour,
                   linewidth=0.8, alpha=_FAINT)  # fmt: skip
    for backend, values in zip(sides.backends, sides.values, strict=True):
        mark = style.style_of(backend)
        _steps(axes, values, ends, color=mark.colour, linewidth=mark.width,
               linestyle=(0, mark.dash) if mark.dash else "-")  # fmt: skip
    gap = largest_gap(*sides.values)
    if gap is not None:
        axes.vlines(gap[0], gap[1], gap[2], color=style.REFERENCE, linewidth=2.0, zorder=4)
    axes.set(xlabel=label, ylabel="share of values up to it (1)", xlim=ends, ylim=(-0.03, 1.03))
    axes.xaxis.set_major_locator(MaxNLocator(6))


def largest_gap(a: Floats, b: Floats) -> tuple[float, float, float] | None:
    """Largest gap between two empirical distribution functions.

    The size of the gap is the Kolmogorov-Smirnov statistic.

    Parameters
    ----------
    a, b : ndarray, shapes (n_a,) and (n_b,)
        Two samples.

    Returns
    -------
    tuple of float or None
        Value at which the gap is, lower and upper share (0 to 1); None if a sample is empty.
    """
    if not len(a) or not len(b):
        return None
    values = np.unique(np.concatenate([a, b]))
    shares = [np.searchsorted(np.sort(x), values, side="right") / len(x) for x in (a, b)]
    at = int(np.abs(shares[0] - shares[1]).argmax())
    low, high = sorted((float(shares[0][at]), float(shares[1][at])))
    return float(values[at]), low, high


def draw_spectra(axes: Axes, sides: PairSamples, as_shares: bool) -> None:
    """Draw the power spectra, or (the compared quantity) the shares of the total power.

    Power is on logarithmic axes, with a band from the lowest to the highest run of a backend; the
    shares are on linear ones, on which the area between two curves is their distance.
    """
    curves = []
    for which, backend in enumerate(sides.backends):
        mark = style.style_of(backend)
        own = _curve(sides.values[which], as_shares)
        curves.append(own[1])
        seeds = [own[1], *(_curve(v, as_shares)[1] for v in sides.other_seeds[which])]
        if len(seeds) > 1 and len({len(power) for power in seeds}) == 1:
            axes.fill_between(
                own[0], np.min(seeds, axis=0), np.max(seeds, axis=0), color=mark.colour,
                alpha=_BAND, linewidth=0,
            )  # fmt: skip
        axes.plot(
            *own, color=mark.colour, linewidth=mark.width,
            linestyle=(0, mark.dash) if mark.dash else "-",
        )  # fmt: skip
    if as_shares and len(curves[0]) == len(curves[1]):
        axes.fill_between(
            FREQUENCIES_HZ, curves[0], curves[1], color=style.REFERENCE, alpha=0.25, linewidth=0
        )
    label = "share of the power (1)" if as_shares else "power spectral density (Hz)"
    axes.set(xlabel="frequency (Hz)", ylabel=label)
    if as_shares:
        axes.set_ylim(bottom=0)
        axes.set_xlim(0, FREQUENCIES_HZ[-1])
    elif any((power > 0).any() for power in curves):
        axes.set(xscale="log", yscale="log", xlim=(FREQUENCIES_HZ[0], FREQUENCIES_HZ[-1]))
        axes.xaxis.set_major_formatter("{x:g}")


def draw_runs(axes: Axes, sides: PairSamples, label: str) -> None:
    """Draw one dot per run in a row per backend; the compared runs are filled."""
    for row, backend in enumerate(sides.backends):
        mark = style.style_of(backend)
        look: dict[str, Any] = {"marker": mark.marker, "edgecolors": mark.colour, "linewidths": 1.0}
        for values in sides.other_seeds[row]:
            axes.scatter(values, np.full(len(values), row), s=36, facecolors="none", **look)
        values = sides.values[row]
        axes.scatter(values, np.full(len(values), row), s=44, facecolors=mark.colour, **look)
    axes.set_yticks([0, 1], [style.style_of(backend).label for backend in sides.backends])
    axes.set(xlabel=label, ylim=(1.6, -0.6))
    together = sides.all()
    axes.margins(x=0.06)
    if len(together) and np.ptp(together) <= 1e-9 * np.abs(together).max():
        # All values equal: a range around them gives round tick labels.
        middle, room = float(together[0]), 0.05 * abs(float(together[0])) or 0.5
        axes.set_xlim(middle - room, middle + room)
    axes.xaxis.set_major_locator(MaxNLocator(6))


def legend_handles(sides: PairSamples, metric: str) -> list[Artist]:
    """Legend entries for other seeds and for the distance or gap of the two runs."""
    found: list[Artist] = []
    if any(len(values) for others in sides.other_seeds for values in others):
        look: dict[str, Any] = {"marker": "o", "markerfacecolor": "none", "linestyle": "none"}
        if not sides.has_single_values():
            look = {"alpha": _FAINT, "linewidth": 0.8}
        if metric == "spectrum":
            found.append(Patch(color=style.REFERENCE, alpha=_BAND, linewidth=0, label="all seeds"))
        else:
            found.append(Line2D([], [], color=style.REFERENCE, label="other seeds", **look))
    if not sides.has_single_values():
        if metric == "spectrum":
            found.append(Patch(color=style.REFERENCE, alpha=0.25, linewidth=0, label="distance"))
        elif not np.array_equal(*sides.values):
            found.append(Line2D([], [], color=style.REFERENCE, linewidth=2.0, label="largest gap"))
    return found


def _edges(values: Floats) -> Floats:
    """Bin edges, from the smallest value on, with equally many possible values in each bin."""
    unique = np.unique(values)
    spread = float(np.ptp(unique))
    if spread == 0:
        return float(unique[0]) + (0.05 * abs(float(unique[0])) or 0.5) * np.array([-1.0, 1.0])
    # Values that lie on no grid are resolved as finely as the panel can show.
    step = max(float(np.diff(unique).min()), 1e-4 * spread)
    n_possible = round(spread / step) + 1
    width = -(-n_possible // _MOST_BINS)
    n_bins = -(-n_possible // width)
    return float(unique[0]) + step * (width * np.arange(n_bins + 1) - 0.5)


def _steps(axes: Axes, values: Floats, ends: tuple[float, float], **look: Any) -> None:
    if not len(values):
        return
    ordered = np.sort(values)
    chosen = np.arange(len(ordered))
    if len(ordered) > _MOST_CORNERS:
        chosen = np.unique(np.linspace(0, len(ordered) - 1, _MOST_CORNERS).astype(int))
    x = np.concatenate([[ends[0]], ordered[chosen], [ends[1]]])
    y = np.concatenate([[0.0], (chosen + 1) / len(ordered), [1.0]])
    axes.step(x, y, where="post", **look)


def _curve(power: Floats, as_share: bool) -> tuple[Floats, Floats]:
    if not len(power):
        return np.empty(0), np.empty(0)
    total = power.sum() if as_share and power.sum() else 1.0
    return FREQUENCIES_HZ[: len(power)], power / total
