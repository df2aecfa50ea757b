"""Different plasticity: constants of the rule, measured in each run from its spikes and weights.

In each run the weights follow from its own spikes, so that rules can be compared even where the
spikes of the two runs differ. Where no rule can be fitted, weights between neurons with the same
spikes are compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np
import pandas as pd

from pipelines.diagnosis.from_weights import projections
from pipelines.diagnosis.kinds.plasticity import FORMS, KINDS, NONE, RULE
from pipelines.diagnosis.plastic import plastic_projections, recorded_facts
from pipelines.diagnosis.plasticity.plastic_course import Learning, constants_asked_for, learning
from pipelines.diagnosis.plasticity.stdp_comparison import Difference, Explanation, explanations
from pipelines.diagnosis.plasticity.stdp_fit import Fit
from pipelines.diagnosis.plasticity.stdp_search import find_rule
from pipelines.diagnosis.run_pair import Cause, Pair, joined

_EQUAL = 1e-9
# Smallest number of synapses between neurons with the same spikes for a cause.
_FEWEST = 5
_PHRASES = {
    "w_0": "the weight at time 0 is",
    "dependence": "the weight dependence is",
    "scheme": "the pairing scheme is",
    "zero_lag": "the effect of a pair of lag zero is",
    "fraction": "the dendritic fraction of the delay is",
    "reading": "weights are",
    "longer": "the steps by which delays are longer than in the table are",
}


def different_plasticity(pair: Pair) -> Iterator[Cause]:
    """Differences of the plasticity of each projection that may be plastic."""
    for name, plastic in plastic_projections(pair).items():
        if plastic is not False and _weights_differ(pair, name):
            yield from _causes_of_projection(pair, name, plastic)


def _weights_differ(pair: Pair, name: str) -> bool:
    """Whether last weights differ, between the same neurons and with the same delays."""
    for one, a, b in projections(pair):
        if one == name:
            if len(a) != len(b) or not len(a):
                return False
            columns = ["pre", "post", "delay_ms"]
            if not np.array_equal(a[columns].to_numpy(float), b[columns].to_numpy(float)):
                return False
            first, second = a["weight"].to_numpy(float), b["weight"].to_numpy(float)
            return bool(np.any(_apart(first, second)))
    return False


def _apart(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    largest = max(np.abs(first).max(initial=0.0), np.abs(second).max(initial=0.0))
    return np.abs(second - first) > _EQUAL * largest


def _causes_of_projection(pair: Pair, name: str, plastic: bool | None) -> Iterator[Cause]:
    fitted = _fit_either(pair, name, certain=bool(plastic))
    if fitted is None:
        if plastic:
            yield from _different_weight_rule(pair, name)
        return
    base, found, (own, others) = fitted
    if not others:
        return
    other = others[0]
    if other.unchanged:
        yield from _no_plasticity(pair, name, found, base)
        return
    hints = constants_asked_for((pair.a, pair.b)[1 - base])
    explained = explanations(found, (own.data, other.data), hints)
    if explained is None:
        yield from _different_weight_rule(pair, name)
    else:
        yield from _named(pair, name, base, explained, len(own.data.course))


def _fit_either(
    pair: Pair, name: str, certain: bool
) -> tuple[int, Fit, tuple[Learning, list[Learning]]] | None:
    """The fit of one run, its index, and what is known of the projection in it and the other."""
    runs = (pair.a, pair.b)
    choices = [list(learning(run, name, pair.timestep)) for run in runs]
    for quick in (True, False):
        fits = []
        for index, run in enumerate(runs):
            for one in choices[index]:
                found = None
                if not one.unchanged:
                    found = find_rule(
                        one.data, constants_asked_for(run), quick=quick, certain=certain
                    )
                if found is not None:
                    others = [c for c in choices[1 - index] if c.ends == one.ends]
                    fits.append((index, found, (one, others or choices[1 - index])))
                    break
        if fits:
            # Constants that one run does not determine may matter in the other.
            return max(fits, key=lambda each: sum(map(each[1].determines, each[1].constants)))
    return None


def _no_plasticity(pair: Pair, name: str, found: Fit, base: int) -> Iterator[Cause]:
    text = (
        f"weights of {name} do not change {pair.where[1 - base]}, although its neurons fire;"
        f" {pair.where[base]} they follow a rule of plasticity"
    )
    # With the same spikes, the weights of time 0 may have been written at the end.
    also = ("weights of another time",) if pair.divergence is None else ()
    yield Cause(NONE, text, 1.0, alternatives=also)


def _named(
    pair: Pair, name: str, base: int, explained: list[Explanation], n: int
) -> Iterator[Cause]:
    """Causes of explanations, which are alternatives of each other."""
    if explained == [()]:
        return
    largest = _largest_weights(pair, name)
    if len(explained) == 1:
        merged: dict[str, list[str]] = {}
        for difference in explained[0]:
            text = _in_words(difference, pair, base, largest)
            merged.setdefault(_cause_name(difference.respect), []).append(text)
        for cause, texts in merged.items():
            after = f": then all weights of {n:,} synapses follow from the spikes of their run"
            # Weights show the delay within the synapse, not that of its effect.
            also = (FORMS["fraction"],) if cause == FORMS["longer"] else ()
            yield Cause(cause, f"{name}: {joined(texts)}{after}", alternatives=also)
        return
    names = list(dict.fromkeys(_cause_name(one.respect) for each in explained for one in each))
    ways = "; or ".join(
        joined([_in_words(one, pair, base, largest) for one in each]) for each in explained
    )
    text = f"{name}: {ways}: each explains all weights of {n:,} synapses"
    yield Cause(names[0], text, 1.0, alternatives=tuple(names[1:]))


def _cause_name(respect: str) -> str:
    if respect == "scheme":
        return FORMS[respect]
    return FORMS.get(respect, f"different {respect}")


def _in_words(difference: Difference, pair: Pair, base: int, largest: tuple[float, float]) -> str:
    """A difference in words, the first run first."""
    respect, fits = difference.respect, (difference.base, difference.other)
    if respect == "dependence" and fits[0].constants is fits[1].constants:
        return "another weight dependence, of which so small changes show nothing"
    if respect == "w_max" and not fits[0].determines(respect) and fits[1].determines(respect):
        # No weight of the first run reaches its bound; all steps are in units of it.
        factor = fits[1].constants[respect] / fits[0].constants[respect]
        return f"w_max is {factor:.6g} times as large {pair.where[1 - base]}"
    # Without a bound that is reached, only the product of an amplitude with it is known.
    unknown = respect.startswith("A_") and not fits[0].determines("w_max")
    asked = constants_asked_for((pair.a, pair.b)[base]).get("w_max")
    unit = fits[0].constants["w_max"] / (asked or 1.0) if unknown else 1.0
    of_fits = largest if base == 0 else largest[::-1]
    values = [_value(respect, one, unit, most) for one, most in zip(fits, of_fits, strict=True)]
    if unknown and not asked:
        values = [f"{value} / w_max" for value in values]
    if base == 1:
        values = values[::-1]
    what = _PHRASES.get(respect, f"{respect} is")
    return f"{what} {values[0]} {pair.where[0]} and {values[1]} {pair.where[1]}"


def _largest_weights(pair: Pair, name: str) -> tuple[float, float]:
    """Largest size of a weight of a projection in each run."""
    a, b = (
        float(np.abs(one.weights.loc[one.weights["projection"] == name, "weight"]).max())
        for one in (pair.a, pair.b)
    )
    return a, b


def _value(respect: str, found: Fit, unit: float, most: float) -> str:
    """A constant in a unit, with its standard error, or an attribute of the rule."""
    if respect not in found.constants:
        value = getattr(found.rule, respect)
        return f"{value:.3g}" if isinstance(value, float) else str(value).replace("_", " ")
    value, error = found.constants[respect], found.errors.get(respect, 0.0)
    largest = found.constants["w_max"]
    if respect == "w_max" and respect in found.errors and not found.determines(respect):
        return f"more than {most:.6g}, which no weight exceeds,"
    if respect.startswith("w_") and abs(value) < _EQUAL * largest:
        return "0"
    if abs(value) <= error:
        return "0"
    value, error = value * unit, error * unit
    return f"{value:.6g} ± {error:.1g}" if 0 < error < np.inf else f"{value:.6g}"


def _different_weight_rule(pair: Pair, name: str) -> Iterator[Cause]:
    """Weights that differ although the spikes of both neurons of the synapse are the same.

    A plastic weight depends on the spikes of its two neurons only. If the populations of the
    projection are unknown, this must hold for all that fit.
    """
    (a, b), *_ = [(a, b) for one, a, b in projections(pair) if one == name]
    apart = _apart(a["weight"].to_numpy(float), b["weight"].to_numpy(float))
    same = _neurons_with_same_spikes(pair)
    facts = recorded_facts(pair.a, name) or recorded_facts(pair.b, name)
    ends = [[facts[end]] if facts.get(end) else list(same) for end in ("pre", "post")]
    between = _smallest_share(a, apart, same, ends)
    if between is not None and between[1] > 0:
        number, share = between
        text = (
            f"{share:.1%} of {number:,} weights of {name} between neurons whose spikes are"
            " all the same differ: the rule of plasticity, or what it is given"
        )
        also = tuple(dict.fromkeys(kind.name for kind in KINDS if kind.name != RULE))
        yield Cause(RULE, text, share, alternatives=also)


def _neurons_with_same_spikes(pair: Pair) -> dict[str, np.ndarray]:
    """For each population, a mask of the neurons that fire, with the same spikes in both runs."""
    grid, counts = pair.grid, pair.counts
    _, population, neuron = grid.split_keys(counts.keys)
    cell = population * grid.n_neurons + neuron
    width = grid.n_neurons * len(grid.populations)
    fires = np.bincount(cell, minlength=width) > 0
    differs = np.bincount(cell[counts.a != counts.b], minlength=width) > 0
    same = (fires & ~differs).reshape(len(grid.populations), grid.n_neurons)
    found = {}
    for code, name in enumerate(grid.populations):
        size = int(np.flatnonzero(fires.reshape(same.shape)[code])[-1]) + 1
        found[name] = same[code, :size]
    return found


def _smallest_share(
    table: pd.DataFrame,
    apart: np.ndarray,
    same: dict[str, np.ndarray],
    ends: list[list[str]],
) -> tuple[int, float] | None:
    """Number of synapses between neurons with the same spikes, and the share that differs.

    The smallest share over all populations that the projection may connect; None if one of them
    has too few such synapses.
    """
    pre, post = table["pre"].to_numpy(), table["post"].to_numpy()
    found = []
    for names in product(*ends):
        if not all(name in same for name in names):
            # Without its spikes, the neurons of a population may differ.
            return None
        one, other = (same[name] for name in names)
        if pre.max() >= len(one) or post.max() >= len(other):
            continue
        chosen = one[pre] & other[post]
        if chosen.sum() < _FEWEST:
            return None
        found.append((int(chosen.sum()), float(apart[chosen].mean())))
    return min(found, key=lambda each: each[1], default=None)
