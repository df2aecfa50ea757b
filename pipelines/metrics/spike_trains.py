"""Statistics of the spike trains of one population, without a loop over neurons.

Silent neurons are counted by the size of the population.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Function = TypeVar("Function", bound=Callable[..., Any])

TIME_TOLERANCE = 1e-6
"""Times closer than this (in units of the bin, or in ms) are the same time.

Times on a grid of steps are decimal sums in binary, which are rounded up or down.
"""


def cached_on_subject(function: Function) -> Function:
    """Decorator that keeps the results of a statistic on the object that it is computed from.

    Several metrics use the same statistic.
    """

    @wraps(function)
    def known(subject: Any, *arguments: Any) -> Any:
        results = subject.__dict__.setdefault("_known", {})
        key = (function, arguments)
        if key not in results:
            results[key] = function(subject, *arguments)
        return results[key]

    return cast(Function, known)


@dataclass(frozen=True, eq=False)
class Trains:
    """Spike trains of one population of one run.

    Parameters
    ----------
    neuron, time_ms
        Index of the neuron and time of every spike, in any order, shape (n_spikes,); kept in order
        of the neurons, then of time.
    size
        Number of neurons, silent ones included.
    duration_ms
        Observed time; NaN if it is not known.

    Raises
    ------
    ValueError
        If a spike is of a neuron outside the population.
    """

    neuron: Ints
    time_ms: Floats
    size: int
    duration_ms: float = np.nan

    def __init__(
        self, neuron: ArrayLike, time_ms: ArrayLike, size: int, duration_ms: float = np.nan
    ) -> None:
        neuron, time_ms = np.asarray(neuron, np.int64), np.asarray(time_ms, float)
        if len(neuron) and (np.min(neuron) < 0 or np.max(neuron) >= size):
            raise ValueError("a spike belongs to a neuron outside its population")
        step = np.diff(neuron)
        # This check is cheap; a sort takes longer than most of the statistics.
        if not np.all((step > 0) | ((step == 0) & (np.diff(time_ms) >= 0))):
            order = np.lexsort((time_ms, neuron))
            neuron, time_ms = neuron[order], time_ms[order]
        values = {"neuron": neuron, "time_ms": time_ms, "size": int(size)}
        for name, value in (values | {"duration_ms": float(duration_ms)}).items():
            object.__setattr__(self, name, value)


def after(trains: Trains, warm_up_ms: float) -> Trains:
    """The trains without their first `warm_up_ms`; times count from the end of the warm-up.

    Raises
    ------
    ValueError
        If the warm-up is negative, or as long as what was observed.
    """
    if warm_up_ms == 0:
        return trains
    longest = np.inf if np.isnan(trains.duration_ms) else trains.duration_ms
    if not 0 <= warm_up_ms < longest:
        raise ValueError(
            f"a warm-up of {warm_up_ms} ms: it must be at least 0 and shorter than the "
            f"{longest} ms that were observed"
        )
    keep = trains.time_ms > warm_up_ms + TIME_TOLERANCE
    return Trains(
        trains.neuron[keep],
        trains.time_ms[keep] - warm_up_ms,
        trains.size,
        trains.duration_ms - warm_up_ms,
    )


@cached_on_subject
def rates(trains: Trains) -> Floats:
    """Firing rate (Hz) of every neuron, silent ones included, shape (size,)."""
    counts = np.bincount(trains.neuron, minlength=trains.size)
    return cast(Floats, 1000.0 * counts / trains.duration_ms)


@cached_on_subject
def intervals(trains: Trains) -> tuple[Ints, Floats]:
    """Intervals between successive spikes of the same neuron.

    Returns
    -------
    neuron, interval_ms
        The neuron and length of each interval, in order of neuron, then time.
    """
    neuron = trains.neuron
    same = neuron[1:] == neuron[:-1]
    return neuron[1:][same], np.diff(trains.time_ms)[same]


@cached_on_subject
def interval_cv(trains: Trains) -> Floats:
    """Coefficient of variation of the intervals of every neuron.

    The standard deviation is that of the sample (ddof = 1), so that a neuron needs two intervals.

    Returns
    -------
    array
        Shape (size,); NaN for a neuron with fewer than two intervals.

    Notes
    -----
    0 for a regular train, 1 for a Poisson process (Softky and Koch 1993). `elephant.statistics.cv`
    divides by n unless it is given ``ddof=1``.
    """
    neuron, interval_ms = intervals(trains)
    count = np.bincount(neuron, minlength=trains.size)
    mean = quotient(np.bincount(neuron, interval_ms, trains.size), count)
    # Two passes: the mean square minus the squared mean loses half of the digits.
    square = np.bincount(neuron, (interval_ms - mean[neuron]) ** 2, trains.size)
    sd = np.sqrt(quotient(square, np.where(count > 1, count - 1, 0)))
    return np.where(count > 1, quotient(sd, mean), np.nan)


@cached_on_subject
def local_variation(trains: Trains) -> Floats:
    """Local variation of the intervals of every neuron.

    With the n intervals I of a neuron, in order of time::

        LV = 3 / (n - 1) sum_i ((I_i - I_(i+1)) / (I_i + I_(i+1)))**2

    Two intervals of length 0 (three spikes in one step) do not differ: their term is 0.

    Returns
    -------
    array
        Shape (size,); NaN for a neuron with fewer than two intervals.

    Notes
    -----
    0 for a regular train, 1 for a Poisson process, 3 / (2 k + 1) for a gamma process of order
    k; unlike the coefficient of variation it does not grow when the rate drifts. Shinomoto,
    Shima and Tanji (2003), Neural Computation 15(12).
    """
    neuron, interval_ms = intervals(trains)
    same = neuron[1:] == neuron[:-1]
    both = (interval_ms[1:] + interval_ms[:-1])[same]
    difference = np.diff(interval_ms)[same]
    term = np.divide(difference, both, out=np.zeros_like(both), where=both > 0) ** 2
    of_term = neuron[1:][same]
    count = np.bincount(of_term, minlength=trains.size)
    return 3.0 * quotient(np.bincount(of_term, term, trains.size), count)


@cached_on_subject
def latencies(trains: Trains) -> Floats:
    """Time (ms) of the first spike of every neuron, shape (size,); NaN for silent neurons."""
    first = np.full(trains.size, np.nan)
    at = np.flatnonzero(np.diff(trains.neuron, prepend=-1))
    first[trains.neuron[at]] = trains.time_ms[at]
    return first


def quotient(numerator: Floats | Ints, denominator: Floats | Ints) -> Floats:
    """Numerator divided by denominator, arrays of one shape; NaN where the denominator is 0."""
    numerator = np.asarray(numerator, float)
    return np.divide(
        numerator, denominator, out=np.full(numerator.shape, np.nan), where=denominator != 0
    )
