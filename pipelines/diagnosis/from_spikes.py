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
    SINGLE,
    SYNAPSES,
)
from pipelines.diagnosis.root_differences import NEVER, Roots, roots, sources_of
from pipelines.diagnosis.run_pair import Cause, Pair, joined
from pipelines.diagnosis.synapses.transmissions import projections_of

# Smallest number of neurons for a statement on the distribution of their lags.
_FEWEST_NEURONS = 8
# Share of earlier (or later) spikes from which on lags are one-sided, and their smallest number:
# as many coins fall on one side once in 64 times.
_ONE_SIDE, _FEWEST_DIRECTIONS = 0.95, 7
# Largest share of neurons that are exceptions, and how often one of them must differ.
_FEW_CELLS, _FEWEST_REPEATS = 0.05, 4
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
    found = {name: of for name, of in roots(pair).items() if name not in sources}
    if not found:
        return
    lag = np.concatenate([_first_lags(of) for of in found.values()])
    moved = [name for name, of in found.items() if np.any(_first_lags(of))]
    if few := _few_neurons(pair, sources):
        yield Cause("single neurons differ", few, alternatives=SINGLE)
    elif moved:
        yield _before_first_spikes(pair, found, lag, joined(moved))
    else:
        yield _after_first_spikes(pair, found)


def _first_lags(found: Roots) -> Ints:
    """Lags (steps of the grid) of first spikes that no difference of others can have reached.

    A spike that never comes is later than any other.
    """
    first = found.first[:, found.compared]
    return first[1] - first[0]


def _few_neurons(pair: Pair, sources: frozenset[str]) -> str:
    """Text on neurons that differ again and again while nearly all others never do."""
    grid, counts = pair.grid, pair.counts
    _, population, neuron = grid.split_keys(counts.keys)
    cell = population * grid.n_neurons + neuron
    own = ~np.isin(population, [grid.populations.index(name) for name in sources])
    differs, number = np.unique(cell[own & (counts.a != counts.b)], return_counts=True)
    n_cells = len(np.unique(cell[own]))
    if not len(differs) or len(differs) > max(1, _FEW_CELLS * n_cells) or n_cells < _FEWEST_NEURONS:
        return ""
    if number.max() < _FEWEST_REPEATS:
        return ""
    names = [
        f"neuron {which % grid.n_neurons} of {grid.populations[which // grid.n_neurons]}"
        for which in differs[:3].tolist()
    ]
    more = f" and {len(differs) - 3} more" if len(differs) > 3 else ""
    return f"{joined(names)}{more} differ again and again; the other {n_cells - len(differs)} never"


def _before_first_spikes(pair: Pair, found: dict[str, Roots], lag: Ints, names: str) -> Cause:
    """Group of causes of first spikes that differ, by the direction of their lags."""
    apart = lag[lag != 0]
    later = float(np.mean(apart > 0))
    # A spike resets the membrane, and with it what its initial potential did.
    forgotten = any(np.any(of.differs & (of.common > 0)) for of in found.values())
    impossible = {"different initial potential"} if forgotten else set()
    if _inputs_are_same(pair):
        impossible.add("different inputs")
    group: tuple[str, ...]
    text = f"{len(apart)} of {len(lag)} first spikes of {names} that can be compared differ"
    if len(apart) >= _FEWEST_DIRECTIONS and max(later, 1 - later) >= _ONE_SIDE:
        what, how = ("less excitable", "later") if later > 0.5 else ("more excitable", "earlier")
        group, text = BEFORE_A_SPIKE, f"{text}: {max(later, 1 - later):.0%} of them come {how}"
    elif min(later, 1 - later) * len(apart) >= 2 and min(later, 1 - later) > 1 - _ONE_SIDE:
        what, group = "first spikes either way", EITHER_WAY
        text = f"{text}: {later:.0%} of them come later, {1 - later:.0%} earlier"
    else:
        what, group = "first spikes differ", (*BEFORE_A_SPIKE, "different inputs")
    text = f"{text} {pair.where[1]}"
    return Cause(what, text, alternatives=tuple(name for name in group if name not in impossible))


def _after_first_spikes(pair: Pair, found: dict[str, Roots]) -> Cause:
    """Group of causes of spikes that differ although first spikes are the same."""
    differ = {name: of for name, of in found.items() if of.differs.any()}
    number = sum(int(of.compared.sum()) for of in found.values())
    text = f"{number} first spikes that can be compared are the same"
    if differ and all(_only_after_own_spikes(of) for of in differ.values()):
        names = joined(list(differ))
        text = f"{text}, and differences of {names} follow spikes of the same neuron"
        # Weights that learn also act only once neurons have fired.
        rule = () if _known_to_be_static(pair) else ("different weight rule",)
        return Cause("what follows a spike", text, alternatives=(*AFTER_OWN_SPIKE, *rule))
    text = f"{text}, and later ones differ"
    return Cause("later spikes differ", text, alternatives=GROWING)


def _known_to_be_static(pair: Pair) -> bool:
    """Whether the records name all projections, and none is plastic."""
    known = [projections_of(one) for one in (pair.a, pair.b)]
    return any(known) and not any(
        about.get("plastic", True) for one in known for about in one.values()
    )


def _only_after_own_spikes(found: Roots) -> bool:
    """Whether differences follow spikes of the neuron itself, and this is no chance.

    If they did not depend on spikes of the neuron, first spikes would differ as often as later
    ones: none of them does.
    """
    differ = int(np.sum(found.differs & (found.common > 0)))
    share = differ / max(differ + int(found.later_same.sum()), 1)
    n_first = int(found.compared.sum())
    return n_first >= _FEWEST_NEURONS and (1 - share) ** n_first < _CHANCE


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
