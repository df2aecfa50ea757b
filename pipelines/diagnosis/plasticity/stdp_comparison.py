"""What differs between the rules of plasticity of two runs, each fitted to its own spikes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from pipelines.diagnosis.plasticity.stdp_fit import Data, Fit, evaluate, fit
from pipelines.diagnosis.plasticity.stdp_rule import Constants, Rule
from pipelines.diagnosis.plasticity.stdp_search import (
    changes,
    find_rule,
    with_same_steps,
    without_bound,
)
from pipelines.diagnosis.plasticity.stdp_starts import UNBOUNDED, initial_weight, starting_values

# Factors of a constant from which its fit starts.
_FACTORS = (0.0, 0.25, 0.5, 0.7, 0.8, 0.9, 0.95, 1.05, 1.1, 1.25, 1.5, 2.0, 4.0, -1.0)
# Shortest time constant, in steps.
_SHORTEST = 0.2
# Smallest difference of constants, in standard errors and as a share of the larger one.
_ERRORS, _SHARE = 5.0, 1e-6
# Synapses times steps with arrivals in a first fit, and its number of steps.
_FIRST_FIT, _FIRST_STEPS = 8_000, 15


@dataclass(frozen=True)
class Difference:
    """One respect in which two rules differ.

    Attributes
    ----------
    respect
        Name of a constant, or of an attribute of `Rule`.
    base, other
        Fits of the two runs: of the one that was fitted first, and of the other.
    """

    respect: str
    base: Fit
    other: Fit


Explanation = tuple[Difference, ...]
"""Differences that together explain the other run."""


def explanations(base: Fit, data: tuple[Data, Data], hints: Constants) -> list[Explanation] | None:
    """Find the simplest differences that explain the weights of another run.

    Parameters
    ----------
    base
        Fit of the first run.
    data
        Data of the first run and of the other.
    hints
        Constants that the other run may have.

    Returns
    -------
    list or None
        Alternatives that all fit to within rounding and have the same number of differences; one
        without differences if the rule is the same. None if no rule that was tried fits.
    """
    own, other = data
    if evaluate(other, base.rule, base.constants).fits:
        return [()]
    part = other.sample(_FIRST_FIT)
    for find in (_single, _pairs):
        found = list(find(base, other, part))
        # What explains both runs is no difference.
        if any(evaluate(own, one.other.rule, one.other.constants).fits for e in found for one in e):
            return [()]
        if found:
            return [*found, *_other_dependence(base, own, found)]
    fitted = find_rule(other, hints, first=(base.rule,))
    explained = None if fitted is None else _differences(base, fitted, own)
    return [explained] if explained else None


def _other_dependence(base: Fit, own: Data, found: list[Explanation]) -> Iterator[Explanation]:
    """Another weight dependence, where weights change too little to tell it from amplitudes."""
    respects = {one.respect for each in found for one in each}
    if respects <= {"A_plus", "A_minus", "w_max"} and base.rule.dependence == "additive":
        form = replace(base.rule, dependence="multiplicative")
        part = own.sample(_FIRST_FIT)
        free = [*(name for name in base.errors if not name.startswith("w_m")), "w_max"]
        starts = starting_values(part, form, {})
        other = _first_and_whole(own, part, form, starts, free)
        if other.fits:
            yield (Difference("dependence", base, replace(base, rule=form)),)


def _first_and_whole(
    data: Data,
    part: Data,
    rule: Rule,
    starts: Sequence[Constants],
    free: Sequence[str],
    same_steps: bool = False,
) -> Fit:
    """A fit of few synapses, and of the rest if that fits."""
    found = fit(part, rule, starts, free, same_steps, _FIRST_STEPS)
    return fit(data, rule, [found.constants], free, same_steps) if found.fits else found


def _single(base: Fit, data: Data, part: Data) -> Iterator[Explanation]:
    """Single differences that explain the other run: of a constant, or of the form."""
    rule, constants = base.rule, base.constants
    for name in rule.constants:
        if name == "w_0" and data.course.initial is not None:
            continue
        for same_steps in (False, True) if name == "w_max" else (False,):
            starts = _starts(name, constants, data, same_steps)
            found = _first_and_whole(data, part, rule, starts, [name], same_steps)
            if found.fits and _is_possible(name, found, data):
                found = without_bound(data, found) if same_steps else found
                yield (Difference(name, base, found),)
                break
        else:
            continue
        if name == "w_max" and not same_steps:
            # Below the bounds, weights show steps only.
            yield from _pair(base, data, part, ("A_plus", "A_minus"))
    yield from _forms(base, data, part)


def _forms(base: Fit, data: Data, part: Data) -> Iterator[Explanation]:
    """Other forms of the rule that explain the other run with the same constants."""
    # An upper bound that the first run does not determine matters in another form.
    bounds = [] if base.determines("w_max") else [1.001, 1.3, 2.0, 4.0]
    best: dict[str, Fit] = {}
    for form in changes(data, base.rule):
        changed = next(n for n in vars(form) if getattr(form, n) != getattr(base.rule, n))
        made = {**dict.fromkeys(form.constants, 0.5), **base.constants}
        free = [n for n in form.constants if n not in base.constants and n.startswith("mu")]
        found = _first_and_whole(data, part, form, [made], free)
        if not found.fits and changed == "dependence" and bounds and not free:
            sets = [made | {"w_max": bound * data.scale} for bound in bounds]
            starts = [made, *(with_same_steps(one, base.constants) for one in sets)]
            found = _first_and_whole(data, part, form, starts, ["w_max"], True)
        if found.fits and changed not in best:
            best[changed] = found
    for changed, found in best.items():
        yield (Difference(changed, base, found),)


def _is_possible(name: str, found: Fit, data: Data) -> bool:
    """Whether a constant can have its fitted value.

    A time constant of no steps is none, and a lower bound is below the upper one.
    """
    c = found.constants
    if name == "w_min":
        return c["w_min"] < 0.999 * c["w_max"]
    return not name.startswith("tau") or c[name] > _SHORTEST * data.course.timestep


def _starts(name: str, constants: Constants, data: Data, same_steps: bool) -> Sequence[Constants]:
    """Sets of constants from which the fit of one of them starts."""
    value, weights = constants[name], data.course.weights
    values = [value, *(value * factor for factor in _FACTORS)]
    if name == "w_max":
        values += [weights.max(), 1.001 * weights.max(), UNBOUNDED * data.scale]
    elif name == "w_min":
        values = [value, weights.min(), *(data.scale * x for x in (-1.0, 0.0, 0.1, 0.3, 0.5))]
    elif name == "w_0":
        values = [value, initial_weight(data), *(data.scale * x for x in np.linspace(0, 1, 9))]
    elif name.startswith("mu"):
        values = [value, 0.0, 0.2, 0.5, 0.8, 1.0]
    if name.startswith("tau") or name == "w_max":
        values = [one for one in values if one > 0]
    made = [{**constants, name: float(one)} for one in values]
    return [with_same_steps(one, constants) for one in made] if same_steps else made


def _pairs(base: Fit, data: Data, part: Data) -> Iterator[Explanation]:
    """Pairs of constants that explain the other run together."""
    names = [n for n in base.rule.constants if n != "w_0" or data.course.initial is None]
    amplitudes = list(_pair(base, data, part, ("A_plus", "A_minus")))
    yield from amplitudes
    for pair in combinations(names, 2):
        # With w_max, an amplitude is a way to write two amplitudes.
        bounded = base.determines("w_max") and not amplitudes
        if pair != ("A_plus", "A_minus") and (bounded or "w_max" not in pair):
            yield from _pair(base, data, part, pair)


def _pair(base: Fit, data: Data, part: Data, pair: tuple[str, str]) -> Iterator[Explanation]:
    """Two constants, if they explain the other run together."""
    constants = base.constants
    if any(name not in constants for name in pair):
        return
    starts = [constants, *(s for name in pair for s in _starts(name, constants, data, False))]
    if pair == ("A_plus", "A_minus"):
        exchanged = {"A_plus": constants["A_minus"], "A_minus": constants["A_plus"]}
        starts.append({**constants, **exchanged})
    found = _first_and_whole(data, part, base.rule, starts, pair)
    if found.fits and all(_is_possible(name, found, data) for name in pair):
        differences = [Difference(name, base, found) for name in pair if _apart(name, base, found)]
        if differences:
            yield tuple(differences)


def _differences(base: Fit, found: Fit, own: Data) -> Explanation:
    """All differences of two fits; of their form only where the first run needs its own."""
    if base.rule != found.rule:
        again = find_rule(own, base.constants, first=(found.rule,))
        if again is not None and again.rule == found.rule:
            base = again
    differences = [
        Difference(name, base, found)
        for name in vars(base.rule)
        if getattr(base.rule, name) != getattr(found.rule, name)
    ]
    shared = [n for n in base.rule.constants if n in found.rule.constants]
    apart = [n for n in shared if _apart(n, base, found)]
    if {"A_plus", "A_minus"} <= set(apart) and _same_steps(base, found):
        # Amplitudes are shares of w_max, which no weight may reach.
        apart = [n for n in apart if n not in ("A_plus", "A_minus")]
    return (*differences, *(Difference(n, base, found) for n in apart))


def _same_steps(base: Fit, other: Fit) -> bool:
    """Whether the steps of the weights are the same, with another w_max."""
    steps = [
        [one.constants[n] * one.constants["w_max"] for n in ("A_plus", "A_minus")]
        for one in (base, other)
    ]
    return bool(np.allclose(steps[0], steps[1], rtol=_SHARE, atol=0.0))


def _apart(name: str, base: Fit, other: Fit) -> bool:
    """Whether both runs determine a constant, and it differs.

    A bound that the first run does not reach differs, too, if the other one determines it.
    """
    known = base.determines(name) or name == "w_max"
    if not known or not other.determines(name):
        return False
    x, y = base.constants[name], other.constants[name]
    error = max(base.errors.get(name, 0.0), other.errors.get(name, 0.0))
    error = error if np.isfinite(error) else 0.0
    return abs(x - y) > max(_ERRORS * error, _SHARE * max(abs(x), abs(y)))
