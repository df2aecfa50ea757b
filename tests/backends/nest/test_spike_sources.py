"""Cell types of NEST's alone, and what its models do not take."""

import numpy as np
import pytest
from pyNN.errors import ConnectionError as PynnConnectionError

from pipelines import backends
from pipelines.errors import Unsupported
from tests.backends.cells import begin, celltype

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")


@pytest.fixture
def sim():
    module = backends.load("nest")
    begin(module)
    return module


def stochastic(sim, seed, **parameters):
    sim.setup(timestep=0.1, min_delay=0.1, rng_seed=seed)
    arrays = {"a_eta": (0.1, 0.0, 0.0), "a_gamma": (1.0, 0.0, 0.0)}
    cells = sim.Population(20, sim.GIF_cond_exp(i_offset=0.8, lambda0=10.0, **arrays, **parameters))
    cells.record(["spikes", "v", "v_t", "i_eta", "gsyn_exc"])
    sim.run(100.0)
    segment = cells.get_data().segments[0]
    signals = {signal.name: signal for signal in segment.analogsignals}
    return [train.magnitude.tolist() for train in segment.spiketrains], signals


def test_stochastic_cells_follow_the_seed_and_start_at_their_threshold(sim):
    first, signals = stochastic(sim, 1, v_t_star=-55.0)
    again, _ = stochastic(sim, 1, v_t_star=-55.0)
    other, _ = stochastic(sim, 2, v_t_star=-55.0)
    assert sum(map(len, first)) > 20
    assert first == again and first != other
    assert np.all(signals["v_t"].magnitude[:2] == -55.0)
    assert signals["i_eta"].units.dimensionality.string == "nA"


def test_another_start_of_a_moving_threshold_is_refused(sim):
    with pytest.raises(Unsupported, match=r"v_t .* NEST has no way to set it"):
        sim.Population(2, sim.GIF_cond_exp(), initial_values={"v_t": -40.0})


# What no backend takes is in `test_possible`.
@pytest.mark.parametrize(
    ("kind", "values", "reason"),
    [("LIF", {"AMPA.tau_syn": 10.0}, "time constant.s. must differ")],
)
def test_values_that_nest_does_not_take_are_refused_with_its_reason(sim, kind, values, reason):
    with pytest.raises(Unsupported, match=reason):
        sim.Population(2, celltype(sim, kind, **values))
    cells = sim.Population(2, celltype(sim, kind))
    for part in (cells, cells[1:]):
        with pytest.raises(Unsupported, match=reason):
            part.set(**values)


def test_members_that_take_weights_in_different_units_are_refused(sim):
    members = [sim.Population(1, kind()) for kind in (sim.IF_curr_exp, sim.IF_curr_delta)]
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[5.0]))
    with pytest.raises(Unsupported, match="different units"):
        sim.Projection(source, sim.Assembly(*members), sim.AllToAllConnector())


def test_gap_junctions_are_not_taken_for_synapses(sim):
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[5.0]))
    cells = sim.Population(1, sim.HH_cond_exp())
    with pytest.raises(PynnConnectionError):
        sim.Projection(source, cells, sim.AllToAllConnector(), receptor_type="source_section.gap")


@pytest.mark.parametrize("name", ["NaChannel", "ElectricalSynapse"])
def test_what_nest_has_not_is_refused_by_name(sim, name):
    with pytest.raises(Unsupported, match=f"{name}: NEST has no such model"):
        getattr(sim, name)()


def test_an_unknown_native_model_is_refused_with_the_nearest_name(sim):
    with pytest.raises(Unsupported, match="did you mean 'iaf_psc_exp'"):
        sim.native_cell_type("iaf_psc_expo")
    assert sim.Population(1, sim.native_cell_type("iaf_psc_exp")()).size == 1


def test_parameters_of_several_numbers_are_read_as_they_were_given(sim):
    a_eta = [(0.1, 0.2, 0.3), (0.0, 0.0, 0.0)]
    cell = sim.GIF_cond_exp(tau_eta=(1.0, 10.0, 100.0), a_eta=a_eta, delta_v=[0.4, 0.5])
    cells = sim.Population(2, cell)
    assert cells.get("tau_eta").value.tolist() == [1.0, 10.0, 100.0]
    assert np.allclose([one.value for one in cells.get("a_eta")], a_eta)
    assert np.allclose(cells.get("delta_v"), [0.4, 0.5])
    cells.set(cm=2.0)
    assert cells.get("cm") == 2.0 and np.allclose(
        cells.get("tau_m"), cell.default_parameters["tau_m"]
    )
    assert np.allclose(cells[:1].get("a_eta").value, a_eta[0])
