"""Runge-Kutta-Fehlberg 4(5) with adaptive steps, vectorised over neurons.

Fehlberg (1969). The step size is controlled as in the GNU Scientific Library, which NEST uses.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pipelines.errors import BadInput

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
    """Solver of dy/dt = f(y) with a separate step size for each neuron.

    Let r be the largest ratio of a variable's error to its tolerance, `tolerance` + `relative`
    |h f|. A step h is accepted if r is at most 1.1; otherwise it is repeated with
    max(0.2, 0.9 / r^(1/5)) h, unless that is too short to change the time. For r below 0.5 the next
    step is min(5, max(1, 0.9 / r^(1/6))) h.

    Parameters
    ----------
    step : ndarray, shape (n,)
        Sizes (ms) of the first step; updated to those of the next step.
    tolerance : ndarray, shape (n_variables,)
        Absolute tolerance, in the units of the variables.
    relative
        Relative tolerance, of the change in a step.
    """

    def __init__(self, step: np.ndarray, tolerance: np.ndarray, relative: float = 0.0) -> None:
        self.step, self.tolerance, self.relative = step, tolerance[:, None], relative

    def advance(
        self,
        derivative: Callable[[np.ndarray], np.ndarray],
        y: np.ndarray,
        t: np.ndarray,
        end: float,
    ) -> None:
        """Advance every neuron that has not reached `end` by one accepted step, in place.

        Parameters
        ----------
        derivative
            The function f: from a state to its time derivative, both of the shape of `y`.
        y : ndarray, shape (n_variables, n)
            State, changed in place.
        t : ndarray, shape (n,)
            Time since the beginning of the time step (ms), changed in place.
        end
            End of the time step (ms); the last step ends exactly there.

        Raises
        ------
        BadInput
            If the step size of a neuron becomes too small.
        """
        todo = t < end
        h = np.where(todo, np.minimum(self.step, end - t), 0.0)
        k = [derivative(y)]
        while todo.any():
            del k[1:]
            for row in _A:
                k.append(derivative(y + h * np.tensordot(row, k, 1)))
            change, allowed = h * np.tensordot(_FIFTH, k, 1), self.tolerance
            if self.relative:
                allowed = allowed + self.relative * np.abs(h * derivative(y + change))
            ratio = np.max(np.abs(h * np.tensordot(_ERROR, k, 1)) / allowed, axis=0)
            ratio = np.maximum(ratio, np.finfo(float).tiny)
            smaller = h * np.maximum(0.2, 0.9 / ratio ** (1 / 5))
            reached = np.where(h >= end - t, end, t + h)
            again = todo & (ratio > 1.1) & (smaller < h) & (reached + smaller != reached)
            done = todo & ~again
            stuck = done & (reached == t) & ~change.any(axis=0)
            if stuck.any():
                raise BadInput(
                    f"cell {np.flatnonzero(stuck)[0]}",
                    "no step of its solver is short enough",
                    "a smaller time step, or other parameters and weights",
                )
            y[:, done] += change[:, done]
            t[done] = reached[done]
            grown = np.where(ratio < 0.5, np.clip(0.9 / ratio ** (1 / 6), 1.0, 5.0), 1.0)
            self.step[done] = (h * grown)[done]
            todo, h = again, np.where(again, smaller, 0.0)
