"""Joint fit of one cell to the constants measured in two runs, under a hypothesis.

The parameters of the cell, and the one that differs, are fitted to all constants of both runs by
least squares weighted with their covariances (Gauss and Newton).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.linalg import block_diag, solve_triangular
from scipy.stats import chi2

from pipelines.diagnosis.membrane.integration_schemes import Scheme
from pipelines.diagnosis.membrane.membrane_fit import Constants

Parameters = dict[str, float]
"""``tau_m``, ``cm``, ``level``, ``tau <input>`` of each current or conductance, ``e_rev <input>``
of each conductance, in ms, nF and mV, and ``step``, the time step in the cell's equations over that
of the simulation."""

# Smallest p-value of an accepted hypothesis.
_LEAST_P = 1e-5
# Logarithm of a ratio beyond which a fit looks no further.
_LARGEST_LOG = 30.0
# Relative error of constants beyond their standard errors: propagators are rounded.
_FLOOR = 1e-9
# That of constants of conductance-based cells, whose solvers have errors of their own.
_FLOOR_CONDUCTANCE = 1e-6
_ITERATIONS = 12
# Step of numerical derivatives: of logarithms, and of levels in mV.
_DERIVATIVE = 1e-6
# Names of the number by which a parameter differs, and of the difference of the levels.
_CHANGE, _SHIFT = "change", "shift"


@dataclass(frozen=True)
class Explanation:
    """An accepted hypothesis.

    Attributes
    ----------
    causes
        Names of the causes, which cannot be told apart if there are several.
    meaning
        The integration scheme that differs, in words; empty if none does.
    free
        Number of free parameters.
    parameter
        Name of the parameter that differs; empty if there is none.
    values
        Its value in each run.
    error
        Standard error of its second value.
    which
        Index of the run with another integration scheme.
    is_relative
        Whether only the ratio of the values is measured: cm without a synaptic current.
    """

    causes: tuple[str, ...]
    meaning: str
    free: int
    parameter: str = ""
    values: tuple[float, float] = (np.nan, np.nan)
    error: float = np.nan
    which: int = 1
    is_relative: bool = False


@dataclass(frozen=True)
class Hypothesis:
    """One hypothesis.

    Attributes
    ----------
    causes, meaning, which
        See `Explanation`.
    schemes
        Integration scheme of each run.
    parameter
        Name of the parameter that differs; ``"exchange"`` if the time constants of the currents
        are exchanged.
    level_moves
        Whether the level differs too, by a constant current that is not known.
    """

    causes: tuple[str, ...]
    schemes: tuple[Scheme, Scheme]
    parameter: str = ""
    level_moves: bool = False
    meaning: str = ""
    which: int = 1


def predicted(
    parameters: Mapping[str, float], names: Sequence[str], scheme: Scheme, timestep: float
) -> np.ndarray:
    """Constants that a recording of a cell shows, in the order of `names`.

    Parameters
    ----------
    parameters
        Those of the cell; see `Parameters`.
    names
        Names of constants; see `membrane_fit.current_constants`.
    scheme, timestep
        Integration scheme, and its time step in ms.
    """
    if "cm" in names:
        # Those of a conductance-based cell are measured themselves.
        return np.array(
            [parameters[name] / (1.0 if _is_mv(name) else parameters["step"]) for name in names]
        )
    rate, gain = -1 / parameters["tau_m"], 1 / parameters["cm"]
    h = timestep * parameters["step"]
    m = scheme.propagator(np.array([[rate, gain], [0.0, rate / 2]]), h)
    found = {"level": parameters["level"], "tau_m": _as_tau(m[0, 0], timestep)}
    for name in (name[4:] for name in parameters if name.startswith("tau isyn")):
        decay = -1 / parameters[f"tau {name}"]
        is_alpha = f"later effect {name}" in names
        a = np.array([[rate, gain, 0.0], [0.0, decay, 1.0], [0.0, 0.0, decay]])
        m = scheme.propagator(a if is_alpha else a[:2, :2], h)
        found[f"effect {name}"] = m[0, 1]
        if is_alpha:
            # The state that is not recorded is r[k] = (I[k+1] - m11 I[k]) / m12.
            found[f"later effect {name}"] = m[0, 2] / m[1, 2]
            found[f"effect {name}"] -= m[0, 2] * m[1, 1] / m[1, 2]
        found[f"tau {name}"] = _as_tau(m[1, 1], timestep)
    return np.array([found[name] for name in names])


def _exp(x: float) -> float:
    """Exponential of a logarithm that a fit may take anywhere; never 0 or infinite."""
    return float(np.exp(np.clip(x, -_LARGEST_LOG, _LARGEST_LOG)))


def _is_mv(name: str) -> bool:
    """Whether a parameter is a potential, which differs by a difference and not by a factor."""
    return name == "level" or name.startswith("e_rev")


def _as_tau(factor: float, timestep: float) -> float:
    """Time constant (ms) of the decay by a factor in each step."""
    return -timestep / np.log(factor) if 0 < factor < 1 else np.nan


class ConstantsOfBoth:
    """Constants of both runs, whitened with their covariances."""

    def __init__(self, a: Constants, b: Constants, timestep: float, v_rest: float | None) -> None:
        self.names = [name for name in a.names if name in b.names]
        self.inputs = [name[7:] for name in self.names if name.startswith("effect ")]
        self.timestep, self.v_rest = timestep, v_rest
        parts = [run.of(self.names) for run in (a, b)]
        self.values = [values for values, _ in parts]
        floor = _FLOOR_CONDUCTANCE if "cm" in self.names else _FLOOR
        # A reversal potential may be 0.
        floors = [np.diag((floor * (np.abs(values) + 1)) ** 2) for values, _ in parts]
        covariances = [part[1] + more for part, more in zip(parts, floors, strict=True)]
        # Scaled first: the constants have very different sizes.
        self._scale = np.sqrt(np.concatenate([np.diag(c) for c in covariances]))
        whole = block_diag(*covariances) / np.outer(self._scale, self._scale)
        # Constants may be so correlated that rounding makes their covariance indefinite.
        self._cholesky = np.linalg.cholesky(whole + 1e-9 * np.eye(len(whole)))

    def largest_difference(self) -> float:
        """Largest difference of a constant in standard errors."""
        n = len(self.names)
        errors = np.hypot(self._scale[:n], self._scale[n:])
        return float(np.max(np.abs(self.values[1] - self.values[0]) / errors))

    def agrees_in_tau_m(self, scheme: Scheme, which: int) -> bool:
        """Whether tau_m of run `which` is that of the other, exact run under a scheme."""
        at, n = self.names.index("tau_m"), len(self.names)
        exact, other = self.values[1 - which][at], self.values[which][at]
        cell = {"tau_m": exact, "cm": 1.0, "level": 0.0, "step": 1.0}
        (expected,) = predicted(cell, ["tau_m"], scheme, self.timestep)
        return bool(abs(expected - other) < 10 * (self._scale[at] + self._scale[n + at]))

    def _whitened(self, given: np.ndarray) -> np.ndarray:
        scaled = (given.T / self._scale).T
        return np.asarray(solve_triangular(self._cholesky, scaled, lower=True))

    def fit(self, hypothesis: Hypothesis) -> Explanation | None:
        """Fit a hypothesis; None if it does not agree with the constants."""
        start, keys = self._start(hypothesis)
        measured = np.concatenate(self.values)
        point, last_chi = start, np.inf
        limit = chi2.isf(_LEAST_P, len(measured))
        for iteration in range(_ITERATIONS):
            at = self._model(hypothesis, keys, point)
            slopes = np.column_stack(
                [
                    (self._model(hypothesis, keys, point + e) - at) / _DERIVATIVE
                    for e in _DERIVATIVE * np.eye(len(point))
                ]
            )
            if not (np.isfinite(at).all() and np.isfinite(slopes).all()):
                return None
            residual, slopes = self._whitened(measured - at), self._whitened(slopes)
            norms = np.linalg.norm(slopes, axis=0)
            norms[norms == 0] = 1.0
            u, singular, vt = np.linalg.svd(slopes / norms, full_matrices=False)
            rank = int(np.sum(singular > 1e-7 * singular[0]))
            step = (vt[:rank].T @ ((u.T @ residual)[:rank] / singular[:rank])) / norms
            left = residual - u[:, :rank] @ (u.T @ residual)[:rank]
            point = point + step
            # A wrong hypothesis stays away from the constants; a right one converges at once.
            chi = float(left @ left)
            if iteration > 1 and chi > limit and chi > last_chi / 2:
                return None
            last_chi = chi
            if np.max(np.abs(step) * norms) < 0.01:
                break
        freedom = len(measured) - rank
        if chi > 1e-6 and (freedom == 0 or chi2.sf(chi, freedom) < _LEAST_P):
            return None
        covariance = (vt[:rank].T / singular[:rank] ** 2) @ vt[:rank] / np.outer(norms, norms)
        seen = dict(zip(keys, np.linalg.norm(slopes, axis=0) > 0, strict=True))
        free = sum(bool(seen.get(key)) for key in (_CHANGE, _SHIFT))
        found = Explanation(hypothesis.causes, hypothesis.meaning, free, which=hypothesis.which)
        if not seen.get(_CHANGE):
            return found
        before, after = self._parameters(hypothesis, keys, point)
        name, row = hypothesis.parameter, keys.index(_CHANGE)
        error = np.sqrt(covariance[row, row]) * (1.0 if _is_mv(name) else after[name])
        return replace(
            found, parameter=name, values=(before[name], after[name]), error=float(error),
            is_relative=name == "cm" and not self.inputs and "cm" not in self.names,
        )  # fmt: skip

    def _start(self, hypothesis: Hypothesis) -> tuple[np.ndarray, list[str]]:
        """First guess of the parameters, and their names."""
        a, b = (dict(zip(self.names, values, strict=True)) for values in self.values)
        keys, guess = ["tau_m", "level"], [np.log(a["tau_m"]), a["level"]]
        effect = [one[f"effect {n}"] + one.get(f"later effect {n}", 0.0)
                  for one in (a, b) for n in self.inputs]  # fmt: skip
        if self.inputs:
            keys.append("cm")
            guess.append(np.log(self.timestep / max(effect[0], 1e-12)))
        for name in self.inputs:
            keys.append(f"tau {name}")
            guess.append(np.log(a.get(f"tau {name}", 5.0)))
        others = [name for name in self.names if name not in keys and "effect" not in name]
        keys += others
        guess += [a[name] if _is_mv(name) else np.log(a[name]) for name in others]
        name = hypothesis.parameter
        if name and name != "exchange":
            keys.append(_CHANGE)
            ratio = 0.0
            if _is_mv(name):
                ratio = b[name] - a[name]
            elif name in a:
                ratio = np.log(b[name] / a[name])
            elif name == "step":
                ratio = np.log(a["tau_m"] / b["tau_m"])
            elif self.inputs:
                ratio = np.log(max(effect[0] / effect[len(self.inputs)], 1e-6))
            guess.append(ratio)
        if hypothesis.level_moves and self.v_rest is None:
            keys.append(_SHIFT)
            guess.append(b["level"] - a["level"])
        return np.array(guess), keys

    def _parameters(
        self, hypothesis: Hypothesis, keys: list[str], point: np.ndarray
    ) -> tuple[Parameters, Parameters]:
        """Parameters of both runs under a hypothesis."""
        given = dict(zip(keys, point, strict=True))
        change, shift = given.pop(_CHANGE, 0.0), given.pop(_SHIFT, 0.0)
        a = {"cm": 1.0, "step": 1.0} | {
            name: x if _is_mv(name) else _exp(x) for name, x in given.items()
        }
        b, name = dict(a), hypothesis.parameter
        b["level"] += shift
        if name == "exchange":
            for key in (key for key in a if key.startswith("tau ")):
                b[key] = a[key[:-3] + ("inh" if key.endswith("exc") else "exc")]
        elif _is_mv(name):
            b[name] += change
        elif name:
            b[name] *= _exp(change)
            if hypothesis.level_moves and self.v_rest is not None:
                # The level is v_rest + i_offset tau_m / cm.
                ratio = b["tau_m"] / a["tau_m"] * a["cm"] / b["cm"]
                b["level"] = self.v_rest + ratio * (a["level"] - self.v_rest)
        return a, b

    def _model(self, hypothesis: Hypothesis, keys: list[str], point: np.ndarray) -> np.ndarray:
        """Constants of both runs under a hypothesis."""
        both = self._parameters(hypothesis, keys, point)
        return np.concatenate(
            [
                predicted(parameters, self.names, scheme, self.timestep)
                for parameters, scheme in zip(both, hypothesis.schemes, strict=True)
            ]
        )
