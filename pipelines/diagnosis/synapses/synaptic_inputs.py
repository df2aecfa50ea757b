"""Decay and jumps of recorded synaptic currents or conductances of one neuron.

Between inputs an exponential current is multiplied by d = exp(-h / tau) in each step of length h.
An alpha-shaped one, of which the second state r is not recorded, obeys

    I[k+1] - 2 d I[k] + d^2 I[k-1] = h d J[k]

where J[k] is the jump of r in step k (Rotter and Diesmann 1999, Biol. Cybern. 81:381-402).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# Relative widths of a group of equal factors, tried one after the other: rounding of 64-bit and
# 32-bit floats.
_WIDTHS = (1e-12, 1e-9, 1e-6)
# Smallest number and share of steps without input.
_FEWEST, _LEAST_SHARE = 5, 0.05
# Smallest current, as a share of the largest one, whose decay is used.
_SMALL = 1e-6
# Smallest jump, as a share of the largest current.
_NO_JUMP = 1e-7


@dataclass(frozen=True)
class SynapticInput:
    """A recorded current (nA) or conductance (uS) of one neuron.

    Attributes
    ----------
    values : ndarray, shape (n_samples,)
        One sample for each time step.
    factor, factor_error
        Factor by which it decays in one step, with its standard error; NaN if it cannot be
        determined, as with inputs in nearly every step.
    is_alpha
        Whether it is alpha-shaped.
    steps, sizes : ndarray, shape (n_jumps,)
        Samples at which inputs arrive, and their weights (nA or uS).
    """

    values: np.ndarray
    factor: float
    factor_error: float
    is_alpha: bool
    steps: np.ndarray
    sizes: np.ndarray

    @property
    def is_known(self) -> bool:
        """Whether its decay and its jumps are known."""
        return bool(np.isfinite(self.factor))


def measure_input(values: np.ndarray, timestep: float, is_alpha: bool | None) -> (
    SynapticInput | None
):  # fmt: skip
    """Measure the decay and the jumps of a recorded current or conductance.

    Parameters
    ----------
    values : ndarray, shape (n_samples,)
        One sample for each time step (ms) from time 0 on.
    is_alpha
        Whether it is alpha-shaped; None if unknown.

    Returns
    -------
    SynapticInput or None
        None if there is no input.
    """
    if len(values) < _FEWEST or not np.ptp(values):
        return None
    for alpha in (False, True) if is_alpha is None else (is_alpha,):
        found = _typical(_alpha_factors(values) if alpha else _factors(values))
        if found is not None:
            steps, sizes = _jumps(values, found[0], timestep, alpha)
            return SynapticInput(values, *found, alpha, steps, sizes)
    none = np.empty(0)
    return SynapticInput(values, np.nan, np.nan, bool(is_alpha), none.astype(int), none)


def _factors(values: np.ndarray) -> np.ndarray:
    there = np.abs(values[:-1]) > _SMALL * np.abs(values).max()
    return values[1:][there] / values[:-1][there]


def _alpha_factors(values: np.ndarray) -> np.ndarray:
    before, now, after = values[:-2], values[1:-1], values[2:]
    there = np.abs(before) > 1e3 * _SMALL * np.abs(values).max()
    root = np.sqrt(np.maximum(now**2 - before * after, 0.0))
    # Of the two roots of I[k+1] - 2 d I[k] + d^2 I[k-1] = 0 the one for which r has the sign of I.
    with np.errstate(divide="ignore", invalid="ignore"):
        factors = (now - np.sign(before) * root) / before
    return factors[there]


def _typical(factors: np.ndarray) -> tuple[float, float] | None:
    """Most frequent factor between 0 and 1, with its standard error; None if there is none."""
    inside = np.sort(factors[(factors > 0) & (factors < 1)])
    fewest = max(_FEWEST, int(np.ceil(_LEAST_SHARE * len(factors))))
    for width in _WIDTHS:
        if not len(inside):
            break
        ends = np.searchsorted(inside, inside * (1 + width), side="right")
        size = ends - np.arange(len(inside))
        first = int(size.argmax())
        if size[first] >= fewest:
            group = inside[first : ends[first]]
            error = group.std() / np.sqrt(len(group)) + 1e-16
            return float(group.mean()), float(error)
    return None


def _jumps(
    values: np.ndarray, factor: float, timestep: float, is_alpha: bool
) -> tuple[np.ndarray, np.ndarray]:
    largest = np.abs(values).max()
    if not is_alpha:
        jump = values[1:] - factor * values[:-1]
        at = np.flatnonzero(np.abs(jump) > _NO_JUMP * largest)
        return at + 1, jump[at]
    bend = values[2:] - 2 * factor * values[1:-1] + factor**2 * values[:-2]
    tau = -timestep / np.log(factor)
    # The jump of r is w e / tau.
    weight = bend / (timestep * factor) * tau / np.e
    at = np.flatnonzero(np.abs(weight) > 1e-5 * np.abs(weight).max(initial=0.0))
    return at + 1, weight[at]
