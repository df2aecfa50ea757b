"""Spike sources on NEST, whose trains are given or drawn before NEST plays them.

Mends (seen in PyNN 0.13.0, NEST 3.10.0): source times that are floating-point numbers shifted by
the minimal delay (row "source times on grid"), and dropped when too early
("source at t < min_delay").
"""

from __future__ import annotations

from typing import Any

from ..shared import frozen_inputs, renewal_sources, spike_trains
from .kernel_time import registry


def needs_generators() -> bool:
    """Whether trains need `spike_generator` devices, the only nodes with off-grid spike times."""
    return registry.off_grid


def _played_source_type(base: Any) -> Any:
    # Keeps PyNN from creating parrot neurons: `create_sources` creates the nodes.
    own = {"__doc__": base.__doc__, "__module__": __name__, "uses_parrot": False}
    return type(base.__name__, (base,), own)


SpikeSourceArray = _played_source_type(spike_trains.SpikeSourceArray)
SpikeSourcePoisson = _played_source_type(frozen_inputs.SpikeSourcePoisson)
SpikeSourcePoissonRefractory = _played_source_type(renewal_sources.SpikeSourcePoissonRefractory)
SpikeSourceGamma = _played_source_type(renewal_sources.SpikeSourceGamma)
SpikeSourceInhGamma = _played_source_type(renewal_sources.SpikeSourceInhGamma)
