"""Current sources that mean the same on both backends."""

from __future__ import annotations

from pyNN.brian2 import simulator
from pyNN.brian2.standardmodels.electrodes import StepCurrentSource

from ..common.electrodes import FrozenNoise
from .control import registry


class NoisyCurrentSource(FrozenNoise):
    __doc__ = FrozenNoise.__doc__
    _registry = registry
    _simulator = simulator
    _step_class = StepCurrentSource
