"""Constants of a current-based membrane, fitted to the recorded state of one neuron.

Between spikes v[k+1] = a v[k] + b I[k] + c (Rotter and Diesmann 1999); for alpha-shaped currents
there is a term in I[k+1] too, which stands for the second state of the current. Least squares give
a, b and c with their covariance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pipelines.diagnosis.synapses.synaptic_inputs import SynapticInput

# Smallest number of steps for a fit.
FEWEST_STEPS = 20
# Relative rounding error of a potential, and the residual (mV) below which a fit is exact.
_ROUNDING, EXACT_MV = 2e-15, 1e-7
# Largest residual of white noise in standard deviations, and its largest correlation from step to
# step in standard errors.
_LARGEST_WHITE, _CORRELATION_ERRORS = 6.0, 5.0
# Largest excess kurtosis of white noise, and the same in standard errors.
_TAILS, _TAIL_ERRORS = 1.0, 5.0


@dataclass(frozen=True)
class Constants:
    """Measured constants of a cell, with their covariance.

    Attributes
    ----------
    names
        ``tau_m``, ``level``, and so on; see `current_constants`.
    values : ndarray, shape (n,)
        In ms, mV and mV/nA.
    covariance : ndarray, shape (n, n)
        Their covariance.
    residual_mv, n_steps
        Standard deviation of the residual, and number of steps of the fit.
    lag
        Step of the current that acts on v[k+1], from k on: 0, or 1 and -1 if it acts one step early
        or late.
    predicted : ndarray, shape (n_samples,)
        Potential at each sample as predicted from the sample before; NaN for the first one.
    """

    names: tuple[str, ...]
    values: np.ndarray
    covariance: np.ndarray
    residual_mv: float
    n_steps: int
    lag: int
    predicted: np.ndarray

    @property
    def is_exact(self) -> bool:
        """Whether the residual is a rounding error."""
        return self.residual_mv < EXACT_MV

    def __getitem__(self, name: str) -> tuple[float, float]:
        """Value and standard error of a constant."""
        at = self.names.index(name)
        return float(self.values[at]), float(np.sqrt(self.covariance[at, at]))

    def of(self, names: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """Values and covariance of some of the constants."""
        at = [self.names.index(name) for name in names]
        return self.values[at], self.covariance[np.ix_(at, at)]


def free_steps(v: np.ndarray, spikes: np.ndarray) -> np.ndarray:
    """Whether the membrane is free from sample k to sample k + 1, shape (n_samples - 1,).

    It is not at a spike, nor while it stays at the same potential after one.
    """
    held = np.zeros(len(v), bool)
    for spike in spikes[(spikes >= 0) & (spikes < len(v))]:
        apart = np.flatnonzero(v[spike:] != v[spike])
        held[spike : spike + (apart[0] if len(apart) else len(v))] = True
    return ~held[:-1] & ~held[1:]


def current_constants(
    v: np.ndarray, spikes: np.ndarray, inputs: Mapping[str, SynapticInput], timestep: float
) -> Constants | None:
    """Fit the constants of a current-based membrane.

    Parameters
    ----------
    v : ndarray, shape (n_samples,)
        Potential (mV) at every step.
    spikes : ndarray of int
        Samples at which the neuron spikes.
    inputs
        Its synaptic currents by name.
    timestep
        In ms.

    Returns
    -------
    Constants or None
        ``tau_m`` (ms; -h / ln a), ``level`` (mV; the potential without input), and for each current
        ``effect <name>`` (mV/nA; the factor of I[k]), for an alpha-shaped one also
        ``later effect <name>`` (of I[k+1]), and ``tau <name>`` (ms; -h / ln of its decay). None if
        v is no linear function of the state one step before, up to white noise.
    """
    free = free_steps(v, spikes)
    # Without the ends, so that the currents one step before and after are known.
    free[[0, -1]] = False
    if free.sum() < FEWEST_STEPS:
        return None
    found = None
    for lag in (0, 1, -1):
        fitted = _fit(v, free, inputs, lag, timestep)
        if fitted is not None and (found is None or fitted.residual_mv < 1e-3 * found.residual_mv):
            found = fitted
        if not inputs or (found is not None and found.is_exact):
            break
    return found if found is not None and is_white(v, found, free) else None


def _fit(
    v: np.ndarray, free: np.ndarray, inputs: Mapping[str, SynapticInput], lag: int, timestep: float
) -> Constants | None:
    columns, names = [v[:-1]], ["tau_m"]
    for name, given in inputs.items():
        columns.append(np.roll(given.values, -lag)[:-1])
        names.append(f"effect {name}")
        if given.is_alpha:
            columns.append(np.roll(given.values, -lag - 1)[:-1])
            names.append(f"later effect {name}")
    table = np.column_stack(columns)
    # Centred and scaled, because the potential is large compared with the other columns.
    middle, at = table[free].mean(axis=0), float(v[1:][free].mean())
    size = table[free].std(axis=0)
    if np.any(size <= 1e-12 * (np.abs(middle) + 1e-12)):
        return None
    scaled = (table - middle) / size
    u, singular, vt = np.linalg.svd(scaled[free], full_matrices=False)
    if singular[-1] < 1e-9 * singular[0]:
        return None
    slopes = vt.T @ ((u.T @ (v[1:][free] - at)) / singular)
    predicted = np.append(np.nan, at + scaled @ slopes)
    residual = (v - predicted)[1:][free]
    n = len(residual)
    variance = float(residual @ residual) / max(n - table.shape[1] - 1, 1)
    variance = max(variance, (_ROUNDING * np.abs(v).max()) ** 2)
    covariance = variance * (vt.T / singular**2) @ vt / np.outer(size, size)
    slopes = slopes / size
    factor = slopes[0]
    if not 0 < factor < 1:
        return None
    level = (at - slopes @ middle) / (1 - factor)
    # Derivatives of (tau_m, level, effects) with respect to (slopes, mean).
    k = len(slopes)
    slope = np.zeros((k + 1, k + 1))
    tau = -timestep / np.log(factor)
    slope[0, 0] = tau**2 / (timestep * factor)
    slope[1, :k] = -middle / (1 - factor)
    slope[1, 0] += level / (1 - factor)
    slope[1, k] = 1 / (1 - factor)
    slope[2:, 1:k] = np.eye(k - 1)
    whole = np.zeros((k + 1, k + 1))
    whole[:k, :k], whole[k, k] = covariance, variance / n
    values = np.concatenate([[tau, level], slopes[1:]])
    names[1:1] = ["level"]
    found = Constants(
        tuple(names), values, slope @ whole @ slope.T, float(np.sqrt(variance)), n, lag, predicted
    )
    return with_decays(found, inputs, timestep)


def with_decays(
    found: Constants, inputs: Mapping[str, SynapticInput], timestep: float
) -> Constants:
    """Add the time constants of the currents, whose errors are independent."""
    inputs = {name: given for name, given in inputs.items() if given.is_known}
    n, m = len(found.values), len(inputs)
    covariance = np.zeros((n + m, n + m))
    covariance[:n, :n] = found.covariance
    names, values = list(found.names), list(found.values)
    for row, (name, given) in enumerate(inputs.items(), n):
        tau = -timestep / np.log(given.factor)
        names.append(f"tau {name}")
        values.append(tau)
        covariance[row, row] = (tau**2 / (timestep * given.factor) * given.factor_error) ** 2
    return Constants(
        tuple(names), np.array(values), covariance, found.residual_mv, found.n_steps, found.lag,
        found.predicted,
    )  # fmt: skip


def is_white(v: np.ndarray, found: Constants, free: np.ndarray) -> bool:
    """Whether the residual is a rounding error or white noise."""
    if found.is_exact:
        return True
    residual = np.where(free, (v - found.predicted)[1:], np.nan)
    pairs = residual[1:] * residual[:-1]
    pairs = pairs[~np.isnan(pairs)]
    if len(pairs) < FEWEST_STEPS:
        return False
    correlation = pairs.mean() / found.residual_mv**2
    scaled = residual[~np.isnan(residual)] / found.residual_mv
    # Single events, such as inputs that act otherwise, have longer tails than noise.
    tails = np.mean(scaled**4) - 3.0
    return bool(
        abs(correlation) < _CORRELATION_ERRORS / np.sqrt(len(pairs))
        and np.abs(scaled).max() < _LARGEST_WHITE
        and tails < max(_TAILS, _TAIL_ERRORS * np.sqrt(24 / len(scaled)))
    )
