"""Whether spikes that differ had consequences: those of a simulation do, those of a record do not.

If only the record of some spikes differs, all that these spikes cause is the same in both runs:
spikes of the populations that they reach, weights that learn from them, and signals of the
neurons that fire them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from pipelines.diagnosis.known_network import KnownNetwork
from pipelines.diagnosis.membrane.recorded_cells import states_alike
from pipelines.diagnosis.plastic import plastic_projections
from pipelines.diagnosis.records.recorded_spikes import Change
from pipelines.diagnosis.run_pair import Pair, joined
from pipelines.diagnosis.table_differences import (
    both_signals,
    both_weights,
    signals_apart,
    weights_apart,
)
from pipelines.tables.mappings import as_mapping

Ints = np.ndarray

# Smallest number of synaptic events that would have changed the spikes of a population, and of
# spikes of this population that follow the first of them.
_FEWEST_EVENTS, _FEWEST_SPIKES = 100, 20


@dataclass(frozen=True)
class Judgement:
    """Whether a difference of spikes is one of the record only.

    Attributes
    ----------
    contradiction
        What else differs, so that it cannot be the record alone; empty if nothing does.
    proof
        Recorded consequences that do not differ, so that it is the record; empty if none is known.
    """

    contradiction: str = ""
    proof: str = ""


@dataclass(frozen=True)
class Events:
    """Spikes that only one run has, of the run that has more of them.

    Attributes
    ----------
    step, population, neuron : ndarray, shape (n_events,)
        Step of the grid, index of the population, and neuron.
    """

    step: Ints
    population: Ints
    neuron: Ints

    def of(self, mask: np.ndarray) -> Events:
        """Events that a mask selects."""
        return Events(self.step[mask], self.population[mask], self.neuron[mask])


def differing_events(pair: Pair) -> Events:
    """Spikes that differ between two runs."""
    counts = pair.counts
    more, fewer = counts.a > counts.b, counts.a < counts.b
    return Events(*pair.grid.split_keys(counts.keys[more if more.sum() >= fewer.sum() else fewer]))


def judge(pair: Pair, network: KnownNetwork, change: Change, differing: set[str]) -> Judgement:
    """Look for consequences of the spikes that a change of the record would explain.

    Parameters
    ----------
    pair, network
        The runs, and what is known of them.
    change
        Transformation that explains differences of spikes.
    differing
        All populations whose spikes differ.
    """
    if change.kind == "format":
        return Judgement(proof="no simulation does this")
    if differs := _what_else_differs(pair):
        return Judgement(contradiction=differs)
    if change.certain:
        return Judgement(proof=change.certain)
    events = differing_events(pair)
    for proof in (
        _not_recorded(pair, change, differing),
        _same_signals(pair, events),
        _same_states(pair, events),
        _same_plastic_weights(pair, network, change.kind, differing, events),
        same_targets(pair, network, change.kind, differing, events),
        _impossible_in_cells(network, change, differing),
    ):
        if proof:
            return Judgement(proof=proof)
    return Judgement()


def _what_else_differs(pair: Pair) -> str:
    """Digests, weights or signals that differ; empty if none does."""
    for column, what in (
        ("input_sha256", "the digests of inputs"), ("connectivity_sha256", "those of connections")
    ):  # fmt: skip
        first, second = (one.record.get(column) for one in (pair.a, pair.b))
        known = isinstance(first, str) and isinstance(second, str) and first and second
        if known and first != second:
            return what
    if names := weights_apart(pair):
        return f"the weights of {joined(names)}"
    if keys := signals_apart(pair):
        return joined([f"{variable} of {population}" for population, variable in keys])
    return ""


def _not_recorded(pair: Pair, change: Change, differing: set[str]) -> str:
    """Populations or neurons of which one run says that it did not record them."""
    sizes = [as_mapping(one.record.get("population_sizes")) for one in (pair.a, pair.b)]
    full, part = sizes[1 - change.where], sizes[change.where]
    if change.kind != "loss" or not full or not part or not differing <= {*full}:
        return ""
    if differing.isdisjoint(part):
        return f"{joined(sorted(differing))} was not recorded {pair.where[change.where]}"
    if change.name == "silent neurons" and all(part.get(n, 0) < full[n] for n in differing):
        return f"fewer neurons were recorded {pair.where[change.where]}"
    return ""


def _same_signals(pair: Pair, events: Events) -> str:
    """Signals of neurons whose recorded spikes differ: a spike leaves a trace in each."""
    grid, found = pair.grid, 0
    for (population, _), (a, _) in both_signals(pair).items():
        if population not in grid.populations or a["value"].nunique() < _FEWEST_SPIKES:
            continue
        times = grid.times_ms(events.step)
        within = (times > a["time_ms"].min()) & (times < a["time_ms"].max())
        of = within & (events.population == grid.populations.index(population))
        found += len(np.intersect1d(events.neuron[of], a["neuron"].unique()))
    return f"the signals of {found:,} of these neurons are the same" if found else ""


def _same_states(pair: Pair, events: Events) -> str:
    """States, recorded again, of neurons whose recorded spikes differ."""
    grid, alike = pair.grid, states_alike(pair)
    times, found = grid.times_ms(events.step), 0
    for (population, neuron), (same, end_ms) in alike.items():
        if population not in grid.populations:
            continue
        of = (events.population == grid.populations.index(population)) & (events.neuron == neuron)
        if np.any(times[of] < end_ms):
            if not same:
                return ""
            found += 1
    return f"recorded again, the states of {found:,} of these neurons are the same" if found else ""


def _same_plastic_weights(
    pair: Pair, network: KnownNetwork, kind: str, differing: set[str], events: Events
) -> str:
    """Weights that learn from the spikes that differ."""
    grid = pair.grid
    for name, plastic in plastic_projections(pair).items():
        ends = {*network.projections.get(name, ())} & {*grid.populations}
        # Spikes that are all shifted teach the same.
        if not plastic or not ends & differing or (kind == "shift" and ends <= differing):
            continue
        codes = [grid.populations.index(one) for one in ends]
        of = events.of(np.isin(events.population, codes))
        read = pair.a.weights.loc[pair.a.weights["projection"] == name, "time_ms"].max()
        # Without a time weights were read at the end.
        if np.sum(~(grid.times_ms(of.step) >= read)) >= _FEWEST_EVENTS:
            return f"the weights of {name}, which learn from these spikes, are the same"
    return ""


def same_targets(
    pair: Pair, network: KnownNetwork, kind: str, differing: set[str], events: Events
) -> str:
    """Recorded spikes that do not respond to the spikes that differ, in words; else empty.

    Parameters
    ----------
    pair, network
        The runs, and what is known of them.
    kind
        Kind of the change (`recorded_spikes.Change`).
    differing
        All populations whose spikes differ.
    events
        Spikes that differ, and whose consequences are examined.
    """
    grid, weights = pair.grid, both_weights(pair)
    # Only spikes that are there in both runs show that nothing changed.
    common = (pair.counts.a > 0) & (pair.counts.b > 0)
    step, population, _ = grid.split_keys(pair.counts.keys[common])
    for name, (pre, post) in sorted(network.projections.items()):
        if pre not in differing or post not in grid.populations:
            continue
        # Within a population, what is not lost would differ.
        if post in differing and not (kind == "loss" and post == pre):
            continue
        reached = step[population == grid.populations.index(post)]
        if len(reached) < _FEWEST_SPIKES:
            continue
        latest = int(np.partition(reached, -_FEWEST_SPIKES)[-_FEWEST_SPIKES])
        sent = (events.population == grid.populations.index(pre)) & (events.step < latest)
        if _arriving(weights, name, events.neuron[sent]) >= _FEWEST_EVENTS:
            how = "the same" if post != pre else "otherwise the same"
            return f"the spikes of {post}, which they reach through {name}, are {how}"
    return ""


def _arriving(weights: Mapping, name: str, neurons: Ints) -> int:
    """Number of synaptic events of spikes of some neurons; one a spike if synapses are unknown."""
    if name not in weights:
        return len(neurons)
    table = weights[name][0]
    acting = table[(table["weight"] != 0) & ~(table["time_ms"] < table["time_ms"].max())]
    number = np.bincount(acting["pre"].to_numpy(), minlength=int(neurons.max(initial=0)) + 1)
    return int(number[neurons].sum())


def _impossible_in_cells(network: KnownNetwork, change: Change, differing: set[str]) -> str:
    """What neurons that integrate cannot do, other than sources of spikes."""
    if change.kind == "duplicate" and network.cells.issuperset(differing):
        return "no neuron fires twice in a time step"
    return ""
