"""Spike sources on NEST that play given trains.

Mends (seen in PyNN 0.13.0, NEST 3.10.0): source times that are floats shifted by the minimal delay
(row "source times on grid"), and dropped when too early ("source at t < min_delay").
"""

from __future__ import annotations

from typing import Any

from ..shared import frozen_inputs, renewal_sources, spike_trains
from .kernel_time import registry


def needs_generators() -> bool:
    """Whether trains are those of generators: the others know no precise times."""
    return registry.off_grid


def _source_type(base: Any) -> Any:
    # PyNN has no part in making their nodes.
    own = {"__doc__": base.__doc__, "__module__": __name__, "uses_parrot": False}
    return type(base.__name__, (base,), own)


SpikeSourceArray = _source_type(spike_trains.SpikeSourceArray)
SpikeSourcePoisson = _source_type(frozen_inputs.SpikeSourcePoisson)
SpikeSourcePoissonRefractory = _source_type(renewal_sources.SpikeSourcePoissonRefractory)
SpikeSourceGamma = _source_type(renewal_sources.SpikeSourceGamma)
SpikeSourceInhGamma = _source_type(renewal_sources.SpikeSourceInhGamma)
