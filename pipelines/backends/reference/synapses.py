"""Synapse types: PyNN's names and units."""

from __future__ import annotations

from typing import Any, ClassVar

from pyNN.standardmodels import synapses as pynn

from ..shared import synapses as shared
from ..shared.synapses import (
    AdditivePotentiationMultiplicativeDepression,
    AdditiveWeightDependence,
    GutigWeightDependence,
    MultiplicativeWeightDependence,
    SpikePairRule,
)
from .simulator import registry
from .transmission import ShortTermSynapses

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


class TsodyksMarkramSynapse(SmallestDelay, pynn.TsodyksMarkramSynapse):
    __doc__ = ShortTermSynapses.__doc__
    translations = shared.same_names(
        *pynn.TsodyksMarkramSynapse.default_parameters, "weight_transmitted", "weight_now"
    )
    parameter_checks: ClassVar[dict[str, Any]] = {}
    plastic = False


class STDPMechanism(SmallestDelay, shared.STDPMechanism):
    __doc__ = shared.STDPMechanism.__doc__
