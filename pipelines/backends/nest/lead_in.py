"""NEST's clock, run ahead before the first step for synapses that take its start for a spike.

Mends (seen in NEST 3.10.0): a synapse of ``stdp_nn_symm_synapse`` or ``stdp_nn_restr_synapse``
that has seen no presynaptic spike counts one at NEST's time 0 (row "pairing schemes").
So the script begins when that is too long ago to matter: NEST simulates, with all neurons
frozen, some 40 time constants before (`kernel_time`; 23 ms of the clock for 800 ms).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pipelines.errors import Unsupported

from .kernel_time import has_begun, registry
from .spike_sources import needs_generators

# exp(-40) is below what a double resolves of 1.
_TIME_CONSTANTS = 40
_RULES = ("nearest_symmetric", "reduced_symmetric")


def note(projection: Any, tau_plus: Any) -> None:
    """Note that a projection has synapses with time constants `tau_plus`, in ms.

    Raises
    ------
    Unsupported
        If the simulation has begun, and too short a time ago.
    """
    if projection.synapse_type.rule not in _RULES:
        return
    longest = _TIME_CONSTANTS * float(np.max(tau_plus))
    steps = int(np.ceil(longest / registry.timestep))
    where = f"projection {projection.label!r} on NEST"
    if needs_generators():
        raise Unsupported(
            where,
            f"{type(projection.synapse_type.timing_dependence).__name__} with spikes between the"
            " steps",
            allowed="SpikePairRule; or spike_precision='on_grid'",
        )
    if has_begun() and registry.origin_step + registry.kernel_step < steps:
        raise Unsupported(
            where,
            "synapses of a nearest-neighbour rule that are made after the first run",
            allowed="such synapses before the first run; or the Brian2 backend",
        )
    registry.lead_steps = max(registry.lead_steps, steps)
