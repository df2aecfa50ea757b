"""Statistics of spike trains: many groups of neurons at once, without a loop over neurons.

A *group* is one population of one run. Trains are flat arrays, one entry a spike: which
group, which neuron of it, when. Neurons without spikes exist through the sizes of the groups.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pipelines.metrics.group_statistics import group_mean, quotient

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

EDGE = 1e-6
"""Times that are this near (in units of the bin or ms at hand) are the same time.

Times on a grid of steps are sums of decimal numbers in binary, and fall to either side of it.
"""


@dataclass(frozen=True)
class Trains:
    """Spike trains of several groups.

    Parameters
    ----------
    group
        Index of the group of each spike, in 0 ... n_groups - 1.
    neuron
        Index of its neuron within the group.
    time_ms
        Its time.
    sizes
        Number of neurons of each group, silent ones included, shape (n_groups,).
    duration_ms
        Observed time of each group, shape (n_groups,); NaN where it is not known.
    """

    group: Ints
    neuron: Ints
    time_ms: Floats
    sizes: Ints
    duration_ms: Floats

    def __post_init__(self) -> None:
        if len(self.neuron) and (
            np.any(self.neuron < 0) or np.any(self.neuron >= self.sizes[self.group])
        ):
            raise ValueError("a spike belongs to a neuron outside its population")

    @property
    def first_cell(self) -> Ints:
        """Index of the first neuron of each group among the neurons of all groups."""
        return np.concatenate([[0], np.cumsum(self.sizes)[:-1]]).astype(np.int64)

    @property
    def cell(self) -> Ints:
        """Index of the neuron of each spike among the neurons of all groups."""
        return self.first_cell[self.group] + self.neuron

    @property
    def group_of_cell(self) -> Ints:
        """Group of each neuron of all groups."""
        return np.repeat(np.arange(len(self.sizes)), self.sizes)

    @property
    def bounds(self) -> Ints:
        """Where the spikes of each group begin, and where the last end; needs `in_order`."""
        return np.searchsorted(self.group, np.arange(len(self.sizes) + 1)).astype(np.int64)


def one_group(
    neuron: ArrayLike, time_ms: ArrayLike, size: int, duration_ms: float = np.nan
) -> Trains:
    """Trains of a single population."""
    neuron = np.asarray(neuron, np.int64)
    return Trains(
        group=np.zeros(len(neuron), np.int64),
        neuron=neuron,
        time_ms=np.asarray(time_ms, float),
        sizes=np.array([size], np.int64),
        duration_ms=np.array([duration_ms], float),
    )


def in_order(trains: Trains) -> Trains:
    """The same trains with their spikes in order of group, neuron and time."""
    cell = trains.cell
    step = np.diff(cell)
    # Seen at once, where a sort takes longer than most of what needs the order.
    if np.all((step > 0) | ((step == 0) & (np.diff(trains.time_ms) >= 0))):
        return trains
    order = np.lexsort((trains.time_ms, cell))
    return replace(
        trains,
        group=trains.group[order],
        neuron=trains.neuron[order],
        time_ms=trains.time_ms[order],
    )


def after(trains: Trains, warm_up_ms: float) -> Trains:
    """The trains without their first `warm_up_ms`: times count from its end.

    Raises
    ------
    ValueError
        If the warm-up is negative, or as long as what was observed of a group.
    """
    if warm_up_ms == 0:
        return trains
    shortest = np.min(trains.duration_ms, initial=np.inf, where=~np.isnan(trains.duration_ms))
    if not 0 <= warm_up_ms < shortest:
        raise ValueError(
            f"a warm-up of {warm_up_ms} ms: it must be at least 0 and shorter than the "
            f"{shortest} ms that were observed"
        )
    keep = trains.time_ms > warm_up_ms + EDGE
    return replace(
        trains,
        group=trains.group[keep],
        neuron=trains.neuron[keep],
        time_ms=trains.time_ms[keep] - warm_up_ms,
        duration_ms=trains.duration_ms - warm_up_ms,
    )


def rates(trains: Trains) -> Floats:
    """Firing rate (Hz) of every neuron of every group, silent neurons included."""
    counts = np.bincount(trains.cell, minlength=int(trains.sizes.sum()))
    return 1000.0 * counts / trains.duration_ms[trains.group_of_cell]


def intervals(trains: Trains) -> tuple[Ints, Floats]:
    """Intervals between successive spikes of the same neuron.

    Returns
    -------
    cell, interval_ms
        The neuron (index among the neurons of all groups) and length of each interval,
        in order of neuron, then time.
    """
    trains = in_order(trains)
    cell = trains.cell
    same = cell[1:] == cell[:-1]
    return cell[1:][same], np.diff(trains.time_ms)[same]


def interval_cv(cell: Ints, interval_ms: Floats, n_cells: int) -> Floats:
    """Coefficient of variation of the intervals of every neuron.

    The standard deviation is that of the sample (divided by n - 1), so that a neuron needs two
    intervals; the others have NaN.

    Notes
    -----
    0 for a regular train, 1 for a Poisson process (Softky and Koch 1993).
    """
    count = np.bincount(cell, minlength=n_cells)
    mean = quotient(np.bincount(cell, weights=interval_ms, minlength=n_cells), count)
    # Two passes: the mean square minus the squared mean loses half of the digits.
    square = np.bincount(cell, weights=(interval_ms - mean[cell]) ** 2, minlength=n_cells)
    sd = np.sqrt(quotient(square, np.where(count > 1, count - 1, 0)))
    return np.where(count > 1, quotient(sd, mean), np.nan)


def local_variation(cell: Ints, interval_ms: Floats, n_cells: int) -> Floats:
    """Local variation of the intervals of every neuron.

    With the n intervals I of a neuron, in order of time::

        LV = 3 / (n - 1) sum_i ((I_i - I_(i+1)) / (I_i + I_(i+1)))**2

    Two intervals of length 0 (three spikes in one step) do not differ: their term is 0.

    Parameters
    ----------
    cell, interval_ms
        As `intervals` returns them.
    n_cells
        Number of neurons of all groups.

    Returns
    -------
    array
        Shape (n_cells,); NaN for a neuron with fewer than two intervals.

    Notes
    -----
    0 for a regular train, 1 for a Poisson process, 3 / (2 k + 1) for a gamma process of order
    k; unlike the coefficient of variation it does not grow when the rate drifts. Shinomoto,
    Shima and Tanji (2003), Neural Computation 15(12).
    """
    same = cell[1:] == cell[:-1]
    both = (interval_ms[1:] + interval_ms[:-1])[same]
    difference = np.diff(interval_ms)[same]
    term = np.divide(difference, both, out=np.zeros_like(both), where=both > 0) ** 2
    return 3.0 * group_mean(cell[1:][same], term, n_cells)


def latencies(trains: Trains) -> Floats:
    """Time (ms) of the first spike of every neuron of every group; NaN for silent neurons."""
    first = np.full(int(trains.sizes.sum()), np.inf)
    np.minimum.at(first, trains.cell, trains.time_ms)
    return np.where(np.isinf(first), np.nan, first)
