"""Pairing schemes of rules of plasticity, by the names that PyNN calls models of a mechanism."""

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
"""Pairing scheme by the name of the rule."""

TRIPLET, VOGELS = "triplet", "vogels_2011"
"""Rules that are not of pairs of spikes."""

TRIPLET_CONSTANTS = {
    "tau_plus": 16.8, "tau_minus": 33.7, "tau_plus_triplet": 101.0, "tau_minus_triplet": 125.0,
    "A_plus": 5e-10, "A_minus": 7e-3, "A_plus_triplet": 6.2e-3, "A_minus_triplet": 2.3e-4,
}  # fmt: skip
"""Time constants (ms) and amplitudes of the triplet rule, in PyNN's names (Pfister and Gerstner
2006, J. Neurosci. 26:9673-9682, visual cortex, all-to-all pairing)."""
