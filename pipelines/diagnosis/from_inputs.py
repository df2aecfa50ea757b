"""Signatures in the recorded trains of spike sources, as facts about what was played.

Sources are known from the cell types of a run, or as populations without incoming projections.
Nothing is said of sources that were not recorded, or that nobody knows to be sources.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pipelines.diagnosis.cause_kind import CauseKind
from pipelines.diagnosis.consequences import same_targets
from pipelines.diagnosis.known_network import known_network
from pipelines.diagnosis.neuron_orders import other_order
from pipelines.diagnosis.recorded_spikes import Change, Spikes, spikes_of
from pipelines.diagnosis.run_pair import Cause, Pair, steps_in_words
from pipelines.diagnosis.spike_transformations import shifted
from pipelines.diagnosis.train_differences import (
    different_window,
    further_spikes,
    jittered,
    one_train,
    other_draw,
    shifted_neurons,
)

_NAME = "different inputs"
_RECORD = "inputs recorded differently"
Ints = np.ndarray


def different_input_trains(pair: Pair) -> Iterator[Cause]:
    """What differs between the trains of each population of sources."""
    if pair.divergence is None:
        return
    network, grid = known_network(pair), pair.grid
    a, b = spikes_of(pair)
    _, population, _ = grid.split_keys(pair.counts.keys[pair.counts.a != pair.counts.b])
    differing = {grid.populations[code] for code in np.unique(population)}
    for code, name in enumerate(grid.populations):
        if not network.is_source(name):
            continue
        x, y = (one.of(one.cell // grid.n_neurons == code) for one in (a, b))
        if np.array_equal(x.keys(), y.keys()):
            continue
        cause = _cause(pair, name, x, y, network.end_ms)
        keys = np.setxor1d(x.keys(), y.keys())
        change = Change(
            _NAME, "trains", None, "", cells=np.unique(keys & ((1 << 32) - 1)), events=keys >> 32
        )
        if proof := same_targets(pair, network, change, {name}, differing):
            text = f"{cause.explanation}; {proof}, so only the record differs"
            cause = Cause(_RECORD, text, cause.share, cause.steps)
        yield cause


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


KINDS: tuple[CauseKind, ...] = (
    CauseKind(
        _NAME,
        "sources play other trains: further or missing spikes, another draw, rate or window",
        spikes="those of a population of sources differ",
        digests="those of the inputs may differ",
        test=(
            "The recorded trains of sources are compared. If the recorded spikes of the neurons"
            " that they reach are the same, it is called a difference of the record."
        ),
        rivals=(_RECORD, "inputs delayed"),
    ),
    CauseKind(
        "inputs delayed",
        "inputs come later or earlier by the same number of time steps",
        spikes="trains of sources, or of all that they reach, are shifted",
        test=(
            "The trains of sources, or of some of them, are shifted exactly. If sources are not"
            " recorded, it is an alternative to spikes that are recorded late."
        ),
        rivals=("constant shift", "one population recorded late"),
    ),
    CauseKind(
        "one train for all",
        "all sources of a population play the same train in one run only",
        spikes="all neurons of a population of sources fire at the same times",
        test="The recorded trains of sources are compared with each other in each run.",
        rivals=(_NAME,),
    ),
    CauseKind(
        _RECORD,
        "the recorded trains of sources are not those that were played",
        spikes="those of sources differ, those of the neurons that they reach are the same",
        test="As for different inputs.",
        rivals=(_NAME,),
    ),
)
