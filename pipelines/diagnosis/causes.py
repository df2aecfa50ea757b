"""Known causes of a divergence, told from what two runs left behind.

A signature looks at a run's record, its first spikes and its weights, and says whether they
differ in the way that a known cause makes them differ. Early spikes are looked at alone: later on
every difference grows into every other one, and only the first of them still shows where it came
from. A signature names what fits; it proves nothing, and there may be several.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pipelines.diagnosis import from_digests, from_spikes, from_weights, known_differences
from pipelines.diagnosis.from_plasticity import different_weight_rule
from pipelines.diagnosis.from_recording import different_recording
from pipelines.diagnosis.run_pair import Cause, Pair

Signature = Callable[[Pair], Iterator[Cause]]

REQUEST_SIGNATURES: tuple[Signature, ...] = (
    from_digests.different_parameters,
    from_digests.different_seed,
)
"""Whoever asked for two different things gets two different results."""

INPUT_SIGNATURES: tuple[Signature, ...] = (from_digests.different_inputs,)
"""The simulators were given something else."""

SPECIFIC_SIGNATURES: tuple[Signature, ...] = (
    from_spikes.off_grid,
    from_spikes.same_train_for_all,
    from_spikes.silent_neurons,
    from_weights.different_weights_only,
    different_weight_rule,
    from_spikes.shifted_spikes,
)
"""Of what a fault makes of spikes and weights, what no other fault makes."""

UNSPECIFIC_SIGNATURES: tuple[Signature, ...] = (
    from_spikes.additional_spikes,
    from_spikes.unrelated_first_spikes,
    from_spikes.different_excitability,
    from_spikes.late_single_difference,
)
"""What several faults make: said where nothing better is known."""


_DIFFERENT_PLASTICITY = "different plasticity"


def causes(pair: Pair) -> list[Cause]:
    """All known causes that fit two runs, the most telling first.

    Where a run is of a stock module, causes have the names that the register of known differences
    gives them.
    """
    return known_differences.name_causes(pair, _causes(pair))


def _causes(pair: Pair) -> list[Cause]:
    asked, written = _fitting(REQUEST_SIGNATURES, pair), _fitting((different_recording,), pair)
    given = _fitting(INPUT_SIGNATURES, pair)
    # Weights that learn differ whenever spikes do: by themselves they are no cause.
    told = [
        cause
        for cause in _fitting((from_weights.different_connections,), pair)
        if cause.name != _DIFFERENT_PLASTICITY
    ]
    # Of connections the digest says that they differ, and the table in which way.
    given += told or list(from_digests.different_connectivity(pair))
    if written:
        # It explains every spike; a weight needs a reason of its own.
        return [*asked, *written, *given]
    found = [*asked, *given, *_fitting(SPECIFIC_SIGNATURES, pair)]
    if not found:
        for signature in UNSPECIFIC_SIGNATURES:
            if vague := list(signature(pair)):
                return vague
    elif {cause.name for cause in found} == {"spikes off the grid"}:
        # It moves every spike, so that of the rest nothing but another draw can be seen.
        found += from_spikes.unrelated_first_spikes(pair)
    return found


def add_state_causes(found: list[Cause], seen: list[Cause]) -> list[Cause]:
    """Causes from tables, with those from the state of a neuron where tables say little.

    Parameters
    ----------
    found
        What `causes` gives.
    seen
        What `from_states.state_causes` gives.
    """
    if not seen or any(cause.name not in known_differences.DESCRIPTIVE_CAUSES for cause in found):
        return [*found, *seen]
    return seen


def _fitting(signatures: tuple[Signature, ...], pair: Pair) -> list[Cause]:
    return [cause for signature in signatures for cause in signature(pair)]
