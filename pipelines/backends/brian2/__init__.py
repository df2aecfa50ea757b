"""Brian2 as a PyNN module that means what the NEST backend means.

All names are those of ``pyNN.brian2``; what differs is a subclass, one concern a module.
"""

# ruff: noqa: F401 - the names are this module's interface

from pyNN.brian2 import *  # noqa: F403

from ..shared.connectors import FixedTotalNumberConnector, OneToOneConnector
from .cells import (
    IF_cond_alpha,
    IF_cond_exp,
    IF_curr_alpha,
    IF_curr_delta,
    IF_curr_exp,
    SpikeSourceArray,
    SpikeSourcePoisson,
)
from .control import get_min_delay, registry, run, run_for, run_until, setup
from .electrodes import ACSource, DCSource, NoisyCurrentSource, StepCurrentSource
from .populations import Assembly, Population, PopulationView
from .procedural import connect, create
from .projections import Projection
from .synapses import (
    AdditivePotentiationMultiplicativeDepression,
    AdditiveWeightDependence,
    GutigWeightDependence,
    MultiplicativeWeightDependence,
    SpikePairRule,
    StaticSynapse,
    STDPMechanism,
)
