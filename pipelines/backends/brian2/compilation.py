"""Compiling ahead what any network may need: cells of each type, synapses of each kind.

The steps of all cells that are not integrated exactly are one module; beside it each type needs the
code of synapses onto it. The plastic kinds are those onto `IF_curr_exp`; onto another cell type, as
onto a `PointNeuron`, they are compiled when one is first used, once on a machine like all others.
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
# In ms: one spike can be under way from a synapse to its cell, or several.
_DELAYS = (0.2, 9.0)
_DEPENDENCES: dict[str, Callable[[ModuleType, float], Any]] = {
    "additive": lambda sim, w_max: sim.AdditiveWeightDependence(0.0, w_max),
    "multiplicative": lambda sim, w_max: sim.MultiplicativeWeightDependence(0.0, w_max),
    "mixed": lambda sim, w_max: sim.AdditivePotentiationMultiplicativeDepression(0.0, w_max),
    "Gutig's": lambda sim, w_max: sim.GutigWeightDependence(0.0, w_max, 0.5, 0.5),
}
# Timing and weight dependence; the pairing schemes with additive ones, others are rare.
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
        Is given a line for each kind.
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
            made = partial(_plastic, sim, timing, dependence)
            _run(sim, "IF_curr_exp", made, delay, tau_refrac=2.0)


def _plastic(sim: ModuleType, timing: str, dependence: str, weight: float, delay: float) -> Any:
    return sim.STDPMechanism(
        timing_dependence=getattr(sim, timing)(),
        weight_dependence=_DEPENDENCES[dependence](sim, 2 * weight),
        weight=weight,
        delay=delay,
    )


def _run(
    sim: ModuleType, cell: str, synapse: Callable[..., Any], delay: float = 0.2, **parameters: float
) -> None:
    """Run the first step of cells with these synapses from sources and among themselves."""
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
