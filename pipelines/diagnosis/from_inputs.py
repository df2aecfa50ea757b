"""Signatures in the recorded trains of spike sources, as facts about what was played.

Sources are known from the cell types of a run, or as populations without incoming projections.
Nothing is said of sources that were not recorded, or that nobody knows to be sources.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from pipelines.diagnosis.consequences import differing_events, same_targets
from pipelines.diagnosis.known_network import known_network
from pipelines.diagnosis.records.neuron_orders import other_order
from pipelines.diagnosis.records.recorded_spikes import Spikes, spikes_of
from pipelines.diagnosis.records.spike_transformations import shifted
from pipelines.diagnosis.run_pair import Cause, Pair, steps_in_words
from pipelines.diagnosis.synapses.train_differences import (
    different_window,
    further_spikes,
    jittered,
    one_train,
    other_draw,
    shifted_neurons,
)

_NAME = "different inputs"
_RECORD = "spikes recorded differently"
Ints = np.ndarray


def different_input_trains(pair: Pair) -> Iterator[Cause]:
    """What differs between the trains of each population of sources."""
    if pair.divergence is None:
        return
    network, grid = known_network(pair), pair.grid
    a, b = spikes_of(pair)
    events = differing_events(pair)
    differing = {grid.populations[code] for code in np.unique(events.population)}
    found = []
    for code, name in enumerate(grid.populations):
        if not network.is_source(name):
            continue
        x, y = (one.of(one.cell // grid.n_neurons == code) for one in (a, b))
        if np.array_equal(x.keys(), y.keys()):
            continue
        cause = _cause(pair, name, x, y, network.end_ms)
        of = events.of(events.population == code)
        if proof := same_targets(pair, network, "trains", differing, of):
            text = f"{cause.explanation}; {proof}, so only the record differs"
            cause = Cause(_RECORD, text, cause.share, cause.steps)
        elif cause.name == _NAME:
            # Cells whose record is wrong, too, cannot show whether they received these trains.
            cause = replace(cause, alternatives=(_RECORD,))
        found.append(cause)
    sources = [name for name in grid.populations if network.is_source(name)]
    alike = len(found) == len(sources) and len({(one.name, one.steps) for one in found}) == 1
    if alike and found[0].name == "inputs delayed" and found[0].steps:
        # Times of all spikes may be shifted, and the cells may differ otherwise.
        found = [replace(one, alternatives=("constant shift",)) for one in found]
    yield from found


def _cause(pair: Pair, name: str, a: Spikes, b: Spikes, end_ms: float) -> Cause:
    """The difference of the trains of one population of sources, the most exact first."""
    if not len(a) or not len(b):
        where = pair.where[0] if len(b) else pair.where[1]
        return Cause(_NAME, f"no neuron of {name} fires {where}, {len(a) or len(b):,} spikes in the"
                     " other run")  # fmt: skip
    if text := one_train(name, a, b, pair):
        return Cause("one train for all", text)
    change = next(shifted(a, b, pair, end_ms), None)
    if change is not None:
        text = change.text.replace("{of}", name)
        return Cause("inputs delayed", text, 1.0, change.steps)
    if found := shifted_neurons(a, b):
        cells, total, by = found
        parts = pair.grid.parts_per_step
        words = steps_in_words(round(by / parts), "later", "earlier")
        text = f"trains of {cells:,} of {total:,} neurons of {name} come {words} {pair.where[1]}"
        return Cause("inputs delayed", text, cells / total, round(by / parts))
    n = pair.grid.n_neurons
    if order := other_order((a.cell % n, a.step), (b.cell % n, b.step)):
        return Cause(_NAME, f"{order.said.replace('{of}', name)} {pair.where[1]}")
    for describe in (different_window, further_spikes, jittered, other_draw):
        if found_text := describe(name, a, b, pair):
            return Cause(_NAME, found_text)
    raise AssertionError("other_draw describes all trains")
