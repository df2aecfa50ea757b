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
from pipelines.diagnosis.plastic import as_mapping, plastic_projections
from pipelines.diagnosis.recorded_spikes import Change
from pipelines.diagnosis.run_pair import Pair, joined
from pipelines.diagnosis.table_differences import (
    both_signals,
    both_weights,
    signals_apart,
    weights_apart,
)

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


def judge(pair: Pair, network: KnownNetwork, change: Change, populations: list[str]) -> Judgement:
    """Look for consequences of the spikes that a change of the record would explain.

    Parameters
    ----------
    pair, network
        The runs, and what is known of them.
    change
        Transformation that explains all differences of spikes.
    populations
        Populations whose spikes differ.
    """
    if change.kind == "format":
        return Judgement(proof="no simulation does this")
    if differs := _what_else_differs(pair):
        return Judgement(contradiction=differs)
    if change.certain:
        return Judgement(proof=change.certain)
    for proof in (
        _not_recorded(pair, change, populations),
        _same_signals(pair, change),
        _same_plastic_weights(pair, network, change, populations),
        same_targets(pair, network, change, {*populations}, {*populations}),
        _impossible_in_cells(network, change, populations),
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


def _not_recorded(pair: Pair, change: Change, populations: list[str]) -> str:
    """Populations of which one run says that it did not record them."""
    sizes = [as_mapping(one.record.get("population_sizes")) for one in (pair.a, pair.b)]
    if change.kind == "loss" and all(sizes) and set(populations) <= {*sizes[1 - change.where]}:
        missing = sorted({*populations} - {*sizes[change.where]})
        if missing == sorted(populations):
            return f"{joined(missing)} was not recorded {pair.where[change.where]}"
    return ""


def _same_signals(pair: Pair, change: Change) -> str:
    """Signals of neurons whose recorded spikes differ: a spike leaves a trace in each."""
    grid, found = pair.grid, 0
    for (population, _), (a, _) in both_signals(pair).items():
        if population not in grid.populations or a["value"].nunique() < _FEWEST_SPIKES:
            continue
        cells = grid.populations.index(population) * grid.n_neurons + a["neuron"].unique()
        found += int(np.isin(cells, change.cells).sum())
    return f"the signals of {found:,} of these neurons are the same" if found else ""


def _same_plastic_weights(
    pair: Pair, network: KnownNetwork, change: Change, populations: list[str]
) -> str:
    """Weights that learn from the spikes that differ."""
    grid = pair.grid
    everything = set(grid.populations) == set(populations)
    for name, plastic in plastic_projections(pair).items():
        ends = set(network.projections.get(name, ()))
        # Spikes that are all shifted teach the same.
        together = change.kind == "shift" and (everything or ends <= {*populations})
        if not plastic or not ends & {*populations} or together:
            continue
        read = pair.a.weights.loc[pair.a.weights["projection"] == name, "time_ms"].max()
        # Without a time weights were read at the end.
        before = ~(grid.times_ms(change.events) >= read)
        if before.sum() >= _FEWEST_EVENTS:
            return f"the weights of {name}, which learn from these spikes, are the same"
    return ""


def same_targets(
    pair: Pair, network: KnownNetwork, change: Change, sending: set[str], differing: set[str]
) -> str:
    """Recorded spikes that do not respond to the spikes that differ, in words; else empty.

    Parameters
    ----------
    pair, network
        The runs, and what is known of them.
    change
        Its cells and events are those that differ.
    sending
        Populations of these cells that are examined.
    differing
        All populations whose spikes differ.
    """
    grid, weights = pair.grid, both_weights(pair)
    step, population, _ = grid.split_keys(grid.keys[0])
    for name, (pre, post) in sorted(network.projections.items()):
        if pre not in sending or post not in grid.populations:
            continue
        # Within a population, what is not lost would differ.
        if post in differing and not (change.kind == "loss" and post == pre):
            continue
        of = change.cells // grid.n_neurons == grid.populations.index(pre)
        cells = change.cells[of] % grid.n_neurons
        reached = step[population == grid.populations.index(post)]
        if len(reached) < _FEWEST_SPIKES:
            continue
        latest = int(np.partition(reached, -_FEWEST_SPIKES)[-_FEWEST_SPIKES])
        if _events(change, of, latest) * _synapses(weights, name, cells) >= _FEWEST_EVENTS:
            how = "the same" if post != pre else "otherwise the same"
            return f"the spikes of {post}, which they reach through {name}, are {how}"
    return ""


def _events(change: Change, of: np.ndarray, latest: int) -> float:
    """Number of the spikes that differ before a step, of the cells of one population."""
    share = float(np.mean(of)) if len(of) else 0.0
    return share * float(np.sum(change.events < latest))


def _synapses(weights: Mapping, name: str, cells: np.ndarray) -> float:
    """Mean number of acting synapses of some presynaptic neurons; 1 if unknown."""
    if name not in weights or not len(cells):
        return 1.0
    table = weights[name][0]
    acting = table[(table["weight"] != 0) & (table["time_ms"] == table["time_ms"].max())]
    return float(np.isin(acting["pre"].to_numpy(), cells).sum() / len(cells))


def _impossible_in_cells(network: KnownNetwork, change: Change, populations: list[str]) -> str:
    """What neurons that integrate cannot do, other than sources of spikes."""
    if change.kind == "duplicate" and network.cells.issuperset(populations):
        return "no neuron fires twice in a time step"
    return ""
