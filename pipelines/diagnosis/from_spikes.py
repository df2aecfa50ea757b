"""Groups of causes that the first differing spikes of neurons show.

The tables of spikes show *where* in the life of a neuron a difference acts: before its first spike,
after a spike of its own, or on what its spikes do to others. Each of these places has several
possible causes, which spikes alone cannot tell apart; so a finding names the group. Only roots of
the difference count (`root_differences`): later, differences spread and no longer show their
origin.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pipelines.diagnosis.kinds.spikes import (
    AFTER_OWN_SPIKE,
    BEFORE_A_SPIKE,
    CELL,
    EITHER_WAY,
    GROWING,
    SYNAPSES,
)
from pipelines.diagnosis.root_differences import NEVER, Roots, roots, sources_of
from pipelines.diagnosis.run_pair import Cause, Pair, joined

# Smallest number of neurons for a statement on the distribution of their lags.
_FEWEST_NEURONS = 8
# Share of earlier (or later) spikes from which on lags are one-sided.
_ONE_SIDE = 0.9
# Largest share of the neurons of a population that are silent while the others go on.
_FEW_SILENT = 0.2
# Probability of a chance agreement that is small enough.
_CHANCE = 1e-3
# A long common history before the first difference.
_LONG_MS, _MANY_SPIKES = 50.0, 200
Ints = np.ndarray


def silent_neurons(pair: Pair) -> Iterator[Cause]:
    """Neurons or populations that fire in one run only, where nothing else differs first."""
    found = roots(pair)
    for quiet, where in enumerate(pair.where):
        silent = {name: of.first[quiet] == NEVER for name, of in found.items()}
        if not any(np.any(found[name].differs & here) for name, here in silent.items()):
            continue
        if any(_others_differ(found[name], here) for name, here in silent.items()):
            continue
        for name, here in silent.items():
            neurons = found[name].neuron[here]
            if not np.any(found[name].differs & here):
                continue
            if len(neurons) == len(here):
                text = f"no neuron of {name} fires {where}, {len(here)} do in the other run"
                yield Cause("silent population", text, alternatives=(*CELL, *SYNAPSES))
            elif len(neurons) <= _FEW_SILENT * len(here):
                some = ", ".join(map(str, neurons[:3])) + (", ..." if len(neurons) > 3 else "")
                text = f"neuron {some} of {name} never fires {where}; the others go on"
                yield Cause("silent neurons", text, alternatives=(*CELL, *SYNAPSES))


def _others_differ(found: Roots, silent: np.ndarray) -> bool:
    """Whether neurons that fire in both runs are roots, or have other first spikes."""
    fire = ~silent & np.all(found.first < NEVER, axis=0)
    moved = found.compared & (found.first[0] != found.first[1])
    return bool(np.any(fire & (found.differs | moved)))


def first_differences(pair: Pair) -> Iterator[Cause]:
    """Groups of causes by where in the life of a neuron the first differences are."""
    if pair.divergence is None:
        return
    sources = sources_of(pair)
    either: list[str] = []
    one_way: dict[str, list[str]] = {"more excitable": [], "less excitable": []}
    own: list[str] = []
    followed: list[str] = []
    forgotten = True
    for name, found in roots(pair).items():
        if name in sources:
            continue
        lag = _first_lags(found)
        apart = lag[lag != 0]
        if _act_before_first_spikes(lag):
            earlier = float(np.mean(apart < 0))
            if max(earlier, 1 - earlier) >= _ONE_SIDE:
                one_way["more excitable" if earlier > 0.5 else "less excitable"].append(name)
            else:
                either.append(name)
            forgotten &= not np.any(found.differs & (found.common > 0))
        elif not len(apart) and np.any(found.differs & (found.common > 0)):
            (own if _only_after_own_spikes(found) else followed).append(name)
    yield from _groups(pair, one_way, either, own, followed, forgotten)


def _first_lags(found: Roots) -> Ints:
    """Lags (steps of the grid) of first spikes that no difference of others can have reached.

    A spike that never comes is later than any other.
    """
    first = found.first[:, found.compared]
    return first[1] - first[0]


def _act_before_first_spikes(lag: Ints) -> bool:
    """Whether enough first spikes differ for a statement on their directions."""
    n_apart = int(np.sum(lag != 0))
    return n_apart > 0 and (len(lag) == 1 or n_apart >= max(2, 0.05 * len(lag)))


def _only_after_own_spikes(found: Roots) -> bool:
    """Whether differences follow spikes of the neuron itself, and this is no chance.

    If they did not depend on spikes of the neuron, first spikes would differ as often as later
    ones: none of them does.
    """
    differ = int(np.sum(found.differs & (found.common > 0)))
    share = differ / (differ + int(found.later_same.sum()))
    n_first = int(found.compared.sum())
    return n_first >= _FEWEST_NEURONS and (1 - share) ** n_first < _CHANCE


def _groups(
    pair: Pair,
    one_way: dict[str, list[str]],
    either: list[str],
    own: list[str],
    followed: list[str],
    forgotten: bool,
) -> Iterator[Cause]:
    where = pair.where[1]
    for what, names in one_way.items():
        if names:
            how = "earlier" if what == "more excitable" else "later"
            text = f"first spikes of {joined(names)} come {how} {where}, by different times"
            # A spike resets the membrane, and with it what its initial potential did.
            others = tuple(
                name
                for name in BEFORE_A_SPIKE
                if forgotten or name != "different initial potential"
            )
            yield Cause(what, text, alternatives=others)
    if either:
        text = f"first spikes of {joined(either)} come earlier or later {where}"
        others = tuple(
            name for name in EITHER_WAY if name != "different inputs" or not _inputs_are_same(pair)
        )
        yield Cause("first spikes either way", text, alternatives=others)
    if any(one_way.values()) or either:
        return
    if own:
        text = (
            f"first spikes of {joined(own)} are the same, and differences follow spikes of the same"
            " neuron"
        )
        yield Cause("what follows a spike", text, alternatives=AFTER_OWN_SPIKE)
    elif followed:
        text = (
            f"first spikes of {joined(followed)} are the same, and later ones differ: a small"
            " difference that grows, or an effect of spikes"
        )
        yield Cause("what follows a spike", text, alternatives=GROWING)


def _inputs_are_same(pair: Pair) -> bool:
    """Whether all sources were recorded, and their spikes are the same in both runs."""
    sources, found = sources_of(pair), roots(pair)
    given = [one.record.get("input_sha256") for one in (pair.a, pair.b)]
    if sources and sources <= {*found}:
        return not any(found[name].differs.any() for name in sources)
    return bool(given[0]) and given[0] == given[1]


def late_single_difference(pair: Pair) -> Iterator[Cause]:
    """One spike that differs after a long time without any difference."""
    found = pair.divergence
    if found is None or found.last_common_ms is None:
        return
    if found.last_common_ms < _LONG_MS or found.n_common_before < _MANY_SPIKES:
        return
    if sum(int(of.differs.sum()) for of in roots(pair).values()) > 1:
        return
    text = (
        f"{found.n_common_before:,} spikes until {found.last_common_ms:g} ms are the same, then"
        f" neuron {found.neuron} of {found.population} differs alone: a potential that meets the"
        " threshold within rounding, or a small difference that had to grow"
    )
    yield Cause("threshold tie", text, alternatives=GROWING)
