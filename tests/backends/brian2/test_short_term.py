"""Short-term plasticity against the equations of Tsodyks, Uziel and Markram (2000)."""

import numpy as np
import pytest
from scipy.linalg import expm

from pipelines import backends

DT, TAU_SYN, WEIGHT = 0.1, 3.0, 0.02
TIMES = [2.0, 5.0, 5.1, 9.0, 30.0, 31.5]


def amplitudes(times, U, tau_rec, tau_facil):
    """Share of the resources that each spike sends.

    Between spikes dx/dt = z / tau_rec, dy/dt = -y / tau_syn and dz/dt = y / tau_syn - z / tau_rec,
    which a matrix exponential solves.
    """
    rates = np.array(
        [[0, 0, 1 / tau_rec], [0, -1 / TAU_SYN, 0], [0, 1 / TAU_SYN, -1 / tau_rec]]
    )  # fmt: skip
    state, u, last, sent = np.array([1.0, 0.0, 0.0]), 0.0, 0.0, []
    for time in times:
        state = expm(rates * (time - last)) @ state
        u *= np.exp(-(time - last) / tau_facil) if tau_facil else 0.0
        u += U * (1 - u)
        sent.append(u * state[0])
        state += sent[-1] * np.array([-1.0, 1.0, 0.0])
        last = time
    return np.array(sent)


@pytest.mark.usefixtures("interpreted")
@pytest.mark.parametrize("tau_facil", [0.0, 50.0])
@pytest.mark.parametrize("tau_rec", [100.0, TAU_SYN])
@pytest.mark.parametrize("delay", [0.1, 4.0])
def test_what_each_spike_sends(tau_rec, tau_facil, delay):
    sim = backends.load("brian2")
    sim.setup(timestep=DT)
    source = sim.Population(2, sim.SpikeSourceArray(spike_times=[TIMES, []]))
    celltype = sim.IF_curr_exp(tau_syn_E=TAU_SYN, v_thresh=1e3)
    cells = sim.Population(1, celltype, initial_values={"v": -65.0})
    synapse = sim.TsodyksMarkramSynapse(
        weight=WEIGHT, delay=delay, U=0.4, tau_rec=tau_rec, tau_facil=tau_facil
    )
    projection = sim.Projection(source, cells, sim.AllToAllConnector(), synapse)
    cells.record("isyn_exc")
    for _ in range(2):
        sim.run(40.0)
        current = np.asarray(cells.get_data().segments[-1].analogsignals[0])[:, 0]
        jumps = current[1:] - current[:-1] * np.exp(-DT / TAU_SYN)
        arrived = np.flatnonzero(np.abs(jumps) > 1e-9)
        # A current is added at the end of a step, and decays from the next on.
        np.testing.assert_allclose((arrived + 1) * DT - delay, TIMES, atol=1e-9)
        expected = WEIGHT * amplitudes(TIMES, 0.4, tau_rec, tau_facil)
        np.testing.assert_allclose(jumps[arrived], expected, rtol=1e-9)
        sim.reset()
    assert projection.get("weight", format="list", with_address=False) == [WEIGHT] * 2
    sim.end()
