"""Recording of some neurons and connections: the same numbers as of a record of all, on each
backend, with indices of the population."""

from __future__ import annotations

import pytest

from pipelines.backends import names
from pipelines.errors import BadInput
from pipelines.execution.network_contents import evenly_spread
from pipelines.execution.simulate import simulate, try_build

NETWORK = """
import numpy as np
from dataclasses import dataclass
from pipelines.experiment import parameter


@dataclass(frozen=True)
class Parameters:
    n: int = parameter(12, "1", "neurons", minimum=4)
    duration: float = parameter(60.0, "ms", "simulated time", above=0)
    timestep: float = parameter(0.1, "ms", "time step", above=0)


def build(sim, parameters, seed):
    n = parameters.n
    cell = sim.IF_curr_exp(i_offset=np.linspace(0.0, 2.0, n), cm=0.25, tau_refrac=2.0)
    cells = sim.Population(n, cell, initial_values={"v": -65.0}, label="cells")
    others = sim.Population(4, sim.IF_curr_exp(i_offset=1.5, cm=0.25), initial_values={"v": -65.0})
    stdp = sim.STDPMechanism(
        timing_dependence=sim.SpikePairRule(A_plus=0.1, A_minus=0.11),
        weight_dependence=sim.AdditiveWeightDependence(w_min=0.0, w_max=0.2),
        weight=0.1,
        delay=1.5,
        dendritic_delay_fraction=1.0,
    )
    plastic = sim.Projection(cells, others, sim.AllToAllConnector(), stdp)
    return {"cells": cells, "view": cells[2:], "both": cells + others, "plastic": plastic}
"""


@pytest.fixture
def run(project, interpreted):
    """Result of one run with a section `record`, in YAML."""

    def of(backend, record, check=simulate, profile=""):
        project.write(NETWORK)
        plan = project.plan(backend, f"seeds: [1], {profile}", f"record: {record}\nprofiles:\n")
        return check(plan.runs[0], plan.experiment, plan.sweep.record)

    return of


def frame(result, name, population="cells"):
    table = result.tables[name].to_pandas().drop(columns="run_id")
    column = "projection" if name == "weights" else "population"
    return table[table[column] == population].drop(columns=column).reset_index(drop=True)


def only(table, neurons):
    return table[table["neuron"].isin(neurons)].reset_index(drop=True)


ALL = "{populations: {cells: {spikes: true, signals: [v]}, both: [spikes]}}"


@pytest.mark.parametrize("backend", [*names(), "stock_nest"])
def test_some_neurons_are_those_of_a_record_of_all(run, backend):
    whole = run(backend, ALL)
    assert whole.record["recorded_neurons"] == {}
    some = run(
        backend,
        "{populations: {cells: {spikes: {neurons: 4}, signals: [v], neurons: [11, 2, 5]},"
        " both: {spikes: {neurons: [9, 13]}}}}",
    )
    for name, neurons in (("spikes", [0, 3, 7, 11]), ("signals", [2, 5, 11])):
        expected = only(frame(whole, name), neurons)
        assert len(expected) and frame(some, name).equals(expected)
    expected = only(frame(whole, "spikes", "both"), [9, 13])
    assert set(expected["neuron"]) == {9, 13}
    assert frame(some, "spikes", "both").equals(expected)
    assert some.record["recorded_neurons"] == {
        "cells": {"of": 12, "spikes": [0, 3, 7, 11], "signals": [2, 5, 11]},
        "both": {"of": 16, "spikes": [9, 13]},
    }
    assert some.record["population_sizes"] == {"cells": 4, "view": 10, "both": 2}


def test_a_number_of_neurons_is_evenly_spread_and_at_most_all(run):
    assert evenly_spread(4, 12) == [0, 3, 7, 11]
    assert evenly_spread(1, 12) == [0] and evenly_spread(12, 12) == list(range(12))
    assert evenly_spread(3, 2) == [0, 1]
    spread = evenly_spread(1000, 123_457)
    assert len({*spread}) == 1000 and spread[-1] == 123_456
    found = run("reference", "{populations: {cells: {spikes: {neurons: 100}}}}")
    assert (
        found.record["recorded_neurons"] == {} and found.record["population_sizes"]["cells"] == 12
    )


def test_silent_neurons_and_another_name_of_the_population(run):
    # The first cells get no current; the view records more neurons of the same population.
    asked = "{populations: {cells: {spikes: {neurons: [0, 1]}, signals: [v], neurons: [3]},"
    found = run("reference", asked + " view: {spikes: true, signals: [v]}}}")
    assert frame(found, "spikes").empty
    assert found.record["population_sizes"]["cells"] == 2
    assert set(frame(found, "signals")["neuron"]) == {3}
    assert set(frame(found, "signals", "view")["neuron"]) == set(range(10))


@pytest.mark.parametrize(
    ("record", "words"),
    [
        ("cells: {spikes: {neurons: [3, 12]}}", 
         "there is no neuron 12 of 'cells'; allowed: 0 to 11"),
        ("cells: {signals: [v], neurons: [400]}", "there is no neuron 400 of 'cells'"),
        ("cells: {signals: [v], sampling_interval: 0.2}, view: {signals: [v]}",
         "sampling_interval: differs from that of 'cells', which is of the same population"),
    ],
)  # fmt: skip
def test_what_a_network_has_not_is_refused_when_it_is_built(run, record, words):
    with pytest.raises(BadInput, match=words):
        run("reference", f"{{populations: {{{record}}}}}", try_build)


@pytest.mark.parametrize("backend", names())
def test_some_connections_over_time_are_those_of_a_reading_of_all(run, backend):
    whole = frame(run(backend, "{weights: {plastic: 20 ms}}"), "weights", "plastic")
    assert len(whole) == 48 * 4 and whole["weight"].nunique() > 10
    some = run(backend, "{weights: {plastic: {every: 20 ms, connections: 5}}}")
    pairs = whole[["pre", "post"]].drop_duplicates().iloc[evenly_spread(5, 48)]
    expected = whole.merge(pairs, on=["pre", "post"])
    assert len(expected) == 5 * 4 and frame(some, "weights", "plastic").equals(expected)
    sample = {"recorded_connections": 5, "connections": 48, "all_at_end": False}
    assert some.record["projections"]["plastic"].items() >= sample.items()
    # All of them at the end, if they are asked for.
    asked = "{projections: [plastic], weights: {plastic: {every: 20 ms, connections: 5}}}"
    both = run(backend, asked)
    table, last = frame(both, "weights", "plastic"), whole["time_ms"] == 60.0
    assert table[table["time_ms"] < 60].equals(expected[expected["time_ms"] < 60])
    at_end = table[table["time_ms"] == 60.0].reset_index(drop=True)
    assert at_end.equals(whole[last].reset_index(drop=True))
    sample["all_at_end"] = True
    assert both.record["projections"]["plastic"].items() >= sample.items()
