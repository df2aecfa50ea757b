"""The NEST backend: the API of ``pyNN.nest`` with the same semantics as the Brian2 backend.

All names are those of ``pyNN.nest``. What behaves differently is a subclass, one concern a module.
"""

# ruff: noqa: F401 - the names are this module's interface

import nest as _nest
from pyNN.nest import *  # noqa: F403

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
    GIF_cond_exp,
    HH_cond_exp,
    IF_cond_exp_gsfa_grr,
    IF_curr_alpha,
    IF_curr_delta,
    IF_curr_exp,
    PointNeuron,
    native_cell_type,
)
from .control import (
    get_current_time,
    get_min_delay,
    get_time_step,
    num_processes,
    rank,
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
from .kernel_time import registry
from .network_reset import reset
from .populations import Assembly, Population, PopulationView
from .projections import (
    Projection,
    StaticSynapse,
    STDPMechanism,
    TsodyksMarkramSynapse,
    connect,
    create,
    native_synapse_type,
)
from .spike_sources import (
    SpikeSourceArray,
    SpikeSourceGamma,
    SpikeSourceInhGamma,
    SpikeSourcePoisson,
    SpikeSourcePoissonRefractory,
)

NumpyRNG, RandomDistribution = _seeded_classes(registry)


def list_standard_models() -> list[str]:
    """Names of the standard cell types that this backend has."""
    # Models of extensions to NEST may not be installed.
    names = _missing.list_standard_models(globals())
    models = {name: getattr(globals()[name], "nest_name", None) for name in names}
    known = {*_nest.node_models}
    return [k for k, v in models.items() if not isinstance(v, dict) or v["on_grid"] in known]


__getattr__ = _missing.module_getattr(__name__, "NEST", globals())
