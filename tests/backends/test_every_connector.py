"""Every connector takes every synapse type, and gives both backends the same synapses."""

import numpy as np
import pytest

from pipelines import backends
from pipelines.backends import collect

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("interpreted")]
N = 6
MASK = np.arange(N * N).reshape(N, N) % 3 == 0

CONNECTORS = {
    "AllToAll": lambda sim, folder: sim.AllToAllConnector(),
    "OneToOne": lambda sim, folder: sim.OneToOneConnector(),
    "FixedProbability": lambda sim, folder: sim.FixedProbabilityConnector(
        0.5, rng=sim.NumpyRNG(seed=3)
    ),
    "DistanceDependentProbability": lambda sim, folder: sim.DistanceDependentProbabilityConnector(
        "d < 3", rng=sim.NumpyRNG(seed=3)
    ),
    "FromList": lambda sim, folder: sim.FromListConnector([(0, 1), (2, 3), (5, 0)]),
    "FromList, columns": lambda sim, folder: sim.FromListConnector(
        [(0, 1, 0.02, 1.0), (2, 3, 0.03, 2.0)]
    ),
    "FromFile": lambda sim, folder: sim.FromFileConnector(
        str(listed(folder)), distributed=False
    ),
    "FixedNumberPre": lambda sim, folder: sim.FixedNumberPreConnector(
        3, rng=sim.NumpyRNG(seed=3)
    ),
    "FixedNumberPost": lambda sim, folder: sim.FixedNumberPostConnector(
        3, rng=sim.NumpyRNG(seed=3)
    ),
    "FixedTotalNumber": lambda sim, folder: sim.FixedTotalNumberConnector(
        12, rng=sim.NumpyRNG(seed=3)
    ),
    "Array": lambda sim, folder: sim.ArrayConnector(MASK),
}  # fmt: skip
RULES = {
    "static": lambda sim: sim.StaticSynapse(weight=0.04, delay=1.5),
    "short-term": lambda sim: sim.TsodyksMarkramSynapse(weight=0.04, delay=1.5, tau_rec=50.0),
    "additive": lambda sim: plastic(sim, sim.AdditiveWeightDependence(0.0, 0.1)),
    "multiplicative": lambda sim: plastic(sim, sim.MultiplicativeWeightDependence(0.0, 0.1)),
    "mixed": lambda sim: plastic(sim, sim.AdditivePotentiationMultiplicativeDepression(0.0, 0.1)),
    "gutig": lambda sim: plastic(sim, sim.GutigWeightDependence(0.0, 0.1, 0.2, 0.7)),
}


def listed(folder):
    path = folder / "connections.txt"
    path.write_text('# columns = ["i", "j", "weight", "delay"]\n0 1 0.02 1.0\n4 5 0.03 2.0\n')
    return path


def plastic(sim, dependence):
    return sim.STDPMechanism(
        timing_dependence=sim.SpikePairRule(15.0, 25.0, 0.02, 0.03),
        weight_dependence=dependence,
        weight=0.04,
        delay=1.5,
        dendritic_delay_fraction=0.4,
    )


def made(backend, connector, synapse, folder):
    """Names of the synapses' parameters, their digest, and the weights after some spikes."""
    sim = backends.load(backend)
    sim.setup(timestep=0.1)
    times = [[5.0 + 3 * k, 25.0 + 2 * k, 60.0] for k in range(N)]
    pre = sim.Population(N, sim.SpikeSourceArray(spike_times=times))
    post = sim.Population(N, sim.IF_curr_exp(i_offset=1.2, tau_refrac=2.0))
    post.initialize(v=-65.0)
    projection = sim.Projection(
        pre, post, CONNECTORS[connector](sim, folder), RULES[synapse](sim),
        receptor_type="excitatory",
    )  # fmt: skip
    sim.run(70.0)
    names = set(projection.parameter_names)
    return names, collect.connectivity_sha256(sim), collect.weights(projection)


@pytest.mark.parametrize("synapse", RULES)
@pytest.mark.parametrize("connector", CONNECTORS)
def test_both_backends_get_the_same_synapses(connector, synapse, tmp_path):
    on_nest, nest_digest, nest = made("nest", connector, synapse, tmp_path)
    on_brian2, brian2_digest, brian2 = made("brian2", connector, synapse, tmp_path)
    assert len(nest["pre"]) > 0 and nest_digest == brian2_digest
    assert on_nest == on_brian2
    for name in ("pre", "post", "delay_ms"):
        assert np.array_equal(nest[name], brian2[name])
    assert np.allclose(nest["weight"], brian2["weight"], rtol=0, atol=1e-12)
    if synapse not in ("static", "short-term"):
        assert np.any(nest["weight"] != 0.04)


@pytest.mark.parametrize("synapse", list(RULES)[1:])
def test_a_list_of_all_pairs_is_all_to_all(synapse, tmp_path, monkeypatch):
    pairs = np.argwhere(np.ones((N, N)))
    monkeypatch.setitem(CONNECTORS, "FromList", lambda sim, folder: sim.FromListConnector(pairs))
    listed_, _, one = made("nest", "FromList", synapse, tmp_path)
    mapped, _, other = made("nest", "AllToAll", synapse, tmp_path)
    assert listed_ == mapped
    assert {name: values.tolist() for name, values in one.items()} == {
        name: values.tolist() for name, values in other.items()
    }
