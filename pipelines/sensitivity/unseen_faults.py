"""A third set of faults, unlike those of the first two, by which no test of a cause was made."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from pipelines.sensitivity import (
    unseen_faults_of_cells,
    unseen_faults_of_inputs,
    unseen_faults_of_plasticity,
    unseen_faults_of_recording,
    unseen_faults_of_signals,
    unseen_faults_of_synapses,
)
from pipelines.sensitivity.fault import Fault


def unseen_faults() -> Iterator[Fault]:
    """All of them."""
    return chain(
        unseen_faults_of_cells.cell_faults(),
        unseen_faults_of_cells.numerical_faults(),
        unseen_faults_of_synapses.synapse_faults(),
        unseen_faults_of_plasticity.plasticity_faults(),
        unseen_faults_of_inputs.input_faults(),
        unseen_faults_of_recording.spike_faults(),
        unseen_faults_of_recording.weight_faults(),
        unseen_faults_of_signals.signal_faults(),
        unseen_faults_of_inputs.request_faults(),
    )
