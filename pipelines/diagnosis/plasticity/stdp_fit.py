"""Fit of the constants of a rule of plasticity to the weights that were read in a run.

A fit has no noise: the right form of the rule leaves residuals of rounding, a wrong one far larger
ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import least_squares

from pipelines.diagnosis.plasticity.stdp_arrivals import Arrivals, Course, Floats, Ints, arrivals
from pipelines.diagnosis.plasticity.stdp_rule import Constants, Rule, weights_after

# Largest residual of a rule that fits, as a share of the largest weight: for numbers of 64 bits,
# and for tables of 32 bits.
_ROUNDING, _ROUNDING_32 = 1e-8, 5e-7
# Standard deviation of a residual that is rounding, as a share of the largest such residual.
_NOISE = 0.1
# Relative step of numerical derivatives.
_STEP = 1e-6
# Number of synapses times steps with arrivals: in a fit, and in a check on more synapses.
_FITTED, _CHECKED = 30_000, 1_000_000
# Smallest share of readings that are certain; with fewer, all are used.
_CERTAIN = 0.3
# Standard error above which a constant is not determined by the data, relative to its value.
_UNDETERMINED = 1e-2
# Number of times that a fit is repeated with synapses that it did not explain.
_REPEATS = 3
# Smallest number of synapses in a fit, if there are as many.
_FEWEST = 16
# Number of constants from which on a fit needs as many more weights.
_MANY = 3


@dataclass(frozen=True)
class Fit:
    """A rule with constants, and how well it explains readings of weights.

    Attributes
    ----------
    rule, constants
        Form and constants of the rule; weights as sizes, in the unit of the table.
    errors
        Standard error of each fitted constant; infinite if the data do not determine it.
    residual
        Largest deviation, as a share of the largest weight.
    rms
        Root mean square of the deviations, as such a share.
    fits
        Whether that is rounding.
    """

    rule: Rule
    constants: Constants
    errors: Mapping[str, float]
    residual: float
    rms: float
    fits: bool

    def determines(self, name: str) -> bool:
        """Whether the data determine a constant."""
        kind = name.split("_")[0]
        scale = max(abs(v) for n, v in self.constants.items() if n.split("_")[0] == kind)
        return self.errors.get(name, np.inf) < _UNDETERMINED * scale


class Data:
    """Weights of one run that are to be explained.

    Parameters
    ----------
    course
        Synapses, whose neurons all have spikes.
    scale
        Largest weight; deviations are shares of it.
    tolerance
        Largest deviation that is rounding; by default from the precision of the weights.
    """

    def __init__(self, course: Course, scale: float, tolerance: float | None = None) -> None:
        self.course, self.scale = course, scale
        single = np.array_equal(course.weights, course.weights.astype(np.float32))
        self.tolerance = tolerance or (_ROUNDING_32 if single else _ROUNDING)
        self._arrivals: dict[tuple[float, int], Arrivals] = {}
        start = np.nan if course.initial is None else course.initial
        same = np.abs(course.weights - start) <= self.tolerance * scale
        # Different weights that say something on the constants.
        self.n_changed = len(np.unique(course.weights[~same]))

    def of(self, chosen: Ints) -> Data:
        """Part of the synapses."""
        return Data(self.course.of(chosen), self.scale, self.tolerance)

    def arrivals(self, rule: Rule) -> Arrivals:
        """Arrivals of spikes with the delays of a rule."""
        key = rule.fraction, rule.longer
        if key not in self._arrivals:
            self._arrivals[key] = arrivals(self.course, *key)
        return self._arrivals[key]

    def deviations(self, rule: Rule, sets: Sequence[Constants]) -> Floats:
        """Deviations of the weights that follow from a rule, as shares of the largest weight.

        Returns
        -------
        array, shape (n_sets, n_readings, n)
            0 for readings at which it is unclear which spikes had arrived.
        """
        at = self.arrivals(rule)
        found = weights_after(rule, at, sets, self.course.initial) - self.course.weights
        if at.certain.mean() >= _CERTAIN:
            found = found * at.certain
        return np.nan_to_num(found / self.scale, nan=1e3, posinf=1e3, neginf=-1e3)

    def sample(self, most: int = _FITTED, first: Ints | None = None) -> Data:
        """Synapses for a fit: those of `first`, those with many spikes, and others at random.

        Synapses with more spikes than these cost most of the time, and say little more.

        Parameters
        ----------
        most
            Number of synapses times steps with arrivals.
        first
            Indices of synapses that are preferred.
        """
        pre, post = self.course.numbers
        rows = pre + post
        usual = np.flatnonzero(rows <= np.partition(rows, len(rows) // 2)[len(rows) // 2])
        order = usual[np.argsort(-rows[usual], kind="stable")]
        drawn = np.random.default_rng(1).permutation(len(rows))
        drawn = np.append(drawn[np.isin(drawn, usual)], drawn[~np.isin(drawn, usual)])
        mixed = np.append(np.column_stack([order, drawn[: len(order)]]).ravel(), drawn)
        if first is not None:
            mixed = np.concatenate([first, mixed])
        _, index = np.unique(mixed, return_index=True)
        mixed = mixed[np.sort(index)]
        # Rows are padded to the largest number.
        cost = np.maximum.accumulate(rows[mixed]) * np.arange(1, len(mixed) + 1)
        return self.of(mixed[: max(int(np.searchsorted(cost, most, side="right")), _FEWEST)])


def evaluate(data: Data, rule: Rule, constants: Constants) -> Fit:
    """How well a rule with given constants explains the weights."""
    return _judged(data, rule, constants, {})


def _judged(data: Data, rule: Rule, constants: Constants, errors: Mapping[str, float]) -> Fit:
    deviations = data.deviations(rule, [constants])
    residual = float(np.abs(deviations).max(initial=0.0))
    rms = float(np.sqrt(np.mean(deviations**2)))
    # As many constants as weights explain anything.
    enough = len(errors) < _MANY or data.n_changed >= len(errors) + _MANY
    return Fit(rule, constants, errors, residual, rms, enough and residual <= data.tolerance)


def fit(
    data: Data,
    rule: Rule,
    starts: Sequence[Constants],
    free: Sequence[str],
    same_steps: bool = False,
    most_steps: int = 40,
) -> Fit:
    """Fit some constants of a rule to samples of the data, and check the result on more of it.

    Parameters
    ----------
    data
        The weights.
    rule
        Form of the rule.
    starts
        Sets of constants to start from; the fit starts from the best of them.
    free
        Constants that are fitted.
    same_steps
        Whether amplitudes vary with w_max such that the steps of the weight stay the same.
    most_steps
        Largest number of steps of the fit.
    """
    checked = data.sample(_CHECKED)
    part = checked.sample()
    for _ in range(_REPEATS):
        found = _fit(part, rule, starts, free, same_steps, most_steps)
        if not found.fits:
            return found
        whole = _judged(checked, rule, found.constants, found.errors)
        if whole.fits:
            break
        part, starts = checked.sample(first=unexplained(checked, whole)), [found.constants]
    return whole


def unexplained(data: Data, found: Fit, most: int = 200) -> Ints:
    """Indices of the synapses that a fit explains least, if not to within rounding."""
    deviations = np.abs(data.deviations(found.rule, [found.constants])[0]).max(axis=0)
    return np.argsort(-deviations)[: min(most, int((deviations > data.tolerance).sum()))]


def _fit(
    data: Data,
    rule: Rule,
    starts: Sequence[Constants],
    free: Sequence[str],
    same_steps: bool,
    most_steps: int,
) -> Fit:
    deviations = data.deviations(rule, starts)
    best = int(np.argmin((deviations**2).sum(axis=(1, 2))))
    start = starts[best]
    if not free:
        return evaluate(data, rule, {name: start[name] for name in rule.constants})
    x = np.array([_to_variable(name, start[name]) for name in free])
    # Steps of a size that is natural for each variable, also where it begins at 0.
    unit = np.array([_unit(name, start, data.scale) for name in free])

    def constants(x: Floats) -> dict[str, float]:
        values = {name: _from_variable(name, v) for name, v in zip(free, x, strict=True)}
        made = {name: values.get(name, start[name]) for name in rule.constants}
        if same_steps:
            factor = start["w_max"] / made["w_max"]
            made |= {name: start[name] * factor for name in made if name.startswith("A_")}
        return made

    last: dict[bytes, tuple[Floats, Floats]] = {}

    def both(y: Floats) -> tuple[Floats, Floats]:
        """Deviations and their derivatives, of which each costs as much as both."""
        if y.tobytes() not in last:
            moved = [y, *(y + _STEP * row for row in np.eye(len(y)))]
            found = data.deviations(rule, [constants(x + each * unit) for each in moved])
            flat = found.reshape(len(moved), -1)
            last.clear()
            last[y.tobytes()] = flat[0], ((flat[1:] - flat[0]) / _STEP).T
        return last[y.tobytes()]

    def residuals(y: Floats) -> Floats:
        return both(y)[0]

    def jacobian(y: Floats) -> Floats:
        return both(y)[1]

    result = least_squares(
        residuals,
        np.zeros(len(x)),
        jacobian,
        xtol=1e-15,
        ftol=1e-6,
        gtol=1e-15,
        max_nfev=most_steps,
    )
    values = constants(x + result.x * unit)
    slopes = _slopes(free, values, unit)
    errors = _standard_errors(jacobian(result.x), _NOISE * data.tolerance) * slopes
    return _judged(data, rule, values, dict(zip(free, errors.tolist(), strict=True)))


def _standard_errors(jacobian: Floats, noise: float) -> Floats:
    """Standard errors of the variables; infinite where the data do not determine them."""
    _, singular, directions = np.linalg.svd(jacobian, full_matrices=False)
    # Smaller singular values are the rounding of forward differences.
    lost = singular <= _STEP * max(float(singular.max(initial=0.0)), 1e-300)
    spread = noise / np.where(lost, 1.0, singular)
    shares = directions.T**2
    errors = np.sqrt((shares * spread**2)[:, ~lost].sum(axis=1))
    return np.where((shares[:, lost] > 1e-9).any(axis=1), np.inf, errors)


def _to_variable(name: str, value: float) -> float:
    """Variable of the fit for a constant: the logarithm of those that are positive."""
    return float(np.log(value)) if _is_positive(name) else value


def _from_variable(name: str, variable: float) -> float:
    return float(np.exp(np.clip(variable, -30, 60))) if _is_positive(name) else float(variable)


def _is_positive(name: str) -> bool:
    return name.startswith("tau") or name == "w_max"


def _unit(name: str, start: Constants, scale: float) -> float:
    """A typical change of the variable of a constant."""
    if _is_positive(name):
        return 1.0
    if name in ("w_min", "w_0"):
        return scale
    if name.startswith("mu"):
        return 1.0
    return max(abs(start[name]), 1e-2 if name.startswith("A") else 1e-3 * scale)


def _slopes(free: Sequence[str], constants: Constants, unit: Floats) -> Floats:
    """Derivatives of the constants by the variables in their units."""
    return np.array([constants[n] if _is_positive(n) else 1.0 for n in free]) * unit
