"""What is drawn without a generator of the script's follows from the seed of `setup`."""

import numpy as np
import pytest
from pyNN.random import NumpyRNG, RandomDistribution
from pyNN.space import RandomStructure, Sphere

from pipelines import backends


def drawn(sim, seed, uniform=None):
    """Parameters, initial values, positions, weights and changes of them, as numbers."""
    sim.setup(timestep=0.1, rng_seed=seed)
    uniform = uniform or RandomDistribution("uniform", low=1.0, high=2.0)
    pre, post = (
        sim.Population(
            4, sim.IF_curr_exp(cm=uniform), structure=RandomStructure(Sphere(radius=3.0))
        )
        for _ in range(2)
    )
    post.set(tau_m=RandomDistribution("uniform", low=10.0, high=20.0))
    post[1:3].set(tau_m=RandomDistribution("uniform", low=30.0, high=40.0))
    pre.initialize(v=RandomDistribution("uniform", low=-65.0, high=-55.0))
    made = sim.Projection(pre, post, sim.AllToAllConnector(), sim.StaticSynapse(weight=uniform))
    first = made.get("weight", format="array")
    made.set(weight=RandomDistribution("uniform", low=1.0, high=2.0))
    return np.concatenate([
        *(np.ravel(one.get("cm", simplify=False)) for one in (pre, post)),
        np.ravel(post.get("tau_m", simplify=False)),
        np.ravel(pre.initial_values["v"].evaluate(simplify=False)),
        np.ravel(pre.positions), np.ravel(first), np.ravel(made.get("weight", format="array")),
    ])  # fmt: skip


@pytest.mark.parametrize("backend", backends.names())
def test_the_seed_of_setup_gives_the_same_numbers(backend):
    sim = backends.load(backend)
    once, again, other = drawn(sim, 3), drawn(sim, 3), drawn(sim, 4)
    assert np.array_equal(once, again)
    assert not np.any(once == other)
    assert np.allclose(once, drawn(backends.load("reference"), 3), rtol=1e-12)


@pytest.mark.parametrize("backend", backends.names())
def test_a_distribution_may_serve_two_networks(backend):
    sim = backends.load(backend)
    uniform = RandomDistribution("uniform", low=1.0, high=2.0)
    assert np.array_equal(drawn(sim, 3, uniform), drawn(sim, 3, uniform))


@pytest.mark.parametrize("backend", backends.names())
def test_a_generator_of_the_script_is_left_alone(backend):
    mine, twin = NumpyRNG(seed=12), NumpyRNG(seed=12)
    before = np.random.get_state()[1].tolist()
    sim = backends.load(backend)
    sim.setup(timestep=0.1)
    cells = sim.Population(5, sim.IF_curr_exp(cm=RandomDistribution("uniform", (1, 2), rng=mine)))
    assert np.allclose(
        cells.get("cm", simplify=False), twin.next(5, "uniform", dict(low=1, high=2))
    )
    assert np.random.get_state()[1].tolist() == before
