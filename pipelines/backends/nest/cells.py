"""Cell types on NEST whose meaning differs from Brian2's in stock PyNN.

Mends (seen in PyNN 0.13.0, NEST 3.10.0): synaptic currents that cannot be recorded (row
"recording isyn"); source times that are floats shifted by the minimal delay ("source times on
grid"), and dropped when too early ("source at t < min_delay").
"""

from __future__ import annotations

from typing import Any

from pyNN.nest import simulator
from pyNN.nest.standardmodels import cells as stock

from ..shared import drawn, renewal, trains
from .ahead import registry


class IF_curr_exp(stock.IF_curr_exp):
    __doc__ = stock.IF_curr_exp.__doc__
    recordable = ("spikes", "v", "isyn_exc", "isyn_inh")


def needs_generators() -> bool:
    """Whether trains are those of generators: the others know neither precise times nor MPI."""
    return bool(registry.between_steps or simulator.state.num_processes > 1)


def _source_type(base: Any) -> Any:
    # PyNN has no part in making their nodes.
    own = {"__doc__": base.__doc__, "__module__": __name__, "uses_parrot": False}
    return type(base.__name__, (base,), own)


SpikeSourceArray = _source_type(trains.SpikeSourceArray)
SpikeSourcePoisson = _source_type(drawn.SpikeSourcePoisson)
SpikeSourcePoissonRefractory = _source_type(renewal.SpikeSourcePoissonRefractory)
SpikeSourceGamma = _source_type(renewal.SpikeSourceGamma)
SpikeSourceInhGamma = _source_type(renewal.SpikeSourceInhGamma)
