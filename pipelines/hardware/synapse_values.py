"""Weights, delays and synapses as a chip realises them: pure functions of arrays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

# Decimals of a weight in units of a level: rounding errors, which differ between backends, must not
# decide between two levels.
_DECIMALS = 6


def on_levels(
    weights: np.ndarray,
    lowest: np.ndarray | float,
    highest: np.ndarray | float,
    bits: int,
    uniform: np.ndarray | None = None,
) -> np.ndarray:
    """Weights rounded to ``lowest + k (highest - lowest) / (2^bits - 1)``.

    Parameters
    ----------
    weights
        In nA or uS, shape (n,).
    lowest, highest
        Weights of the first and last level, of all synapses or of each.
    bits
        Bits of a weight.
    uniform
        Random numbers in [0, 1), shape (n,), for stochastic rounding, whose mean is the weight;
        without them weights are rounded to the nearest level, up in the middle.
    """
    step = (highest - lowest) / (2**bits - 1)
    if not np.any(step):
        return np.array(weights)
    exact = np.round((weights - lowest) / np.where(step == 0, 1.0, step), _DECIMALS)
    # A draw below the fraction rounds up; a whole number stays.
    level = np.floor(exact + 0.5) if uniform is None else np.ceil(exact - uniform)
    level = np.clip(level, 0, 2**bits - 1)
    return np.asarray(np.where(step == 0, weights, lowest + level * step))


def on_delay_grid(delays: np.ndarray, timestep: float, allowed: Mapping[str, Any]) -> np.ndarray:
    """Delays (ms) that the chip has, nearest to those that were asked for.

    Parameters
    ----------
    delays
        In ms, shape (n,).
    timestep
        Of the simulation, in ms; delays are whole numbers of steps, one at least.
    allowed
        ``common_ms``, or ``minimum_ms``, ``maximum_ms``, ``step_ms`` and ``bits``: see
        `profile_model.Delays`. All are optional.
    """
    if "common_ms" in allowed:
        delays = np.full(len(delays), float(allowed["common_ms"]))
    step, low = allowed.get("step_ms"), allowed.get("minimum_ms", 0.0)
    high = allowed.get("maximum_ms", np.inf)
    if "bits" in allowed:
        low = allowed.get("minimum_ms", step)
        high = low + (2 ** allowed["bits"] - 1) * step
    delays = np.clip(delays, low, high)
    if step:
        begin = low or step
        most = np.floor((high - begin) / step + 1e-9) if np.isfinite(high) else np.inf
        delays = begin + np.clip(np.floor((delays - begin) / step + 0.5 + 1e-9), 0, most) * step
    steps = np.maximum(np.floor(delays / timestep + 0.5 + 1e-6), 1)
    return np.asarray(np.round(steps * timestep, 10))


def within_fan_in(
    post: np.ndarray, taken: np.ndarray, inputs: int, uniform: np.ndarray
) -> np.ndarray:
    """Which synapses find room at their neurons, as booleans of shape (n,).

    Parameters
    ----------
    post
        Index of each synapse's neuron, shape (n,).
    taken
        Inputs that each neuron has already, shape (n_neurons,).
    inputs
        Inputs that a neuron can have.
    uniform
        Random numbers, shape (n,): those of a neuron with the smallest ones come first.
    """
    order = np.lexsort((uniform, post))
    begins = np.searchsorted(post[order], post[order])
    kept = np.zeros(len(post), dtype=bool)
    kept[order] = np.arange(len(post)) - begins < inputs - taken[post[order]]
    return kept


def transmitted(
    times_ms: np.ndarray, uniform: np.ndarray, share: float, spikes_per_s: float | None
) -> np.ndarray:
    """Which spikes a link transmits, as booleans of shape (n,).

    Parameters
    ----------
    times_ms
        Time of each spike in ms, shape (n,).
    uniform
        Random numbers in [0, 1), shape (n,).
    share
        Share of spikes that is lost at random.
    spikes_per_s
        Spikes per s that the link transmits, None for any number. It has no queue: in a window of
        1 ms (longer if it transmits less than one in that) the spikes beyond are lost, drawn at
        random.
    """
    kept = uniform >= share
    if spikes_per_s is None:
        return kept
    per_window = spikes_per_s * 1e-3 * max(1.0, 1e3 / spikes_per_s)
    # Spike times are whole steps, which sums of floats may miss by a little.
    window = np.floor(times_ms / max(1.0, 1e3 / spikes_per_s) - 1e-9)
    # Spikes in order of windows, those that are lost at random last, the others in random order.
    order = np.lexsort((uniform, ~kept, window))
    ordered = window[order]
    rank = np.arange(len(ordered)) - np.searchsorted(ordered, ordered)
    room = np.floor((ordered + 1) * per_window) - np.floor(ordered * per_window)
    within = np.empty(len(ordered), dtype=bool)
    within[order] = rank < room
    return np.asarray(kept & within)
