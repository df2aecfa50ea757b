"""Causes of the difference of two runs: which evidence comes first, and what it makes needless.

Evidence is consulted from the most direct to the least: what was asked for, what was built, what
was recorded, what was played and connected, what the cells and the plasticity were measured to do,
and at last where in the life of a neuron the first spikes differ. Facts that explain a difference
end the search, as everything further is their consequence. Modules of PyNN that are not corrected
(`stock_...`) have several differences at once, so for them the search goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from pipelines.diagnosis import from_shifts, from_spikes, known_differences
from pipelines.diagnosis.from_build import build_causes
from pipelines.diagnosis.from_digests import different_requests
from pipelines.diagnosis.from_inputs import different_input_trains
from pipelines.diagnosis.from_plasticity import different_plasticity
from pipelines.diagnosis.from_prediction import predicted_causes
from pipelines.diagnosis.from_recording import different_recording
from pipelines.diagnosis.from_states import state_causes
from pipelines.diagnosis.from_weights import different_connections
from pipelines.diagnosis.kinds import connections, inputs
from pipelines.diagnosis.membrane.recorded_cells import states_alike
from pipelines.diagnosis.run_pair import Cause, Pair

Signature = Callable[[Pair], Iterable[Cause]]
"""Function that yields the causes of one kind that fit two runs."""

# Facts: each explains what follows from it, so the first that finds something ends the search.
_FACTS: tuple[tuple[Signature, ...], ...] = (
    (different_recording,),
    (from_shifts.ended_early, from_shifts.coarser_grid, from_shifts.off_grid),
    (different_input_trains, different_connections),
    (state_causes, different_plasticity),
)
# What spikes alone show.
_SPECIFIC: tuple[Signature, ...] = (
    from_shifts.same_train_for_all,
    from_spikes.silent_neurons,
    from_shifts.shifted_spikes,
)
_GROUPS: tuple[Signature, ...] = (
    from_spikes.late_single_difference,
    from_spikes.first_differences,
)
# What a digest stands for, in the names of causes that say more.
_DIGESTS = {
    # It holds delays as numbers of time steps.
    "different connectivity": {kind.name for kind in connections.KINDS}
    | {"coarser time grid", "spikes off the grid"},
    "different inputs or initial values": {kind.name for kind in inputs.KINDS}
    | {"different initial potential"},
}
_CONNECTIONS = frozenset({"different connectivity", "different weights", "different delays"})
_RULE = "different weight rule"
_SCALED = frozenset({"weights scaled", "different initial weights"})
# Requests that differ explain every difference of the runs.
_OTHER_RUN = ("different parameters", "different seeds", "different populations")


def causes(pair: Pair) -> list[Cause]:
    """Find the causes that fit two runs, the most direct evidence first.

    If a run is of a stock module, causes have the names of the register of known differences.

    Parameters
    ----------
    pair
        The runs; with states and what was built (`replay`), more can be told apart.
    """
    return known_differences.name_causes(pair, _causes(pair))


def _causes(pair: Pair) -> list[Cause]:
    requested = list(different_requests(pair))
    if any(cause.name in _OTHER_RUN for cause in requested):
        return requested
    if built := list(build_causes(pair)):
        found = _in_another_unit(built, pair) or _with_details(built, pair)
        return [*_not_told_by([*built, *found], requested), *found]
    several = from_shifts.is_stock(pair)
    found = []
    uncertain: list[Cause] = []
    for signatures in _FACTS:
        for cause in (cause for signature in signatures for cause in signature(pair)):
            # Whether it is a rule of plasticity is measured at a later level.
            (uncertain if _RULE in cause.alternatives else found).append(cause)
        if signatures in _FACTS[:2]:
            found = _or_measured(found, pair)
        if found and not several:
            return [*_not_told_by(found, requested), *found]
    found += uncertain
    if (found or requested) and not several:
        return [*_not_told_by(found, requested), *found]
    if not several and (predicted := predicted_causes(pair)):
        return predicted
    found += [cause for signature in _SPECIFIC for cause in signature(pair)]
    for signature in _GROUPS:
        found = found or list(signature(pair))
    return [*requested, *found]


def _or_measured(found: list[Cause], pair: Pair) -> list[Cause]:
    """Differences of spikes alone; if they have alternatives, what states show of the cells."""
    if not any(cause.alternatives for cause in found):
        return found
    apart = [neuron for neuron, (same, _) in states_alike(pair).items() if not same]
    return (state_causes(pair) if apart else []) or found


def _in_another_unit(built: list[Cause], pair: Pair) -> list[Cause]:
    """Weights that are only read in another unit: they are in what was built as well."""
    if pair.divergence is not None or not _SCALED.issuperset(one.name for one in built):
        return []
    return [one for one in different_recording(pair) if one.name == "weights in another unit"]


def _with_details(built: list[Cause], pair: Pair) -> list[Cause]:
    """What was built differently, with what tables say of connections in more detail."""
    if _CONNECTIONS.isdisjoint(cause.name for cause in built):
        return built
    details = [cause for cause in different_connections(pair) if not cause.alternatives]
    kept = [cause for cause in built if not details or cause.name not in _CONNECTIONS]
    return [*details, *kept]


def _not_told_by(found: list[Cause], requested: list[Cause]) -> list[Cause]:
    """Digests that differ, without those whose difference the tables show in detail."""
    told = {name for cause in found for name in cause.names}
    kept = []
    for cause in requested:
        of = _DIGESTS.get(cause.name)
        if of is None or told.isdisjoint(of):
            kept.append(cause)
    return kept
