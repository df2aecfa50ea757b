"""What differs between the rules of plasticity of two runs, each fitted to its own spikes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from pipelines.diagnosis.stdp_fit import Data, Fit, evaluate, fit
from pipelines.diagnosis.stdp_rule import Constants
from pipelines.diagnosis.stdp_search import (
    UNBOUNDED,
    changes,
    find_rule,
    initial_weight,
)

# Factors of a constant from which its fit starts.
_FACTORS = (0.0, 0.25, 0.5, 0.7, 0.8, 0.9, 0.95, 1.05, 1.1, 1.25, 1.5, 2.0, 4.0, -1.0)
# Smallest difference of constants, in standard errors and as a share of the larger one.
_ERRORS, _SHARE = 5.0, 1e-6


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
    single = list(_single(base, other))
    if single:
        return single
    pairs = list(_pairs(base, other))
    if pairs:
        return pairs
    found = find_rule(other, hints, first=(base.rule,))
    return None if found is None else [_differences(base, found, own)]


def _single(base: Fit, data: Data) -> Iterator[Explanation]:
    """Single differences that explain the other run: of a constant, or of the form."""
    rule, constants = base.rule, base.constants
    for name in rule.constants:
        if name == "w_0" and data.course.initial is not None:
            continue
        fits = [
            fit(data, rule, _starts(name, constants, data, same_steps), [name], same_steps)
            for same_steps in ((False, True) if name == "w_max" else (False,))
        ]
        best = min(fits, key=lambda each: each.residual)
        if best.fits:
            yield (Difference(name, base, best),)
    # Constants that the first run does not determine may matter in another form.
    unknown = [n for n in ("w_max", "w_min") if not base.determines(n)]
    forms: dict[str, Fit] = {}
    for form in changes(data, rule):
        changed = next(name for name in vars(form) if getattr(form, name) != getattr(rule, name))
        made = {**dict.fromkeys(form.constants, 0.5), **constants}
        free = [n for n in form.constants if n not in constants and n.startswith("mu")]
        found = fit(data, form, [made], free)
        if not found.fits and changed == "dependence" and unknown:
            starts = [made | {"w_max": f * data.scale} for f in (1.001, 1.3, 2.0, 4.0)]
            found = fit(data, form, [*starts, made], [*free, *unknown], same_steps=True)
        if found.fits and changed not in forms:
            forms[changed] = found
    for changed, found in forms.items():
        yield (Difference(changed, base, found),)


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
    if same_steps:
        amplitudes = [n for n in constants if n.startswith("A_")]
        made = [one | {n: constants[n] * value / one["w_max"] for n in amplitudes} for one in made]
    return made


def _pairs(base: Fit, data: Data) -> Iterator[Explanation]:
    """Pairs of constants that explain the other run together."""
    rule, constants = base.rule, base.constants
    names = [n for n in rule.constants if n != "w_0" or data.course.initial is None]
    part = data.sample(10_000)
    for pair in combinations(names, 2):
        starts: list[Constants] = [constants]
        for name in pair:
            starts += _starts(name, constants, data, same_steps=False)
        if set(pair) == {"A_plus", "A_minus"}:
            exchanged = {"A_plus": constants["A_minus"], "A_minus": constants["A_plus"]}
            starts.append({**constants, **exchanged})
        found = fit(part, rule, starts, pair)
        if found.fits:
            found = fit(data, rule, [found.constants], pair)
        if found.fits:
            differences = [
                Difference(n, base, found) for n in pair if _apart(n, base, found) is not False
            ]
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
    differences += [Difference(n, base, found) for n in shared if _apart(n, base, found)]
    return tuple(differences)


def _apart(name: str, base: Fit, other: Fit) -> bool | None:
    """Whether a constant differs; None if one run does not determine it."""
    if not other.determines(name) or not (base.determines(name) or name in other.errors):
        return None
    x, y = base.constants[name], other.constants[name]
    error = max(base.errors.get(name, 0.0), other.errors.get(name, 0.0))
    if not np.isfinite(error):
        return None
    return abs(x - y) > max(_ERRORS * error, _SHARE * max(abs(x), abs(y)))
