"""Synapse types on Brian2: PyNN's names and units, Brian2's minimal delay."""

from __future__ import annotations

from pyNN.brian2 import simulator

from ..shared import synapses as shared
from ..shared.synapses import (
    AdditivePotentiationMultiplicativeDepression,
    AdditiveWeightDependence,
    GutigWeightDependence,
    MultiplicativeWeightDependence,
    SpikePairRule,
)

__all__ = [
    "AdditivePotentiationMultiplicativeDepression",
    "AdditiveWeightDependence",
    "GutigWeightDependence",
    "MultiplicativeWeightDependence",
    "STDPMechanism",
    "SpikePairRule",
    "StaticSynapse",
]


class StaticSynapse(shared.StaticSynapse):
    __doc__ = shared.StaticSynapse.__doc__

    def _get_minimum_delay(self) -> float:
        return float(simulator.state.min_delay)


class STDPMechanism(shared.STDPMechanism):
    __doc__ = shared.STDPMechanism.__doc__

    def _get_minimum_delay(self) -> float:
        return float(simulator.state.min_delay)
