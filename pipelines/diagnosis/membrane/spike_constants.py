"""What the spikes of one neuron do to its potential: threshold, reset, refractory period."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# Difference of potentials (mV) that is no rounding error.
_SAME_MV = 1e-9
# Smallest number of spikes that show a refractory period without a fit of the membrane.
_FEWEST_ALIKE = 3


@dataclass(frozen=True)
class SpikeConstants:
    """Reset and refractory period of a neuron, and bounds of its threshold.

    Attributes
    ----------
    reset_mv
        Potential after a spike; None if there is no spike, or it is not the same after all.
    refractory
        Smallest and largest number of steps for which the potential may be held after a spike: the
        same if they can be told; None if unknown.
    threshold_mv
        Highest potential without a spike, and lowest potential that caused one.
    """

    reset_mv: float | None
    refractory: tuple[int, int] | None
    threshold_mv: tuple[float, float]


def steps_to_reset(v: np.ndarray, spikes: np.ndarray) -> int | None:
    """Number of steps from the time of each spike to the sample at which v is reset.

    Parameters
    ----------
    v : ndarray, shape (n_samples,)
        Potential (mV) at every step.
    spikes : ndarray of int
        Samples at the times of the spikes.

    Returns
    -------
    int or None
        0 if a spike has the time of the end of its step, 1 if that of its beginning; None if v is
        not reset to one potential near its spikes, or there are none.
    """
    for steps in (0, 1, -1):
        at = spikes + steps
        at = at[(at > 0) & (at < len(v))]
        if len(at) and np.ptp(v[at]) <= _SAME_MV and np.all(v[at] < v[at - 1]):
            return steps
    return None


def spike_constants(
    v: np.ndarray, spikes: np.ndarray, predicted: np.ndarray | None, noise_mv: float
) -> SpikeConstants:
    """Measure what the spikes of a neuron do.

    Parameters
    ----------
    v : ndarray, shape (n_samples,)
        Potential (mV) at every step.
    spikes : ndarray of int
        Samples at which the neuron spikes.
    predicted : ndarray or None, shape (n_samples,)
        Potential at each sample as predicted from the sample before by the fitted membrane; None
        without a fit.
    noise_mv
        Standard deviation of its error.
    """
    spikes = spikes[(spikes > 0) & (spikes < len(v))]
    after = v[spikes]
    same = len(spikes) > 0 and float(np.ptp(after)) <= _SAME_MV
    # A reset lowers the potential; otherwise the sample was taken before it.
    reset = float(after[0]) if same and bool(np.all(after < v[spikes - 1])) else None
    margin = max(_SAME_MV, 6 * noise_mv)
    refractory: tuple[int, int] | None = None
    counts: list[int | None] = []
    held = np.zeros(len(v), bool)
    for spike in spikes:
        held[spike] = True
        if reset is None:
            continue
        moved = np.flatnonzero(np.abs(v[spike + 1 :] - v[spike]) > _SAME_MV)
        last = int(moved[0]) if len(moved) else len(v) - 1 - spike
        held[spike : spike + last + 1] = True
        counts.append(last if len(moved) else None)
        if predicted is None:
            continue
        # Steps in which a free membrane would have moved.
        apart = np.abs(predicted[spike + 1 : spike + 1 + last] - v[spike]) > margin
        told = np.flatnonzero(apart)
        least = int(told[-1]) + 1 if len(told) else 0
        most = last if len(moved) else len(v)
        low, high = refractory or (0, len(v))
        refractory = max(low, least), min(high, most)
    known = [count for count in counts if count is not None]
    if predicted is None and len(known) >= _FEWEST_ALIKE and len(set(known)) == 1:
        # Input would have moved v after another number of steps after some of them.
        refractory = known[0], known[0]
    if refractory is not None and refractory[0] > refractory[1]:
        refractory = None
    crossed = np.inf
    if predicted is not None and len(spikes):
        # The potential that made a spike is not recorded.
        made = predicted[spikes][~held[spikes - 1]]
        made = made[~np.isnan(made)]
        crossed = float(made.min()) + 6 * noise_mv if len(made) else np.inf
    free = ~held
    free[0] = False  # no spike is possible before the first step
    return SpikeConstants(reset, refractory, (float(v[free].max(initial=-np.inf)), crossed))
