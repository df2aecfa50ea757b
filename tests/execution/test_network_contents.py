"""What a run says of the network that an experiment built."""

import pytest

from pipelines import backends
from pipelines.execution.network_contents import projections


@pytest.mark.parametrize("backend", [*backends.names(), *backends.stock_names()])
def test_projections_name_their_populations_and_synapses(backend):
    sim = backends.load(backends.stock_names().get(backend, backend), stock=backend in
                        backends.stock_names())  # fmt: skip
    sim.setup(timestep=0.1)
    cells, others = (sim.Population(4, sim.IF_cond_exp(), label="same") for _ in range(2))
    source = sim.Population(2, sim.SpikeSourceArray(spike_times=[1.0]))
    static = sim.StaticSynapse(weight=0.1, delay=1.0)
    plastic = sim.STDPMechanism(
        timing_dependence=sim.SpikePairRule(),
        weight_dependence=sim.AdditiveWeightDependence(w_max=1.0),
        weight=0.5, delay=1.0, dendritic_delay_fraction=1.0 if "nest" in backend else 0.0,
    )  # fmt: skip
    connector = sim.AllToAllConnector()

    def connect(pre, post, synapse=static, receptor="excitatory"):
        return sim.Projection(pre, post, connector, synapse, receptor_type=receptor)

    first = cells[:2]
    network = {
        "exc": cells, "inh": others, "first": first,
        "whole": connect(cells, others, receptor="inhibitory"),
        "learning": connect(source, cells, plastic),
        "view": connect(first, cells[2:]),
        "of a view": connect(first[:1], others[1:][:2]),
        "joined": connect(cells + others, cells[:1] + cells[3:]),
    }  # fmt: skip
    found = projections(network)
    assert set(found) == {name for name in network if name not in ("exc", "inh", "first")}
    assert found["whole"] == {
        "pre": "exc", "post": "inh", "receptor": "inhibitory", "synapse": "StaticSynapse",
        "plastic": False,
    }  # fmt: skip
    learning = found["learning"]
    assert (learning["pre"], learning["post"]) == ("", "exc")
    assert (learning["synapse"], learning["plastic"]) == ("STDPMechanism", True)
    ends = {name: (one["pre"], one["post"]) for name, one in found.items()}
    assert ends["view"] == ("first", "exc")
    assert ends["of a view"] == ("first", "inh")
    assert ends["joined"] == ("", "exc")
    sim.end()
