"""Signature of a different plasticity rule: weights differ between neurons with the same spikes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np
import pandas as pd

from pipelines.diagnosis.from_weights import projections
from pipelines.diagnosis.run_pair import Cause, Pair

_EQUAL = 1e-9
# Smallest number of synapses between neurons with the same spikes for a cause.
_FEWEST = 5


def different_weight_rule(pair: Pair) -> Iterator[Cause]:
    """Weights that differ although the spikes of both neurons of the synapse are the same.

    A plastic weight depends on the spikes of its two neurons only. The table of weights does not
    name the populations of a projection, so this must hold for all populations that fit.
    """
    if pair.divergence is None:
        return
    same = _neurons_with_same_spikes(pair)
    for name, a, b in projections(pair):
        index = ["pre", "post"]
        if len(a) != len(b) or not np.array_equal(a[index].to_numpy(), b[index].to_numpy()):
            continue
        first, second = a["weight"].to_numpy(float), b["weight"].to_numpy(float)
        largest = max(np.abs(first).max(initial=0.0), np.abs(second).max(initial=0.0))
        apart = np.abs(second - first) > _EQUAL * largest
        if not apart.any():
            continue
        between = _smallest_share(a, apart, same)
        if between is not None and between[1] > 0:
            number, share = between
            text = (
                f"{share:.1%} of {number:,} weights of {name} between neurons whose spikes are"
                " all the same differ: the rule of plasticity, or what it is given"
            )
            yield Cause("different weight rule", text, share)


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
    table: pd.DataFrame, apart: np.ndarray, same: dict[str, np.ndarray]
) -> tuple[int, float] | None:
    """Number of synapses between neurons with the same spikes, and the share that differs.

    The smallest share over all populations that the projection may connect; None if one of them
    has too few such synapses.
    """
    pre, post = table["pre"].to_numpy(), table["post"].to_numpy()
    found = []
    for one, other in product(same.values(), repeat=2):
        if pre.max() >= len(one) or post.max() >= len(other):
            continue
        chosen = one[pre] & other[post]
        if chosen.sum() < _FEWEST:
            return None
        found.append((int(chosen.sum()), float(apart[chosen].mean())))
    return min(found, key=lambda each: each[1], default=None)
