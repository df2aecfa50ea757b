"""Synapse types with PyNN's names and units."""

from __future__ import annotations

from ..shared import synapse_types as shared
from .plasticity import PairRuleSynapses
from .simulator import registry
from .transmission import ShortTermSynapses, StaticSynapses


class DefaultDelayMixin:
    """Mixin of synapse types: the default delay is the `min_delay` of `setup`."""

    def _get_minimum_delay(self) -> float:
        return registry.min_delay


class StaticSynapse(DefaultDelayMixin, shared.StaticSynapse):
    __doc__ = StaticSynapses.__doc__


class TsodyksMarkramSynapse(DefaultDelayMixin, shared.TsodyksMarkramSynapse):
    __doc__ = ShortTermSynapses.__doc__


class STDPMechanism(DefaultDelayMixin, shared.STDPMechanism):
    __doc__ = PairRuleSynapses.__doc__
