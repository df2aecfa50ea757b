"""Short-term plasticity: the synaptic time constant of the postsynaptic cells."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from pipelines.errors import Unsupported

# Time constant (ms) of cells whose potential jumps at a spike: transmitter is inactivated at once.
# Not 0, which would give 0/0 for a second spike in the same step.
NO_TAU_SYN = 1e-300


def tau_syn(projection: Any) -> np.ndarray:
    """Time constant (ms) of the synaptic current or conductance of each postsynaptic cell.

    Also the time constant of inactivation of transmitter (Tsodyks, Uziel and Markram 2000, eq. 3).

    Returns
    -------
    ndarray, shape (n_post,)
        `NO_TAU_SYN` for cells whose potential jumps at a spike.

    Raises
    ------
    Unsupported
        For cells without a time constant on this receptor.
    """
    return np.concatenate([np.empty(0), *_member_tau_syn(projection)])


def _member_tau_syn(projection: Any) -> Iterator[np.ndarray]:
    """Yield the time constants (ms) of each member of the postsynaptic cells."""
    receptor = projection.receptor_type
    standard = {"excitatory": "tau_syn_E", "inhibitory": "tau_syn_I"}.get(receptor, "")
    for member in getattr(projection.post, "populations", [projection.post]):
        celltype = member.celltype
        names = (standard, f"{receptor}.tau_syn")
        name = next((one for one in names if celltype.has_parameter(one)), None)
        if name is not None:
            # Not by `get`, which may give what a script has set, and a chip realises otherwise.
            space = member._get_parameters(name)
            space.shape = (member.local_size,)
            space.evaluate(simplify=False)
            yield np.atleast_1d(np.asarray(space[name], dtype=float))
        elif getattr(celltype, "voltage_based_synapses", False):
            yield np.full(member.size, NO_TAU_SYN)
        else:
            raise missing_tau_syn(projection.label, type(celltype).__name__)


def missing_tau_syn(label: str, celltype: str) -> Unsupported:
    """Error for a cell type whose synapses have no time constant."""
    return Unsupported(
        f"TsodyksMarkramSynapse of projection {label!r}",
        f"{celltype} has no time constant of a synaptic current",
        allowed="cells with tau_syn_E and tau_syn_I, compositions (PointNeuron) whose receptors"
        " have a tau_syn, and cells whose potential jumps at a spike",
    )
