"""Parameters of cells and gains of synapses as a chip realises them: pure functions of arrays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

# Smallest realised value of a quantity that is positive, relative to what was asked for: a normal
# distribution is cut off there.
_SMALLEST = 0.1
# Smallest distance (mV) of a threshold above the reset potential, below which no neuron can rest.
_ABOVE_RESET_MV = 0.1


def has_scale(name: str) -> bool:
    """Whether a parameter of cells can have a relative spread: constants, and the threshold."""
    return is_positive(name) or name == "v_thresh"


def is_potential(name: str) -> bool:
    """Whether a parameter of cells is a potential."""
    return name.rpartition(".")[2].startswith(("v_", "e_"))


def is_positive(name: str) -> bool:
    """Whether a parameter of cells must be above 0: capacitances and time constants."""
    return name.rpartition(".")[2] in ("cm", "g_leak") or name.rpartition(".")[2].startswith("tau_")


def spread_values(
    asked: np.ndarray,
    uniform: np.ndarray,
    spread: Mapping[str, Any],
    origin: np.ndarray | float = 0.0,
    positive: bool = False,
) -> np.ndarray:
    """Values drawn around those that were asked for.

    Parameters
    ----------
    asked
        Values, shape (n,).
    uniform
        Random numbers in (0, 1), shape (n,), of which the same give the same deviates at every
        width.
    spread
        ``distribution``, and ``cv`` or ``sd``: see `profile_model.Spread`.
    origin
        What a relative spread is relative to: 0, or the resting potential.
    positive
        Whether values must stay above 0. A normal distribution is then cut off at a tenth of the
        value that was asked for.

    Returns
    -------
    ndarray, shape (n,)
        Realised values. A lognormal distribution has the asked value as its mean.
    """
    size = np.abs(asked - origin)
    if spread["distribution"] == "lognormal":
        width = np.sqrt(np.log1p(spread["cv"] ** 2))
        return np.asarray(origin + (asked - origin) * np.exp(width * ndtri(uniform) - width**2 / 2))
    sd = np.broadcast_to(spread["sd"] if "sd" in spread else spread["cv"] * size, asked.shape)
    below = np.zeros(asked.shape)
    if positive:
        # Share of the distribution that is cut off.
        at = np.divide((_SMALLEST - 1) * size, sd, out=np.full(asked.shape, -np.inf), where=sd > 0)
        below = ndtr(at)
    return np.asarray(asked + sd * ndtri(below + uniform * (1 - below)))


def shared_values(asked: np.ndarray, neurons: int) -> np.ndarray:
    """The mean of what each block of `neurons` neurons was asked for, shape (n,).

    Examples
    --------
    >>> shared_values(np.array([10.0, 20.0, 30.0]), 2)
    array([15., 15., 30.])
    """
    starts = np.arange(0, len(asked), neurons)
    sizes = np.diff(np.append(starts, len(asked)))
    lowest, highest = np.minimum.reduceat(asked, starts), np.maximum.reduceat(asked, starts)
    # The mean of equal numbers may differ from them by rounding.
    means = np.where(lowest == highest, lowest, np.add.reduceat(asked, starts) / sizes)
    return np.repeat(means, sizes)


def reset_below_threshold(v_reset: np.ndarray, v_thresh: np.ndarray) -> np.ndarray:
    """Reset potentials (mV) that stay below the thresholds of their neurons."""
    return np.minimum(v_reset, v_thresh - _ABOVE_RESET_MV)
