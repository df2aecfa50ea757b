"""Known causes of a divergence, told from what two runs left behind.

A signature looks at a run's record, its first spikes and its weights, and says whether they
differ in the way that a known cause makes them differ. Early spikes are looked at alone: later on
every difference grows into every other one, and only the first of them still shows where it came
from. A signature names what fits; it proves nothing, and there may be several.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pipelines.diagnosis import from_digests as of_records
from pipelines.diagnosis import from_spikes as of_spikes
from pipelines.diagnosis import from_weights as of_weights
from pipelines.diagnosis import known_differences
from pipelines.diagnosis.from_plasticity import other_rule
from pipelines.diagnosis.from_recording import recording
from pipelines.diagnosis.run_pair import Cause, Pair

Signature = Callable[[Pair], Iterator[Cause]]

ASKED: tuple[Signature, ...] = (of_records.other_parameters, of_records.other_seed)
"""Whoever asked for two different things gets two different results."""

GIVEN: tuple[Signature, ...] = (of_records.other_inputs,)
"""The simulators were given something else."""

SHOWN: tuple[Signature, ...] = (
    of_spikes.off_grid,
    of_spikes.one_train,
    of_spikes.silence,
    of_weights.plasticity_alone,
    other_rule,
    of_spikes.shifts,
)
"""Of what a fault makes of spikes and weights, what no other fault makes."""

VAGUE: tuple[Signature, ...] = (
    of_spikes.further,
    of_spikes.unrelated,
    of_spikes.excitability,
    of_spikes.rounding,
)
"""What several faults make: said where nothing better is known."""


_LEARNED = "different plasticity"


def causes(pair: Pair) -> list[Cause]:
    """All known causes that fit two runs, the most telling first.

    Where a run is of a stock module, causes have the names that the register of known differences
    gives them.
    """
    return known_differences.named(pair, _causes(pair))


def _causes(pair: Pair) -> list[Cause]:
    asked, written = _fitting(ASKED, pair), _fitting((recording,), pair)
    given = _fitting(GIVEN, pair)
    # Weights that learn differ whenever spikes do: by themselves they are no cause.
    told = [cause for cause in _fitting((of_weights.connections,), pair) if cause.name != _LEARNED]
    # Of connections the digest says that they differ, and the table in which way.
    given += told or list(of_records.other_connectivity(pair))
    if written:
        # It explains every spike; a weight needs a reason of its own.
        return [*asked, *written, *given]
    found = [*asked, *given, *_fitting(SHOWN, pair)]
    if not found:
        for signature in VAGUE:
            if vague := list(signature(pair)):
                return vague
    elif {cause.name for cause in found} == {"spikes off the grid"}:
        # It moves every spike, so that of the rest nothing but another draw can be seen.
        found += of_spikes.unrelated(pair)
    return found


def with_states(found: list[Cause], seen: list[Cause]) -> list[Cause]:
    """Causes from tables, with those from the state of a neuron where tables say little.

    Parameters
    ----------
    found
        What `causes` gives.
    seen
        What `from_states.state_causes` gives.
    """
    if not seen or any(cause.name not in known_differences.VAGUE for cause in found):
        return [*found, *seen]
    return seen


def _fitting(signatures: tuple[Signature, ...], pair: Pair) -> list[Cause]:
    return [cause for signature in signatures for cause in signature(pair)]
