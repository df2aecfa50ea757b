"""An executable specification of what a PyNN program means, for small networks.

A full PyNN module in NumPy, written to be read: `simulator` says what happens in a time step,
`neurons` how states are integrated, `transmission` what synapses do, `electrodes` what currents
are. It shares no numeric code with the other backends; all of them get the same random draws,
connections and rounded times from ``backends/shared``.
"""

# ruff: noqa: F401, F403 - the names are this module's interface

from typing import Any

from pyNN import errors, random, space
from pyNN.connectors import *
from pyNN.network import Network
from pyNN.random import GSLRNG, NumpyRNG, RandomDistribution
from pyNN.recording import *
from pyNN.space import Space
from pyNN.standardmodels import StandardCellType
from pyNN.standardmodels import cells as _cells
from pyNN.standardmodels import electrodes as _electrodes
from pyNN.standardmodels import synapses as _synapses

from pipelines.errors import Unsupported

from ..shared.connectors import FixedTotalNumberConnector, OneToOneConnector
from ..shared.rules import (
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
from .cells import *
from .control import *
from .electrodes import ACSource, DCSource, NoisyCurrentSource, StepCurrentSource
from .populations import Assembly, Population, PopulationView
from .projections import Projection
from .recording import Recorder
from .simulator import registry
from .synapses import StaticSynapse, STDPMechanism, TsodyksMarkramSynapse

_MODELS = {name for module in (_cells, _electrodes, _synapses) for name in vars(module)}


def list_standard_models() -> list[str]:
    """Names of the standard cell types that this backend has."""
    return [name for name, value in globals().items() if hasattr(value, "default_initial_values")
            and issubclass(value, StandardCellType) and value is not StandardCellType]  # fmt: skip


def __getattr__(name: str) -> Any:
    """Refuse, when it is used, a model of PyNN's that this backend has not."""
    if name[:1] == "_" or (name not in _MODELS and not name.startswith("native_")):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def refuse(*_: Any, **__: Any) -> Any:
        has = sorted(_MODELS.intersection(globals()))
        raise Unsupported(name, "the reference has no such model", given=name, among=has)

    return refuse
