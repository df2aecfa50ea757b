"""Connectors of ours make the pairs that PyNN's own make from a seed, and keep their word."""

import numpy as np
import pyNN.mock as mock
import pytest

from pipelines import backends
from pipelines.errors import Unsupported

sim = backends.load("nest")


def pairs(module, connector, n_pre, n_post, same=False):
    module.setup(timestep=0.1, min_delay=0.1)
    pre = module.Population(n_pre, module.IF_curr_exp())
    post = pre if same else module.Population(n_post, module.IF_curr_exp())
    weight = module.RandomDistribution("uniform", low=0.1, high=0.2, rng=module.NumpyRNG(seed=3))
    projection = module.Projection(
        pre, post, connector(module), module.StaticSynapse(weight=weight, delay=1.0),
        receptor_type="excitatory",
    )  # fmt: skip
    rows = np.asarray(projection.get(["weight"], format="list"), dtype=float).reshape(-1, 3)
    return rows[np.lexsort(rows.T[::-1])]


@pytest.mark.parametrize(("n_pre", "n_post"), [(20, 15), (7, 300), (300, 7)])
def test_a_total_number_is_drawn_as_pynn_draws_it(n_pre, n_post):
    def connector(module):
        return module.FixedTotalNumberConnector(50, rng=module.NumpyRNG(seed=9))

    assert np.allclose(pairs(sim, connector, n_pre, n_post), pairs(mock, connector, n_pre, n_post))


@pytest.mark.parametrize(("n_pre", "n_post"), [(1, 1), (5, 5), (3, 5), (5, 3)])
def test_one_to_one(n_pre, n_post):
    rows = pairs(sim, lambda module: module.OneToOneConnector(), n_pre, n_post)
    shared = np.arange(min(n_pre, n_post))
    assert np.array_equal(rows[:, 0], shared)
    assert np.array_equal(rows[:, 1], shared)


def test_without_replacement_no_pair_comes_twice():
    def connector(module):
        return module.FixedTotalNumberConnector(
            60, with_replacement=False, rng=module.NumpyRNG(seed=9)
        )

    rows = pairs(sim, connector, 8, 8)
    assert len(rows) == 60
    assert len(np.unique(rows[:, :2], axis=0)) == 60


def test_without_self_connections():
    def connector(module):
        return module.FixedTotalNumberConnector(
            200, allow_self_connections=False, rng=module.NumpyRNG(seed=9)
        )

    rows = pairs(sim, connector, 5, 5, same=True)
    assert len(rows) == 200
    assert np.all(rows[:, 0] != rows[:, 1])


def test_more_than_there_are_is_refused():
    def connector(module):
        return module.FixedTotalNumberConnector(
            21, with_replacement=False, allow_self_connections=False, rng=module.NumpyRNG(seed=9)
        )

    with pytest.raises(Unsupported, match="up to 20"):
        pairs(sim, connector, 5, 5, same=True)
