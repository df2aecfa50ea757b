"""A reset of NEST that was made before `setup`: the same network, and never a reset too few."""

import nest
import pytest

from pipelines import backends
from pipelines.backends.nest import control
from pipelines.backends.nest.control import clear_without_reset, reset_in_advance
from tests.backends.network import play, same

pytestmark = pytest.mark.slow


@pytest.fixture
def spared(monkeypatch):
    """Counts the set-ups that reset nothing."""
    counted = []

    def count():
        counted.append(1)
        clear_without_reset()

    monkeypatch.setattr(control, "clear_without_reset", count)
    return counted


@pytest.fixture
def sim():
    return backends.load("nest")


def test_a_network_is_the_same_without_a_reset_of_its_own(sim, spared):
    usual = play(sim, number=60, duration=100.0, fraction=1.0)
    assert not spared
    reset_in_advance()
    ours = play(sim, number=60, duration=100.0, fraction=1.0)
    assert len(spared) == 1
    assert len(ours["exc"][0]) > 10
    assert same(ours, usual)
    play(sim, number=60, duration=10.0, fraction=1.0)
    assert len(spared) == 1


@pytest.mark.parametrize("stock", [False, True])
def test_a_network_made_since_is_forgotten(sim, spared, stock):
    other = backends.load("nest", stock=stock)
    reset_in_advance()
    other.setup(timestep=0.1)
    other.Population(3, other.IF_curr_exp())
    spared.clear()
    sim.setup(timestep=0.1)
    assert not spared
    assert nest.network_size == 0


def test_a_set_up_that_fails_leaves_pynn_its_own_reset(sim, spared):
    reset_in_advance()
    with pytest.raises(Exception, match="not a valid argument"):
        sim.setup(timestep=0.1, dt=0.1)
    stock = backends.load("nest", stock=True)
    stock.setup(timestep=0.1)
    assert not spared
    stock.end()


def test_nodes_made_since_are_forgotten(sim, spared):
    reset_in_advance()
    nest.Create("iaf_psc_exp", 2)
    sim.setup(timestep=0.1)
    assert not spared
    assert nest.network_size == 0
    sim.end()
