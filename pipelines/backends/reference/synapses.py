"""Synapse types: PyNN's names and units."""

from __future__ import annotations

from ..shared import synapse_types as shared
from .plasticity import PairRuleSynapses
from .simulator import registry
from .transmission import ShortTermSynapses, StaticSynapses


class SmallestDelay:
    """Mixin of synapse types: the delay of those that are given none is that of `setup`."""

    def _get_minimum_delay(self) -> float:
        return registry.min_delay


class StaticSynapse(SmallestDelay, shared.StaticSynapse):
    __doc__ = StaticSynapses.__doc__


class TsodyksMarkramSynapse(SmallestDelay, shared.TsodyksMarkramSynapse):
    __doc__ = ShortTermSynapses.__doc__


class STDPMechanism(SmallestDelay, shared.STDPMechanism):
    __doc__ = PairRuleSynapses.__doc__
