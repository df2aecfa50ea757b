"""One step of a current-based membrane under different integration schemes.

The state y = (v, I) or, for alpha-shaped currents, (v, I, r) obeys dy/dt = A y. A scheme replaces
the exact propagator exp(A h) by another matrix; its elements are what a recording shows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import factorial

import numpy as np

Matrix = np.ndarray

# Difference of two rates, in 1 / step, below which a series is used.
_SMALL = 0.03


@dataclass(frozen=True)
class Scheme:
    """An integration scheme.

    Attributes
    ----------
    cause
        Name of the cause that a run with this scheme differs by; empty for exact integration.
    meaning
        The scheme in words.
    propagator
        Function of A (1/ms) and the time step (ms) that returns the matrix of one step.
    """

    cause: str
    meaning: str
    propagator: Callable[[Matrix, float], Matrix]


def _euler(parts: int) -> Callable[[Matrix, float], Matrix]:
    def step(a: Matrix, h: float) -> Matrix:
        return np.linalg.matrix_power(np.eye(len(a)) + a * (h / parts), parts)

    return step


def _truncated(order: int) -> Callable[[Matrix, float], Matrix]:
    def step(a: Matrix, h: float) -> Matrix:
        powers = (np.linalg.matrix_power(a * h, k) / factorial(k) for k in range(order + 1))
        return np.sum(list(powers), axis=0)

    return step


def _backward_euler(a: Matrix, h: float) -> Matrix:
    return np.linalg.inv(np.eye(len(a)) - a * h)


def _trapezoidal(a: Matrix, h: float) -> Matrix:
    unit = np.eye(len(a))
    return np.linalg.solve(unit - a * (h / 2), unit + a * (h / 2))


def exact(a: Matrix, h: float) -> Matrix:
    """The exact propagator exp(A h), in closed form."""
    x, y = -a[0, 0] * h, -a[1, 1] * h
    m = np.diag(np.exp(np.diag(a) * h))
    z = y - x
    # A search tries time constants of which one factor would overflow where the other is 0.
    mean = (m[0, 0] - m[1, 1]) / z if abs(z) > 1 else m[0, 0] * (-np.expm1(-z) / z if z else 1.0)
    m[0, 1] = a[0, 1] * h * mean
    if len(a) > 2:
        m[1, 2] = h * m[1, 1]
        m[0, 2] = a[0, 1] * h**2 * m[0, 0] * _second_moment(z)
    return m


def _second_moment(z: float) -> float:
    """(1 - (1 + z) exp(-z)) / z^2, without cancellation at small z."""
    if abs(z) < _SMALL:
        return 1 / 2 - z / 3 + z**2 / 8 - z**3 / 30 + z**4 / 144 - z**5 / 840
    return float((1 - np.exp(-z) * (1 + z)) / z**2)


def _membrane_only(
    leak: Callable[[float], float], effect: Callable[[float, float], float]
) -> Callable[[Matrix, float], Matrix]:
    """Scheme of the membrane with exact currents.

    Parameters
    ----------
    leak, effect
        Functions of x = h / tau_m (and of the currents' factor d in one step) that return the
        membrane's own factor, and the effect of a current in units of h / cm.
    """

    def step(a: Matrix, h: float) -> Matrix:
        m = exact(a, h)
        x = -a[0, 0] * h
        m[0, 0] = leak(x)
        m[0, 1:] = 0.0
        m[0, 1] = a[0, 1] * h * effect(x, m[1, 1])
        return m

    return step


def _held(x: float) -> float:
    """Effect of a constant current: (1 - exp(-x)) / x."""
    return float(-np.expm1(-x) / x)


EXACT = Scheme("", "integrated exactly", exact)

_EULER, _EXPONENTIAL = "forward Euler", "exponential Euler"
_LOW_ORDER, _OTHER = "Runge-Kutta of low order", "implicit integration"

OTHER_SCHEMES: tuple[Scheme, ...] = (
    Scheme(_EULER, "forward Euler", _euler(1)),
    *(Scheme(_EULER, f"forward Euler in {k} parts of a step", _euler(k)) for k in (2, 3, 4, 5, 10)),
    Scheme(
        _EULER, "forward Euler for v, with exact currents",
        _membrane_only(lambda x: 1 - x, lambda x, d: 1.0),
    ),
    Scheme(
        _EULER, "forward Euler for v, with exact currents that decay before they act",
        _membrane_only(lambda x: 1 - x, lambda x, d: d),
    ),
    Scheme(
        _EXPONENTIAL, "exponential Euler: the current is held over a step",
        _membrane_only(lambda x: float(np.exp(-x)), lambda x, d: _held(x)),
    ),
    Scheme(
        _EXPONENTIAL, "exponential Euler with currents that decay before they act",
        _membrane_only(lambda x: float(np.exp(-x)), lambda x, d: d * _held(x)),
    ),
    Scheme(_LOW_ORDER, "Runge-Kutta of order 2", _truncated(2)),
    Scheme(_LOW_ORDER, "Runge-Kutta of order 3", _truncated(3)),
    Scheme(
        _LOW_ORDER, "Runge-Kutta of order 2 for v, with currents held over a step",
        _membrane_only(lambda x: 1 - x + x * x / 2, lambda x, d: 1 - x / 2),
    ),
    Scheme(
        _LOW_ORDER, "the midpoint rule for v, with exact currents",
        _membrane_only(lambda x: 1 - x + x * x / 2, lambda x, d: np.sqrt(d) - x / 2),
    ),
    Scheme(
        _LOW_ORDER, "the rule of Heun for v, with exact currents",
        _membrane_only(lambda x: 1 - x + x * x / 2, lambda x, d: (1 + d) / 2 - x / 2),
    ),
    Scheme(_OTHER, "backward Euler", _backward_euler),
    Scheme(_OTHER, "the trapezoidal rule", _trapezoidal),
)  # fmt: skip
"""Schemes other than exact integration, the most common first."""

COMMON_SCHEMES = tuple(
    scheme for scheme in OTHER_SCHEMES if scheme.meaning in
    ("forward Euler", "forward Euler for v, with exact currents", "backward Euler",
     "exponential Euler: the current is held over a step", "Runge-Kutta of order 2")
)  # fmt: skip
"""Schemes that both runs may have."""
