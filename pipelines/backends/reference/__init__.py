"""Reference simulator in NumPy: an executable specification of PyNN's semantics.

A full PyNN module for small networks, written to be read: `simulator` defines a time step,
`neurons` the integration of states, `transmission` and `plasticity` the synapses, `electrodes` the
injected currents. It shares no numerical code with the other backends; all of them take random
numbers, connections and rounded times from ``backends/shared``.
"""

# ruff: noqa: F401, F403 - the names are this module's interface

from pyNN import errors, random, space
from pyNN.connectors import *
from pyNN.network import Network
from pyNN.parameters import ArrayParameter, Sequence
from pyNN.random import GSLRNG
from pyNN.recording import *
from pyNN.space import Space
from pyNN.standardmodels import StandardCellType

from ..shared import missing_features as _missing
from ..shared.connectors import *
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
from .cell_types import *
from .control import *
from .electrodes import ACSource, DCSource, NoisyCurrentSource, StepCurrentSource
from .populations import Assembly, Population, PopulationView
from .projections import Projection
from .recording import Recorder
from .simulator import registry
from .synapses import StaticSynapse, STDPMechanism, TsodyksMarkramSynapse

NumpyRNG, RandomDistribution = _seeded_classes(registry)


def list_standard_models() -> list[str]:
    """Names of the standard cell types of this backend."""
    return _missing.list_standard_models(globals())


__getattr__ = _missing.module_getattr(__name__, "the reference", globals())
