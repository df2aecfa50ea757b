"""Constants from which fits of a rule of plasticity start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import product

import numpy as np

from pipelines.backends.shared.pairings import VOGELS
from pipelines.diagnosis.plasticity.stdp_fit import Data
from pipelines.diagnosis.plasticity.stdp_rule import DEPENDENCES, Rule, weights_after

# Time constants (ms) from which fits start.
_TAUS = (8.0, 20.0, 45.0)
# Upper bound that no weight reaches, in units of the largest weight that was read.
UNBOUNDED = 1e3
# Constants of a rule with further ones than those of pairs.
_USUAL = {
    "tau_plus": 20.0, "tau_minus": 20.0, "tau_plus_triplet": 100.0, "tau_minus_triplet": 100.0,
    "A_plus": 0.01, "A_minus": 0.01, "A_plus_triplet": 5e-3, "A_minus_triplet": 5e-4, "w_min": 0.0,
}  # fmt: skip


def starting_values(data: Data, rule: Rule, hints: Mapping[str, float]) -> list[dict[str, float]]:
    """Sets of constants to start a fit from.

    Amplitudes are those of an additive rule without bounds, of which the weights are a linear
    function, for several time constants.
    """
    known = {n: v for n, v in hints.items() if n in rule.constants and n != "w_0"}
    largest = data.scale
    high = bound_reached(data, "w_max")
    bounds = [known["w_max"]] if "w_max" in known and known["w_max"] >= 0.9 * largest else []
    if high is not None:
        bounds.append(high)
    elif rule.dependence == "additive":
        bounds.append(UNBOUNDED * largest)
    if rule.dependence != "additive" or high is None:
        bounds += [1.001 * largest, 1.3 * largest, 2.5 * largest]
    low = max(bound_reached(data, "w_min") or 0.0, 0.0)
    w_0 = initial_weight(data)
    base = {"w_min": low, "w_0": w_0, "mu_plus": 0.4, "mu_minus": 0.4}
    found = []
    if rule.scheme == VOGELS:
        for tau, eta, alpha in product(_TAUS, (3e-4, 3e-3, 3e-2), (0.1, 0.3, 1.0)):
            vogels = {"tau": tau, "eta": eta * largest, "rho": alpha / (2 * tau)}
            found += [base | vogels | {"w_max": bound} for bound in bounds]
        return found
    powers = DEPENDENCES[rule.dependence] or (0.4, 0.4)
    for plus, minus, up, down, start, _ in linear_guesses(data, rule):
        for bound, at_start in product(bounds, {w_0, float(np.clip(start, 0.0, largest))}):
            level = np.clip(at_start / bound, 0.1, 0.9)
            guess = {
                "A_plus": up / bound / (1 - level) ** powers[0],
                "A_minus": down / bound / level ** powers[1],
                "tau_plus": plus, "tau_minus": minus, "w_max": bound, "w_0": at_start,
            }  # fmt: skip
            found.append(usual_constants(rule) | base | guess)
    return found


def initial_weight(data: Data) -> float:
    """Weight at time 0, or a guess: the most frequent weight, or the mean."""
    course = data.course
    if course.initial is not None:
        return float(course.initial.mean())
    values, counts = np.unique(course.weights, return_counts=True)
    between = (values > values.min()) & (values < values.max())
    if between.any() and counts[between].max() > 1:
        return float(values[between][counts[between].argmax()])
    return float(np.median(course.weights))


def bound_reached(data: Data, name: str) -> float | None:
    """Bound at which several weights are; None if none are."""
    weights = data.course.weights
    bound = weights.max() if name == "w_max" else weights.min()
    if data.course.initial is not None and np.any(data.course.initial == bound):
        return None
    return float(bound) if np.sum(weights == bound) > 1 else None


def usual_constants(rule: Rule) -> dict[str, float]:
    return {name: _USUAL.get(name, 0.5) for name in rule.constants if name not in ("w_max", "w_0")}


def linear_guesses(data: Data, rule: Rule) -> list[tuple[float, float, float, float, float, float]]:
    """Steps of an additive rule without bounds, of which the weights are a linear function.

    Returns
    -------
    list
        For pairs of time constants: both, the steps of potentiation and depression by a pair, the
        weight at time 0, and the share of the variance of the weights that is explained.
    """
    large, course, n = UNBOUNDED * data.scale, data.course, len(_TAUS)
    unit = {**usual_constants(rule), "w_max": large, "w_min": -large, "w_0": 0.0}
    unit |= {name: 0.0 for name in unit if name.startswith("A_")}
    sets = [
        unit | {amplitude: 1e-6, "tau_plus": tau, "tau_minus": tau}
        for amplitude, tau in product(("A_plus", "A_minus"), _TAUS)
    ]
    linear, at = replace(rule, dependence="additive"), data.arrivals(rule)
    sums = weights_after(linear, at, sets, np.zeros(len(course))) / (1e-6 * large)
    change = (course.weights - (0.0 if course.initial is None else course.initial)).ravel()
    inside = (course.weights > course.weights.min()) & (course.weights < course.weights.max())
    chosen = inside.ravel() if inside.sum() > 20 else np.ones(change.shape, dtype=bool)
    w_0, found = initial_weight(data), []
    for i, j in product(range(n), repeat=2):
        columns = np.column_stack([sums[i].ravel(), sums[n + j].ravel(), np.ones(change.size)])
        (up, down, start), *_ = np.linalg.lstsq(columns[chosen], change[chosen], rcond=None)
        left = np.var(change[chosen] - columns[chosen] @ [up, down, start])
        share = 1 - left / (np.var(change[chosen]) or 1.0)
        if course.initial is not None:
            (up, down), *_ = np.linalg.lstsq(columns[chosen, :2], change[chosen], rcond=None)
            start = w_0
        guess = (_TAUS[i], _TAUS[j], up, down, start, share)
        found.append(tuple(float(value) for value in guess))
    return found  # type: ignore[return-value]
