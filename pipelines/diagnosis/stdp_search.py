"""Search for the rule of plasticity that explains the weights of one run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product

import numpy as np

from pipelines.backends.shared.pairing_schemes import PAIRINGS, TRIPLET, TRIPLET_CONSTANTS, VOGELS
from pipelines.diagnosis.stdp_arrivals import dendritic_steps
from pipelines.diagnosis.stdp_fit import Data, Fit, evaluate, fit
from pipelines.diagnosis.stdp_rule import (
    DEPENDENCES,
    NOW,
    POTENTIATES,
    READINGS,
    ZERO_LAGS,
    Constants,
    Rule,
    weights_after,
)

# Time constants (ms) from which fits start.
_TAUS = (8.0, 20.0, 45.0)
# Upper bound that no weight reaches, in units of the largest weight that was read.
UNBOUNDED = 1e3
# Dendritic fractions of the delay if there are more steps than these.
_FRACTIONS = (1.0, 0.0, 1e-9, 0.5, 0.1, 0.2, 0.25, 0.3, 0.4, 0.6, 0.7, 0.75, 0.8, 0.9)
_MOST_FRACTIONS = 20
# Synapses times steps with arrivals in a fit of the search.
_SEARCHED = 15_000
# Rounds of changes of the form, and number of changes that are fitted at length in each.
_ROUNDS, _CHOSEN = 3, 4
# Deviation beyond which bounds of the weights cannot be what is missing.
_FAR = 0.3
# Share of the variance of weights that pairs of spikes explain at least if these change them.
_LEAST = 0.2
# Residual of the usual form, in standard deviations of the weights, with which it is near.
_NEAR = 0.6


def find_rule(
    data: Data,
    hints: Mapping[str, float],
    first: Sequence[Rule] = (),
    quick: bool = False,
    certain: bool = True,
) -> Fit | None:
    """Find a rule and constants that explain the weights of a run to within rounding.

    Parameters
    ----------
    data
        The weights.
    hints
        Constants that the run may have, to start from.
    first
        Forms of the rule that are tried first; the usual one if there are none.
    quick
        Whether only these are tried.
    certain
        Whether it is known that weights follow a rule; otherwise none is tried unless pairs of
        spikes explain a part of the weights.

    Returns
    -------
    Fit or None
        The simplest form that fits; None if none of those that were tried does.
    """
    part = data.sample(_SEARCHED)
    if not certain and not _follow_pairs(part):
        return None
    best: Fit | None = None
    for rule in first or (Rule(),):
        found = _fitted(data, part, rule, hints)
        if found.fits:
            return _simplified(data, part, found, hints)
        best = found if best is None or found.rms < best.rms else best
    if best is None or quick or not (_is_near(part, best) or _follow_pairs(part)):
        return None
    others = list(_usual_forms())
    for _ in range(_ROUNDS):
        before = best
        # All changes briefly, and the best of them at length.
        forms = dict.fromkeys([*others, *changes(part, best.rule)])
        brief = [_brief_fit(part, form, best) for form in forms]
        for form in sorted(brief, key=lambda each: each.rms)[:_CHOSEN]:
            found = _fitted(data, part, form.rule, hints, [form.constants])
            if found.fits:
                return _simplified(data, part, found, hints)
            best = found if found.rms < best.rms else best
        if best is before:
            break
        others = []
    # Forms whose constants cannot be found briefly.
    for rule in (Rule(scheme=VOGELS), Rule(scheme=TRIPLET), replace(best.rule, dependence="Gütig")):
        if rule.dependence == "additive" or rule.scheme in PAIRINGS:
            found = _fitted(data, part, rule, hints)
            if found.fits:
                return _simplified(data, part, found, hints)
    return None


def _fitted(
    data: Data,
    part: Data,
    rule: Rule,
    hints: Mapping[str, float],
    starts: Sequence[Constants] = (),
) -> Fit:
    """The best fit of all constants of a form of the rule."""
    best: Fit | None = None
    for starting in _groups_of_starts(part, rule, hints, starts):
        for free in free_constants(part, rule):
            found = fit(part, rule, starting, free)
            if found.fits:
                found = fit(data, rule, [found.constants], free)
            if found.fits:
                return found
            best = found if best is None or found.rms < best.rms else best
            if best.rms > _FAR:
                break
    assert best is not None
    return best


def _groups_of_starts(
    part: Data, rule: Rule, hints: Mapping[str, float], starts: Sequence[Constants]
) -> Iterator[Sequence[Constants]]:
    """Sets of constants to start fits from; each group gives one fit."""
    generic = starting_values(part, rule, hints)
    known = {name: value for name, value in hints.items() if name in rule.constants}
    if len(known) >= 4:
        # Constants that the run was asked for are right in most runs.
        yield [generic[0] | known | {"w_0": generic[0]["w_0"]}]
    yield [*generic, *({**generic[0], **start} for start in starts)]


def _brief_fit(part: Data, rule: Rule, before: Fit) -> Fit:
    constants = {**_defaults(rule), **before.constants}
    free = next(iter(free_constants(part, rule)))
    return fit(part, rule, [constants], free, most_steps=4)


def _simplified(data: Data, part: Data, found: Fit, hints: Mapping[str, float]) -> Fit:
    """A fit by the usual form of the rule in each respect in which that fits as well."""
    found, usual = without_bound(data, found), Rule()
    simpler = [
        replace(found.rule, **{respect: getattr(usual, respect)})
        for respect in ("scheme", "reading", "zero_lag")
        if getattr(found.rule, respect) != getattr(usual, respect)
    ]
    if DEPENDENCES[found.rule.dependence] is None:
        simpler += [replace(found.rule, dependence=d) for d in DEPENDENCES if DEPENDENCES[d]]
    for rule in simpler:
        simple = _fitted(data, part, rule, hints, [found.constants])
        if simple.fits:
            return _simplified(data, part, simple, hints)
    return found


def changes(data: Data, rule: Rule) -> Iterator[Rule]:
    """Forms of a rule that differ from it in one respect."""
    for fraction in fractions(data):
        if fraction != rule.fraction:
            yield replace(rule, fraction=fraction)
    for dependence in DEPENDENCES if rule.scheme in PAIRINGS else ():
        if dependence != rule.dependence:
            yield replace(rule, dependence=dependence)
    for scheme in (*PAIRINGS, TRIPLET, VOGELS):
        if scheme != rule.scheme and (scheme in PAIRINGS or rule.dependence == "additive"):
            yield replace(rule, scheme=scheme)
    for zero_lag in ZERO_LAGS:
        if zero_lag != rule.zero_lag:
            yield replace(rule, zero_lag=zero_lag)
    for reading in READINGS:
        if reading != rule.reading:
            yield replace(rule, reading=reading)


def fractions(data: Data) -> list[float]:
    """Dendritic fractions of the delay that divide the delays of a projection differently."""
    delays = np.unique(data.course.delay)
    steps = int(np.max(delays, initial=1))
    listed: Sequence[float] = _FRACTIONS
    if len(delays) == 1 and steps <= _MOST_FRACTIONS:
        listed = [1.0, 0.0, *(k / steps for k in range(1, steps))]
    parts: dict[tuple[int, ...], float] = {}
    for fraction in listed:
        parts.setdefault(tuple(dendritic_steps(delays, fraction).tolist()), fraction)
    return list(parts.values())


def _usual_forms() -> Iterator[Rule]:
    for dependence in DEPENDENCES:
        yield Rule(dependence)
    yield Rule(fraction=0.0)
    # As in the unmodified module for Brian2.
    yield Rule(fraction=0.0, zero_lag=POTENTIATES, reading=NOW)
    for scheme in (*PAIRINGS, VOGELS, TRIPLET):
        yield Rule(scheme=scheme)


def without_bound(data: Data, found: Fit) -> Fit:
    """The same steps of the weights without an upper bound, if that explains them as well."""
    if "A_plus" not in found.constants:
        return found
    large = with_same_steps({**found.constants, "w_max": UNBOUNDED * data.scale}, found.constants)
    # Without the bound, amplitudes have a standard error.
    free = [name for name in found.errors if name != "w_max"]
    if not evaluate(data, found.rule, large).fits:
        return found
    unbounded = fit(data, found.rule, [large], free)
    errors = {**unbounded.errors, "w_max": np.inf}
    return replace(unbounded, errors=errors) if unbounded.fits else found


def with_same_steps(made: Constants, before: Constants) -> dict[str, float]:
    """Constants with amplitudes for another w_max that leave the steps of the weight the same."""
    factor = before["w_max"] / made["w_max"]
    return {n: before[n] * factor if n.startswith("A_") else v for n, v in made.items()}


def free_constants(data: Data, rule: Rule) -> Iterator[list[str]]:
    """Sets of constants that are fitted, the smallest first.

    Bounds of the weights matter in an additive rule only if weights reach them.
    """
    steps = [name for name in rule.constants if not name.startswith("w_")]
    if data.course.initial is None:
        steps.append("w_0")
    reached = [name for name in ("w_max", "w_min") if _reached(data, name) is not None]
    if rule.dependence == "additive":
        yield [*steps, *reached]
    yield [*steps, "w_max", "w_min"]


def _reached(data: Data, name: str) -> float | None:
    """Bound at which several weights are; None if none are."""
    weights = data.course.weights
    bound = weights.max() if name == "w_max" else weights.min()
    if data.course.initial is not None and np.any(data.course.initial == bound):
        return None
    return float(bound) if np.sum(weights == bound) > 1 else None


def _defaults(rule: Rule) -> dict[str, float]:
    return {
        name: TRIPLET_CONSTANTS.get(name, 0.5)
        for name in rule.constants
        if name not in ("w_max", "w_0")
    }


def starting_values(data: Data, rule: Rule, hints: Mapping[str, float]) -> list[dict[str, float]]:
    """Sets of constants to start a fit from.

    Amplitudes are those of an additive rule without bounds, of which the weights are a linear
    function, for several time constants.
    """
    known = {n: v for n, v in hints.items() if n in rule.constants and n != "w_0"}
    largest = data.scale
    high = _reached(data, "w_max")
    bounds = [known["w_max"]] if "w_max" in known and known["w_max"] >= 0.9 * largest else []
    if high is not None:
        bounds.append(high)
    elif rule.dependence == "additive":
        bounds.append(UNBOUNDED * largest)
    if rule.dependence != "additive" or high is None:
        bounds += [1.001 * largest, 1.3 * largest, 2.5 * largest]
    low = max(_reached(data, "w_min") or 0.0, 0.0)
    w_0 = initial_weight(data)
    base = {"w_min": low, "w_0": w_0, "mu_plus": 0.4, "mu_minus": 0.4}
    found = []
    if rule.scheme == VOGELS:
        for tau, eta, alpha in product(_TAUS, (3e-4, 3e-3, 3e-2), (0.1, 0.3, 1.0)):
            vogels = {"tau": tau, "eta": eta * largest, "rho": alpha / (2 * tau)}
            found += [base | vogels | {"w_max": bound} for bound in bounds]
        return found
    powers = DEPENDENCES[rule.dependence] or (0.4, 0.4)
    for plus, minus, up, down, start, _ in _linear_guesses(data, rule):
        for bound, at_start in product(bounds, {w_0, float(np.clip(start, 0.0, largest))}):
            level = np.clip(at_start / bound, 0.1, 0.9)
            guess = {
                "A_plus": up / bound / (1 - level) ** powers[0],
                "A_minus": down / bound / level ** powers[1],
                "tau_plus": plus, "tau_minus": minus, "w_max": bound, "w_0": at_start,
            }  # fmt: skip
            found.append(_defaults(rule) | base | guess)
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


def _is_near(data: Data, best: Fit) -> bool:
    """Whether a fit explains so much of the weights that a change of it may explain all."""
    course = data.course
    start = course.weights.mean() if course.initial is None else course.initial
    return bool(best.rms * data.scale < _NEAR * np.std(course.weights - start))


def _follow_pairs(data: Data) -> bool:
    """Whether weights have to do with pairs of spikes, more than by chance."""
    # By chance alone, few weights are explained, too.
    least = max(_LEAST, 0.1 + 10 / max(data.n_changed, 1))
    return any(
        share > least
        for fraction in (1.0, 0.0, 0.5)
        for *_, share in _linear_guesses(data, Rule(fraction=fraction))
    )


def _linear_guesses(
    data: Data, rule: Rule
) -> list[tuple[float, float, float, float, float, float]]:
    """Steps of an additive rule without bounds, of which the weights are a linear function.

    Returns
    -------
    list
        For pairs of time constants: both, the steps of potentiation and depression by a pair, the
        weight at time 0, and the share of the variance of the weights that is explained.
    """
    large, course, n = UNBOUNDED * data.scale, data.course, len(_TAUS)
    unit = {**_defaults(rule), "w_max": large, "w_min": -large, "w_0": 0.0}
    unit |= {name: 0.0 for name in unit if name.startswith("A_")}
    sets = [
        unit | {amplitude: 1e-6, "tau_plus": tau, "tau_minus": tau}
        for amplitude, tau in product(("A_plus", "A_minus"), _TAUS)
    ]
    linear, at = replace(rule, dependence="additive"), data.arrivals(rule.fraction)
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
