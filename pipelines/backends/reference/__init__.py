"""An executable specification of what a PyNN program means, for small networks.

A full PyNN module in NumPy, written to be read: `simulator` says what happens in a time step,
`neurons` how states are integrated, `transmission` what synapses do, `electrodes` what currents
are. It shares no numeric code with the other backends; all of them get the same random draws,
connections and rounded times from ``backends/shared``.
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
from ..shared.default_random import drawing as _drawing
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

NumpyRNG, RandomDistribution = _drawing(registry)


def list_standard_models() -> list[str]:
    """Names of the standard cell types that this backend has."""
    return _missing.list_standard_models(globals())


__getattr__ = _missing.refuse_missing(__name__, "the reference", globals())
