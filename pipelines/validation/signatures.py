"""Known causes of a divergence, told from what two runs left behind.

A signature looks at a run's record, its first spikes and its weights, and says whether they
differ in the way that a known cause makes them differ. Early spikes are looked at alone: later on
every difference grows into every other one, and only the first of them still shows where it came
from. A signature names what fits; it proves nothing, and there may be several.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pipelines.validation import known_of_stock
from pipelines.validation import signatures_of_records as of_records
from pipelines.validation import signatures_of_spikes as of_spikes
from pipelines.validation import signatures_of_weights as of_weights
from pipelines.validation.pairs import Cause, Pair
from pipelines.validation.signatures_of_recording import recording

Signature = Callable[[Pair], Iterator[Cause]]

ASKED: tuple[Signature, ...] = (of_records.other_parameters, of_records.other_seed)
"""Whoever asked for two different things gets two different results."""

GIVEN: tuple[Signature, ...] = (
    of_records.other_inputs,
    of_records.other_connectivity,
    of_weights.connections,
)
"""The simulators were given different networks."""

SHOWN: tuple[Signature, ...] = (
    of_spikes.off_grid,
    of_spikes.one_train,
    of_spikes.silence,
    of_weights.plasticity_alone,
    of_spikes.shifts,
)
"""Of what a fault makes of spikes and weights, what no other fault makes."""

VAGUE: tuple[Signature, ...] = (
    of_spikes.unrelated,
    of_spikes.excitability,
    of_spikes.rounding,
)
"""What several faults make: said where nothing better is known."""


_ANY_CONNECTION, _ANY_INPUT = "different connectivity", "different inputs or initial values"


def causes(pair: Pair) -> list[Cause]:
    """All known causes that fit two runs, the most telling first.

    Where a run is of a stock module, causes have the names that the register of known differences
    gives them.
    """
    return known_of_stock.named(pair, _causes(pair))


def _causes(pair: Pair) -> list[Cause]:
    asked, written = _fitting(ASKED, pair), _fitting((recording,), pair)
    given = _fitting(GIVEN, pair)
    if len({cause.name for cause in given} - {_ANY_INPUT}) > 1:
        # The digest says that connections differ, the table in which way.
        given = [cause for cause in given if cause.name != _ANY_CONNECTION]
    if written:
        # It explains every spike; a weight needs a reason of its own.
        return [*asked, *written, *given]
    found = [*asked, *given, *_fitting(SHOWN, pair)]
    only_off_grid = all(cause.name == "spikes off the grid" for cause in found)
    if only_off_grid:
        for signature in VAGUE:
            vague = list(signature(pair))
            if vague:
                return [*found, *vague]
    return found


def _fitting(signatures: tuple[Signature, ...], pair: Pair) -> list[Cause]:
    return [cause for signature in signatures for cause in signature(pair)]
