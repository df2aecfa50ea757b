"""All faults of the study, by name."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain

from pipelines.sensitivity import (
    faults_of_cells,
    faults_of_inputs,
    faults_of_recording,
    faults_of_synapses,
)
from pipelines.sensitivity.fault import Fault
from pipelines.sensitivity.fourth_faults import fourth_faults
from pipelines.sensitivity.further_faults import further_faults
from pipelines.sensitivity.unseen_faults import unseen_faults

FURTHER: Mapping[str, Fault] = {fault.name: fault for fault in further_faults()}
"""Faults that were made up independently of how the causes are tested."""
UNSEEN: Mapping[str, Fault] = {fault.name: fault for fault in unseen_faults()}
"""Faults of a third set, made up without a look at the tests of causes or at their outcomes."""
FOURTH: Mapping[str, Fault] = {fault.name: fault for fault in fourth_faults()}
"""Faults of a fourth set, made up without a look at the tests of causes, too."""

FAULTS: Mapping[str, Fault] = {
    fault.name: fault
    for fault in chain(
        faults_of_cells.cell_faults(),
        faults_of_cells.numerical_faults(),
        faults_of_synapses.synapse_faults(),
        faults_of_synapses.plasticity_faults(),
        faults_of_inputs.input_faults(),
        faults_of_recording.spike_faults(),
        faults_of_recording.weight_faults(),
        faults_of_recording.signal_faults(),
        faults_of_inputs.request_faults(),
        FURTHER.values(),
        UNSEEN.values(),
        FOURTH.values(),
    )
}

SETS: Mapping[str, tuple[str, ...]] = {
    "first set": tuple(name for name in FAULTS if name not in {*FURTHER, *UNSEEN, *FOURTH}),
    "second set": tuple(FURTHER),
    "third set": tuple(UNSEEN),
    "fourth set": tuple(FOURTH),
}
"""Names of the faults by the set with which they were made up."""
