"""Entries of the catalogue for differences of the record of spikes, weights and signals."""

from __future__ import annotations

from pipelines.diagnosis.cause_kind import CauseKind

_EXACT = "The transformation is applied to all spikes that differ; it must explain every one."
_CONSEQUENCES = (
    f"{_EXACT} Then the recorded consequences are consulted: spikes of the populations that these"
    " spikes reach, weights that learn from them, signals of the same neurons, spikes beyond the"
    " end of the run. If they are the same it is the record, if they differ it is not, and if"
    " there are none the rivals are named as well."
)
_SAME_SPIKES = (
    "Tested if all spikes are the same. If the spikes of the neurons that the synapses reach are"
    " recorded, a real difference would have changed them, so that it is the record."
)

_SPIKES = (
    CauseKind(
        "times in another unit",
        "spike times in s, in us, or counted in time steps",
        spikes="every time is the same factor times that of the other run",
        test=f"Factors of 1000, a million and the time step. {_EXACT}",
    ),
    CauseKind(
        "constant shift",
        "all spikes, or those of several populations, are recorded some time steps later",
        spikes="every spike is shifted by the same number of steps, from the first one on",
        weights="none differ",
        test=_CONSEQUENCES,
        rivals=(
            "inputs delayed",
            "different delays",
            "different initial potential",
            "less excitable",
        ),
    ),
    CauseKind(
        "one population recorded late",
        "the spikes of one population are recorded later or earlier than those of the others",
        spikes="every spike of the population is shifted, those of all others are the same",
        weights="none differ, also of plastic projections",
        test=_CONSEQUENCES,
        rivals=("inputs delayed", "different delays"),
    ),
    CauseKind(
        "some neurons recorded late",
        "the spikes of some neurons of a population are recorded later than those of the others",
        spikes="every spike of these neurons is shifted, by the same number of steps",
        test=_CONSEQUENCES,
        rivals=("inputs delayed", "different delays"),
    ),
    CauseKind(
        "times rounded",
        "spike times rounded to a coarser grid, to decimals, or to 32-bit numbers",
        spikes="every time is the nearest, next lower or next higher multiple of one width",
        test=f"{_EXACT} A simulation on a coarser grid does it to first spikes only.",
        rivals=("coarser time grid", "spikes off the grid"),
    ),
    CauseKind(
        "clock at another rate",
        "spike times of a clock that runs faster or slower",
        spikes="every time is multiplied by one factor close to 1, of any train",
        test=(
            "The interval of factors that fit every spike within half a time step must not be"
            " empty; trains must be irregular, as regular ones of another drive look alike."
        ),
        rivals=("more excitable", "less excitable"),
    ),
    CauseKind(
        "spikes recorded twice",
        "some or all spikes are in the table more than once",
        spikes="spikes of one run are repeated in the other",
        test=f"{_CONSEQUENCES} Neurons other than sources cannot fire twice in a time step.",
        rivals=("different inputs",),
    ),
    CauseKind(
        "recording ends early",
        "spikes or samples after a time are missing",
        spikes="the same until a time, none after it",
        test=_CONSEQUENCES,
        rivals=("different inputs",),
    ),
    CauseKind(
        "recording begins late",
        "spikes or samples before a time are missing",
        spikes="none until a time, the same after it",
        test=_CONSEQUENCES,
        rivals=("different inputs",),
    ),
    CauseKind(
        "gap in the recording",
        "spikes between two times are missing",
        spikes="the same before and after the gap, none within it",
        test=_CONSEQUENCES,
        rivals=("different inputs",),
    ),
    CauseKind(
        "spikes missing from the record",
        "some spikes are not in the table, such as every second one or some at random",
        spikes="spikes of one run are a part of the other's, and neurons go on as if nothing was",
        test=_CONSEQUENCES,
        rivals=("missing or further input", "different inputs", "silent neurons", "less excitable"),
    ),
    CauseKind(
        "spikes recorded differently",
        "spikes of the record are not those that were simulated, by no simple rule",
        spikes="those of a population differ, and what they reach is the same",
        test=(
            "Named only if recorded consequences prove it: all spikes of the neurons that these"
            " spikes reach, weights that learn from them, or signals of the same neurons."
        ),
        rivals=("different inputs",),
    ),
    CauseKind(
        "only first spikes recorded",
        "of each neuron only its first spikes are in the table, at most a fixed number",
        spikes="trains end after the same number of spikes",
        test=_EXACT,
    ),
    CauseKind(
        "neurons not recorded",
        "some neurons fire, but are not in the table",
        spikes="all spikes of some neurons are missing, all others are the same",
        signals="neurons that are missing are not silent",
        test=_CONSEQUENCES,
        rivals=("silent neurons",),
    ),
    CauseKind(
        "population not recorded",
        "a population fires, but is not in the table",
        spikes="all spikes of a population are missing, all others are the same",
        test=_CONSEQUENCES,
        rivals=("silent population",),
    ),
    CauseKind(
        "neurons counted from 1",
        "indices of neurons begin at 1 in one run and at 0 in the other",
        spikes="every train is that of the next neuron",
        weights="pre or post is larger by 1",
        test=_CONSEQUENCES,
        rivals=("different connectivity", "different inputs"),
    ),
    CauseKind(
        "neuron indices shifted",
        "indices of neurons differ by a constant, in the record or in the list of connections",
        spikes="every train is that of the neuron with the index so much larger",
        weights="pre or post of every synapse differs by one",
        test=_CONSEQUENCES,
        rivals=("different connectivity", "different inputs"),
    ),
    CauseKind(
        "neurons in another order",
        "the same trains or traces of other neurons: permuted, reversed, or two exchanged",
        spikes="the same trains, of other neurons",
        test=_CONSEQUENCES,
        rivals=("different connectivity", "different inputs"),
    ),
    CauseKind(
        "populations exchanged",
        "the spikes of each of some populations are recorded under the name of another one",
        spikes="the same trains, of other populations",
        test=_CONSEQUENCES,
        rivals=("different inputs",),
    ),
    CauseKind(
        "populations renamed",
        "the same populations have other names",
        spikes="the same trains, of populations with names that the other run does not have",
        test=_EXACT,
    ),
)

_WEIGHTS = (
    CauseKind(
        "weights in another unit",
        "weights recorded in pA instead of nA, or multiplied by another factor",
        weights="every weight of a projection is the same factor times that of the other run",
        test=f"{_SAME_SPIKES} Without that, only factors between units are called so.",
        rivals=("weights scaled",),
    ),
    CauseKind(
        "weights rounded",
        "weights recorded with fewer digits or as 32-bit numbers",
        weights="every weight is the nearest number with so many digits",
        test="Tested if all spikes are the same, by rounding the weights of the other run.",
    ),
    CauseKind(
        "weights recorded differently", "weights in the table are not those of the simulation",
        weights="weights differ by no simple rule, and all spikes are the same",
        test="Named alone if these synapses reach enough spikes, which are all the same.",
        rivals=("different weights", "weights scaled", "different initial weights"),
    ),
    CauseKind(
        "weights read at another time",
        "weights read before or after the time that the table says, or with another time",
        weights="each reading has the weights of another reading of the other run",
        test="Tested if all spikes are the same, on projections with several readings.",
    ),
    CauseKind(
        "reading of weights missing",
        "one run lacks readings that the other has",
        weights="all common readings are the same",
        test="Tested if all spikes are the same.",
    ),
    CauseKind(
        "weights in another order",
        "the weights of the table belong to other synapses of the projection",
        weights="the same weights, of other pairs",
        test=_SAME_SPIKES,
        rivals=("different weights",),
    ),
    CauseKind(
        "delays in another unit",
        "delays recorded in time steps or s, or multiplied by another factor",
        weights="every delay is the same factor times that of the other run",
        test=_SAME_SPIKES,
        rivals=("different delays",),
    ),
    CauseKind(
        "delays recorded differently",
        "the table has other delays than those that were simulated",
        weights="delays differ and weights do not",
        test=_SAME_SPIKES,
        rivals=("different delays",),
    ),
    CauseKind(
        "weights missing from the record",
        "some synapses are simulated, but are not in the table",
        weights="rows of one run are a part of the other's",
        test=_SAME_SPIKES,
        rivals=("different connectivity",),
    ),
    CauseKind(
        "projection missing from the record",
        "a projection is simulated, but is not in the table",
        weights="one run has no row of the projection",
        test=_SAME_SPIKES,
        rivals=("missing projection",),
    ),
    CauseKind(
        "projections renamed", "the same projections have other names",
        weights="the same rows, of projections with names that the other run does not have",
        test="Tested if all spikes are the same.",
    ),
    CauseKind(
        "projections exchanged",
        "the table has each of some projections under the name of another one",
        weights="the same rows, of other projections",
        test="Tested if all spikes are the same.",
        rivals=("different weights",),
    ),
)  # fmt: skip

_SIGNALS = (
    CauseKind(
        "signals recorded differently",
        "samples of signals were changed when they were stored",
        signals="samples differ although the same neurons spike at the same times",
        test="All spikes of the recorded neurons are the same, ten at least.",
        rivals=("different initial potential", "signals shifted"),
    ),
    CauseKind(
        "signals in another unit",
        "samples in V instead of mV, or with times in another unit",
        signals="every sample is the same factor between units times that of the other run",
        test="Tested if all spikes and weights are the same.",
    ),
    CauseKind(
        "signals shifted",
        "samples are recorded some time steps later or earlier",
        signals="each sample is that of some samples before, in all neurons",
        test="Tested if all spikes and weights are the same. Spikes would be shifted as well.",
        rivals=("inputs delayed",),
    ),
    CauseKind(
        "signals rounded", "samples recorded with fewer digits",
        signals="every sample is the nearest number with so many digits",
        test="Tested if all spikes and weights are the same.",
    ),
    CauseKind(
        "signals sampled less often", "only every n-th sample is in the table",
        signals="samples of one run are a regular part of the other's",
        test="Tested if all spikes and weights are the same.",
    ),
    CauseKind(
        "samples missing from the record", "some samples are not in the table",
        signals="samples of one run are a part of the other's",
        test="Tested if all spikes and weights are the same.",
    ),
    CauseKind(
        "signals exchanged",
        "the samples of two variables or populations have each other's name",
        signals="the same samples, of another variable or population",
        test="Tested if all spikes and weights are the same.",
    ),
)  # fmt: skip

KINDS: tuple[CauseKind, ...] = (*_SPIKES, *_WEIGHTS, *_SIGNALS)
