"""A fourth set of faults, made up without a look at the tests of causes or at their outcomes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from pipelines.sensitivity import (
    fourth_faults_of_cells,
    fourth_faults_of_inputs,
    fourth_faults_of_recording,
    fourth_faults_of_synapses,
)
from pipelines.sensitivity.fault import Fault


def fourth_faults() -> Iterator[Fault]:
    """All of them."""
    return chain(
        fourth_faults_of_cells.cell_faults(),
        fourth_faults_of_cells.numerical_faults(),
        fourth_faults_of_synapses.synapse_faults(),
        fourth_faults_of_synapses.plasticity_faults(),
        fourth_faults_of_inputs.input_faults(),
        fourth_faults_of_recording.spike_faults(),
        fourth_faults_of_recording.weight_faults(),
        fourth_faults_of_recording.signal_faults(),
        fourth_faults_of_inputs.request_faults(),
    )
