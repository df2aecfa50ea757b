"""All faults of the study, by name and by the set in which they were made up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import ModuleType

from pipelines.sensitivity import (
    faults_of_cells,
    faults_of_inputs,
    faults_of_recording,
    faults_of_synapses,
    fourth_faults_of_cells,
    fourth_faults_of_inputs,
    fourth_faults_of_recording,
    fourth_faults_of_synapses,
    further_faults_of_cells,
    further_faults_of_inputs,
    further_faults_of_recording,
    further_faults_of_synapses,
    unseen_faults_of_cells,
    unseen_faults_of_inputs,
    unseen_faults_of_plasticity,
    unseen_faults_of_recording,
    unseen_faults_of_signals,
    unseen_faults_of_synapses,
)
from pipelines.sensitivity.fault import Fault

_MODULES: Mapping[str, tuple[ModuleType, ...]] = {
    "first set": (faults_of_cells, faults_of_synapses, faults_of_inputs, faults_of_recording),
    "second set": (
        further_faults_of_cells,
        further_faults_of_synapses,
        further_faults_of_inputs,
        further_faults_of_recording,
    ),
    "third set": (
        unseen_faults_of_cells,
        unseen_faults_of_synapses,
        unseen_faults_of_plasticity,
        unseen_faults_of_inputs,
        unseen_faults_of_recording,
        unseen_faults_of_signals,
    ),
    "fourth set": (
        fourth_faults_of_cells,
        fourth_faults_of_synapses,
        fourth_faults_of_inputs,
        fourth_faults_of_recording,
    ),
}
# Functions of these modules that yield faults, in the order of `fault.KINDS`.
_FUNCTIONS = (
    "cell_faults", "numerical_faults", "synapse_faults", "plasticity_faults", "input_faults",
    "spike_faults", "weight_faults", "signal_faults", "request_faults",
)  # fmt: skip


def faults_of_set(name: str) -> Iterator[Fault]:
    """Faults of a set, a key of `SETS`, in the order of `fault.KINDS`."""
    for function in _FUNCTIONS:
        for module in _MODULES[name]:
            if hasattr(module, function):
                yield from getattr(module, function)()


SETS: Mapping[str, Mapping[str, Fault]] = {
    name: {fault.name: fault for fault in faults_of_set(name)} for name in _MODULES
}
"""Faults by name, for each set. The causes were written from the first set; the others were made up
one after the other, without a look at how causes are tested."""

FAULTS: Mapping[str, Fault] = {
    name: fault for of_set in SETS.values() for name, fault in of_set.items()
}
