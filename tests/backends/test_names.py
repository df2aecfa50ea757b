"""Networks one after another in one process have the same names, and so the same code."""

import pytest

from pipelines import backends
from pipelines.backends.brian2 import control


def names_of_networks(sim, number):
    found = []
    for _ in range(number):
        sim.setup()
        source = sim.Population(2, sim.SpikeSourceArray(spike_times=[1.0]))
        target = sim.Population(2, sim.IF_curr_exp())
        sim.Projection(source, target, sim.OneToOneConnector(), sim.StaticSynapse())
        target.record("spikes")
        sim.run(2.0)
        objects = sim.simulator.state.network.sorted_objects
        codes = [code.name for thing in objects for code in thing._code_objects]
        found.append(sorted([thing.name for thing in objects] + codes))
    return found


@pytest.mark.usefixtures("interpreted")
def test_names_start_over_with_every_network():
    first, second, third = names_of_networks(backends.load("brian2"), 3)
    assert len(second) > 10
    assert second == third == first


@pytest.mark.usefixtures("interpreted")
def test_they_would_not_without(monkeypatch):
    monkeypatch.setattr(control, "forget_names", lambda network: None)
    _, second, third = names_of_networks(backends.load("brian2"), 3)
    assert second != third
