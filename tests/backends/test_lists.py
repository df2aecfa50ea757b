"""Values of connections as lists: what is read is what is set, in one order on every backend."""

import pickle

import numpy as np
import pandas as pd
import pytest
import quantities as pq
from pyNN.parameters import Sequence
from pyNN.random import NumpyRNG

from pipelines import backends
from pipelines.backends.shared.invalid_value import InvalidValue
from pipelines.errors import Unsupported

pytestmark = pytest.mark.usefixtures("interpreted")
every_backend = pytest.mark.parametrize("backend", backends.names())
LIST = [(2, 0), (0, 3), (0, 0), (1, 1), (2, 1), (2, 4), (1, 0)]
MAKE = {
    "all to all": lambda sim: sim.AllToAllConnector(),
    "by chance": lambda sim: sim.FixedProbabilityConnector(0.5, rng=NumpyRNG(seed=3)),
    "a list": lambda sim: sim.FromListConnector(LIST),
}
SYNAPSES = {
    "static": (lambda sim: sim.StaticSynapse(weight=1.0, delay=1.0), ["weight", "delay"]),
    "short-term": (
        lambda sim: sim.TsodyksMarkramSynapse(weight=1.0, delay=1.0, tau_rec=50.0),
        ["weight", "delay", "U", "tau_rec", "tau_facil"],
    ),
    "plastic": (
        lambda sim: sim.STDPMechanism(
            sim.SpikePairRule(A_plus=0.01, A_minus=0.01),
            sim.AdditiveWeightDependence(w_max=100.0),
            weight=1.0,
            delay=1.0,
        ),
        ["weight", "delay", "A_plus", "tau_plus", "w_max"],
    ),
}


def made(sim, connector="all to all", synapse="static", split=False):
    sim.setup(timestep=0.1)
    pre, post = sim.Population(3, sim.IF_curr_exp()), sim.Population(5, sim.IF_curr_exp())
    if split:
        pre = pre + sim.Population(2, sim.IF_curr_alpha())
        post = sim.Population(2, sim.IF_curr_alpha()) + post[1:4]
    return sim.Projection(pre, post, MAKE[connector](sim), SYNAPSES[synapse][0](sim))


@every_backend
@pytest.mark.parametrize("connector", MAKE)
@pytest.mark.parametrize("synapse", SYNAPSES)
def test_a_list_as_read_is_a_list_as_set(backend, connector, synapse):
    projection = made(backends.load(backend), connector, synapse)
    for name in SYNAPSES[synapse][1]:
        before = projection.get(name, format="list")
        # Every value is one that the attribute can have, and no other's.
        scale = 0.1 if name == "delay" else 0.01 if name in ("U", "A_plus") else 1.0
        values = [scale * (k + 2) for k in range(len(before))]
        if name == "w_max":
            values = [200.0 + v for v in values]
        projection.set(**{name: values})
        after = projection.get(name, format="list")
        assert [row[:2] for row in after] == [row[:2] for row in before]
        assert np.allclose([row[2] for row in after], values, rtol=1e-12)
        assert np.allclose(projection.get(name, format="list", with_address=False), values)
        array = projection.get(name, format="array")
        for (i, j, _), value in zip(before, values, strict=True):
            assert array[int(i), int(j)] == pytest.approx(value, rel=1e-12)
        projection.set(**{name: array})
        assert np.allclose(projection.get(name, format="list", with_address=False), values)


@pytest.mark.parametrize("split", [False, True])
@pytest.mark.parametrize("connector", MAKE)
def test_the_order_is_the_same_on_every_backend(connector, split):
    orders = []
    for backend in backends.names():
        projection = made(backends.load(backend), connector, split=split)
        projection.set(delay=[0.1 * (1 + k % 3) for k in range(len(projection))])
        orders.append(projection.get(["delay"], format="list"))
    first = orders[0]
    assert [row[:2] for row in first] == sorted(r[:2] for r in first)
    assert all(order == first for order in orders)


@every_backend
def test_several_connections_of_a_pair_have_a_value_each(backend):
    sim = backends.load(backend)
    sim.setup(timestep=0.1)
    cells = sim.Population(2, sim.IF_curr_exp())
    rows = [(0, 1, 0.3, 2.0), (0, 1, 0.1, 3.0), (0, 1, 0.2, 1.0), (1, 0, 0.5, 1.0)]
    projection = sim.Projection(cells, cells, sim.FromListConnector(rows))
    names = ["weight", "delay"]
    assert np.allclose(projection.get(names, format="list"), [rows[2], rows[0], rows[1], rows[3]])
    projection.set(weight=[1.0, 2.0, 3.0, 4.0])
    assert np.allclose(projection.get("weight", "list", with_address=False), [1, 2, 3, 4])
    assert projection.get("weight", "array")[0, 1] == pytest.approx(6)
    for which, value in dict(max=3, min=1, first=1, last=3).items():
        array = projection.get("weight", "array", multiple_synapses=which)
        assert array[0, 1] == pytest.approx(value)


@every_backend
def test_values_come_in_many_forms(backend):
    projection = made(backends.load(backend), "a list")
    values = [0.5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5]
    forms = (
        values, tuple(values), np.array(values), (v for v in values), pd.Series(values),
        Sequence(values), np.array(values) * pq.nA, 1000 * np.array(values) * pq.pA,
        [v * pq.nA for v in values],
    )  # fmt: skip
    for form in forms:
        projection.set(weight=0.0)
        projection.set(weight=form)
        assert np.allclose(projection.get("weight", "list", with_address=False), values)
    projection.set(delay=np.arange(1, 8) * pq.s / 1000, weight=2)
    assert np.allclose(projection.get("delay", "list", with_address=False), np.arange(1, 8))
    projection.set(weight=[list(row) for row in np.arange(15.0).reshape(3, 5)])
    assert projection.get("weight", "array")[2, 4] == 14


@every_backend
def test_what_is_no_value_for_each_connection_is_refused(backend):
    projection = made(backends.load(backend), "a list")
    for wrong in ([1.0] * 6, np.ones(15), np.ones((5, 3)), ["a"] * 7, np.ones(7) * pq.ms):
        with pytest.raises(InvalidValue):
            projection.set(weight=wrong)
    with pytest.raises(Unsupported):
        projection.set(weight=[1.0] * 6 + [np.nan])
    assert projection.get("weight", "list", with_address=False) == [1.0] * 7


@every_backend
def test_a_list_is_set_between_two_runs(backend):
    """Weights of the second run are those of the list: a current of each, in closed form."""
    sim = backends.load(backend)
    sim.setup(timestep=0.1)
    sources = sim.Population(3, sim.SpikeSourceArray(spike_times=[[15.0], [25.0], [35.0]]))
    cells = sim.Population(2, sim.IF_curr_exp(tau_syn_E=1.0))
    projection = sim.Projection(
        sources, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=9.0, delay=1.0)
    )
    cells.record("isyn_exc")
    sim.run(10.0)
    weights = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
    projection.set(weight=weights)
    sim.run(40.0)
    isyn = cells.get_data().segments[0].analogsignals[0].magnitude
    rows = projection.get("weight", format="list")
    assert [row[2] for row in rows] == weights
    for i, j, weight in rows:
        step = 160 + 100 * int(i)
        assert isyn[step, int(j)] - isyn[step - 1, int(j)] * np.exp(-0.1) == pytest.approx(weight)


@every_backend
def test_a_list_goes_through_a_pickle_and_comes_back(backend):
    sim = backends.load(backend)
    projection = made(sim, "by chance")
    projection.set(weight=[0.5 * k for k in range(len(projection))])
    names = ["weight", "delay"]
    rows = projection.get(names, format="list")
    read = pickle.loads(pickle.dumps(rows))
    connector = sim.FromListConnector(read, column_names=names)
    again = sim.Projection(projection.pre, projection.post, connector)
    assert again.get(names, format="list") == rows


@every_backend
def test_connections_are_objects_in_the_order_of_the_list(backend):
    projection = made(backends.load(backend), "a list")
    rows = projection.get(["weight", "delay"], format="list")
    names = ["presynaptic_index", "postsynaptic_index", "weight", "delay"]
    places = [(c.presynaptic_index, c.postsynaptic_index, c.weight, c.delay) for c in projection]
    assert places == rows == [tuple(c.as_tuple(*names)) for c in projection.connections]
    projection[2].weight = 7.0
    assert projection[2].weight == 7.0 == projection.get("weight", "list")[2][2]
    assert [c.weight for c in projection[1:4]] == [1.0, 7.0, 1.0]
    assert projection[-1].source == projection.pre[int(rows[-1][0])]
    assert len(list(projection)) == len(projection) == projection.size() == len(LIST)
    assert str(len(LIST)) in projection.describe()
    assert projection.describe(template=None)["connector"]["name"] == "FromListConnector"
