"""Runge-Kutta-Fehlberg 4(5) with adaptive steps, for neurons that are integrated side by side.

Fehlberg (1969); the control of the step size is that of Press et al., Numerical Recipes, as the
GNU Scientific Library has it, which NEST uses.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

# k_i = f(y + h sum_j A_ij k_j)
_A = (
    (1 / 4,),
    (3 / 32, 9 / 32),
    (1932 / 2197, -7200 / 2197, 7296 / 2197),
    (8341 / 4104, -32832 / 4104, 29440 / 4104, -845 / 4104),
    (-6080 / 20520, 41040 / 20520, -28352 / 20520, 9295 / 20520, -5643 / 20520),
)
# Weights of the fifth-order solution, and of its difference from the fourth-order one.
_FIFTH = np.array([902880, 0, 3953664, 3855735, -1371249, 277020]) / 7618050
_ERROR = np.array([1 / 360, 0, -128 / 4275, -2197 / 75240, 1 / 50, 2 / 55])


class Fehlberg:
    """Integrates dy/dt = f(y), each neuron with a step size of its own.

    A step h is accepted where the ratio r of the error to the tolerance, ``absolute + relative *
    |h dy/dt|``, is at most 1.1 for every variable. Where it is larger, the step shrinks by
    max(0.2, 0.9 / r^(1/5)) and is tried again; where r is below 0.5, the next step grows by
    min(5, max(1, 0.9 / r^(1/6))). The suggested step is kept from one time step to the next.

    Parameters
    ----------
    n
        Number of neurons.
    first_step
        Step size to begin with, in ms.
    absolute : ndarray, shape (n_variables,)
        In the units of the variables.
    relative
        See above.
    """

    def __init__(self, n: int, first_step: float, absolute: np.ndarray, relative: float) -> None:
        self.suggested = np.full(n, first_step)
        self._absolute = absolute[:, None]
        self._relative = relative

    def advance(
        self,
        derivative: Callable[[np.ndarray], np.ndarray],
        y: np.ndarray,
        t: np.ndarray,
        end: float,
    ) -> None:
        """Take one accepted step with every neuron that has not come to `end`, in place.

        Parameters
        ----------
        derivative
            f, from and to arrays of the shape of `y`.
        y : ndarray, shape (n_variables, n)
        t : ndarray, shape (n,)
            Time since the beginning of the time step, in ms.
        end
            Where the last piece ends exactly, in ms.
        """
        todo = t < end
        h = np.where(todo, np.minimum(self.suggested, end - t), 0.0)
        first = derivative(y)
        while todo.any():
            k = [first]
            for weights in _A:
                k.append(derivative(y + h * sum(a * slope for a, slope in zip(weights, k))))  # noqa: B905
            new = y + h * np.tensordot(_FIFTH, k, 1)
            error = np.abs(h * np.tensordot(_ERROR, k, 1))
            tolerance = self._absolute
            if self._relative:
                tolerance = tolerance + self._relative * np.abs(h * derivative(new))
            ratio = np.max(error / tolerance, axis=0)
            again = todo & (ratio > 1.1)
            done = todo & ~again
            y[:, done] = new[:, done]
            last = h >= end - t
            t[done] = np.where(last, end, t + h)[done]
            ratio = np.maximum(ratio, np.finfo(float).tiny)
            grown = np.where(ratio < 0.5, np.clip(0.9 / ratio ** (1 / 6), 1.0, 5.0), 1.0)
            self.suggested[done] = (h * grown)[done]
            h = np.where(again, h * np.maximum(0.2, 0.9 / ratio ** (1 / 5)), 0.0)
            todo = again
