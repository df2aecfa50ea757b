"""A network of conductance-based cells with inhibitory plasticity: the same spikes on both."""

import numpy as np
import pytest

from pipelines import backends
from pipelines.backends import collect

pytestmark = pytest.mark.slow

DT = 0.1


def play(backend, size, duration, inputs=40):
    """Spikes and weights of a network after Vogels et al. (2011), made smaller.

    Four fifths of the cells are excitatory. Synapses from the others onto them learn to keep them
    at 10 Hz; each cell has a Poisson source of its own.

    Returns
    -------
    steps, cells, weights : ndarray
        Of each spike its step and its cell, and the weights (uS) of the plastic synapses.
    """
    sim = backends.load(backend)
    sim.setup(timestep=DT, rng_seed=7)
    n_excitatory = 4 * size // 5
    rng = np.random.default_rng(11)
    cell = sim.IF_cond_exp(
        cm=0.2, tau_m=20.0, v_rest=-60.0, v_reset=-60.0, v_thresh=-50.0, tau_refrac=5.0,
        tau_syn_E=5.0, tau_syn_I=10.0, e_rev_E=0.0, e_rev_I=-80.0,
    )  # fmt: skip
    cells = sim.Population(size, cell, initial_values={"v": rng.uniform(-65.0, -52.0, size)})
    excitatory, inhibitory = cells[:n_excitatory], cells[n_excitatory:]
    drive = sim.Population(size, sim.SpikeSourcePoisson(rate=150.0))
    sim.Projection(
        drive, cells, sim.OneToOneConnector(), sim.StaticSynapse(weight=0.006, delay=1.0)
    )
    share = min(1.0, inputs / size)

    def pairs(pre, post):
        chosen = np.argwhere(rng.random((pre.size, post.size)) < share)
        return sim.FromListConnector([tuple(pair) for pair in chosen.tolist()])

    fixed = sim.StaticSynapse(weight=0.0004, delay=1.5)
    sim.Projection(excitatory, cells, pairs(excitatory, cells), fixed, receptor_type="excitatory")
    static = sim.StaticSynapse(weight=0.004, delay=0.8)
    sim.Projection(
        inhibitory, inhibitory, pairs(inhibitory, inhibitory), static, receptor_type="inhibitory"
    )
    learning = sim.STDPMechanism(
        sim.Vogels2011Rule(tau=20.0, eta=0.0002, rho=0.01),
        sim.AdditiveWeightDependence(0.0, 0.05), weight=0.001, delay=0.8,
    )  # fmt: skip
    plastic = sim.Projection(
        inhibitory, excitatory, pairs(inhibitory, excitatory), learning,
        receptor_type="inhibitory",
    )  # fmt: skip
    cells.record("spikes")
    sim.run(duration)
    neuron, times = collect.spikes(cells)
    weights = collect.weights(plastic)["weight"]
    sim.end()
    order = np.lexsort((neuron, times))
    return np.rint(times / DT).astype(int)[order], neuron[order], weights


@pytest.mark.parametrize(
    ("size", "duration"), [(100, 1000.0), pytest.param(1000, 10_000.0, marks=pytest.mark.slow)]
)
def test_every_spike_is_the_same(size, duration):
    on_nest, on_brian2 = (play(backend, size, duration) for backend in ("nest", "brian2"))
    steps, neurons, weights = on_nest
    assert 2.0 < len(steps) / size / duration * 1e3 < 60.0
    assert np.ptp(weights) > 0.001
    assert np.array_equal(steps, on_brian2[0])
    assert np.array_equal(neurons, on_brian2[1])
    assert on_brian2[2] == pytest.approx(weights, abs=1e-9 * weights.max())
