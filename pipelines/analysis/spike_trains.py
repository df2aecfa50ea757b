"""Statistics of spike trains: many groups of neurons at once, without a loop over neurons.

A *group* is one population of one run. Trains are flat arrays, one entry a spike: which
group, which neuron of it, when. Neurons without spikes exist through the sizes of the groups.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SPIKE_METRICS: dict[str, tuple[str, str]] = {
    "n_spikes": ("1", "number of spikes"),
    "rate_mean": ("Hz", "firing rate, mean over neurons"),
    "rate_sd": ("Hz", "firing rate, standard deviation over neurons"),
    "isi_mean": ("ms", "interval between spikes, mean over intervals"),
    "isi_cv": ("1", "coefficient of variation of intervals, mean over neurons"),
    "time_to_first_spike": ("ms", "time of the first spike"),
}
"""Name of each metric of a population -> its unit and its meaning."""


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
    cell = trains.cell
    order = np.lexsort((trains.time_ms, cell))
    cell, time_ms = cell[order], trains.time_ms[order]
    same = cell[1:] == cell[:-1]
    return cell[1:][same], np.diff(time_ms)[same]


def interval_cv(cell: Ints, interval_ms: Floats, n_cells: int) -> Floats:
    """Coefficient of variation of the intervals of every neuron.

    The standard deviation is that of the sample (divided by n - 1), so that a neuron needs two
    intervals; the others have NaN.

    Notes
    -----
    0 for a regular train, 1 for a Poisson process (Softky and Koch 1993).
    """
    count = np.bincount(cell, minlength=n_cells)
    mean = _divide(np.bincount(cell, weights=interval_ms, minlength=n_cells), count)
    # Two passes: the mean square minus the squared mean loses half of the digits.
    square = np.bincount(cell, weights=(interval_ms - mean[cell]) ** 2, minlength=n_cells)
    sd = np.sqrt(_divide(square, np.where(count > 1, count - 1, 0)))
    return np.where(count > 1, _divide(sd, mean), np.nan)


def spike_metrics(trains: Trains) -> dict[str, Floats]:
    """All of `SPIKE_METRICS` for every group.

    Returns
    -------
    dict
        Metric -> values, shape (n_groups,). NaN where a metric does not exist: intervals of a
        population in which no neuron fired twice, the first spike of a silent one, a rate
        without a duration.
    """
    n_groups, n_cells = len(trains.sizes), int(trains.sizes.sum())
    group_of_cell = trains.group_of_cell
    n_spikes = np.bincount(trains.group, minlength=n_groups)

    rate = rates(trains)
    rate_mean = _divide(np.bincount(group_of_cell, rate, n_groups), trains.sizes)
    deviation = (rate - rate_mean[group_of_cell]) ** 2
    rate_sd = np.sqrt(_divide(np.bincount(group_of_cell, deviation, n_groups), trains.sizes))

    cell, interval_ms = intervals(trains)
    group = group_of_cell[cell]
    isi_mean = _divide(
        np.bincount(group, interval_ms, n_groups), np.bincount(group, minlength=n_groups)
    )
    cv = interval_cv(cell, interval_ms, n_cells)
    known = ~np.isnan(cv)
    isi_cv = _divide(
        np.bincount(group_of_cell[known], cv[known], n_groups),
        np.bincount(group_of_cell[known], minlength=n_groups),
    )

    first = np.full(n_groups, np.inf)
    np.minimum.at(first, trains.group, trains.time_ms)
    return {
        "n_spikes": n_spikes.astype(float),
        "rate_mean": rate_mean,
        "rate_sd": rate_sd,
        "isi_mean": isi_mean,
        "isi_cv": isi_cv,
        "time_to_first_spike": np.where(np.isinf(first), np.nan, first),
    }


def population_metrics(
    neuron: ArrayLike, time_ms: ArrayLike, size: int, duration_ms: float
) -> Mapping[str, float]:
    """`spike_metrics` of one population of `size` neurons, observed for `duration_ms`.

    Examples
    --------
    >>> population_metrics([0, 0, 0], [10.0, 20.0, 30.0], size=1, duration_ms=100.0)["isi_mean"]
    10.0
    """
    values = spike_metrics(one_group(neuron, time_ms, size, duration_ms))
    return {name: float(value[0]) for name, value in values.items()}


def _divide(numerator: Floats | Ints, denominator: Floats | Ints) -> Floats:
    """Quotient; NaN where the denominator is 0."""
    numerator = np.asarray(numerator, float)
    return np.divide(
        numerator, denominator, out=np.full(numerator.shape, np.nan), where=denominator != 0
    )
