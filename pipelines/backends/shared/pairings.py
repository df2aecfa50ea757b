"""Pairing schemes and names of the rules of plasticity; imports no simulator."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Pairing:
    """Pairing scheme: the pairs of spikes that change a weight.

    Attributes
    ----------
    all_pre, all_post
        Whether the presynaptic (postsynaptic) trace is the sum over all earlier spikes; otherwise
        it is that of the last spike.
    resets_pre_trace
        Whether a postsynaptic spike sets the presynaptic trace to 0.
    restricted
        Whether a presynaptic spike depresses only if a postsynaptic one has arrived since the
        previous presynaptic spike, or arrives in the same step.
    """

    all_pre: bool
    all_post: bool
    resets_pre_trace: bool
    restricted: bool


# Pairing scheme by the name of the rule (in PyNN, the model of a mechanism).
PAIRINGS = {
    "pair_rule": Pairing(all_pre=True, all_post=True, resets_pre_trace=False, restricted=False),
    "nearest_symmetric": Pairing(
        all_pre=False, all_post=False, resets_pre_trace=False, restricted=False
    ),
    "presynaptic_centred": Pairing(
        all_pre=True, all_post=False, resets_pre_trace=True, restricted=False
    ),
    "reduced_symmetric": Pairing(
        all_pre=False, all_post=False, resets_pre_trace=True, restricted=True
    ),
}
TRIPLET, VOGELS = "triplet", "vogels_2011"
