"""Search for the rule of plasticity that explains the weights of one run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from pipelines.backends.shared.pairings import PAIRINGS, TRIPLET, VOGELS
from pipelines.diagnosis.plasticity.stdp_arrivals import dendritic_steps
from pipelines.diagnosis.plasticity.stdp_fit import Data, Fit, evaluate, fit
from pipelines.diagnosis.plasticity.stdp_rule import (
    DEPENDENCES,
    NOW,
    POTENTIATES,
    READINGS,
    ZERO_LAGS,
    Constants,
    Rule,
)
from pipelines.diagnosis.plasticity.stdp_starts import (
    UNBOUNDED,
    bound_reached,
    linear_guesses,
    starting_values,
    usual_constants,
)

# Steps by which delays may be longer than those of the table.
_LONGER = (0, 1, -1, 2, -2)
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
    constants = {**usual_constants(rule), **before.constants}
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
    for longer in _LONGER:
        if longer != rule.longer:
            yield replace(rule, longer=longer)
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
    reached = [name for name in ("w_max", "w_min") if bound_reached(data, name) is not None]
    if rule.dependence == "additive":
        yield [*steps, *reached]
    yield [*steps, "w_max", "w_min"]


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
        for *_, share in linear_guesses(data, Rule(fraction=fraction))
    )
