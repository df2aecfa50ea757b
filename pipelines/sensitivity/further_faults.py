"""Further faults, made up after the causes were written, and without a look at their tests."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from pipelines.sensitivity import (
    further_faults_of_cells,
    further_faults_of_inputs,
    further_faults_of_recording,
    further_faults_of_synapses,
)
from pipelines.sensitivity.fault import Fault


def further_faults() -> Iterator[Fault]:
    """All of them."""
    return chain(
        further_faults_of_cells.cell_faults(),
        further_faults_of_cells.numerical_faults(),
        further_faults_of_synapses.synapse_faults(),
        further_faults_of_synapses.plasticity_faults(),
        further_faults_of_inputs.input_faults(),
        further_faults_of_recording.spike_faults(),
        further_faults_of_recording.weight_faults(),
        further_faults_of_recording.signal_faults(),
        further_faults_of_inputs.request_faults(),
    )
