"""Checks of cell types: conductances, the reset, and what is a spike."""

from __future__ import annotations

from typing import Any

import numpy as np

from .check import check
from .neurons import DT, begin, samples, samples_of_run, spike_times, spikes_of_run

TAU, WEIGHT, ARRIVAL = 5.0, 0.01, 110  # ms, uS, step


def _conductance(sim: Any, name: str) -> np.ndarray:
    """Excitatory conductance (uS) in each of the 200 steps from the arrival of a spike on."""
    begin(sim)
    cells = sim.Population(1, getattr(sim, name)(tau_syn_E=TAU))
    cells.record("gsyn_exc")
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[10.0]))
    synapse = sim.StaticSynapse(weight=WEIGHT, delay=1.0)
    connector = sim.AllToAllConnector()
    sim.Projection(source, cells, connector, synapse, receptor_type="excitatory")
    sim.run(31.0)
    return samples(cells, "gsyn_exc")[ARRIVAL : ARRIVAL + 200, 0]


def _alpha(name: str, sim: Any) -> tuple[Any, Any]:
    time = DT * np.arange(200)
    return _conductance(sim, name), WEIGHT * time / TAU * np.exp(1 - time / TAU)


@check("conductances")
def exponential_conductance(sim: Any) -> tuple[Any, Any]:
    """A conductance that decays as exp(-t / tau_syn)."""
    found, later = _conductance(sim, "IF_cond_exp"), np.arange(10, 190)
    # From a step on at which the spike has arrived on stock Brian2, too.
    return found[later] / found[10], np.exp(-DT * (later - 10) / TAU)


@check("conductances")
def alpha_conductance(sim: Any) -> tuple[Any, Any]:
    """A conductance that follows t / tau_syn exp(1 - t / tau_syn), and peaks at its weight."""
    return _alpha("IF_cond_alpha", sim)


@check("alpha conductances of EIF")
def alpha_conductance_of_an_adaptive_cell(sim: Any) -> tuple[Any, Any]:
    """The same of `EIF_cond_alpha_isfa_ista`."""
    return _alpha("EIF_cond_alpha_isfa_ista", sim)


@check("delta_T = 0")
def adaptive_cell_without_exponential(sim: Any) -> tuple[Any, Any]:
    """Spikes at v_thresh where delta_T is 0: those of a leaky integrate-and-fire neuron."""
    begin(sim)
    cells = sim.Population(
        1,
        sim.EIF_cond_exp_isfa_ista(
            delta_T=0.0, a=0.0, b=0.0, cm=0.25, tau_m=20.0, v_rest=-65.0, v_reset=-65.0,
            v_thresh=-50.0, v_spike=-40.0, tau_refrac=2.0, i_offset=0.5,
        ),
        initial_values={"v": -65.0},
    )  # fmt: skip
    return spikes_of_run(sim, cells, 200.0), 9.5 + 11.5 * np.arange(17)


@check("reset of each cell")
def reset_of_each_cell(sim: Any) -> tuple[Any, Any]:
    """Izhikevich cells that are set to a c of their own: the potential at the step of a spike."""
    begin(sim)
    values = np.array([-65.0, -60.0, -55.0])
    cells = sim.Population(3, sim.Izhikevich(i_offset=0.01, c=values))
    v = samples_of_run(sim, cells, "v", 40.0)
    after = np.argmax(np.diff(v, axis=0) < -30, axis=0) + 1
    return v[after, np.arange(3)], values


@check("one spike an action potential")
def spikes_of_action_potentials(sim: Any) -> tuple[Any, Any]:
    """As many spikes of a Hodgkin-Huxley cell as its potential rises above 0 mV."""
    begin(sim)
    cells = sim.Population(1, sim.HH_cond_exp(i_offset=0.5))
    cells.record(["v", "spikes"])
    sim.run(100.0)
    above = samples(cells, "v")[:, 0] > 0
    return len(spike_times(cells)), np.count_nonzero(above[1:] & ~above[:-1])
