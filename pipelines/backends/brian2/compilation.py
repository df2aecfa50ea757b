"""Compilation of common code in advance: cells of each type, synapses of each kind.

The time steps of all cells that are not integrated exactly are one compiled module; each cell type
also needs the code of static synapses onto it. Plastic synapses are compiled onto `IF_curr_exp`
only. Other combinations, and those with a `PointNeuron`, are compiled at first use, once on a
machine.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from types import ModuleType
from typing import Any

_CELLS = (
    "IF_curr_exp", "IF_curr_alpha", "IF_curr_delta", "IF_cond_exp", "IF_cond_alpha",
    "EIF_cond_exp_isfa_ista", "EIF_cond_alpha_isfa_ista", "IF_cond_exp_gsfa_grr", "HH_cond_exp",
    "Izhikevich", "IF_facets_hardware1",
)  # fmt: skip
# Delays (ms) with which at most one weight can be in transit on a synapse, or several.
_DELAYS = (0.2, 9.0)
_DEPENDENCES: dict[str, Callable[[ModuleType, float], Any]] = {
    "additive": lambda sim, w_max: sim.AdditiveWeightDependence(0.0, w_max),
    "multiplicative": lambda sim, w_max: sim.MultiplicativeWeightDependence(0.0, w_max),
    "mixed": lambda sim, w_max: sim.AdditivePotentiationMultiplicativeDepression(0.0, w_max),
    "Gutig's": lambda sim, w_max: sim.GutigWeightDependence(0.0, w_max, 0.5, 0.5),
}
# Timing and weight dependence of each rule. Combinations of the other pairing schemes with weight
# dependences that are not additive are rare, and left out.
_RULES = [
    *(("SpikePairRule", dependence) for dependence in _DEPENDENCES),
    *(
        (timing, "additive")
        for timing in (
            "NearestNeighbourSymmetricRule", "PresynapticCentredRule", "ReducedSymmetricRule",
            "TripletRule", "Vogels2011Rule",
        )
    ),
]  # fmt: skip


def compile_kinds(sim: ModuleType, progress: Callable[[str], None]) -> None:
    """Compile the code of each kind that this machine has not compiled yet.

    Parameters
    ----------
    sim
        This backend's PyNN module.
    progress
        Called with a line of text before each kind.
    """
    number = len(_CELLS) + 1 + len(_RULES)
    for k, cell in enumerate(_CELLS, start=1):
        progress(f"{k} of {number}: {cell}")
        _run(sim, cell, sim.StaticSynapse)
    progress(f"{len(_CELLS) + 1} of {number}: short-term plasticity")
    for delay in _DELAYS:
        _run(sim, "IF_curr_exp", sim.TsodyksMarkramSynapse, delay, tau_refrac=2.0)
    for k, (timing, dependence) in enumerate(_RULES, start=len(_CELLS) + 2):
        progress(f"{k} of {number}: {timing}, {dependence}")
        for delay in _DELAYS:
            made = partial(_stdp_synapse, sim, timing, dependence)
            _run(sim, "IF_curr_exp", made, delay, tau_refrac=2.0)


def _stdp_synapse(
    sim: ModuleType, timing: str, dependence: str, weight: float, delay: float
) -> Any:
    return sim.STDPMechanism(
        timing_dependence=getattr(sim, timing)(),
        weight_dependence=_DEPENDENCES[dependence](sim, 2 * weight),
        weight=weight,
        delay=delay,
    )


def _run(
    sim: ModuleType, cell: str, synapse: Callable[..., Any], delay: float = 0.2, **parameters: float
) -> None:
    """Run one step of a cell with synapses from a spike source and from itself."""
    sim.setup(timestep=0.1)
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[]))
    cells = sim.Population(1, getattr(sim, cell)(**parameters))
    for receptor in ("excitatory", "inhibitory"):
        negative = receptor == "inhibitory" and not cells.conductance_based
        made = synapse(weight=-0.01 if negative else 0.01, delay=delay)
        for pre in (source, cells):
            sim.Projection(pre, cells, sim.AllToAllConnector(), made, receptor_type=receptor)
    sim.run(0.1)
    sim.end()
