"""NEST as a PyNN module that means what the Brian2 backend means.

All names are those of ``pyNN.nest``; what differs is a subclass, one concern a module.
"""

# ruff: noqa: F401 - the names are this module's interface

from pyNN.nest import *  # noqa: F403

from ..shared.connectors import FixedTotalNumberConnector, OneToOneConnector
from ..shared.drawn import SpikeSourcePoisson
from ..shared.missing import refuse_missing
from ..shared.synapses import (
    AdditivePotentiationMultiplicativeDepression,
    AdditiveWeightDependence,
    GutigWeightDependence,
    MultiplicativeWeightDependence,
    SpikePairRule,
)
from .ahead import registry
from .cells import SpikeSourceArray
from .changes import reset
from .control import (
    get_current_time,
    get_min_delay,
    get_time_step,
    run,
    run_for,
    run_until,
    setup,
)
from .electrodes import (
    ACSource,
    DCSource,
    NoisyCurrentSource,
    StepCurrentSource,
    native_electrode_type,
)
from .neurons import (
    GIF_cond_exp,
    HH_cond_exp,
    IF_cond_exp_gsfa_grr,
    IF_curr_alpha,
    IF_curr_delta,
    IF_curr_exp,
    PointNeuron,
    native_cell_type,
)
from .populations import Population, PopulationView
from .projections import (
    Projection,
    StaticSynapse,
    STDPMechanism,
    TsodyksMarkramSynapse,
    connect,
    create,
    native_synapse_type,
)

__getattr__ = refuse_missing(__name__, "NEST", globals())
