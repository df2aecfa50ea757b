"""One script on both backends: the same spikes, the same weights, whatever ran before."""

import os

import numpy as np
import pytest

from pipelines import backends
from tests.backends.network import play, same

pytestmark = pytest.mark.usefixtures("interpreted")


@pytest.mark.parametrize(
    ("rule", "fraction"), [("additive", 1.0), ("multiplicative", 0.3), ("gutig", 0.5)]
)
def test_a_plastic_network_is_spike_exact(rule, fraction):
    nest, brian2 = (
        play(backends.load(name), rule=rule, fraction=fraction) for name in backends.default_names()
    )
    assert len(nest["exc"][0]) > 300
    assert np.ptp(nest["weights"]["weight"]) > 0.001
    assert same(nest, brian2)


def test_what_ran_before_does_not_matter():
    nest = backends.load("nest")
    alone = play(nest, number=40, duration=150.0)
    play(backends.load("nest", stock=True), number=20, duration=50.0, delay=1.0)
    play(backends.load("brian2"), number=20, duration=50.0, seed=3)
    play(nest, number=30, duration=50.0, seed=4, fraction=0.5)
    assert same(alone, play(nest, number=40, duration=150.0))


def test_stock_is_not_what_we_are():
    stock = backends.load("nest", stock=True)
    ours = play(backends.load("nest"), number=40, duration=150.0, delay=1.0)
    theirs = play(stock, number=40, duration=150.0, delay=1.0)
    assert not np.array_equal(ours["exc"][1], theirs["exc"][1])


def test_a_fork_leaves_its_parents_folders_alone():
    nest = backends.load("nest")
    nest.setup()
    folders = list(backends.load("nest", stock=True).simulator.state.tempdirs)
    child = os.fork()
    if child == 0:
        nest.setup()
        nest.end()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert folders
    assert all(os.path.isdir(folder) for folder in folders)
