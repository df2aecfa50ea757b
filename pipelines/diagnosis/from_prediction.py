"""Causes that are told apart by predicting the spikes of one run from what reached its neurons.

A population whose intervals the asked parameters predict in both runs is healthy. If they predict
them in one run only, the other run deviates: each hypothesis, with one number free, must then
predict every interval of the deviating run. Hypotheses that do not are rejected, and are no
alternatives of a description either.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from pipelines.diagnosis.predicted_spikes import (
    EXACT,
    SCHEMES,
    Fit,
    Recorded,
    predict,
    predictable,
)
from pipelines.diagnosis.run_pair import Cause, Pair, steps_in_words

Floats = np.ndarray

# Smallest number of intervals for a statement, and share of them that rounding may change.
_FEWEST_INTERVALS, _ROUNDED = 10, 0.002
# Share of wrong intervals up to which values for each neuron fit, and beyond which they do not.
_FEW_WRONG, _MANY_WRONG = 0.04, 0.2
# Wrong intervals of each affected neuron from which on it may have a value of its own.
_WRONG_OF_EACH = 3
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
_SCALED = ("tau_m", "cm", "tau_syn_E", "tau_syn_I")


@dataclass(frozen=True)
class Prediction:
    """What predictions say of two runs.

    Attributes
    ----------
    causes
        Causes that predict every interval of the deviating run.
    rejected
        Names of causes that were tested and do not, or that healthy populations exclude.
    """

    causes: tuple[Cause, ...] = ()
    rejected: frozenset[str] = frozenset()


@dataclass(frozen=True)
class _Tested:
    """Best candidate of a hypothesis, and whether it predicts every interval.

    With a value for each neuron the search is not exhaustive, so a hypothesis that predicts most
    intervals is not rejected (`may_fit`).
    """

    name: str
    fits: bool
    values: Floats
    text: str = ""
    may_fit: bool = False


def predicted_causes(pair: Pair) -> Prediction:
    """Test what could make the populations of a run deviate from what was asked.

    Populations of which not everything is known are left out: see
    `predicted_spikes.predictable`.
    """
    if pair.divergence is None:
        return Prediction()
    found: list[Cause] = []
    rejected: set[str] | None = None
    explained = True
    for name, both in predictable(pair).items():
        fits = [predict(one) for one in both]
        if any(fit.intervals.sum() < _FEWEST_INTERVALS for fit in fits):
            continue
        good = [_is_good(fit) for fit in fits]
        if good[0] == good[1]:
            continue
        deviating = int(good[0])
        tested = list(_hypotheses(both[deviating], together=True))
        if not any(one.fits for one in tested) and _differ_often(fits[deviating]):
            # Each neuron may have a value of its own.
            tested += _hypotheses(both[deviating], together=False)
        fitting = [one for one in tested if one.fits]
        names = {one.name for one in tested} - {one.name for one in tested if one.may_fit}
        # A few synapses may have other weights or delays.
        names -= {"different weights", "different delays"}
        explained &= bool(fitting)
        rejected = names if rejected is None else rejected & names
        if fitting:
            found.append(_cause(pair, name, fitting, fits[deviating], deviating))
    # A cause that leaves a population unexplained is not the cause.
    return Prediction(tuple(_merged(found)) if explained else (), frozenset(rejected or ()))


def _is_good(fit: Fit) -> bool:
    return bool(fit.wrong[0].sum() <= _ROUNDED * fit.intervals.sum())


def _differ_often(fit: Fit) -> bool:
    """Whether neurons have so many wrong intervals that a value for each is no chance."""
    affected = int((fit.wrong[0] > 0).sum())
    return bool(fit.wrong[0].sum() >= _WRONG_OF_EACH * affected)


def _hypotheses(recorded: Recorded, together: bool) -> Iterator[_Tested]:
    """Test hypotheses with one number for all neurons, or with one for each."""
    p = recorded.parameters
    for name in _SCALED:
        yield _search(recorded, name, p[name], np.zeros_like(p[name]), together)
    for name in _POTENTIALS:
        other = p["v_rest"] if name == "v_thresh" else p["v_thresh"]
        yield _search(recorded, name, p[name] - other, other, together)
    # A current is scaled in units of the one that holds the membrane at the threshold.
    rheobase = (p["v_thresh"] - p["v_rest"]) * p["cm"] / p["tau_m"]
    yield _search(recorded, "i_offset", rheobase, p["i_offset"] - rheobase, together)
    several = [[one] for one in recorded.inputs]
    several += [list(recorded.inputs)] if len(several) > 1 else []
    for projections in several:
        yield _search_weights(recorded, projections, together)
    if together:
        yield _of_steps(recorded)
        yield _schemes(recorded)
        yield _exchanged(recorded)
        for projections in several:
            yield _delays(recorded, projections)


def _search(
    recorded: Recorded, name: str, scale: Floats, offset: Floats, together: bool
) -> _Tested:
    """Search the value ``offset + factor * scale`` of a parameter."""

    def fit(factors: Floats) -> Fit:
        return predict(recorded, {name: offset + factors * scale})

    factors, wrong, useful = _best(recorded, fit, together)
    fits, may_fit = wrong <= (_ROUNDED if together else _FEW_WRONG), wrong <= _MANY_WRONG
    values, asked = (offset + factors * scale)[useful], recorded.parameters[name][useful]
    if together and np.ptp(asked) == 0:
        text = f"{name} is about {values[0]:.5g}, asked for {asked[0]:.5g}"
    else:
        text = f"{name} differs by about {_range(values - asked)}"
    return _Tested(f"different {name}", fits, values, text, may_fit)


def _search_weights(recorded: Recorded, projections: list[str], together: bool) -> _Tested:
    def fit(factors: Floats) -> Fit:
        return predict(recorded, weight_factors=dict.fromkeys(projections, factors))

    factors, wrong, useful = _best(recorded, fit, together)
    fits, may_fit = wrong <= (_ROUNDED if together else _FEW_WRONG), wrong <= _MANY_WRONG
    by = f"{factors[0]:.5g}" if together else _range(factors[useful])
    text = f"weights of {' and '.join(projections)} are about {by} times as large"
    return _Tested("different weights", fits, factors, text, may_fit)


def _range(values: Floats) -> str:
    low, high = float(values.min()), float(values.max())
    return f"{low:.4g}" if np.isclose(low, high) else f"{low:.4g} to {high:.4g}"


def _best(
    recorded: Recorded, fit: Callable[[Floats], Fit], together: bool
) -> tuple[Floats, float, np.ndarray]:
    """Best factor of each neuron, share of wrong intervals, and where the factors matter."""
    around = np.repeat(_FACTORS[:, None], len(recorded.neurons), axis=1)
    for _ in range(_REFINEMENTS):
        result = fit(around)
        misfit = result.misfit_mv + result.wrong
        if together:
            misfit = np.repeat(misfit.sum(axis=1)[:, None], misfit.shape[1], axis=1)
        best = misfit.argmin(axis=0)[None, :]
        chosen = np.take_along_axis(around, best, axis=0)[0]
        wrong = np.take_along_axis(result.wrong, best, axis=0).sum() / result.intervals.sum()
        if wrong <= _ROUNDED:
            break
        low, high = (
            np.take_along_axis(around, np.clip(best + by, 0, len(around) - 1), axis=0)
            for by in (-1, 1)
        )
        around = low + (high - low) * np.linspace(0, 1, _REFINED)[:, None]
    return chosen, float(wrong), result.intervals > 0


def _of_steps(recorded: Recorded) -> _Tested:
    """Search a refractory period that is longer by a number of steps."""
    asked = np.ceil(recorded.parameters["tau_refrac"] / recorded.timestep - 1e-6)
    values = np.maximum(asked + _STEPS[:, None], 0) * recorded.timestep
    good, best = _one_for_all(predict(recorded, {"tau_refrac": values}))
    text = f"tau_refrac is {steps_in_words(int(_STEPS[best]))}"
    return _Tested("different tau_refrac", good, np.array([_STEPS[best]]), text)


def _delays(recorded: Recorded, projections: list[str]) -> _Tested:
    good, best = _one_for_all(predict(recorded, delay_steps=dict.fromkeys(projections, _DELAYS)))
    by = steps_in_words(int(_DELAYS[best]))
    text = f"delays of {' and '.join(projections)} are {by}"
    return _Tested("different delays", good, np.array([_DELAYS[best]]), text)


def _one_for_all(result: Fit) -> tuple[bool, int]:
    wrong = result.wrong.sum(axis=1)
    best = int(wrong.argmin())
    return bool(wrong[best] <= _ROUNDED * result.intervals.sum()), best


def _schemes(recorded: Recorded) -> _Tested:
    for scheme in SCHEMES:
        if scheme != EXACT and _is_good(predict(recorded, scheme=scheme)):
            return _Tested(scheme, True, np.empty(0), f"it is integrated by {scheme}")
    return _Tested("integration scheme", False, np.empty(0))


def _exchanged(recorded: Recorded) -> _Tested:
    p = recorded.parameters
    exchanged = {"tau_syn_E": p["tau_syn_I"][None, :], "tau_syn_I": p["tau_syn_E"][None, :]}
    good = _is_good(predict(recorded, exchanged)) and not np.allclose(
        p["tau_syn_E"], p["tau_syn_I"]
    )
    return _Tested("tau_syn_E and tau_syn_I exchanged", good, np.empty(0), "each is the other")


def _cause(
    pair: Pair, population: str, fitting: list[_Tested], before: Fit, deviating: int
) -> Cause:
    """The cause that fits, with others that fit as well as alternatives."""
    names = list(dict.fromkeys(one.name for one in fitting))
    one = fitting[0]
    text = (
        f"the spikes that reach {population} predict all its intervals {pair.where[1 - deviating]},"
        f" and {before.wrong[0].sum()} of {before.intervals.sum()} not {pair.where[deviating]}:"
        f" there they do if {' or if '.join(each.text for each in fitting)}"
    )
    steps = int(one.values[0]) if one.name == "different tau_refrac" and len(names) == 1 else 0
    return Cause(names[0], text, 1.0, steps * (1 if deviating else -1), tuple(names[1:]))


def _merged(found: list[Cause]) -> list[Cause]:
    """Causes of several populations: those that all of them have in common, if there are any."""
    if len(found) < 2:
        return found
    common = set.intersection(*({*cause.names} for cause in found))
    if not common:
        return found
    names = [name for name in found[0].names if name in common]
    text = "; ".join(cause.explanation for cause in found)
    return [Cause(names[0], text, 1.0, found[0].steps, tuple(names[1:]))]


def without_rejected(cause: Cause, rejected: frozenset[str]) -> Cause:
    """A description without the alternatives that predictions reject."""
    kept = tuple(name for name in cause.alternatives if name not in rejected)
    return (
        cause
        if kept == cause.alternatives
        else Cause(cause.name, cause.explanation, cause.share, cause.steps, kept)
    )
