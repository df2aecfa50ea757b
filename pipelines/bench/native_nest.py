"""The networks as hand-written PyNEST: one array call a projection, or a million pairs."""

from __future__ import annotations

from functools import singledispatch
from typing import Any

import numpy as np

from .measured_network import A_MINUS, A_PLUS, CELL, DELAY, DT, TAU_MINUS, TAU_PLUS, Network
from .microcircuit import Microcircuit
from .projection_grid import ProjectionGrid
from .random_input import PoissonDrive

# Stock PyNN connects one target neuron at a time: beyond this it needs minutes.
STOCK_SYNAPSES = 250_000
# What frozen drive is compared with.
HAS_POISSON_GENERATOR = True


def prepare() -> None:
    """Import the simulator."""
    import nest

    nest.verbosity = nest.VerbosityLevel.ERROR


@singledispatch
def build(network: Any) -> dict[str, Any]:
    """Make a network in an empty kernel; return ids and spike recorders by population."""
    raise TypeError(f"{type(network).__name__}: no code for it was written by hand")


@build.register
def _(network: Network) -> dict[str, Any]:
    import nest

    start = network.initial_potentials()
    made = _make_populations({name: (CELL, start[name]) for name in network.sizes})
    ids = made["ids"]
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
    return made


@build.register
def _(network: ProjectionGrid) -> dict[str, Any]:
    import nest

    made = _make_populations(
        {str(k): (CELL, v) for k, v in enumerate(network.initial_potentials())}
    )
    cells = [nest.NodeCollection(ids) for ids in made["ids"].values()]
    for pre, post, weight, delay in network.edges():
        synapse = {"weight": 1000.0 * weight, "delay": delay}
        nest.Connect(cells[pre], cells[post], "all_to_all", synapse)
    return made


@build.register
def _(network: Microcircuit) -> dict[str, Any]:
    import nest

    start, drive = network.initial_potentials(), network.drive
    made = _make_populations(
        {name: (network.cell | {"i_offset": drive[name]}, start[name]) for name in network.sizes}
    )
    ids = made["ids"]
    for pathway in network.pathways():
        first_pre, first_post = ids[pathway.pre][0], ids[pathway.post][0]
        blocks = zip(network.pairs(pathway), network.weights_and_delays(pathway), strict=True)
        for (source, target), (weight, delay) in blocks:
            nest.Connect(
                source + first_pre,
                target + first_post,
                "one_to_one",
                {"synapse_model": "static_synapse", "weight": 1000.0 * weight, "delay": delay},
            )
    return made


@build.register
def _(network: PoissonDrive) -> dict[str, Any]:
    import nest

    start = np.full(network.neurons, CELL["v_rest"])
    made = _make_populations({"cells": (CELL, start)})
    generator = nest.Create("poisson_generator", params={"rate": network.rate})
    synapse = {"weight": 1000.0 * network.weight, "delay": network.delay}
    nest.Connect(generator, nest.NodeCollection(made["ids"]["cells"]), "all_to_all", synapse)
    return made


def _make_populations(
    populations: dict[str, tuple[dict[str, float], np.ndarray]],
) -> dict[str, Any]:
    """Make populations in an empty kernel, from their parameters and initial potentials (mV)."""
    import nest

    nest.ResetKernel()
    nest.resolution = DT
    ids, recorders = {}, {}
    for name, (cell, start) in populations.items():
        parameters = {
            "C_m": 1000.0 * cell["cm"],
            "tau_m": cell["tau_m"],
            "tau_syn_ex": cell["tau_syn_E"],
            "tau_syn_in": cell["tau_syn_I"],
            "t_ref": cell["tau_refrac"],
            "E_L": cell["v_rest"],
            "V_reset": cell["v_reset"],
            "V_th": cell["v_thresh"],
            "I_e": 1000.0 * cell["i_offset"],
            "tau_minus": TAU_MINUS,
        }
        cells = nest.Create("iaf_psc_exp", len(start), parameters)
        cells.V_m = start
        ids[name] = np.asarray(cells.tolist())
        recorders[name] = nest.Create("spike_recorder")
        nest.Connect(cells, recorders[name])
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


def recorded_spikes(population: Any) -> tuple[np.ndarray, np.ndarray]:
    """Ids and times (ms) of the spikes that NEST holds of a population of PyNN's."""
    events = population.recorder._spike_detector.device.events
    return events["senders"], events["times"]
