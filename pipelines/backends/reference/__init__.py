"""An executable specification of what a PyNN program means, for small networks.

A full PyNN module in NumPy, written to be read: `simulator` says what happens in a time step,
`neurons` how states are integrated, `transmission` what synapses do, `electrodes` what currents
are. It shares no numeric code with the other backends; all of them get the same random draws,
connections and rounded times from ``backends/shared``.
"""

# ruff: noqa: F401 - the names are this module's interface

from __future__ import annotations

from types import ModuleType
from typing import Any

from pyNN import errors, random, space
from pyNN.connectors import *  # noqa: F403
from pyNN.network import Network
from pyNN.random import GSLRNG, NumpyRNG, RandomDistribution
from pyNN.recording import *  # noqa: F403
from pyNN.space import Space
from pyNN.standardmodels import StandardCellType
from pyNN.standardmodels import cells as _cells
from pyNN.standardmodels import electrodes as _electrodes
from pyNN.standardmodels import synapses as _synapses

from pipelines.errors import Unsupported

from ..shared.connectors import FixedTotalNumberConnector, OneToOneConnector
from .cells import (
    EIF_cond_exp_isfa_ista,
    HH_cond_exp,
    IF_cond_alpha,
    IF_cond_exp,
    IF_curr_alpha,
    IF_curr_delta,
    IF_curr_exp,
    Izhikevich,
    SpikeSourceArray,
    SpikeSourcePoisson,
)
from .control import (
    connect,
    create,
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
    setup,
)
from .electrodes import ACSource, DCSource, NoisyCurrentSource, StepCurrentSource
from .populations import Assembly, Population, PopulationView
from .projections import Projection
from .simulator import registry
from .synapses import (
    AdditivePotentiationMultiplicativeDepression,
    AdditiveWeightDependence,
    GutigWeightDependence,
    MultiplicativeWeightDependence,
    SpikePairRule,
    StaticSynapse,
    STDPMechanism,
    TsodyksMarkramSynapse,
)


def list_standard_models() -> list[str]:
    """Names of the standard cell types that this backend has."""
    return [
        name
        for name, value in globals().items()
        if isinstance(value, type)
        and issubclass(value, StandardCellType)
        and value is not StandardCellType
    ]


def __getattr__(name: str) -> Any:
    """Refuse, when it is used, a model of PyNN's that this backend has not."""
    elsewhere: tuple[ModuleType, ...] = (_cells, _electrodes, _synapses)
    if not name.startswith("_") and any(hasattr(module, name) for module in elsewhere):

        def refuse(*_: Any, **__: Any) -> Any:
            raise Unsupported(name, "the reference has no such model", among=_models())

        return refuse
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _models() -> list[str]:
    """Names of all models that this backend has."""
    modules = (_cells, _electrodes, _synapses)
    return [name for name in globals() if any(hasattr(module, name) for module in modules)]
