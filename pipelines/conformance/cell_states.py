"""Checks of states and parameters of cell types: how they start, and what each cell has."""

from __future__ import annotations

from typing import Any

import numpy as np

from .check import check
from .neurons import CELL, DT, begin, samples, samples_of_run, spike_times


@check("units of initial values", tolerance=0.02)
def initial_conductance(sim: Any) -> tuple[Any, Any]:
    """Conductances (nS) one step after they were 50 and 20 nS, with 5 ms to decay."""
    begin(sim)
    cells = sim.Population(1, sim.IF_cond_alpha(tau_syn_E=5.0, tau_syn_I=5.0))
    cells.initialize(gsyn_exc=0.05, gsyn_inh=0.02)
    cells.record(["gsyn_exc", "gsyn_inh"])
    sim.run(1.0)
    found = [1e3 * samples(cells, name)[1, 0] for name in ("gsyn_exc", "gsyn_inh")]
    return found, np.array([50.0, 20.0]) * np.exp(-DT / 5.0)


@check("units of initial values", tolerance=1e-3)
def initial_adaptation(sim: Any) -> tuple[Any, Any]:
    """Adaptation (pA) one step after it was 100 pA, with 144 ms to decay."""
    begin(sim)
    cells = sim.Population(1, sim.EIF_cond_exp_isfa_ista(a=0.0), initial_values={"w": 0.1})
    cells.record("w")
    sim.run(1.0)
    return 1e3 * samples(cells, "w")[1, 0], 100.0 * np.exp(-DT / 144.0)


@check("initial synaptic current", tolerance=1e-6, refusable=True)
def initial_synaptic_current(sim: Any) -> tuple[Any, Any]:
    """Potential 10 ms after a synaptic current of 1 nA, which decays in 5 ms."""
    begin(sim)
    cells = sim.Population(1, sim.IF_curr_exp(**(CELL | {"cm": 1.0})))
    cells.initialize(v=-65.0, isyn_exc=1.0)
    cells.record("v")
    sim.run(10.0)
    right = -65.0 + (np.exp(-10 / 20) - np.exp(-10 / 5)) / (1 / 5 - 1 / 20)
    return samples(cells, "v")[100, 0], right


@check("IF_curr_delta's potential")
def initial_potential_of_a_cell_of_jumps(sim: Any) -> tuple[Any, Any]:
    """Number of spikes of a cell that a jump of 6 mV brings above the threshold, 5 mV away."""
    begin(sim)
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[2.0]))
    cells = sim.Population(1, sim.IF_curr_delta(v_rest=-55.0), initial_values={"v": -55.0})
    synapse = sim.StaticSynapse(weight=6.0, delay=1.0)
    sim.Projection(source, cells, sim.OneToOneConnector(), synapse)
    cells.initialize(v=-60.0)
    later = sim.Population(1, sim.IF_curr_delta(v_rest=-55.0, tau_m=1e9))
    later.initialize(v=-52.0)
    both = sim.AllToAllConnector()
    sim.Projection(source, later, both, sim.StaticSynapse(weight=3.0, delay=1.0))
    for one in (cells, later):
        one.record("spikes")
    sim.run(10.0)
    # From -60 mV the first has come to -59.3 mV by then.
    return [len(spike_times(cells)), len(spike_times(later))], [0, 1]


@check("IF_curr_delta's potential")
def potential_of_a_cell_of_jumps(sim: Any) -> tuple[Any, Any]:
    """Samples of a membrane that decays from -60 to -65 mV."""
    begin(sim)
    cells = sim.Population(1, sim.IF_curr_delta(tau_m=20.0))
    cells.initialize(v=-60.0)
    v = samples_of_run(sim, cells, "v", 20.0)[:, 0]
    return v, -65.0 + 5.0 * np.exp(-np.arange(201) * DT / 20.0)


@check("IF_cond_exp_gsfa_grr", tolerance=1e-2)
def adaptation_by_a_conductance(sim: Any) -> tuple[Any, Any]:
    """Conductance (nS) of adaptation 10 ms after the first spike: 15 nS, 100 ms to decay."""
    begin(sim)
    cells = sim.Population(1, sim.IF_cond_exp_gsfa_grr(i_offset=1.0, q_rr=3000.0))
    cells.record(["spikes", "g_s"])
    sim.run(40.0)
    at = round(spike_times(cells)[0] / DT) + 100
    return samples(cells, "g_s")[at, 0], 15.0 * np.exp(-10.0 / 100.0)


@check("PointNeuron parameters", tolerance=1e-6)
def receptors_of_each_cell(sim: Any) -> tuple[Any, Any]:
    """Synaptic currents (nA) 5 ms after a spike, with 2, 4 and, set before the run, 8 ms."""
    begin(sim)
    receptor = sim.CurrExpPostSynapticResponse(tau_syn=[2.0, 4.0, 2.0])
    cells = sim.Population(3, sim.PointNeuron(sim.LIF(), AMPA=receptor))
    cells[2:3].set(**{"AMPA.tau_syn": 8.0})
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[2.0]))
    synapse = sim.StaticSynapse(weight=1.0, delay=1.0)
    sim.Projection(source, cells, sim.AllToAllConnector(), synapse, receptor_type="AMPA")
    cells.record("AMPA.isyn")
    sim.run(10.0)
    return samples(cells, "AMPA.isyn")[80], np.exp(-5.0 / np.array([2.0, 4.0, 8.0]))
