"""Checks of short-term plasticity: responses of the membrane to a train, against the closed form.

Tsodyks, Uziel and Markram (2000), J. Neurosci. 20:RC50, eq. 3 to 5.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.linalg import expm

from .check import check
from .neurons import CELL, DT, begin, cell, samples

TIMES = [20.0, 50.0, 80.0, 110.0, 140.0]
WEIGHT, DELAY = 1.0, 1.0
# Membrane potentials are read this long (ms) after each spike.
_LATER = 6.0


def sent(U: float, tau_rec: float, tau_facil: float, tau_syn: float) -> np.ndarray:
    """Share of a synapse's resources that each spike sends, shape (n_spikes,).

    Between spikes recovered, active and inactive shares follow dx/dt = z / tau_rec,
    dy/dt = -y / tau_syn, dz/dt = y / tau_syn - z / tau_rec; a spike sends u x.
    """
    rates = np.array([[0, 0, 1 / tau_rec], [0, -1 / tau_syn, 0], [0, 1 / tau_syn, -1 / tau_rec]])
    shares, u, last, amounts = np.array([1.0, 0.0, 0.0]), 0.0, 0.0, []
    for time in TIMES:
        shares = expm(rates * (time - last)) @ shares
        u = u * np.exp(-(time - last) / tau_facil) if tau_facil > 0 else 0.0
        u += U * (1 - u)
        amounts.append(u * shares[0])
        shares = shares + amounts[-1] * np.array([-1.0, 1.0, 0.0])
        last = time
    return np.array(amounts)


def _responses(sim: Any, tau_syn: float, **kind: float) -> tuple[np.ndarray, np.ndarray]:
    """Depolarisation (mV) after each spike: measured, and right."""
    begin(sim)
    target = cell(sim, 2, tau_syn_E=tau_syn, v_thresh=1e3)
    target.record("v")
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=TIMES))
    synapse = sim.TsodyksMarkramSynapse(weight=WEIGHT, delay=DELAY, **kind)
    sim.Projection(source, target, sim.AllToAllConnector(), synapse, receptor_type="excitatory")
    sim.run(TIMES[-1] + 2 * _LATER)
    at = np.add(TIMES, _LATER)
    measured = samples(target, "v")[np.rint(at / DT).astype(int), 1] - CELL["v_rest"]
    amounts = sent(tau_syn=tau_syn, **{"U": 0.5, "tau_rec": 100.0, "tau_facil": 0.0} | kind)
    since = np.clip(at[:, np.newaxis] - np.add(TIMES, DELAY), 0, None)
    kernel = np.exp(-since / CELL["tau_m"]) - np.exp(-since / tau_syn)
    kernel /= CELL["cm"] * (1 / tau_syn - 1 / CELL["tau_m"])
    return measured, WEIGHT * kernel @ amounts


@check("short-term plasticity")
def short_term_depression(sim: Any) -> tuple[np.ndarray, np.ndarray]:
    """Depression of synapses onto a cell whose current decays slowly."""
    return _responses(sim, 15.0, U=0.5, tau_rec=300.0, tau_facil=0.0)


@check("tau_rec = tau_syn")
def short_term_recovery_as_fast_as_the_current(sim: Any) -> tuple[np.ndarray, np.ndarray]:
    """Equal time constants of recovery and of the postsynaptic current."""
    return _responses(sim, 3.0, U=0.5, tau_rec=3.0, tau_facil=0.0)


@check("short-term plasticity")
def short_term_facilitation(sim: Any) -> tuple[np.ndarray, np.ndarray]:
    """Facilitation, with fast recovery."""
    return _responses(sim, 3.0, U=0.1, tau_rec=20.0, tau_facil=500.0)


@check("short-term plasticity")
def short_term_defaults(sim: Any) -> tuple[np.ndarray, np.ndarray]:
    """PyNN's default parameters, without facilitation."""
    return _responses(sim, 3.0)
