"""Brian2 as a PyNN module that means what the other backends mean.

All names are those of ``pyNN.brian2``; what differs is a subclass, one concern a module.
"""

# ruff: noqa: F401 - the names are this module's interface

from pyNN.brian2 import *  # noqa: F403
from pyNN.standardmodels import StandardCellType

from ..shared.connectors import FixedTotalNumberConnector, OneToOneConnector
from ..shared.missing import refuse_missing
from ..shared.synapses import (
    AdditivePotentiationMultiplicativeDepression,
    AdditiveWeightDependence,
    GutigWeightDependence,
    MultiplicativeWeightDependence,
    SpikePairRule,
)
from .cells import (
    EIF_cond_alpha_isfa_ista,
    EIF_cond_exp_isfa_ista,
    HH_cond_exp,
    IF_cond_alpha,
    IF_cond_exp,
    IF_cond_exp_gsfa_grr,
    IF_curr_alpha,
    IF_curr_delta,
    IF_curr_exp,
    IF_facets_hardware1,
    Izhikevich,
    SpikeSourceArray,
    SpikeSourcePoisson,
)
from .compositions import (
    LIF,
    AdExp,
    AlphaPSR,
    BetaPSR,
    CondAlphaPostSynapticResponse,
    CondBetaPostSynapticResponse,
    CondExpPostSynapticResponse,
    CurrExpPostSynapticResponse,
    ExpPSR,
    PointNeuron,
)
from .control import (
    end,
    get_current_time,
    get_max_delay,
    get_min_delay,
    get_time_step,
    initialize,
    num_processes,
    rank,
    record,
    record_gsyn,
    record_v,
    reset,
    run,
    run_for,
    run_until,
    set,
    setup,
)
from .electrodes import ACSource, DCSource, NoisyCurrentSource, StepCurrentSource
from .populations import Assembly, Population, PopulationView
from .projections import (
    Projection,
    StaticSynapse,
    STDPMechanism,
    TsodyksMarkramSynapse,
    connect,
    create,
)
from .simulation import registry

__getattr__ = refuse_missing(__name__, "Brian2", globals())


def list_standard_models() -> list[str]:
    """Names of all standard cell types of this backend."""
    return [
        name
        for name, thing in globals().items()
        if isinstance(thing, type)
        and issubclass(thing, StandardCellType)
        and thing is not StandardCellType
    ]
