"""Short-term plasticity against the equations of Tsodyks, Uziel and Markram (2000).

What a synapse sends follows from the train by a matrix exponential. Then one cell that it drives
has to do what another does that gets the same amounts by static synapses, a source for each spike.
"""

import numpy as np
import pytest
from scipy.linalg import expm

from pipelines import backends
from pipelines.backends import collect
from pipelines.errors import Unsupported

pytestmark = [pytest.mark.usefixtures("interpreted"), pytest.mark.filterwarnings("ignore")]
BACKENDS = backends.names()
DT, TAU_SYN, WEIGHT = 0.1, 3.0, 0.02
TIMES = [2.0, 5.0, 5.1, 9.0, 30.0, 31.5]
# U, tau_rec, tau_facil
KINDS = {
    "depressing": (0.4, 100.0, 0.0),
    "facilitating": (0.1, 5.0, 500.0),
    "mixed": (0.4, 100.0, 50.0),
    "tau_rec = tau_syn": (0.4, TAU_SYN, 0.0),
    "tau_rec near tau_syn": (0.4, TAU_SYN * (1 + 1e-7), 50.0),
    "all alike": (0.4, TAU_SYN, TAU_SYN),
    "recovered at once": (0.4, 1e-3, 0.0),
    "U = 1": (1.0, 20.0, 10.0),
    "U = 0": (0.0, 20.0, 10.0),
}
# Parameters beside tau_syn_E and tau_syn_I; what jumps at a spike has none.
CELLS = {
    "IF_curr_exp": {"v_thresh": 1e3},
    "IF_curr_alpha": {"v_thresh": 1e3},
    "IF_cond_exp": {"v_thresh": 1e3},
    "IF_cond_alpha": {"v_thresh": 1e3},
    "EIF_cond_exp_isfa_ista": {},
    "EIF_cond_alpha_isfa_ista": {},
    "HH_cond_exp": {},
    "IF_cond_exp_gsfa_grr": {},
    "IF_curr_delta": {"v_thresh": 1e3},
    "Izhikevich": {},
}
JUMPS = ("IF_curr_delta", "Izhikevich")


def amplitudes(times, U, tau_rec, tau_facil, tau_syn=TAU_SYN, u=0.0):
    """Share of the resources that each spike sends.

    Between spikes dx/dt = z / tau_rec, dy/dt = -y / tau_syn and dz/dt = y / tau_syn - z / tau_rec,
    which a matrix exponential solves.
    """
    state, last, sent = np.array([1.0, 0.0, 0.0]), 0.0, []
    for time in times:
        if tau_syn == 0:
            state = np.array([state[0], 0.0, state[1] + state[2]])
            rates = np.array([[0, 0, 1 / tau_rec], [0, 0, 0], [0, 0, -1 / tau_rec]])
        else:
            rates = np.array(
                [[0, 0, 1 / tau_rec], [0, -1 / tau_syn, 0], [0, 1 / tau_syn, -1 / tau_rec]]
            )
        state = expm(rates * (time - last)) @ state
        u *= np.exp(-(time - last) / tau_facil) if tau_facil else 0.0
        u += U * (1 - u)
        sent.append(u * state[0])
        state = state + sent[-1] * np.array([-1.0, 1.0, 0.0])
        last = time
    return np.array(sent)


def set_up(backend, trains=(TIMES,)):
    sim = backends.load(backend)
    # NEST goes on by so much at a reset.
    sim.setup(timestep=DT, **({"t_flush": 200.0} if backend == "nest" else {}))
    return sim, sim.Population(len(trains), sim.SpikeSourceArray(spike_times=list(trains)))


def cells_of(sim, size=1, **parameters):
    celltype = sim.IF_curr_exp(tau_syn_E=TAU_SYN, tau_syn_I=7.0, v_thresh=1e3, **parameters)
    cells = sim.Population(size, celltype, initial_values={"v": -65.0})
    cells.record(["isyn_exc", "isyn_inh"])
    return cells


def synapse_of(sim, U=0.4, tau_rec=100.0, tau_facil=50.0, weight=WEIGHT, delay=0.1):
    return sim.TsodyksMarkramSynapse(
        weight=weight, delay=delay, U=U, tau_rec=tau_rec, tau_facil=tau_facil
    )


def jumps_of(cells, cell=0, tau_syn=TAU_SYN, variable="isyn_exc"):
    """Times (ms) at which a current jumps, and by how much (nA)."""
    current = collect.signal(cells, variable)[1][:, cell]
    jumps = current[1:] - current[:-1] * np.exp(-DT / tau_syn)
    # A current is added at the end of a step, and decays from the next on.
    arrived = np.flatnonzero(np.abs(jumps) > 1e-9)
    return (arrived + 1) * DT, jumps[arrived]


def expect(found, times, amounts):
    np.testing.assert_allclose(found[0], times, atol=1e-9)
    np.testing.assert_allclose(found[1], amounts, rtol=1e-9)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("delay", [0.1, 4.0])
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "U = 0"])
def test_what_each_spike_sends(backend, kind, delay):
    sim, source = set_up(backend, (TIMES, []))
    cells = cells_of(sim)
    synapse = synapse_of(sim, *KINDS[kind], delay=delay)
    projection = sim.Projection(source, cells, sim.AllToAllConnector(), synapse)
    for _ in range(2):
        sim.run(40.0)
        expect(jumps_of(cells), np.add(TIMES, delay), WEIGHT * amplitudes(TIMES, *KINDS[kind]))
        sim.reset()
    assert projection.get("weight", format="list", with_address=False) == [WEIGHT] * 2
    sim.end()


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_synapse_that_uses_nothing_sends_nothing(backend):
    sim, source = set_up(backend)
    cells = cells_of(sim)
    sim.Projection(source, cells, sim.AllToAllConnector(), synapse_of(sim, *KINDS["U = 0"]))
    sim.run(40.0)
    assert len(jumps_of(cells)[0]) == 0
    sim.end()


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("receptor", ["excitatory", "inhibitory"])
@pytest.mark.parametrize("name", CELLS)
def test_every_cell_type(backend, name, receptor):
    sim, source = set_up(backend)
    try:
        celltype = getattr(sim, name)(**CELLS[name])
    except Unsupported:
        pytest.skip(f"{backend} has no {name}")
    tau_syn = 0.0
    if name not in JUMPS:
        tau_syn = TAU_SYN if receptor == "excitatory" else 7.0
        celltype = getattr(sim, name)(tau_syn_E=TAU_SYN, tau_syn_I=7.0, **CELLS[name])
    cells = sim.Population(2, celltype)
    weight = {"IF_curr_delta": 3.0, "Izhikevich": 3.0, "HH_cond_exp": 1e-3}.get(name, 0.02)
    if receptor == "inhibitory" and not celltype.conductance_based:
        weight = -weight
    kind = KINDS["mixed"]
    sim.Projection(
        source, cells[0:1], sim.AllToAllConnector(), synapse_of(sim, *kind, weight=weight),
        receptor_type=receptor,
    )  # fmt: skip
    each = sim.Population(len(TIMES), sim.SpikeSourceArray(spike_times=[[t] for t in TIMES]))
    sent = weight * amplitudes(TIMES, *kind, tau_syn=tau_syn)
    rows = [(k, 0, amount, 0.1) for k, amount in enumerate(sent)]
    sim.Projection(
        each, cells[1:2], sim.FromListConnector(rows), sim.StaticSynapse(), receptor_type=receptor
    )
    cells.record("v")
    sim.run(40.0)
    v = collect.signal(cells, "v")[1]
    assert np.ptp(v[:, 0]) > 1e-3
    np.testing.assert_allclose(v[:, 0], v[:, 1], rtol=0, atol=1e-9)
    sim.end()


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_named_receptor_has_its_own_time_constant(backend):
    sim, source = set_up(backend)
    receptors = {
        "inhibitory": sim.AlphaPSR(tau_syn=2.0, e_syn=-80.0),
        "slow": sim.AlphaPSR(tau_syn=9.0),
    }
    cells = sim.Population(2, sim.PointNeuron(sim.AdExp(), **receptors))
    kind = KINDS["mixed"]
    each = sim.Population(len(TIMES), sim.SpikeSourceArray(spike_times=[[t] for t in TIMES]))
    for name, tau_syn in (("inhibitory", 2.0), ("slow", 9.0)):
        sim.Projection(
            source, cells[0:1], sim.AllToAllConnector(), synapse_of(sim, *kind), receptor_type=name
        )
        sent = WEIGHT * amplitudes(TIMES, *kind, tau_syn=tau_syn)
        connector = sim.FromListConnector([(k, 0, w, 0.1) for k, w in enumerate(sent)])
        sim.Projection(each, cells[1:2], connector, sim.StaticSynapse(), receptor_type=name)
    cells.record("v")
    sim.run(40.0)
    v = collect.signal(cells, "v")[1]
    assert np.ptp(v[:, 0]) > 1e-3
    np.testing.assert_allclose(v[:, 0], v[:, 1], rtol=0, atol=1e-9)
    sim.end()


def with_threads(drawn, threads):
    """What is read of synapses on NEST, and the currents that they give."""
    sim = backends.load("nest")
    sim.setup(timestep=DT, threads=threads)
    source = sim.Population(3, sim.SpikeSourceArray(spike_times=TIMES))
    cells = cells_of(sim, 4)
    projection = sim.Projection(
        source, cells, sim.AllToAllConnector(), synapse_of(sim, U=drawn, tau_rec=TAU_SYN)
    )
    read = projection.get(["U", "tau_rec"], format="array")
    sim.run(40.0)
    return read, [jumps_of(cells, cell) for cell in range(4)]


def test_threads_of_nest(apart):
    drawn = np.random.default_rng(1).uniform(0.1, 0.9, (3, 4))
    (use, tau_rec), found = apart(with_threads, drawn, 2)
    np.testing.assert_allclose(use, drawn, rtol=1e-15)
    np.testing.assert_array_equal(tau_rec, TAU_SYN)
    for cell in range(4):
        sent = sum(WEIGHT * amplitudes(TIMES, U, TAU_SYN, 50.0) for U in drawn[:, cell])
        expect(found[cell], np.add(TIMES, 0.1), sent)


@pytest.mark.parametrize("backend", BACKENDS)
def test_values_of_each_connection_and_several_of_a_pair(backend):
    trains = [TIMES, [1.0, 2.0, 3.0, 20.0]]
    sim, source = set_up(backend, trains)
    cells = cells_of(sim, 3)
    columns = ["weight", "delay", "U", "tau_rec", "tau_facil"]
    rows = [
        (0, 1, 0.01, 0.5, 0.3, 20.0, 0.0),
        (1, 0, 0.02, 1.0, 0.9, TAU_SYN, 30.0),
        (0, 2, 0.03, 1.5, 0.5, 200.0, 80.0),
        (0, 2, 0.04, 1.5, 0.1, 50.0, 0.0),
    ]
    connector = sim.FromListConnector(rows, column_names=columns)
    projection = sim.Projection(source, cells, connector, synapse_of(sim))
    assert sorted(projection.get(columns, format="list")) == sorted(rows)
    sim.run(40.0)
    for cell in (0, 1):
        ((pre, _, weight, delay, *kind),) = [row for row in rows if row[1] == cell]
        sent = weight * amplitudes(trains[pre], *kind)
        expect(jumps_of(cells, cell), np.add(trains[pre], delay), sent)
    sent = sum(row[2] * amplitudes(TIMES, *row[4:]) for row in rows[2:])
    expect(jumps_of(cells, 2), np.add(TIMES, 1.5), sent)
    assert sorted(projection.get(columns, format="list")) == sorted(rows)
    sim.end()


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("targets", ["view", "assembly", "one cell"])
def test_views_assemblies_and_single_cells(backend, targets):
    sim, source = set_up(backend, ([], TIMES))
    first, second = cells_of(sim, 3), cells_of(sim, 2)
    second[1:2].set(tau_syn_E=5.0)
    post = {
        "view": second[1:2], "assembly": first[0:1] + second[1:2], "one cell": cells_of(sim),
    }[targets]  # fmt: skip
    sim.Projection(
        source[1:2], post, sim.AllToAllConnector(), synapse_of(sim), receptor_type="excitatory"
    )
    sim.run(40.0)
    at = np.add(TIMES, 0.1)
    if targets == "one cell":
        expect(jumps_of(post), at, WEIGHT * amplitudes(TIMES, 0.4, 100.0, 50.0))
    else:
        found = jumps_of(second, 1, tau_syn=5.0)
        expect(found, at, WEIGHT * amplitudes(TIMES, 0.4, 100.0, 50.0, tau_syn=5.0))
    sim.end()


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_is_set_before_the_run(backend):
    sim, source = set_up(backend)
    cells = cells_of(sim, 2)
    projection = sim.Projection(source, cells, sim.AllToAllConnector(), synapse_of(sim))
    before = projection.sha256()
    projection.set(U=np.array([[0.2, 0.9]]), tau_facil=10.0)
    projection.set(tau_rec=TAU_SYN)
    projection.set(weight=[0.05, 0.06])
    assert projection.sha256() != before
    names = ["U", "tau_rec", "tau_facil", "weight"]
    got = projection.get(names, format="list", with_address=False)
    np.testing.assert_allclose(got, [(0.2, TAU_SYN, 10.0, 0.05), (0.9, TAU_SYN, 10.0, 0.06)])
    # Set after the projection was made.
    cells.set(tau_syn_E=[4.0, 6.0])
    np.testing.assert_allclose(
        projection.get("tau_rec", format="array"), [[TAU_SYN, TAU_SYN]], rtol=1e-15
    )
    sim.run(40.0)
    for cell, (U, weight, tau_syn) in enumerate([(0.2, 0.05, 4.0), (0.9, 0.06, 6.0)]):
        sent = weight * amplitudes(TIMES, U, TAU_SYN, 10.0, tau_syn=tau_syn)
        expect(jumps_of(cells, cell, tau_syn=tau_syn), np.add(TIMES, 0.1), sent)
    sim.end()


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_weight_set_between_two_runs(backend):
    sim, source = set_up(backend)
    cells = cells_of(sim)
    projection = sim.Projection(source, cells, sim.AllToAllConnector(), synapse_of(sim, delay=3.0))
    sim.run(6.0)
    projection.set(weight=0.5)
    sim.run(34.0)
    # The second and third spike are under way.
    weights = np.array([WEIGHT] * 3 + [0.5] * 3)
    sent = weights * amplitudes(TIMES, 0.4, 100.0, 50.0)
    expect(jumps_of(cells), np.add(TIMES, 3.0), sent)
    sim.end()


@pytest.mark.parametrize("backend", BACKENDS)
def test_neurons_as_sources(backend):
    sim, driver = set_up(backend)
    sender = sim.Population(1, sim.IF_curr_exp(cm=0.25, tau_refrac=0.3, tau_syn_E=0.5))
    sim.Projection(driver, sender, sim.AllToAllConnector(), sim.StaticSynapse(weight=100.0))
    sender.record("spikes")
    cells = cells_of(sim)
    sim.Projection(sender, cells, sim.AllToAllConnector(), synapse_of(sim, delay=1.0))
    sim.run(40.0)
    times = np.round(collect.spikes(sender)[1], 4)
    assert len(times) > 4
    expect(jumps_of(cells), times + 1.0, WEIGHT * amplitudes(times, 0.4, 100.0, 50.0))
    sim.end()


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_use_at_time_0(backend):
    sim, source = set_up(backend)
    cells = cells_of(sim, 2)
    projection = sim.Projection(source, cells, sim.AllToAllConnector(), synapse_of(sim))
    projection.initialize(u=np.array([[0.3, 0.6]]))
    sim.run(40.0)
    for cell, u in enumerate([0.3, 0.6]):
        sent = WEIGHT * amplitudes(TIMES, 0.4, 100.0, 50.0, u=u)
        expect(jumps_of(cells, cell), np.add(TIMES, 0.1), sent)
    with pytest.raises(Unsupported, match="once the simulation has begun"):
        projection.initialize(u=0.1)
    sim.reset()
    sim.run(40.0)
    sent = WEIGHT * amplitudes(TIMES, 0.4, 100.0, 50.0, u=0.6)
    expect(jumps_of(cells, 1), np.add(TIMES, 0.1), sent)
    sim.end()


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    "wrong",
    [{"U": 1.2}, {"U": -0.1}, {"tau_rec": 0.0}, {"tau_facil": -1.0}, {"tau_rec": np.nan},
     {"weight": -0.1}],
)  # fmt: skip
def test_refused_parameters(backend, wrong):
    sim, source = set_up(backend)
    cells = cells_of(sim)
    ((name, value),) = wrong.items()
    with pytest.raises(Unsupported, match=rf"{name}.* {value:g}.*allowed: "):
        sim.Projection(
            source, cells, sim.AllToAllConnector(), synapse_of(sim, **wrong),
            receptor_type="excitatory",
        )  # fmt: skip
    projection = sim.Projection(source, cells, sim.AllToAllConnector(), synapse_of(sim))
    with pytest.raises(Unsupported, match=f"{value:g}"):
        projection.set(**wrong)
    with pytest.raises(Unsupported, match="state variable 'x'"):
        projection.initialize(x=0.5)
    sim.end()


def test_all_backends_have_the_same_synapses():
    found = []
    for backend in BACKENDS:
        sim, source = set_up(backend, [TIMES] * 4)
        cells = cells_of(sim, 5)
        rng = sim.NumpyRNG(seed=7)
        drawn = sim.RandomDistribution("uniform", (0.1, 0.9), rng=rng)
        synapse = synapse_of(sim, U=drawn, tau_rec="20 + d", weight=drawn)
        connector = sim.FixedProbabilityConnector(0.6, rng=rng)
        projection = sim.Projection(source, cells, connector, synapse)
        projection.initialize(u=drawn)
        names = ["weight", "delay", "U", "tau_rec", "tau_facil"]
        rows = sorted(projection.get(names, format="list"))
        sim.run(40.0)
        current = collect.signal(cells, "isyn_exc")[1]
        found.append((projection.sha256(), rows, current))
        sim.end()
    for digest, rows, current in found[1:]:
        assert digest == found[0][0]
        np.testing.assert_allclose(rows, found[0][1], rtol=1e-15)
        np.testing.assert_allclose(current, found[0][2], rtol=1e-9, atol=1e-15)
