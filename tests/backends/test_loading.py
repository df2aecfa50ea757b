"""`load` gives whole PyNN modules, and leaves the stock ones as they are."""

import pytest

from pipelines import backends
from pipelines.errors import BadInput

API = """
setup run run_until run_for reset end create connect record set initialize get_current_time
get_time_step get_min_delay get_max_delay num_processes rank Population PopulationView
Assembly Projection StaticSynapse STDPMechanism SpikePairRule AdditiveWeightDependence
MultiplicativeWeightDependence AdditivePotentiationMultiplicativeDepression
GutigWeightDependence AllToAllConnector OneToOneConnector FixedProbabilityConnector
FixedNumberPreConnector FixedNumberPostConnector FixedTotalNumberConnector FromListConnector
ArrayConnector DistanceDependentProbabilityConnector IF_curr_exp IF_cond_exp
SpikeSourceArray DCSource StepCurrentSource ACSource NumpyRNG RandomDistribution
list_standard_models
""".split()  # noqa: SIM905 - a list of so many strings is harder to read


@pytest.mark.parametrize("name", backends.all_names())
def test_has_the_whole_interface(name):
    module = backends.load(name)
    assert [attribute for attribute in API if not hasattr(module, attribute)] == []


@pytest.mark.parametrize("name", backends.stock_names().values())
def test_hides_nothing_of_the_stock_module(name):
    public = {key for key in vars(backends.load(name, stock=True)) if not key.startswith("_")}
    assert public - set(vars(backends.load(name))) == set()


@pytest.mark.parametrize("name", backends.stock_names().values())
def test_stock_is_the_unmodified_module(name):
    ours, stock = backends.load(name), backends.load(name, stock=True)
    assert stock.__name__ == f"pyNN.{name}"
    for key in ("Population", "Projection", "IF_curr_exp", "STDPMechanism", "setup", "run"):
        thing = getattr(stock, key)
        assert thing is not getattr(ours, key)
        assert thing.__module__.startswith("pyNN.")


def test_an_unknown_backend_is_named_with_the_nearest():
    with pytest.raises(BadInput, match="did you mean 'brian2'"):
        backends.load("brian")


def test_stock_backends_have_names_for_sweeps():
    assert backends.load("stock_nest") is backends.load("nest", stock=True)
    assert backends.load("stock_brian2") is backends.load("brian2", stock=True)
