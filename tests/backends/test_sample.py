"""Networks that are made in part, to see what a backend refuses of them."""

import pytest

from pipelines import backends
from pipelines.backends.shared import synapse_blocks
from pipelines.backends.shared.sampled_network import limit_synapses
from pipelines.errors import Unsupported

CONNECTORS = {
    "all to all": lambda sim: sim.AllToAllConnector(),
    "one to one": lambda sim: sim.OneToOneConnector(),
    "a probability": lambda sim: sim.FixedProbabilityConnector(0.7, rng=sim.NumpyRNG(seed=1)),
    "a number of inputs": lambda sim: sim.FixedNumberPreConnector(20, rng=sim.NumpyRNG(seed=1)),
    "a total number": lambda sim: sim.FixedTotalNumberConnector(
        300, with_replacement=True, rng=sim.NumpyRNG(seed=1)
    ),
    "a list": lambda sim: sim.FromListConnector([(k % 30, k % 29, 0.1, 1.0) for k in range(200)]),
}


@pytest.fixture(params=backends.names())
def sim(request):
    module = backends.load(request.param)
    module.setup(timestep=0.1)
    yield module
    module.end()


def _projection(sim, connector, **synapse):
    cells = sim.Population(30, sim.IF_curr_exp())
    return sim.Projection(cells, cells, connector, sim.StaticSynapse(**synapse))


@pytest.mark.parametrize("name", CONNECTORS)
@pytest.mark.parametrize("block", [synapse_blocks.BLOCK, 8])
def test_a_projection_has_its_first_synapses(sim, name, block, monkeypatch):
    monkeypatch.setattr(synapse_blocks, "BLOCK", block)
    with limit_synapses(16):
        part = _projection(sim, CONNECTORS[name](sim), weight=0.1, delay=1.0)
    whole = _projection(sim, CONNECTORS[name](sim), weight=0.1, delay=1.0)
    assert len(part) == 16 < len(whole)
    first = whole.get(["weight"], format="list")
    assert {pair[:2] for pair in part.get(["weight"], format="list")} <= {p[:2] for p in first}


def test_a_smaller_projection_is_whole(sim):
    with limit_synapses(30):
        assert len(_projection(sim, sim.OneToOneConnector(), weight=0.1, delay=1.0)) == 30


def test_what_is_refused_is_seen(sim):
    cells = sim.Population(30, sim.IF_curr_exp())
    synapse = sim.StaticSynapse(weight=-0.1, delay=1.0)
    with limit_synapses(5), pytest.raises(Unsupported, match="on the excitatory receptor"):
        sim.Projection(cells, cells, sim.AllToAllConnector(), synapse, receptor_type="excitatory")


def test_what_was_sampled_can_be_run(sim):
    with limit_synapses(5):
        _projection(sim, sim.AllToAllConnector(), weight=0.1, delay=1.0)
    sim.run(1.0)
    assert sim.get_current_time() == pytest.approx(1.0)
