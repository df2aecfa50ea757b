"""Causes, and groups of causes, that spikes show: entries of the catalogue.

`CELL`, `NUMERICS` and so on are groups that spikes alone cannot tell apart.
"""

from __future__ import annotations

from pipelines.diagnosis.cause_kind import CauseKind

CELL = (
    "different tau_m", "different cm", "different v_rest", "different i_offset",
    "different v_thresh", "different tau_syn",
)  # fmt: skip
SYNAPSES = ("different weights", "different delays", "missing or further input")
AFTER_OWN_SPIKE = (
    "different v_reset", "different tau_refrac", "missing or further input", "different cell type",
)  # fmt: skip

BEFORE_A_SPIKE = (
    *CELL, "different initial potential", "integration scheme", *SYNAPSES, "noise in the membrane",
    "different receptor", "different weight rule", "different cell type",
)  # fmt: skip
"""Causes that make the first spikes of neurons earlier, or later, by different times."""

EITHER_WAY = (
    "different inputs", "different initial potential", "noise in the membrane",
    "different connectivity", *SYNAPSES, *CELL, "integration scheme", "rounding",
    "different cell type",
)  # fmt: skip
"""Causes that make some first spikes earlier and others later."""

GROWING = (
    *AFTER_OWN_SPIKE, *CELL, "integration scheme", "noise in the membrane", "different weights",
    "different delays", "different weight rule", "rounding",
)  # fmt: skip
"""Causes that may leave the first spikes the same, if they are small."""

SINGLE = (*CELL, *AFTER_OWN_SPIKE, *SYNAPSES)
"""Causes that may concern single neurons."""

DESCRIPTIONS = (
    "less excitable", "more excitable", "what follows a spike", "first spikes either way",
    "first spikes differ", "later spikes differ", "single neurons differ", "threshold tie",
    "silent population", "silent neurons",
)  # fmt: skip
"""Names that describe what spikes show; their alternatives are the causes."""

_FIRST = "Only roots of the difference count: neurons that no other difference can have reached."

KINDS: tuple[CauseKind, ...] = (
    CauseKind(
        "spikes off the grid",
        "one simulator gives spikes times between the time steps",
        spikes="More than a tenth of the times of one run are no whole number of steps.",
        test="Times are divided by the time step.",
        rivals=("clock at another rate", "times in another unit"),
    ),
    CauseKind(
        "run ends early",
        "one simulation was shorter",
        spikes="All spikes are the same until one run has no more, in all populations.",
        weights="Readings at the end are of an earlier time.",
        test="Spikes are compared up to the last one of the shorter run, after which at least 20"
        " follow in the other. It is the record alone if weights are the same.",
        rivals=("recording ends early", "silent population"),
    ),
    CauseKind(
        "constant shift",
        "all populations fire the same number of steps later or earlier",
        spikes="Nine tenths of the first spikes of all populations have the same lag, and it stays"
        " the same from spike to spike.",
        test="Lags of the first four spikes of every neuron.",
        rivals=("one population recorded late", "inputs delayed", "less excitable"),
    ),
    CauseKind(
        "inputs delayed",
        "what reaches a population comes a number of steps later or earlier",
        spikes="Nine tenths of the first spikes of some populations have the same lag, which stays"
        " the same from spike to spike; other populations have none.",
        signals="The synaptic current begins that many steps later.",
        test="Lags of the first four spikes of every neuron.",
        rivals=("one population recorded late", "different delays", "less excitable"),
    ),
    CauseKind(
        "different tau_refrac",
        "the membrane is held for another number of steps after a spike",
        spikes="First spikes are the same; nine tenths of the first intervals are longer by the"
        " same number of steps, whatever their length.",
        signals="The potential is held for another number of steps.",
        test="Growth of the first intervals; with fewer than three different intervals the reset"
        " potential fits as well.",
        rivals=("different v_reset", "less excitable"),
    ),
    CauseKind(
        "silent population",
        "a population fires in one run only",
        spikes="Its neurons are roots of the difference, and nothing else differs first.",
        test=_FIRST,
        rivals=("spikes missing from the record", "different v_thresh", "missing projection"),
    ),
    CauseKind(
        "silent neurons",
        "a few neurons fire in one run only",
        spikes="They are roots of the difference, and nothing else differs first.",
        test=_FIRST,
        rivals=("spikes missing from the record", "different v_thresh", "different connectivity"),
    ),
    CauseKind(
        "one train for all",
        "all neurons of a population, or all sources, have one train",
        spikes="In one run every time of a population occurs for all of its neurons.",
        digests="The digest of the inputs differs if the trains were given by the experiment.",
        test="Times of a population are counted over its neurons, in each run.",
        rivals=("different inputs",),
    ),
    CauseKind(
        "less excitable",
        "neurons take longer to reach the threshold (a description; its causes are named beside)",
        spikes="Nine tenths of the first spikes that differ are later, by different times.",
        signals="The potential or the current differs from its first difference on:"
        " `counterpoint compare` measures which constant does.",
        test=_FIRST,
        rivals=BEFORE_A_SPIKE,
    ),
    CauseKind(
        "more excitable",
        "neurons reach the threshold sooner (a description; its causes are named beside)",
        spikes="Nine tenths of the first spikes that differ are earlier, by different times.",
        signals="As for *less excitable*.",
        test=_FIRST,
        rivals=BEFORE_A_SPIKE,
    ),
    CauseKind(
        "first spikes either way",
        "some neurons reach the threshold sooner, others later (a description)",
        spikes="Of the first spikes that differ, more than a tenth are earlier, and more than a"
        " tenth later.",
        digests="Those of inputs or of connectivity differ, if the experiment drew others.",
        test=_FIRST,
        rivals=EITHER_WAY,
    ),
    CauseKind(
        "first spikes differ",
        "too few first spikes differ to say in which direction (a description)",
        spikes="First spikes of neurons differ, fewer than seven, or hardly any.",
        test=_FIRST,
        rivals=BEFORE_A_SPIKE,
    ),
    CauseKind(
        "later spikes differ",
        "first spikes are the same, and later ones differ (a description)",
        spikes="No first spike of a neuron differs, and differences follow spikes of any neuron.",
        test=_FIRST,
        rivals=GROWING,
    ),
    CauseKind(
        "single neurons differ",
        "a few neurons differ again and again, and all others never (a description)",
        spikes="At most a twentieth of the neurons ever differ, one of them four times or more.",
        test="Differing spikes are counted for each neuron.",
        rivals=SINGLE,
    ),
    CauseKind(
        "different tau_syn",
        "a synaptic time constant differs, or both are exchanged: see *different tau_syn_E*,"
        " *different tau_syn_I* and *tau_syn_E and tau_syn_I exchanged*",
        spikes="First spikes are shifted, as by other weights.",
        signals="Synaptic currents decay with another time constant: `counterpoint compare`"
        " measures it.",
        test="Not tested by spikes: it is one of the alternatives.",
        rivals=("different weights",),
    ),
    CauseKind(
        "integration scheme",
        "the equations of the cell are integrated in another way: see *forward Euler*,"
        " *exponential Euler*, *Runge-Kutta of low order* and *coarser time grid*",
        spikes="First spikes are shifted by a few steps, if at all.",
        signals="Recorded states tell the schemes apart: `counterpoint compare` measures them.",
        test="Not tested by spikes: it is one of the alternatives.",
        rivals=CELL,
    ),
    CauseKind(
        "what follows a spike",
        "a spike of a neuron changes what the same neuron does next (a description)",
        spikes="No first spike of a neuron differs; differences follow spikes of the same neuron.",
        signals="The potential after the reset shows which.",
        test=_FIRST + " Whether they follow the neuron's own spikes is tested against chance"
        " (below 0.1 %).",
        rivals=(*AFTER_OWN_SPIKE, *SYNAPSES, "different weight rule"),
    ),
    CauseKind(
        "threshold tie",
        "a potential that meets the threshold within rounding",
        spikes="One spike differs after at least 50 ms and 200 spikes without any difference.",
        signals="The potential before the spike is the threshold to 1e-9 mV.",
        test="The time of the first difference; `counterpoint compare` reads the potential.",
        rivals=(*CELL, "integration scheme"),
    ),
)
