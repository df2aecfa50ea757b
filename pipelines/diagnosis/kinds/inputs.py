"""Causes that lie in the spikes of sources: entries of the catalogue."""

from __future__ import annotations

from pipelines.diagnosis.cause_kind import CauseKind

KINDS: tuple[CauseKind, ...] = (
    CauseKind(
        "different inputs",
        "sources play other trains: further or missing spikes, another draw, rate or window",
        spikes="those of a population of sources differ",
        digests="those of the inputs may differ",
        test=(
            "The recorded trains of sources are compared. If the recorded spikes of the neurons"
            " that they reach are the same, it is called a difference of the record."
        ),
        rivals=("spikes recorded differently", "inputs delayed"),
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
        rivals=("different inputs",),
    ),
)
