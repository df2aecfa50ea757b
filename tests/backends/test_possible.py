"""Parameters that no cell can have, and states that are no numbers, are refused everywhere."""

import numpy as np
import pytest
from pyNN.random import NumpyRNG, RandomDistribution

from pipelines import backends
from pipelines.backends import collect
from pipelines.errors import BadInput, CounterpointError, Unsupported
from tests.backends.cells import celltype

pytestmark = pytest.mark.usefixtures("interpreted")

BACKENDS = pytest.mark.parametrize("backend", backends.names())
# Cell type, parameters, and what the refusal says.
IMPOSSIBLE = [
    ("IF_curr_exp", {"cm": 0.0}, "IF_curr_exp.cm: 0; allowed: above 0"),
    ("IF_curr_alpha", {"tau_syn_I": -1.0}, "IF_curr_alpha.tau_syn_I: -1; allowed: above 0"),
    ("IF_cond_exp", {"tau_m": 0.0}, "IF_cond_exp.tau_m: 0; allowed: above 0"),
    ("IF_cond_exp", {"tau_refrac": -0.1}, "IF_cond_exp.tau_refrac: -0.1; allowed: 0 and above"),
    ("IF_curr_delta", {"v_reset": -50.0, "v_thresh": -50.0}, "below v_thresh, which is -50 mV"),
    ("IF_curr_exp", {"v_reset": [-65.0, -40.0]}, "IF_curr_exp.v_reset: -40; allowed: below"),
    ("IF_cond_exp_gsfa_grr", {"tau_sfa": 0.0}, "tau_sfa: 0; allowed: above 0"),
    ("EIF_cond_exp_isfa_ista", {"tau_w": 0.0}, "tau_w: 0; allowed: above 0"),
    ("EIF_cond_exp_isfa_ista", {"v_spike": -60.0}, "v_thresh: -50.4; allowed: v_spike at most"),
    ("EIF_cond_alpha_isfa_ista", {"v_reset": -40.0}, "below v_spike, which is -40 mV"),
    ("EIF_cond_alpha_isfa_ista", {"delta_T": 0.01}, "delta_T: 0.01; allowed: 0 mV, or enough"),
    ("HH_cond_exp", {"cm": [0.2, -0.2]}, "HH_cond_exp.cm: -0.2; allowed: above 0"),
    ("HH_cond_exp", {"e_rev_leak": np.nan}, "HH_cond_exp.e_rev_leak: nan; allowed: a number"),
    ("IF_curr_exp", {"i_offset": [0.1, np.nan]}, "IF_curr_exp.i_offset: nan; allowed: a number"),
]


@BACKENDS
@pytest.mark.parametrize(("celltype", "parameters", "said"), IMPOSSIBLE)
def test_what_no_cell_can_have_is_refused_alike(backend, celltype, parameters, said):
    sim = backends.load(backend)
    sim.setup(timestep=0.1)
    with pytest.raises(Unsupported) as refused:
        sim.Population(2, getattr(sim, celltype)(**parameters))
    assert said in str(refused.value)
    assert isinstance(refused.value, ValueError)


@BACKENDS
@pytest.mark.parametrize("name", ["GABA.tau_rise", "AMPA.tau_decay", "tau_w"])
def test_those_of_composed_neurons_are_refused_too(backend, name):
    sim = backends.load(backend)
    sim.setup(timestep=0.1)
    with pytest.raises(Unsupported, match=rf"PointNeuron\.{name}: -1; allowed: above 0"):
        sim.Population(2, celltype(sim, "AdExp with beta", **{name: -1.0}))


@BACKENDS
@pytest.mark.parametrize("part", ["population", "view", "cell"])
@pytest.mark.parametrize(
    ("name", "value"),
    [("tau_m", 0.0), ("tau_syn_E", -1.0), ("v_thresh", -80.0), ("v_rest", np.nan)],
)
def test_it_is_refused_when_it_is_set_and_leaves_the_cells_as_they_were(backend, part, name, value):
    sim = backends.load(backend)
    sim.setup(timestep=0.1)
    cells = sim.Population(3, sim.IF_cond_exp())
    before = cells.get(name)
    some = {"population": cells, "view": cells[1:], "cell": cells[1:2]}[part]
    with pytest.raises(Unsupported):
        some.set(**{name: value})
    assert cells.get(name) == pytest.approx(before)


@BACKENDS
def test_what_is_drawn_is_looked_at_too(backend):
    sim = backends.load(backend)
    sim.setup(timestep=0.1)
    drawn = RandomDistribution("uniform", (-5.0, -1.0), rng=NumpyRNG(1))
    with pytest.raises(Unsupported):
        sim.Population(3, sim.IF_curr_exp(tau_m=drawn))


@BACKENDS
@pytest.mark.parametrize(
    ("celltype", "parameters"),
    [
        ("IF_curr_exp", {"v_thresh": np.inf}),
        ("IF_curr_exp", {"tau_refrac": 0.0, "v_rest": -30.0}),
        ("EIF_cond_exp_isfa_ista", {"delta_T": 0.0, "v_thresh": -40.0, "v_spike": -40.0}),
        ("EIF_cond_exp_isfa_ista", {"v_reset": -45.0, "a": -1.0, "b": -0.01}),
        ("HH_cond_exp", {"g_leak": 0.0}),
    ],
)
def test_what_is_unusual_is_not_refused(backend, celltype, parameters):
    sim = backends.load(backend)
    sim.setup(timestep=0.1)
    cells = sim.Population(2, getattr(sim, celltype)(**parameters))
    cells.record("v")
    sim.run(5.0)
    assert np.isfinite(collect.signal(cells, "v")[1]).all()


@BACKENDS
@pytest.mark.parametrize("recorded", [["spikes"], ["v"], ["spikes", "v"]])
def test_a_potential_that_is_lost_is_an_error(backend, recorded):
    """The solver of NEST begins with a step of 1 ms, in which exp() overflows, and goes on."""
    sim = backends.load(backend)
    sim.setup(timestep=1.0)
    cells = sim.Population(2, sim.HH_cond_exp(i_offset=0.5), label="traub")
    cells.record(recorded)
    try:
        sim.run(20.0)
        cells.get_data()
    except BadInput as error:
        assert "'traub' at 20 ms: the state of cell 0 is not a finite number" in str(error)
    else:
        # Where a step that fails is tried again there is a right one.
        assert backend == "brian2"
        if "v" in recorded:
            assert np.isfinite(collect.signal(cells, "v")[1]).all()


@BACKENDS
def test_so_is_one_that_nothing_is_recorded_of(backend):
    sim = backends.load(backend)
    sim.setup(timestep=0.1)
    sim.Population(2, sim.HH_cond_exp(), label="traub", initial_values={"v": np.nan})
    other = sim.Population(2, sim.IF_curr_exp())
    other.record("spikes")
    with pytest.raises(CounterpointError, match="'traub' at 5 ms: the state of cell 0"):
        sim.run(5.0)
        other.get_data()


@BACKENDS
def test_adaptive_cells_that_explode_are_refused_by_name(backend):
    sim = backends.load(backend)
    sim.setup(timestep=0.1)
    sim.Population(1, sim.EIF_cond_exp_isfa_ista(i_offset=-1e5))
    with pytest.raises(BadInput):
        sim.run(100.0)
