"""A train-and-test protocol is the same on every backend, spike for spike.

Rates are set for 50 stimuli of 20 ms, weights are normalised between them, plasticity is frozen,
and the response to every stimulus is tested.
"""

from functools import cache

import numpy as np
import pytest

from pipelines import backends
from pipelines.backends import collect

STIMULI, STIMULUS_MS, TEST_MS = 50, 20.0, 30.0
INPUTS, CELLS, TOTAL = 30, 6, 9.0


def protocol(sim):
    """Carry it out; returns spikes, and the weights at the end of training and of the test."""
    sim.setup(timestep=0.1, rng_seed=11)
    inputs = sim.Population(INPUTS, sim.SpikeSourcePoisson(rate=0.0), label="inputs")
    cells = sim.Population(CELLS, sim.IF_curr_exp(tau_m=15.0, tau_refrac=3.0), label="cells")
    cells.initialize(v=-65.0)
    rng = np.random.default_rng(4)
    start = rng.uniform(0.1, 0.5, (INPUTS, CELLS))
    learned = sim.Projection(
        inputs,
        cells,
        sim.AllToAllConnector(),
        sim.STDPMechanism(
            timing_dependence=sim.SpikePairRule(17.0, 33.0, A_plus=0.03, A_minus=0.02),
            weight_dependence=sim.AdditiveWeightDependence(w_min=0.0, w_max=1.0),
            weight=start,
            delay=2.0,
        ),
        receptor_type="excitatory",
    )
    rivals = sim.StaticSynapse(weight=-1.5, delay=1.0)
    connector = sim.AllToAllConnector(allow_self_connections=False)
    sim.Projection(cells, cells, connector, rivals, receptor_type="inhibitory")
    for population in (inputs, cells):
        population.record("spikes")
    patterns = rng.uniform(0.0, 1.0, (5, INPUTS)) < 0.3
    for stimulus in range(STIMULI):
        inputs.set(rate=np.where(patterns[stimulus % 5], 250.0, 15.0))
        sim.run(STIMULUS_MS)
        weights = learned.get("weight", format="array")
        learned.set(weight=weights * TOTAL / weights.sum(axis=0))
    trained = learned.get("weight", format="array")
    learned.set(A_plus=0.0, A_minus=0.0)
    for pattern in patterns:
        inputs.set(rate=np.where(pattern, 250.0, 15.0))
        sim.run(TEST_MS)
    tested = learned.get("weight", format="array")
    return {
        "inputs": np.column_stack(collect.spikes(inputs)),
        "cells": np.column_stack(collect.spikes(cells)),
        "trained": trained,
        "tested": tested,
        "now": learned.get("weight_now", format="array"),
    }


pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:.*set beyond w_min or w_max")]


@cache
def right():
    return protocol(backends.load("reference"))


def test_it_learns_is_normalised_and_frozen():
    found = right()
    cells = found["cells"]
    tested = cells[:, 1] > STIMULI * STIMULUS_MS
    assert 100 < np.count_nonzero(~tested) < 3000 and np.count_nonzero(tested) > 20
    # Of some cells a weight was at its bound, and less than the total is left.
    total = found["trained"].sum(axis=0)
    assert np.all((total > 0.95 * TOTAL) & (total < TOTAL * (1 + 1e-12)))
    assert found["trained"].min() == 0.0 and found["trained"].std() > 0.1
    np.testing.assert_allclose(found["tested"], found["trained"], rtol=1e-12)
    np.testing.assert_allclose(found["now"], found["trained"], rtol=1e-12)


@pytest.mark.parametrize("name", ["nest", "brian2"])
def test_every_spike_is_the_same(name, interpreted):
    found = protocol(backends.load(name))
    for key in ("inputs", "cells"):
        np.testing.assert_array_equal(found[key], right()[key])
    for key in ("trained", "tested", "now"):
        np.testing.assert_allclose(found[key], right()[key], rtol=0, atol=1e-9)
