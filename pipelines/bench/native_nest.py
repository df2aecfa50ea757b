"""The network as hand-written PyNEST: one array call a projection."""

from __future__ import annotations

from typing import Any

import numpy as np

from .networks import A_MINUS, A_PLUS, CELL, DELAY, DT, TAU_MINUS, TAU_PLUS, Network


def prepare() -> None:
    """Import the simulator."""
    import nest

    nest.verbosity = nest.VerbosityLevel.ERROR


def build(network: Network) -> dict[str, Any]:
    """Make the network in an empty kernel; return its spike recorders by population."""
    import nest

    nest.ResetKernel()
    nest.resolution = DT
    cell = {
        "C_m": 1000.0 * CELL["cm"],
        "tau_m": CELL["tau_m"],
        "tau_syn_ex": CELL["tau_syn_E"],
        "tau_syn_in": CELL["tau_syn_I"],
        "t_ref": CELL["tau_refrac"],
        "E_L": CELL["v_rest"],
        "V_reset": CELL["v_reset"],
        "V_th": CELL["v_thresh"],
        "I_e": 1000.0 * CELL["i_offset"],
        "tau_minus": TAU_MINUS,
    }
    start = network.initial_potentials()
    cells, ids, recorders = {}, {}, {}
    for name, size in network.sizes.items():
        cells[name] = nest.Create("iaf_psc_exp", size, cell)
        cells[name].V_m = start[name]
        ids[name] = np.asarray(cells[name].tolist())
    nest.CopyModel(
        "stdp_synapse",
        "plastic",
        {
            "tau_plus": TAU_PLUS,
            "lambda": A_PLUS,
            "alpha": A_MINUS / A_PLUS,
            "mu_plus": 0.0,
            "mu_minus": 0.0,
            "Wmax": 1000.0 * network.w_max,
        },
    )
    for pre, post, inhibitory, source, target in network.edges():
        plastic = network.plastic and pre == post == "exc"
        weight = network.inhibitory_weight if inhibitory else network.weight
        nest.Connect(
            ids[pre][source],
            ids[post][target],
            "one_to_one",
            {
                "synapse_model": "plastic" if plastic else "static_synapse",
                "weight": np.full(len(source), 1000.0 * weight),
                "delay": np.full(len(source), DELAY),
            },
        )
    for name, population in cells.items():
        recorders[name] = nest.Create("spike_recorder")
        nest.Connect(population, recorders[name])
    return {"ids": ids, "recorders": recorders}


def run(state: dict[str, Any], duration: float) -> None:
    """Simulate for `duration`, in ms."""
    import nest

    nest.Simulate(duration)


def spikes(state: dict[str, Any], until: float) -> tuple[np.ndarray, np.ndarray]:
    """Cells (inhibitory ones after excitatory) and time steps of all spikes up to `until` ms."""
    cells, steps, first = [], [], 0
    for name, recorder in state["recorders"].items():
        events = recorder.events
        cells.append(np.asarray(events["senders"]) - state["ids"][name][0] + first)
        steps.append(np.rint(np.asarray(events["times"]) / DT).astype(np.int64))
        first += len(state["ids"][name])
    cell, step = np.concatenate(cells), np.concatenate(steps)
    keep = step <= round(until / DT)
    return cell[keep], step[keep]
