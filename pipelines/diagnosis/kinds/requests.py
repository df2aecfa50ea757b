"""Causes that lie in requests and digests of what was given: entries of the catalogue."""

from __future__ import annotations

from pipelines.diagnosis.cause_kind import CauseKind

KINDS: tuple[CauseKind, ...] = (
    CauseKind(
        "different parameters",
        "parameters of the experiment have other values",
        digests="may differ as well",
        test=(
            "The records of both runs are compared: numbers to 12 digits, NaN equals NaN, and a"
            " parameter of one run only is named."
        ),
    ),
    CauseKind(
        "different seeds",
        "the runs were drawn from different seeds",
        spikes="differ as between any two draws",
        digests="those of inputs and connections differ",
        test="The records of both runs are compared, if both name a seed.",
    ),
    CauseKind(
        "different inputs or initial values",
        "trains of sources or initial potentials differ",
        spikes="other trains of sources, or first spikes that come earlier or later by any time",
        digests="those of the inputs differ",
        test=(
            "The digest says that they differ, not how; the spikes of sources may say more."
            " Without digests the first spikes of all neurons are compared."
        ),
        rivals=("different seeds",),
    ),
)
