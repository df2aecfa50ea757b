"""Known differences: who is connected to whom, with which weight and delay."""

from __future__ import annotations

from .difference import AGREES, RECONCILED, REFUSED, Difference

KNOWN = (
    Difference(
        row="multapses with different weights",
        construct="two synapses between the same cells",
        behaviour={"nest": "ok", "brian2": "all get the last weight"},
        right="NEST",
        evidence="(0.1, 0.2) become (0.2, 0.2) nA",
        severity="S",
        state=RECONCILED,
        how="synapses are made from arrays, a value each",
        modules=("shared/synapse_blocks.py", "brian2/synapse_groups.py"),
        stock={
            "brian2": {
                "two_synapses_of_one_pair": "0.2, expected 0.1",
                "pairs_of_fixed_total_number": "0.104169",
            }
        },
    ),
    Difference(
        row="Assembly as source",
        construct="a projection from an Assembly",
        behaviour={
            "nest": "ok",
            "brian2": "later groups reuse the first group's weights; get() is missing",
        },
        right="NEST",
        evidence="0 for 0.3950 mV",
        severity="S, R",
        state=RECONCILED,
        how="arrays for each pair of groups",
        modules=("brian2/projections.py", "brian2/synapse_groups.py"),
        stock={"brian2": {"assembly_as_source": "0, expected 0.395"}},
    ),
    Difference(
        row="get() after another projection was made",
        construct="weights of a projection that is not the last",
        behaviour={"nest": "stale handles: other connections' weights, or NaN", "brian2": "ok"},
        right="Brian2",
        evidence="NaN for 1.06 nA",
        severity="S",
        state=RECONCILED,
        how="handles are looked up anew, by a synapse model of the projection's own",
        modules=("nest/projections.py", "nest/synapse_models.py"),
        stock={"nest": {"weights_after_another_projection": "expected 1.0"}},
    ),
    Difference(
        row="OneToOne of 1 x 1",
        construct="OneToOneConnector between single cells; get() of one synapse",
        behaviour={"nest": "ValueError under NumPy 2", "brian2": "ValueError"},
        right="documented by PyNN",
        evidence="the error",
        severity="R",
        state=RECONCILED,
        how="the connector yields arrays; values are read as arrays",
        modules=("shared/connectors.py", "brian2/projections.py"),
        stock={"brian2": {"one_to_one_of_single_cells": "ValueError"}},
        stock_numpy_2={"nest": {"one_to_one_of_single_cells": "nonzero on 0d arrays"}},
    ),
    Difference(
        row="FixedTotalNumber with_replacement=False",
        construct="FixedTotalNumberConnector(with_replacement=False)",
        behaviour={"nest": "ignored", "brian2": "ignored"},
        right="neither",
        evidence="10 distinct pairs among 15",
        severity="S",
        state=RECONCILED,
        how="the connector draws distinct pairs, and refuses more than there are",
        modules=("shared/connectors.py",),
        stock={
            "nest": {"total_number_without_replacement": "10, expected 15"},
            "brian2": {"total_number_without_replacement": "10, expected 15"},
        },
    ),
    Difference(
        row="delay off grid",
        construct="a delay between two steps",
        behaviour={
            "nest": "half a step up, one step at least",
            "brian2": "to the nearest, may be 0",
        },
        right="none",
        evidence="0.25 ms are 3 / 2 steps",
        severity="D",
        state=REFUSED,
        how="one delay for all is refused, naming the two nearest; many, drawn or computed,"
        " move to the nearest step on both",
        modules=("shared/synapse_blocks.py", "shared/time_grid.py", "shared/projections.py"),
        stock={
            "nest": {"delay_between_two_steps": ", expected 0.25"},
            "brian2": {"delay_between_two_steps": ", expected 0.25"},
        },
        refused={
            "nest": ("delay_between_two_steps",),
            "brian2": ("delay_between_two_steps",),
            "reference": ("delay_between_two_steps",),
        },
    ),
    Difference(
        row="delay outside min/max",
        construct="a delay that setup() excludes",
        behaviour={"nest": "an error that blames a missing extension", "brian2": "accepted"},
        right="NEST",
        evidence="0.3 ms at min_delay 0.5; 3 ms at max_delay 2",
        severity="R",
        state=REFUSED,
        how="refused with the limit and the two ways out",
        modules=("shared/synapse_blocks.py",),
        stock={
            "nest": {
                "delay_below_the_smallest": "NoModelAvailableError",
                "delay_above_the_largest": "NoModelAvailableError",
            },
            "brian2": {
                "delay_below_the_smallest": "0.3, expected nan",
                "delay_above_the_largest": "3, expected nan",
            },
        },
        refused={
            "nest": ("delay_below_the_smallest", "delay_above_the_largest"),
            "brian2": ("delay_below_the_smallest", "delay_above_the_largest"),
            "reference": ("delay_below_the_smallest", "delay_above_the_largest"),
        },
    ),
    Difference(
        row="wrong-sign weight in FromList",
        construct="a negative weight on the excitatory receptor",
        behaviour={"nest": "goes where its sign belongs", "brian2": "goes where it was sent"},
        right="PyNN: refused",
        evidence="-65.3970 for -65.3950 mV with another tau_syn_I",
        severity="S",
        state=REFUSED,
        how="refused with the receptor to use",
        modules=("shared/synapse_blocks.py",),
        stock={
            "nest": {"negative_weight_on_the_excitatory_receptor": "-65.3970"},
            "brian2": {"negative_weight_on_the_excitatory_receptor": "-65, expected"},
        },
        refused={
            "nest": ("negative_weight_on_the_excitatory_receptor",),
            "brian2": ("negative_weight_on_the_excitatory_receptor",),
            "reference": ("negative_weight_on_the_excitatory_receptor",),
        },
    ),
    Difference(
        row="same seed, same connections",
        construct="PyNN's connectors with a NumpyRNG",
        behaviour={"nest": "ok", "brian2": "ok"},
        right="both",
        evidence="the pairs and weights of pyNN.mock",
        severity="-",
        state=AGREES,
        how="",
        modules=(),
    ),
)
