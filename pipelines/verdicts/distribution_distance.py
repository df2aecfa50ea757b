"""Distance of the distributions of two backends beyond a margin, with its upper bound."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_RESAMPLES = 1_000
# Values at which distribution functions are compared: quantiles of all values.
_MOST_PLACES = 250


@dataclass(frozen=True)
class Excess:
    """How far two sets of runs are apart beyond what does not matter.

    Attributes
    ----------
    value
        The estimate.
    high
        Its upper 95 % bound, by a bootstrap over the runs.
    of_equal
        What it would be if both sets were draws from one backend, shape (n_resamples,).
    """

    value: float
    high: float
    of_equal: Floats

    def power(self, margin: float) -> float:
        """Probability that the upper bound of two equal backends is below a margin."""
        return float(np.mean(self.of_equal + (self.high - self.value) < margin))


def distance_beyond(
    a: Sequence[Floats],
    b: Sequence[Floats],
    upwards: Callable[[Floats], Floats],
    rng: np.random.Generator,
) -> Excess:
    """Distance of Kolmogorov and Smirnov between two backends, beyond a margin.

    The distribution function of a backend is the mean of those of its runs. The distance is the
    largest share of the values of one backend below an x, over that of the values of the other
    below x plus the margin: 0 if the one is the other, shifted by no more than the margin; 0.1
    if a tenth of the values is further off. (The Levy distance with a margin of its own on either
    axis.)

    Parameters
    ----------
    a, b
        Values of each run, none of them empty.
    upwards
        Function from values to the same plus the margin; it does not decrease.
    rng
        Random generator of the bootstrap.
    """
    runs, n_a = [np.sort(values) for values in (*a, *b)], len(a)
    values = np.concatenate(runs)
    places = np.unique(values)
    if len(places) > _MOST_PLACES:
        shares = np.linspace(0, 1, _MOST_PLACES)
        places = np.unique(np.quantile(values, shares, method="nearest"))
    below, beyond = (
        np.array([np.searchsorted(run, x, side="right") / len(run) for run in runs])
        for x in (places, upwards(places))
    )

    def distance(of_a: Floats, of_b: Floats) -> Floats:
        """From weights of the runs, shape (n, n_runs)."""
        one, other = of_a @ below - of_b @ beyond, of_b @ below - of_a @ beyond
        return np.maximum(0.0, np.maximum(one.max(axis=1), other.max(axis=1)))

    n = len(runs)
    groups = np.arange(n) < n_a, np.arange(n) >= n_a
    everything = np.ones(n, bool)
    value = float(distance(*(group[None, :] / group.sum() for group in groups))[0])
    resampled = distance(*(_weights(group, int(group.sum()), rng) for group in groups))
    of_equal = distance(*(_weights(everything, int(group.sum()), rng) for group in groups))
    return Excess(value, float(np.quantile(resampled, 0.95)), of_equal)


def _weights(among: NDArray[np.bool_], size: int, rng: np.random.Generator) -> Floats:
    """Weights of the runs in resamples of `size` of them, shape (n_resamples, n_runs)."""
    weights = np.zeros((_RESAMPLES, len(among)))
    chosen = int(among.sum())
    weights[:, among] = rng.multinomial(size, np.full(chosen, 1 / chosen), _RESAMPLES) / size
    return weights
