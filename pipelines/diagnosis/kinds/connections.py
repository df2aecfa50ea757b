"""Causes that lie in connections: their pairs, delays and weights: entries of the catalogue."""

from __future__ import annotations

from pipelines.diagnosis.cause_kind import CauseKind

_COUNTED = "Rows of the table are compared one by one, for each projection by itself."

# Entries of causes that tables of connections share with those of the record ("neuron indices
# shifted", "weights rounded", "projections exchanged") are in `kinds.recording`.
KINDS: tuple[CauseKind, ...] = (
    CauseKind(
        "missing projection",
        "a projection has no synapses in one run",
        spikes="those of the target neurons differ from the first spike of the source on",
        weights="no rows of the projection",
        digests="those of the connections may differ",
        test=_COUNTED,
        rivals=("projection missing from the record",),
    ),
    CauseKind(
        "synapses doubled",
        "some or all synapses are there several times",
        weights="pairs are repeated",
        test=_COUNTED,
        rivals=("weights scaled",),
    ),
    CauseKind(
        "autapses",
        "neurons are connected to themselves in one run only",
        weights="rows with equal pre and post; all others are the same",
        test=_COUNTED,
    ),
    CauseKind(
        "pre and post exchanged",
        "a projection goes from post to pre",
        weights="the same rows with pre and post exchanged",
        test=f"{_COUNTED} If the targets' spikes do not respond, it is called one of the record.",
    ),
    CauseKind(
        "different connectivity",
        "other pairs of neurons are connected, or other populations",
        weights="pairs are missing, further, or between other neurons; degrees are compared",
        digests="those of the connections differ",
        test=_COUNTED,
        rivals=("weights missing from the record",),
    ),
    CauseKind(
        "different receptor",
        "a projection acts on another receptor, such as an inhibitory one",
        signals="the synaptic current of the other receptor jumps",
        test="The records of both runs name the receptor.",
        rivals=("sign of the weights",),
    ),
    CauseKind(
        "different delays",
        "delays of the same synapses differ",
        spikes="those of the target neurons, from the first delayed event on",
        weights="the column of delays differs",
        test=f"{_COUNTED} All by the same steps, or the share that differs and its range.",
        rivals=("delays recorded differently",),
    ),
    CauseKind(
        "weights scaled",
        "all weights of a projection are multiplied by one factor",
        weights="the ratio of weights is the same for all synapses, within rounding",
        test=f"{_COUNTED} With the same spikes a rule of plasticity can do so.",
        rivals=("weights in another unit", "different weight rule"),
    ),
    CauseKind(
        "sign of the weights",
        "all weights of a projection have the other sign",
        weights="every weight is that of the other run times -1",
        test=_COUNTED,
        rivals=("different receptor",),
    ),
    CauseKind(
        "one weight for all synapses of a pair",
        "several synapses between two neurons share a weight in one run only",
        weights="synapses of one pair have different weights in one run, one in the other",
        test=_COUNTED,
    ),
    CauseKind(
        "different weights",
        "weights of static synapses differ: one, some, or all of them",
        spikes="those of the target neurons differ",
        weights="counted, with what the differences have in common",
        test=(
            f"{_COUNTED} For static projections. For those that may be plastic only if each weight"
            " is a function of that in the other run, or with the rule as an alternative."
        ),
        rivals=("weights in another order", "different weight rule"),
    ),
    CauseKind(
        "different initial weights",
        "weights of plastic synapses differ before the first spike",
        weights="the first reading differs, and no spike came before it",
        test=_COUNTED,
        rivals=("different weight rule",),
    ),
)
