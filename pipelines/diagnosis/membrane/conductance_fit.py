"""Constants of a conductance-based membrane, fitted to the recorded state of one neuron.

    dv/dt = -(v - level) / tau_m - sum of g (v - e_rev) / cm

Each step is integrated from the recorded state at its beginning, with conductances that are known
within the step. Several integration schemes are tried; the one with the smallest residual is the
run's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from pipelines.diagnosis.membrane.membrane_fit import (
    FEWEST_STEPS,
    Constants,
    free_steps,
    is_white,
    with_decays,
)
from pipelines.diagnosis.synapses.synaptic_inputs import SynapticInput

_ITERATIONS = 8
# Parts of a step for accurate integration.
_PARTS = 2
# Largest residual (mV) of a scheme that describes a recording.
_ACCURATE_MV = 1e-6
# Residual of another scheme, as a share of that of accurate integration, to be the run's scheme.
_BETTER = 1e-2

Conductance = Callable[[float], np.ndarray]
Derivative = Callable[[np.ndarray, np.ndarray], np.ndarray]
Step = Callable[[np.ndarray, Conductance, Derivative, float, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class ConductanceFit:
    """Constants of a cell, and its integration scheme: a cause's name, empty if accurate."""

    constants: Constants
    scheme: str


def conductance_constants(
    v: np.ndarray, spikes: np.ndarray, inputs: Mapping[str, SynapticInput], timestep: float
) -> ConductanceFit | None:
    """Fit the constants of a conductance-based membrane.

    Parameters
    ----------
    v : ndarray, shape (n_samples,)
        Potential (mV) at every step.
    spikes : ndarray of int
        Samples at which the neuron spikes.
    inputs
        Its conductances (uS) by name; their decay has to be known.
    timestep
        In ms.

    Returns
    -------
    ConductanceFit or None
        Constants ``tau_m`` (ms), ``level`` (mV; the potential without input), ``cm`` (nF) and, for
        each conductance, ``e_rev <name>`` (mV) and ``tau <name>`` (ms). None if no scheme
        describes the recording.
    """
    free = free_steps(v, spikes)
    free[0] = False
    if free.sum() < max(FEWEST_STEPS, 10 * (2 + len(inputs))) or not inputs:
        return None
    if not all(given.is_known for given in inputs.values()):
        return None
    found = []
    for name, step in _SCHEMES:
        fitted = _fit(v, free, inputs, timestep, step)
        if fitted is not None:
            found.append(ConductanceFit(with_decays(fitted, inputs, timestep), name))
    if not found:
        return None
    best = min(found, key=lambda one: one.constants.residual_mv)
    if found[0].constants.residual_mv * _BETTER < best.constants.residual_mv:
        best = found[0]
    if best.constants.residual_mv < _ACCURATE_MV:
        return best
    # With noise the schemes cannot be told apart.
    accurate = found[0]
    return accurate if not accurate.scheme and is_white(v, accurate.constants, free) else None


def _runge_kutta(
    v: np.ndarray, g: Conductance, f: Derivative, h: float, theta: np.ndarray
) -> np.ndarray:
    part = h / _PARTS
    for k in range(_PARTS):
        begin, middle, end = (g((k + share) / _PARTS) for share in (0.0, 0.5, 1.0))
        k1 = f(v, begin)
        k2 = f(v + part / 2 * k1, middle)
        k3 = f(v + part / 2 * k2, middle)
        k4 = f(v + part * k3, end)
        v = v + part / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return v


def _euler(v: np.ndarray, g: Conductance, f: Derivative, h: float, theta: np.ndarray) -> np.ndarray:
    return v + h * f(v, g(0.0))


def _exponential(
    v: np.ndarray, g: Conductance, f: Derivative, h: float, theta: np.ndarray
) -> np.ndarray:
    rate = theta[0] + theta[2] * g(0.0).sum(axis=0)
    return v + f(v, g(0.0)) * -np.expm1(-rate * h) / rate


def _midpoint(
    v: np.ndarray, g: Conductance, f: Derivative, h: float, theta: np.ndarray
) -> np.ndarray:
    return v + h * f(v + h / 2 * f(v, g(0.0)), g(0.5))


def _heun(v: np.ndarray, g: Conductance, f: Derivative, h: float, theta: np.ndarray) -> np.ndarray:
    first = f(v, g(0.0))
    return v + h / 2 * (first + f(v + h * first, g(1.0)))


_SCHEMES: tuple[tuple[str, Step], ...] = (
    ("", _runge_kutta),
    ("forward Euler", _euler),
    ("exponential Euler", _exponential),
    ("Runge-Kutta of low order", _midpoint),
    ("Runge-Kutta of low order", _heun),
)


def _conductances(inputs: Mapping[str, SynapticInput]) -> Conductance:
    """Function of the share of a step that returns the conductances, shape (n_inputs, n_steps)."""

    def at(share: float) -> np.ndarray:
        rows = []
        for given in inputs.values():
            now = given.values[:-1]
            if given.is_alpha:
                # g and its hidden state r decay alike: g(t) = (g + r t) exp(-t / tau).
                now = now + (given.values[1:] / given.factor - now) * share
            rows.append(now * given.factor**share)
        return np.array(rows)

    return cache(at)


def _fit(
    v: np.ndarray,
    free: np.ndarray,
    inputs: Mapping[str, SynapticInput],
    timestep: float,
    step: Step,
) -> Constants | None:
    """Fit theta = (1/tau_m, level/tau_m, 1/cm, e_rev/cm of each input) by Gauss and Newton."""
    g = _conductances(inputs)

    def model(theta: np.ndarray) -> np.ndarray:
        def derivative(at: np.ndarray, given: np.ndarray) -> np.ndarray:
            rate = theta[0] + theta[2] * given.sum(axis=0)
            return theta[1] - rate * at + theta[3:] @ given

        return step(v[:-1], g, derivative, timestep, theta)

    # By forward Euler first, which is linear in theta.
    columns = [-v[:-1], np.ones(len(v) - 1), -v[:-1] * g(0.0).sum(axis=0), *g(0.0)]
    theta, *_ = np.linalg.lstsq(
        np.column_stack(columns)[free], np.diff(v)[free] / timestep, rcond=None
    )
    for _ in range(_ITERATIONS):
        now = model(theta)
        sizes = np.maximum(np.abs(theta), 1e-3) * 1e-6
        slopes = np.column_stack([(model(theta + e) - now)[free] / e.max() for e in np.diag(sizes)])
        norms = np.linalg.norm(slopes, axis=0)
        if not np.all(np.isfinite(norms)) or np.any(norms == 0):
            return None
        u, singular, vt = np.linalg.svd(slopes / norms, full_matrices=False)
        if singular[-1] < 1e-9 * singular[0]:
            return None
        change = (vt.T @ ((u.T @ (v[1:] - now)[free]) / singular)) / norms
        theta = theta + change
        if np.max(np.abs(change) * norms) < 1e-10:
            break
    predicted = model(theta)
    residual = (v[1:] - predicted)[free]
    variance = float(residual @ residual) / max(len(residual) - len(theta), 1)
    variance = max(variance, (2e-15 * np.abs(v).max()) ** 2)
    covariance = variance * (vt.T / singular**2) @ vt / np.outer(norms, norms)
    # Derivatives of (tau_m, level, cm, e_rev of each input) with respect to theta.
    values = np.concatenate([[1 / theta[0], theta[1] / theta[0], 1 / theta[2]],
                             theta[3:] / theta[2]])  # fmt: skip
    slope = np.diag([-(values[0] ** 2), values[0], -(values[2] ** 2), *[values[2]] * len(inputs)])
    slope[1, 0] = -values[1] / theta[0]
    slope[3:, 2] = -values[3:] / theta[2]
    names = ("tau_m", "level", "cm", *(f"e_rev {name}" for name in inputs))
    return Constants(
        names, values, slope @ covariance @ slope.T, float(np.sqrt(variance)), len(residual), 0,
        np.append(np.nan, predicted),
    )  # fmt: skip
