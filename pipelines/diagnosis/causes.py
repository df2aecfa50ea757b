"""Known causes of a divergence, found in the records, spikes and weights of two runs.

A signature is a function that yields a cause if two runs differ in the way that this cause makes
runs differ. Signatures use early spikes only: later, differences spread through the network and
no longer show their origin. A cause that fits is no proof, and several causes may fit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pipelines.diagnosis import from_digests, from_spikes, from_weights, known_differences
from pipelines.diagnosis.from_plasticity import different_plasticity
from pipelines.diagnosis.from_recording import different_recording
from pipelines.diagnosis.run_pair import Cause, Pair

Signature = Callable[[Pair], Iterator[Cause]]

REQUEST_SIGNATURES: tuple[Signature, ...] = (
    from_digests.different_parameters,
    from_digests.different_seed,
)
"""Signatures of runs with different parameters or seeds, which must differ."""

INPUT_SIGNATURES: tuple[Signature, ...] = (from_digests.different_inputs,)
"""Signatures of different inputs passed to the simulators."""

SPECIFIC_SIGNATURES: tuple[Signature, ...] = (
    from_spikes.off_grid,
    from_spikes.same_train_for_all,
    from_spikes.silent_neurons,
    from_weights.different_weights_only,
    different_plasticity,
    from_spikes.shifted_spikes,
)
"""Signatures in spikes and weights that are specific to one cause."""

UNSPECIFIC_SIGNATURES: tuple[Signature, ...] = (
    from_spikes.additional_spikes,
    from_spikes.unrelated_first_spikes,
    from_spikes.different_excitability,
    from_spikes.late_single_difference,
)
"""Signatures that fit several causes; used if no specific one fits."""


_DIFFERENT_PLASTICITY = "different plasticity"


def causes(pair: Pair) -> list[Cause]:
    """All known causes that fit two runs, the most specific first.

    If a run is of a stock module, causes have the names of the register of known differences.
    """
    return known_differences.name_causes(pair, _causes(pair))


def _causes(pair: Pair) -> list[Cause]:
    asked, written = _fitting(REQUEST_SIGNATURES, pair), _fitting((different_recording,), pair)
    given = _fitting(INPUT_SIGNATURES, pair)
    # Plastic weights differ whenever spikes do, so this alone is not a cause.
    told = [
        cause
        for cause in _fitting((from_weights.different_connections,), pair)
        if cause.name != _DIFFERENT_PLASTICITY
    ]
    # The table of weights says how connections differ; the digest only that they do.
    given += told or list(from_digests.different_connectivity(pair))
    if written:
        # A different recording explains every spike, but not the weights.
        return [*asked, *written, *given]
    found = [*asked, *given, *_fitting(SPECIFIC_SIGNATURES, pair)]
    if not found:
        for signature in UNSPECIFIC_SIGNATURES:
            if vague := list(signature(pair)):
                return vague
    elif {cause.name for cause in found} == {"spikes off the grid"}:
        # Off-grid times shift every spike; only a different random draw can still be seen.
        found += from_spikes.unrelated_first_spikes(pair)
    return found


def add_state_causes(found: list[Cause], seen: list[Cause]) -> list[Cause]:
    """Combine causes from tables with causes from the recorded state of a neuron.

    Causes from the state replace those from tables if the latter are only descriptions.

    Parameters
    ----------
    found
        Result of `causes`.
    seen
        Result of `from_states.state_causes`.
    """
    if not seen or any(cause.name not in known_differences.DESCRIPTIVE_CAUSES for cause in found):
        return [*found, *seen]
    return seen


def _fitting(signatures: tuple[Signature, ...], pair: Pair) -> list[Cause]:
    return [cause for signature in signatures for cause in signature(pair)]
