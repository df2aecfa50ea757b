"""Known causes of a divergence, told from what two runs left behind.

A signature looks at a run's record, its first spikes and its weights, and says whether they
differ in the way that a known cause makes them differ. Early spikes are looked at alone: later on
every difference grows into every other one, and only the first of them still shows where it came
from. A signature names what fits; it proves nothing, and there may be several.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pipelines.validation import signatures_of_spikes as of_spikes
from pipelines.validation import signatures_of_weights as of_weights
from pipelines.validation.pairs import Cause, Pair

SIGNATURES: tuple[Callable[[Pair], Iterator[Cause]], ...] = (
    of_spikes.other_parameters,
    of_spikes.other_seed,
    of_spikes.other_hashes,
    of_spikes.off_grid,
    of_weights.connections,
    of_spikes.shifts,
    of_spikes.rounding,
)
"""All signatures, the most telling first."""


def causes(pair: Pair) -> list[Cause]:
    """All known causes that fit two runs, the most telling first."""
    return [cause for signature in SIGNATURES for cause in signature(pair)]
