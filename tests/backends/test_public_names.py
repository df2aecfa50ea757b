"""What PyNN has, each backend has too, or refuses by name."""

import inspect

import pytest
from pyNN import connectors, parameters, random, space
from pyNN.models import BaseModelType
from pyNN.standardmodels import cells, electrodes, receptors, synapses

from pipelines import backends
from pipelines.errors import Unsupported

pytestmark = pytest.mark.usefixtures("interpreted")
BACKENDS = backends.names()
STOCHASTIC = ("SimpleStochasticSynapse", "StochasticTsodyksMarkramSynapse", "MultiQuantalSynapse")


def models_of(module):
    """Names of a module's models: those that have parameters."""
    return {
        name
        for name, value in vars(module).items()
        if inspect.isclass(value)
        and issubclass(value, BaseModelType)
        and (value.default_parameters or name in ("PointNeuron", "STDPMechanism"))
    }


def classes_of(module, *not_for_scripts):
    return {
        name
        for name, value in vars(module).items()
        if inspect.isclass(value) and value.__module__ == module.__name__
    } - set(not_for_scripts)


NAMES = sorted(
    set().union(*(models_of(module) for module in (cells, electrodes, receptors, synapses)))
    | classes_of(connectors, "MapConnector", "FixedNumberConnector", "DefaultCSAConnector",
                 "IndexBasedExpression")
    | {"Space", "NumpyRNG", "RandomDistribution", "NativeRNG", "GSLRNG", "Sequence",
       "ArrayParameter", "native_cell_type", "native_synapse_type", "native_electrode_type",
       "NativeCellType", "NativeSynapseType", "NativeElectrodeType", "nestml",
       "list_standard_models", "AlphaPSR", "ExpPSR", "Population", "PopulationView", "Assembly",
       "Projection", "Network", "setup", "run", "run_for", "run_until", "reset", "end", "set",
       "create", "connect", "record", "record_v", "record_gsyn", "initialize", "get_current_time",
       "get_time_step", "get_min_delay", "get_max_delay", "num_processes", "rank",
       "MultiCompartmentNeuron", "IntFire1", "IntFire2", "IntFire4"}
)  # fmt: skip


def test_the_list_is_of_what_pynn_has():
    assert {"ElectricalSynapse", "Vogels2011Rule", "SpikeSourceGamma", "StepCurrentSource",
            "CondExpPostSynapticResponse", "SmallWorldConnector"} <= set(NAMES)  # fmt: skip
    assert all(hasattr(random, name) for name in ("NativeRNG", "NumpyRNG"))
    assert hasattr(space, "Space") and hasattr(parameters, "ArrayParameter")


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_there_or_refused(backend, name):
    sim = backends.load(backend)
    value = getattr(sim, name)
    if name in vars(sim) and name not in STOCHASTIC:
        return
    with pytest.raises(Unsupported, match=f"^{name}: "):
        value(1)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", STOCHASTIC)
def test_stochastic_synapses_say_what_to_take_instead(backend, name):
    sim = backends.load(backend)
    with pytest.raises(Unsupported, match=f"^{name}: .*random numbers.*; allowed: .*Synapse"):
        getattr(sim, name)(weight=0.1, delay=1.0)


@pytest.mark.parametrize("backend", sorted(set(BACKENDS) - {"nest"}))
def test_what_is_native_is_refused(backend):
    sim = backends.load(backend)
    with pytest.raises(Unsupported, match=r"NativeRNG: .*use NumpyRNG"):
        sim.NativeRNG(seed=1)
    with pytest.raises(Unsupported, match=r"nestml: .*models in a language"):
        sim.nestml.nestml_cell_type("x", "x.nestml")
    assert not hasattr(sim, "IF_curr_expp")


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_class_that_is_missing_is_refused_where_a_script_begins_to_use_it(backend):
    sim = backends.load(backend)
    cell = sim.MultiCompartmentNeuron
    with pytest.raises(Unsupported, match=r"MultiCompartmentNeuron: .*NEURON and Arbor have$"):
        cell.ion_channels = {"pas": sim.PassiveLeak}
    with pytest.raises(Unsupported, match=r"IntFire1: .*an artificial cell of NEURON$"):
        sim.IntFire1(tau=20.0, refrac=2.0)


def test_what_is_missing_is_told_with_others_of_its_kind():
    sim = backends.load("brian2")
    with pytest.raises(Unsupported, match="did you mean 'IF_cond_exp'") as refused:
        sim.GIF_cond_exp()
    assert "IF_cond_alpha" in str(refused.value) and "Synapse" not in str(refused.value)


@pytest.mark.parametrize("backend", BACKENDS)
def test_standard_models_can_be_made(backend):
    sim = backends.load(backend)
    names = sim.list_standard_models()
    assert {"IF_curr_exp", "IF_cond_alpha", "SpikeSourcePoisson", "SpikeSourceArray"} <= set(names)
    sim.setup(timestep=0.1)
    for name in names:
        assert len(sim.Population(2, getattr(sim, name)())) == 2
    sim.end()


@pytest.mark.parametrize("backend", BACKENDS)
def test_synapse_types_of_another_module_are_refused(backend):
    sim = backends.load(backend)
    sim.setup(timestep=0.1)
    one = sim.Population(2, sim.IF_curr_exp())
    for foreign in (synapses.SimpleStochasticSynapse, synapses.StaticSynapse):
        with pytest.raises(Unsupported, match=f"the synapse type {foreign.__name__} is another"):
            sim.Projection(one, one, sim.AllToAllConnector(), foreign(weight=0.1, delay=1.0))
    sim.end()


def test_nest_has_its_own_types():
    sim = backends.load("nest")
    sim.setup(timestep=0.1)
    one = sim.Population(2, sim.IF_curr_exp())
    synapse = sim.native_synapse_type("bernoulli_synapse")(weight=1.0, delay=1.0, p_transmit=0.5)
    made = sim.Projection(one, one, sim.AllToAllConnector(), synapse)
    assert len(made) == 4
    sim.end()
