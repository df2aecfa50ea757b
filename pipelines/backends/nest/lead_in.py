"""Lead-in of NEST's clock for synapses that treat its start as a presynaptic spike.

Mends (seen in NEST 3.10.0): a synapse of ``stdp_nn_symm_synapse`` or ``stdp_nn_restr_synapse``
that has received no presynaptic spike counts one at NEST's time 0 (row "pairing schemes").
So NEST first simulates some 40 time constants with all neurons frozen (`kernel_time`), after which
this spike has no effect (23 ms of computing time for 800 ms).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pipelines.errors import Unsupported

from .kernel_time import has_begun, registry
from .spike_sources import needs_generators

# exp(-40) is below the resolution of a double at 1.
_TIME_CONSTANTS = 40
_NEAREST_NEIGHBOUR_RULES = ("nearest_symmetric", "reduced_symmetric")


def require_lead_in(projection: Any, tau_plus: Any) -> None:
    """Request the lead-in that the synapses of a projection need.

    Parameters
    ----------
    tau_plus
        Their time constants in ms.

    Raises
    ------
    Unsupported
        If the simulation has begun too recently, or spikes lie between time steps.
    """
    if projection.synapse_type.rule not in _NEAREST_NEIGHBOUR_RULES:
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
