"""Rows on cell types: drive through every receptor, values of each neuron, changes, states."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from pyNN.standardmodels import cells as pynn

from pipelines.verdicts.bounds import BOUNDS

from .program_parts import begin, read, sources, trains
from .row import add, row

_N = 4


@dataclass(frozen=True)
class Drive:
    """What makes a cell type fire: weights of its two receptors, and a current (nA) a neuron."""

    excitatory: float
    inhibitory: float
    offsets: tuple[float, ...]
    values: dict[str, float] = field(default_factory=dict)


_CURRENT = Drive(1.0, -0.5, (0.0, 0.4, 0.8, 1.0))
_CONDUCTANCE = Drive(0.02, 0.01, (0.0, 0.4, 0.8, 1.0))

DRIVES = {
    "IF_curr_exp": _CURRENT,
    "IF_curr_alpha": _CURRENT,
    "IF_curr_delta": Drive(4.0, -2.0, (0.0, 0.4, 0.8, 1.0)),
    "IF_cond_exp": _CONDUCTANCE,
    "IF_cond_alpha": _CONDUCTANCE,
    "IF_cond_exp_gsfa_grr": _CONDUCTANCE,
    "IF_facets_hardware1": Drive(0.004, 0.001, ()),
    "EIF_cond_exp_isfa_ista": _CONDUCTANCE,
    "EIF_cond_alpha_isfa_ista": _CONDUCTANCE,
    "HH_cond_exp": Drive(0.02, 0.01, (0.0, 0.2, 0.5, 1.0)),
    "Izhikevich": Drive(4.0, -2.0, (0.0, 0.004, 0.008, 0.01)),
    "GIF_cond_exp": _CONDUCTANCE,
}

# Values for each neuron lie so much around the default of a parameter, from the first neuron
# to the last.
_AROUND = np.array([-0.04, 0.0, 0.03, 0.05])


def driven(sim: Any, name: str, **values: Any) -> Any:
    """Cells of a type that irregular trains and a current each make fire, ready to be run."""
    begin(sim)
    drive = DRIVES[name]
    given = {"i_offset": list(drive.offsets)} if drive.offsets else {}
    population = sim.Population(_N, getattr(sim, name)(**given | drive.values | values))
    for seed, (receptor, weight) in enumerate(
        (("excitatory", drive.excitatory), ("inhibitory", drive.inhibitory)), 1
    ):
        synapse = sim.StaticSynapse(weight=weight, delay=0.5 + 0.5 * seed)
        source = sources(sim, trains(4, 80.0, seed=seed))
        sim.Projection(source, population, sim.AllToAllConnector(), synapse, receptor_type=receptor)
    return population


def _simulated(name: str, sim: Any) -> dict[str, Any]:
    population = driven(sim, name)
    population.record(getattr(pynn, name).recordable)
    sim.run(100.0)
    return read(population, *getattr(pynn, name).recordable)


def around(name: str) -> dict[str, list[float]]:
    """A value for each neuron of every parameter that is a number, around its default."""
    return {
        parameter: [round(default * (1 + share), 6) for share in _AROUND]
        if not parameter.startswith("tau_refrac")
        # Whole steps.
        else [0.1, 1.0, 2.0, 5.0]
        for parameter, default in getattr(pynn, name).default_parameters.items()
        if isinstance(default, float) and parameter != "i_offset"
    }


def _of_each(name: str, sim: Any) -> dict[str, Any]:
    population = driven(sim, name, **around(name))
    population.record(["spikes", "v"])
    sim.run(100.0)
    return read(population, "spikes", "v")


def _set_between(name: str, sim: Any) -> dict[str, Any]:
    population = driven(sim, name)
    population.record(["spikes", "v"])
    values = around(name)
    for k, (parameter, of_each) in enumerate(values.items()):
        if k % 2:
            population[1:3].set(**{parameter: of_each[1:3]})
    sim.run(40.0)
    for k, (parameter, of_each) in enumerate(values.items()):
        if k % 3 == 0:
            population.set(**{parameter: of_each})
        elif k % 3 == 1:
            setattr(population[0], parameter, of_each[0])
        else:
            population[2:4].set(**{parameter: of_each[2:4]})
    sim.run(60.0)
    return read(population, "spikes", "v")


def _initial(name: str, sim: Any) -> dict[str, Any]:
    population = driven(sim, name)
    states = getattr(pynn, name).default_initial_values
    recorded = [state for state in states if state in getattr(pynn, name).recordable]
    population.record(["spikes", *recorded])
    shift = np.array([-2.0, 0.0, 1.0, 3.0])
    # Conductances in uS, currents in nA, potentials in mV.
    scale = {"gsyn_exc": 0.002, "gsyn_inh": 0.002, "g_r": 0.001, "g_s": 0.001, "w": 0.05}
    for state in recorded:
        start = np.abs(shift) * scale[state] if state in scale else states[state] + shift
        population.initialize(**{state: start})
    sim.run(50.0)
    return read(population, "spikes", *recorded)


for _name in DRIVES:
    _bound = BOUNDS.get(_name)
    add("cell", _name, partial(_simulated, _name),
        "Trains onto both receptors and a current; spikes, and everything that can be recorded.",
        (_name,), _bound)  # fmt: skip
    add("parameters of each neuron", _name, partial(_of_each, _name),
        "A value of every parameter for each neuron, given when the cells are made.",
        bound=_bound)  # fmt: skip
    add("parameters set between runs", _name, partial(_set_between, _name),
        "Every parameter set before a run and between two: of a population, a view, a cell.",
        bound=_bound)  # fmt: skip
    add("initial values", _name, partial(_initial, _name),
        "Every state that can be recorded, set for each neuron before the run.",
        bound=_bound)  # fmt: skip


def _for_400_ms(sim: Any) -> dict[str, Any]:
    begin(sim)
    # The last four of ten cells of which the reference has one spike a step off in a second.
    offsets, adaptation = (list(np.linspace(*ends, 10)[6:]) for ends in ((0.2, 1.2), (0.0, 8.0)))
    population = sim.Population(4, sim.EIF_cond_exp_isfa_ista(i_offset=offsets, a=adaptation))
    for seed, receptor in ((11, "excitatory"), (12, "inhibitory")):
        source = sources(sim, trains(10, 80.0, 1000.0, seed=seed))
        synapse = sim.StaticSynapse(weight=0.01, delay=1.0)
        sim.Projection(source, population, sim.AllToAllConnector(), synapse, receptor_type=receptor)
    population.record("spikes")
    sim.run(400.0)
    return read(population)


add("cell", "EIF_cond_exp_isfa_ista: over 400 ms", _for_400_ms,
    "Four cells of which each has its own current and adaptation, and 170 spikes.",
    bound=BOUNDS["EIF_cond_exp_isfa_ista"])  # fmt: skip


def _composed(sim: Any, neuron: Any, **receptors: Any) -> dict[str, Any]:
    population = sim.Population(_N, sim.PointNeuron(neuron, **receptors))
    state = "gsyn" if population.celltype.conductance_based else "isyn"
    population.record(["spikes", "v", f"AMPA.{state}", f"GABA.{state}"])
    weight = 0.02 if state == "gsyn" else 1.0
    for seed, receptor in enumerate(("AMPA", "GABA"), 1):
        synapse = sim.StaticSynapse(weight=weight / seed, delay=1.0)
        source = sources(sim, trains(4, 80.0, seed=seed))
        sim.Projection(source, population, sim.AllToAllConnector(), synapse, receptor_type=receptor)
    sim.run(100.0)
    return read(population, "spikes", "v", f"AMPA.{state}", f"GABA.{state}")


_LIF = {"cm": 1.0, "tau_refrac": 2.0, "i_offset": [0.0, 0.4, 0.8, 1.0]}


@row("receptor", "LIF with CurrExpPostSynapticResponse",
     "PointNeuron", "LIF", "CurrExpPostSynapticResponse")  # fmt: skip
def currents(sim: Any) -> dict[str, Any]:
    """A composed neuron with two exponential currents."""
    begin(sim)
    fast, slow = (sim.CurrExpPostSynapticResponse(tau_syn=tau) for tau in (2.0, 8.0))
    return _composed(sim, sim.LIF(**_LIF), AMPA=fast, GABA=slow)


def _conducting(response: str, neuron: str, sim: Any) -> dict[str, Any]:
    begin(sim)
    times = ({"tau_rise": 0.5, "tau_decay": 2.0}, {"tau_rise": 1.0, "tau_decay": 8.0})
    if "Beta" not in response:
        times = ({"tau_syn": 2.0}, {"tau_syn": 8.0})
    fast = getattr(sim, response)(e_syn=0.0, **times[0])
    slow = getattr(sim, response)(e_syn=-80.0, **times[1])
    values = _LIF if neuron == "LIF" else {"i_offset": _LIF["i_offset"]}
    return _composed(sim, getattr(sim, neuron)(**values), AMPA=fast, GABA=slow)


for _neuron in ("LIF", "AdExp"):
    for _shape in ("CondExp", "CondAlpha", "CondBeta"):
        _response = f"{_shape}PostSynapticResponse"
        add("receptor", f"{_neuron} with {_response}", partial(_conducting, _response, _neuron),
            "A composed neuron with two conductances.",
            ("PointNeuron", _neuron, _response))  # fmt: skip


@row("cell", "MultiCompartmentNeuron", "MultiCompartmentNeuron", "Section", "HasSections",
     "NaChannel", "KdrChannel", "PassiveLeak", "PassiveLeakHH")  # fmt: skip
def compartments(sim: Any) -> dict[str, Any]:
    """A neuron of several compartments with ion channels."""
    begin(sim)
    cell_class = sim.MultiCompartmentNeuron
    cell_class.ion_channels = {"pas": sim.PassiveLeak, "na": sim.NaChannel, "kdr": sim.KdrChannel}
    population = sim.Population(1, cell_class(cm=1.0, Ra=100.0))
    population.record("v")
    sim.run(10.0)
    return read(population, "v")
