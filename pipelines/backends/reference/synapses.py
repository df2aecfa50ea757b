"""Synapse types: PyNN's names and units."""

from __future__ import annotations

from typing import Any, ClassVar

from pyNN.standardmodels import synapses as pynn

from ..shared import synapses as shared
from .plasticity import PairRuleSynapses
from .simulator import registry
from .transmission import ShortTermSynapses, StaticSynapses

_NAMES = (*pynn.TsodyksMarkramSynapse.default_parameters, "weight_transmitted", "weight_now")


class SmallestDelay:
    """Mixin of synapse types: the delay of those that are given none is that of `setup`."""

    def _get_minimum_delay(self) -> float:
        return registry.min_delay


class StaticSynapse(SmallestDelay, shared.StaticSynapse):
    __doc__ = StaticSynapses.__doc__


class TsodyksMarkramSynapse(SmallestDelay, pynn.TsodyksMarkramSynapse):
    __doc__ = ShortTermSynapses.__doc__
    translations = shared.same_names(*_NAMES)
    parameter_checks: ClassVar[dict[str, Any]] = {}
    plastic = False


class STDPMechanism(SmallestDelay, shared.STDPMechanism):
    __doc__ = PairRuleSynapses.__doc__
