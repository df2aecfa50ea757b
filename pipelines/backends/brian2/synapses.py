"""Synapse types on Brian2: PyNN's names and units, Brian2's minimal delay."""

from __future__ import annotations

from ..shared import synapses as shared
from ..shared.synapses import (
    AdditivePotentiationMultiplicativeDepression,
    AdditiveWeightDependence,
    GutigWeightDependence,
    MultiplicativeWeightDependence,
    SpikePairRule,
)
from .simulation import state

__all__ = [
    "AdditivePotentiationMultiplicativeDepression",
    "AdditiveWeightDependence",
    "GutigWeightDependence",
    "MultiplicativeWeightDependence",
    "STDPMechanism",
    "SpikePairRule",
    "StaticSynapse",
    "TsodyksMarkramSynapse",
]


class SmallestDelay:
    """Mixin of synapse types: the delay of those that are given none is that of `setup`."""

    def _get_minimum_delay(self) -> float:
        return float(state.min_delay)


class StaticSynapse(SmallestDelay, shared.StaticSynapse):
    __doc__ = shared.StaticSynapse.__doc__


class TsodyksMarkramSynapse(SmallestDelay, shared.TsodyksMarkramSynapse):
    __doc__ = shared.TsodyksMarkramSynapse.__doc__


class STDPMechanism(SmallestDelay, shared.STDPMechanism):
    __doc__ = shared.STDPMechanism.__doc__
