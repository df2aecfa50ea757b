"""Short-term plasticity: the time constant that synapses share with their cells."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from pipelines.errors import Unsupported

# Of cells whose potential jumps at a spike: what a synapse has sent is inactive at once. In ms;
# 0 itself would make 0/0 of a spike that follows in the same step.
NO_TAU_SYN = 1e-300


def tau_syn(projection: Any) -> np.ndarray:
    """Time constant (ms) of the synaptic current or conductance of each postsynaptic cell.

    It is also the time that transmitter stays active (Tsodyks, Uziel and Markram 2000, eq. 3).

    Returns
    -------
    ndarray, shape (n_post,)
        `NO_TAU_SYN` for cells whose potential jumps at a spike.

    Raises
    ------
    Unsupported
        For cells that have none on this receptor.
    """
    return np.concatenate([np.empty(0), *_of_members(projection)])


def _of_members(projection: Any) -> Iterator[np.ndarray]:
    receptor = projection.receptor_type
    standard = {"excitatory": "tau_syn_E", "inhibitory": "tau_syn_I"}.get(receptor, "")
    for member in getattr(projection.post, "populations", [projection.post]):
        celltype = member.celltype
        names = (standard, f"{receptor}.tau_syn")
        name = next((one for one in names if celltype.has_parameter(one)), None)
        if name is not None:
            yield np.atleast_1d(np.asarray(member.get(name, simplify=False), dtype=float))
        elif getattr(celltype, "voltage_based_synapses", False):
            yield np.full(member.size, NO_TAU_SYN)
        else:
            raise without_tau_syn(projection.label, type(celltype).__name__)


def without_tau_syn(label: str, celltype: str) -> Unsupported:
    """A refusal of cells whose synapses have no time constant."""
    return Unsupported(
        f"TsodyksMarkramSynapse of projection {label!r}",
        f"{celltype} has no time constant of a synaptic current",
        allowed="cells with tau_syn_E and tau_syn_I, compositions (PointNeuron) whose receptors"
        " have a tau_syn, and cells whose potential jumps at a spike",
    )
