"""Brian2 as a PyNN module that means what the other backends mean.

All names are those of ``pyNN.brian2``; what differs is a subclass, one concern a module.
"""

# ruff: noqa: F401 - the names are this module's interface

from pyNN.brian2 import *  # noqa: F403
from pyNN.parameters import ArrayParameter
from pyNN.space import Space

from ..shared import missing_features as _missing
from ..shared.connectors import *  # noqa: F403
from ..shared.default_random import seeded_classes as _seeded_classes
from ..shared.plasticity_rules import (
    AdditivePotentiationMultiplicativeDepression,
    AdditiveWeightDependence,
    GutigWeightDependence,
    MultiplicativeWeightDependence,
    NearestNeighbourSymmetricRule,
    PresynapticCentredRule,
    ReducedSymmetricRule,
    SpikePairRule,
    TripletRule,
    Vogels2011Rule,
)
from ..shared.stochastic import (
    MultiQuantalSynapse,
    SimpleStochasticSynapse,
    StochasticTsodyksMarkramSynapse,
)
from .cell_types import (
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
    SpikeSourceGamma,
    SpikeSourceInhGamma,
    SpikeSourcePoisson,
    SpikeSourcePoissonRefractory,
)
from .composed_neurons import (
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

NumpyRNG, RandomDistribution = _seeded_classes(registry)


def list_standard_models() -> list[str]:
    """Names of the standard cell types that this backend has."""
    return _missing.list_standard_models(globals())


__getattr__ = _missing.module_getattr(__name__, "Brian2", globals())
