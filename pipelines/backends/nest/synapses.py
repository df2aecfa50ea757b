"""Synapse types on NEST: PyNN's names and units, NEST's minimal delay."""

from __future__ import annotations

import pyNN.nest as stock

from ..shared import synapses as shared
from ..shared.synapses import (
    AdditivePotentiationMultiplicativeDepression,
    AdditiveWeightDependence,
    GutigWeightDependence,
    MultiplicativeWeightDependence,
    SpikePairRule,
)
from .control import registry

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
        return registry.min_delay


class StaticSynapse(SmallestDelay, shared.StaticSynapse):
    __doc__ = shared.StaticSynapse.__doc__


class TsodyksMarkramSynapse(SmallestDelay, stock.TsodyksMarkramSynapse):
    __doc__ = stock.TsodyksMarkramSynapse.__doc__


class STDPMechanism(SmallestDelay, shared.STDPMechanism):
    __doc__ = shared.STDPMechanism.__doc__
