"""Causes that are told apart by predicting the spikes of one run from what reached its neurons.

A population whose intervals the asked parameters predict in both runs is healthy. If they predict
them in one run only, the other run deviates: a hypothesis, with one number for all neurons, is a
cause if it predicts every interval of the deviating run. That none does says nothing of its other
forms, such as values of single neurons, so no cause is excluded by it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from pipelines.diagnosis.membrane.equal_potentials import ruled_out
from pipelines.diagnosis.membrane.predicted_spikes import (
    SCHEMES,
    Fit,
    Recorded,
    predict,
    predictable,
)
from pipelines.diagnosis.run_pair import Cause, Pair, joined, steps_in_words

Floats = np.ndarray

# Smallest number of intervals for a statement, and share of them that rounding may change.
_FEWEST_INTERVALS, _ROUNDED = 10, 0.002
# Fewer wrong intervals, any small change predicts by chance.
_FEWEST_WRONG = 6
# Candidates of the first search, as factors of a value or of the distance to the threshold, and of
# each refinement around the best one.
_FACTORS = np.array([
    0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98, 0.99, 0.996, 0.999, 1.001, 1.004, 1.01, 1.02,
    1.05, 1.1, 1.15, 1.2, 1.3, 1.4, 1.5, 1.7, 2.0, 3.0,
])  # fmt: skip
_REFINEMENTS, _REFINED = 5, 13
_STEPS = np.array([k for k in range(-20, 21) if k])
_DELAYS = np.array([k for k in range(-10, 11) if k])
# Potentials are scaled by their distance to the threshold, and others by their value.
_POTENTIALS = ("v_rest", "v_reset", "v_thresh")
# Causes that are found as a whole number of steps.
_DISCRETE = frozenset({"different tau_refrac", "different delays", "coarser time grid"})
_SCALED = ("tau_m", "cm", "tau_syn_E", "tau_syn_I")


@dataclass(frozen=True)
class _Tested:
    """Best candidate of a hypothesis, and whether it predicts every interval."""

    name: str
    fits: bool
    text: str = ""
    steps: int = 0


def predicted_causes(pair: Pair) -> list[Cause]:
    """Find causes that predict every interval of the populations that deviate in one run.

    Populations of which not everything is known are left out: see
    `predicted_spikes.predictable`. Nothing is found if a cause leaves one of them unexplained.
    """
    if pair.divergence is None:
        return []
    found: list[Cause] = []
    for name, both in predictable(pair).items():
        fits = [predict(one) for one in both]
        if any(fit.intervals.sum() < _FEWEST_INTERVALS for fit in fits):
            continue
        good = [_is_good(fit) for fit in fits]
        if good[0] == good[1]:
            continue
        deviating = int(good[0])
        if fits[deviating].wrong[0].sum() < _FEWEST_WRONG:
            return []
        excluded = ruled_out(pair, name)
        fitting = [
            one for one in _hypotheses(both[deviating]) if one.fits and one.name not in excluded
        ]
        if not fitting:
            return []
        found.append(_cause(pair, name, fitting, fits[deviating], deviating))
    return _merged(found)


def _is_good(fit: Fit) -> bool:
    return bool(fit.wrong[0].sum() <= _ROUNDED * fit.intervals.sum())


def _hypotheses(recorded: Recorded) -> Iterator[_Tested]:
    """Test hypotheses with one number for all neurons."""
    p = recorded.parameters
    for name in _SCALED:
        yield _search(recorded, name, p[name], np.zeros_like(p[name]))
    for name in _POTENTIALS:
        other = p["v_rest"] if name == "v_thresh" else p["v_thresh"]
        yield _search(recorded, name, p[name] - other, other)
    # A current is scaled in units of the one that holds the membrane at the threshold.
    rheobase = (p["v_thresh"] - p["v_rest"]) * p["cm"] / p["tau_m"]
    yield _search(recorded, "i_offset", rheobase, p["i_offset"] - rheobase)
    several = [[one] for one in recorded.inputs]
    several += [list(recorded.inputs)] if len(several) > 1 else []
    for projections in several:
        yield _search_weights(recorded, projections)
        yield _delays(recorded, projections)
    yield _of_steps(recorded)
    yield from _coarser(recorded)
    yield from _schemes(recorded)
    yield _exchanged(recorded)


def _search(recorded: Recorded, name: str, scale: Floats, offset: Floats) -> _Tested:
    """Search the value ``offset + factor * scale`` of a parameter."""

    def fit(factors: Floats) -> Fit:
        return predict(recorded, {name: offset + factors * scale})

    factor, fits = _best(fit)
    values, asked = offset + factor * scale, recorded.parameters[name]
    if np.ptp(asked) == 0:
        text = f"{name} of about {values[0]:.5g} ({asked[0]:.5g} was asked for)"
    else:
        text = f"{name} changed by about {np.mean(values - asked):.4g}"
    return _Tested(f"different {name}", fits, text)


def _search_weights(recorded: Recorded, projections: list[str]) -> _Tested:
    def fit(factors: Floats) -> Fit:
        return predict(recorded, weight_factors=dict.fromkeys(projections, factors))

    factor, fits = _best(fit)
    text = f"weights of {joined(projections)} about {factor:.5g} times as large"
    return _Tested("different weights", fits, text)


def _best(fit: Callable[[Floats], Fit]) -> tuple[float, bool]:
    """Best factor, and whether it predicts every interval."""
    around = _FACTORS
    for _ in range(_REFINEMENTS):
        result = fit(around[:, None])
        wrong = result.wrong.sum(axis=1)
        best = int((result.misfit_mv.sum(axis=1) + wrong).argmin())
        fits = bool(wrong[best] <= _ROUNDED * result.intervals.sum())
        chosen = float(around[best])
        if fits:
            break
        low, high = around[max(best - 1, 0)], around[min(best + 1, len(around) - 1)]
        around = np.linspace(low, high, _REFINED)
    return chosen, fits


def _of_steps(recorded: Recorded) -> _Tested:
    """Search a refractory period that is longer by a number of steps."""
    asked = np.ceil(recorded.parameters["tau_refrac"] / recorded.timestep - 1e-6)
    values = np.maximum(asked + _STEPS[:, None], 0) * recorded.timestep
    good, best = _one_for_all(predict(recorded, {"tau_refrac": values}))
    text = f"tau_refrac {steps_in_words(int(_STEPS[best]))}"
    return _Tested("different tau_refrac", good, text, int(_STEPS[best]))


def _delays(recorded: Recorded, projections: list[str]) -> _Tested:
    good, best = _one_for_all(predict(recorded, delay_steps=dict.fromkeys(projections, _DELAYS)))
    by = steps_in_words(int(_DELAYS[best]))
    text = f"delays of {joined(projections)} {by}"
    return _Tested("different delays", good, text)


def _one_for_all(result: Fit) -> tuple[bool, int]:
    wrong = result.wrong.sum(axis=1)
    best = int(wrong.argmin())
    return bool(wrong[best] <= _ROUNDED * result.intervals.sum()), best


def _coarser(recorded: Recorded) -> Iterator[_Tested]:
    """Test a longer time step, where all spikes and inputs are at multiples of it."""
    busy = recorded.fired.any(axis=1)
    for weights, _ in recorded.inputs.values():
        busy = busy | (weights != 0).any(axis=1)
    k = int(np.gcd.reduce(np.flatnonzero(busy)))
    if k > 1:
        coarse = replace(
            recorded,
            fired=recorded.fired[::k],
            inputs={name: (of[::k], receptor) for name, (of, receptor) in recorded.inputs.items()},
            timestep=recorded.timestep * k,
        )
        text = f"a time step of {coarse.timestep:g} ms ({recorded.timestep:g} ms was asked for)"
        yield _Tested("coarser time grid", _is_good(predict(coarse)), text)


def _schemes(recorded: Recorded) -> Iterator[_Tested]:
    for scheme, cause in SCHEMES.items():
        yield _Tested(cause, _is_good(predict(recorded, scheme=scheme)), scheme)


def _exchanged(recorded: Recorded) -> _Tested:
    p = recorded.parameters
    exchanged = {"tau_syn_E": p["tau_syn_I"][None, :], "tau_syn_I": p["tau_syn_E"][None, :]}
    good = _is_good(predict(recorded, exchanged)) and not np.allclose(
        p["tau_syn_E"], p["tau_syn_I"]
    )
    return _Tested("tau_syn_E and tau_syn_I exchanged", good, "both time constants exchanged")


def _cause(
    pair: Pair, population: str, fitting: list[_Tested], before: Fit, deviating: int
) -> Cause:
    """The cause that fits, with others that fit as well as alternatives."""
    names = list(dict.fromkeys(one.name for one in fitting))
    if len({*names} - _DISCRETE) > 1:
        # Where one constant does the same as another, several together may do so as well.
        names.append("different cell constants")
    text = (
        f"intervals between spikes of {population}, predicted from the spikes that reach it, are"
        f" all right {pair.where[1 - deviating]}, and {before.wrong[0].sum()} of"
        f" {before.intervals.sum()} are wrong {pair.where[deviating]}; there all are right with"
        f" {' or with '.join(each.text for each in fitting)}"
    )
    steps = fitting[0].steps if len(names) == 1 else 0
    return Cause(names[0], text, 1.0, steps * (1 if deviating else -1), tuple(names[1:]))


def _merged(found: list[Cause]) -> list[Cause]:
    """Causes of several populations: those that all of them have in common, if there are any."""
    if len(found) < 2:
        return found
    common = set.intersection(*({*cause.names} for cause in found))
    if not common:
        return []
    names = [name for name in found[0].names if name in common]
    text = "; ".join(cause.explanation for cause in found)
    return [Cause(names[0], text, 1.0, found[0].steps, tuple(names[1:]))]
