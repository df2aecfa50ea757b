"""All faults of the study, by name and by the set in which they were made up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import ModuleType

from pipelines.sensitivity import first_set, fourth_set, second_set, third_set
from pipelines.sensitivity.fault import Fault

_MODULES: Mapping[str, tuple[ModuleType, ...]] = {
    "first set": first_set.MODULES,
    "second set": second_set.MODULES,
    "third set": third_set.MODULES,
    "fourth set": fourth_set.MODULES,
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
