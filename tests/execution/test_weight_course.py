"""Weights over time: read when they are due, whatever the experiment does, and changing nothing."""

from __future__ import annotations

import pytest

from pipelines import sweep
from pipelines.backends import names
from pipelines.execution.simulate import simulate

NETWORK = """
from dataclasses import dataclass
from pipelines.experiment import parameter


@dataclass(frozen=True)
class Parameters:
    duration: float = parameter(40.0, "ms", "simulated time", above=0)
    timestep: float = parameter(0.1, "ms", "time step", above=0)


def build(sim, parameters, seed):
    sources = sim.Population(20, sim.SpikeSourcePoisson(rate=200.0), label="sources")
    cell = sim.IF_curr_exp(cm=0.25, tau_refrac=2.0)
    neurons = sim.Population(3, cell, initial_values={"v": -60.0})
    stdp = sim.STDPMechanism(
        timing_dependence=sim.SpikePairRule(A_plus=0.1, A_minus=0.11),
        weight_dependence=sim.AdditiveWeightDependence(w_min=0.0, w_max=2.0),
        weight=1.0,
        delay=1.5,
        dendritic_delay_fraction=1.0,
    )
    inputs = sim.Projection(sources, neurons, sim.AllToAllConnector(), stdp)
    fixed = sim.Projection(
        sources, neurons, sim.OneToOneConnector(), sim.StaticSynapse(weight=0.1, delay=1.0)
    )
    return {"neurons": neurons, "inputs": inputs, "fixed": fixed}
"""


@pytest.fixture
def result(project, interpreted):
    """Tables of one run of the network, as pandas; `phases` is the experiment's own `run`."""

    def of(backend, record, phases="", profile=""):
        project.write(NETWORK + phases)
        text = "record:\n  populations: {neurons: [spikes]}\n" + record + "\nprofiles:\n"
        plan = project.plan(backend, f"seeds: [1], {profile}", text)
        return simulate(plan.runs[0], plan.experiment, plan.sweep.record).tables

    return lambda *given, **more: {n: t.to_pandas() for n, t in of(*given, **more).items()}


def times_of(tables, projection="inputs"):
    weights = tables["weights"]
    times = weights[weights["projection"] == projection]["time_ms"]
    assert times.is_monotonic_increasing
    assert times.value_counts().unique().tolist() == [60 if projection == "inputs" else 3]
    return times.unique().tolist()


def at(tables, time_ms):
    rows = tables["weights"]
    rows = rows[(rows["projection"] == "inputs") & (rows["time_ms"] == time_ms)]
    return rows.drop(columns=["time_ms", "run_id"]).reset_index(drop=True)


@pytest.mark.slow
@pytest.mark.parametrize("backend", names())
def test_readings_change_no_spike_and_no_weight(result, backend):
    # Between NEST's slices, at the end of a run, and more often than spikes arrive.
    without = result(backend, "  projections: [inputs]")
    course = result(backend, "  weights: {inputs: 0.7 ms}")
    assert times_of(course)[:3] == pytest.approx([0.0, 0.7, 1.4])
    assert times_of(course)[-2:] == pytest.approx([39.9, 40.0])
    assert len(without["spikes"]) > 3
    columns = ["neuron", "time_ms"]
    assert course["spikes"][columns].equals(without["spikes"][columns])
    assert at(course, 40.0).equals(at(without, 40.0))
    moved = [not at(course, time).equals(at(course, 0.0)) for time in times_of(course)]
    assert not moved[0] and 5 < sum(moved) < len(moved)


def test_a_course_is_the_same_on_all_backends(result):
    nest, *others = (result(backend, "  weights: {inputs: 5}") for backend in names())
    for other in others:
        assert times_of(other) == times_of(nest) == [5.0 * k for k in range(9)]
        weights = [one["weights"]["weight"].to_numpy() for one in (nest, other)]
        assert weights[1] == pytest.approx(weights[0], abs=1e-9 * 2.0)


@pytest.mark.parametrize("backend", ["nest", "stock_nest"])
def test_which_projections_are_read_when(result, backend):
    asked = "  projections: [fixed, inputs]\n  initial_weights: [fixed]\n  weights: {inputs: 15}"
    tables = result(backend, asked)
    assert times_of(tables) == [0.0, 15.0, 30.0, 40.0]
    assert times_of(tables, "fixed") == [0.0, 40.0]
    assert tables["weights"]["projection"].is_monotonic_increasing
    # An interval as long as the run.
    assert times_of(result(backend, "  weights: {inputs: 40 ms}")) == [0.0, 40.0]
    # The end of the run is an end of an interval, too.
    assert times_of(result(backend, "  weights: {inputs: 20}")) == [0.0, 20.0, 40.0]


RULES = """
from dataclasses import dataclass
from pipelines.experiment import parameter

PAIRS = {"A_plus": 0.05, "A_minus": 0.04}
TIMING = {
    "SpikePairRule": PAIRS,
    "NearestNeighbourSymmetricRule": PAIRS,
    "PresynapticCentredRule": PAIRS,
    "ReducedSymmetricRule": PAIRS,
    "TripletRule": {"A_plus": 0.002, "A_minus": 0.02, "A_plus_triplet": 0.01},
    "Vogels2011Rule": {"eta": 0.01, "rho": 0.02},
}
BOUNDS = {"w_min": 0.0, "w_max": 1.0}
WEIGHT = {
    "AdditiveWeightDependence": {},
    "MultiplicativeWeightDependence": {},
    "AdditivePotentiationMultiplicativeDepression": {},
    "GutigWeightDependence": {"mu_plus": 0.3, "mu_minus": 0.4},
}


@dataclass(frozen=True)
class Parameters:
    duration: float = parameter(40.0, "ms", "simulated time", above=0)


def build(sim, parameters, seed):
    source = sim.SpikeSourceArray(spike_times=[4.0, 9.0, 15.0, 21.0, 26.0, 34.0])
    sources = sim.Population(2, source)
    cell = sim.IF_cond_exp(i_offset=1.5, cm=0.25)
    rules = [(timing, "AdditiveWeightDependence") for timing in TIMING]
    rules += [("SpikePairRule", weight) for weight in WEIGHT]
    network = {}
    for timing, weight in rules:
        synapse = sim.STDPMechanism(
            timing_dependence=getattr(sim, timing)(**TIMING[timing]),
            weight_dependence=getattr(sim, weight)(**WEIGHT[weight], **BOUNDS),
            weight=0.0005 if weight == "AdditiveWeightDependence" else 0.0004,
            delay=1.5,
            dendritic_delay_fraction=1.0,
        )
        # On NEST, time constants belong to the neurons.
        neurons = sim.Population(2, cell, initial_values={"v": -60.0})
        name = f"{timing}_{weight}"
        network[name] = sim.Projection(sources, neurons, sim.AllToAllConnector(), synapse)
    short = sim.TsodyksMarkramSynapse(weight=0.001, delay=1.0, U=0.2, tau_rec=100.0)
    network["short"] = sim.Projection(sources, neurons, sim.OneToOneConnector(), short)
    return network
"""
LEARNING = [
    f"{rule}_AdditiveWeightDependence"
    for rule in (
        "SpikePairRule", "NearestNeighbourSymmetricRule", "PresynapticCentredRule",
        "ReducedSymmetricRule", "TripletRule", "Vogels2011Rule",
    )
] + [
    f"SpikePairRule_{rule}"
    for rule in (
        "MultiplicativeWeightDependence", "AdditivePotentiationMultiplicativeDepression",
        "GutigWeightDependence",
    )
]  # fmt: skip


def test_every_rule_has_a_course_which_is_the_same_on_all_backends(project, interpreted):
    every = ", ".join(f"{name}: 8 ms" for name in [*LEARNING, "short"])
    tables = {}
    for backend in names():
        project.write(RULES)
        plan = project.plan(backend, "seeds: [1]", f"record: {{weights: {{{every}}}}}\nprofiles:\n")
        found = simulate(plan.runs[0], plan.experiment, plan.sweep.record).tables["weights"]
        tables[backend] = found.to_pandas().drop(columns="run_id")
    first = tables["nest"]
    assert sorted(first["projection"].unique()) == sorted([*LEARNING, "short"])
    for name, rows in first.groupby("projection"):
        assert rows["time_ms"].unique().tolist() == [0.0, 8.0, 16.0, 24.0, 32.0, 40.0]
        n_values = rows.groupby(["pre", "post"])["weight"].nunique()
        assert (n_values == 1).all() if name == "short" else (n_values > 2).all(), name
    for other in tables.values():
        columns = ["projection", "pre", "post", "time_ms", "delay_ms"]
        assert other[columns].equals(first[columns])
        assert other["weight"].to_numpy() == pytest.approx(first["weight"].to_numpy(), abs=1e-12)


PHASES = """
def run(sim, network, parameters):
    calls = []

    def callback(now):
        calls.append(now)
        return now + 3.0

    network["inputs"].set(weight=0.5)
    sim.run(4.0)
    sim.run(0.0)
    sim.run_for(6.0, callbacks=[callback])
    assert calls == [4.0, 7.0, 10.0], calls
    network["inputs"].set(weight=1.25)
    assert sim.run_until(25.5) == 25.5
    sim.run(4.5)
    assert sim.get_current_time() == 30.0 and sim.get_time_step() == 0.1
    network["inputs"].set(weight=0.75)
"""


@pytest.mark.parametrize("backend", names())
def test_an_experiment_in_phases_is_read_at_the_same_times(result, backend):
    tables = result(backend, "  weights: {inputs: 5 ms}", PHASES)
    assert times_of(tables) == [0.0, 5.0, 10.0, 15.0, 20.0, 25.0, 30.0]
    # What is set between two runs is what the network goes on with.
    for time, weight in {0.0: 0.5, 10.0: 1.25, 30.0: 0.75}.items():
        assert at(tables, time)["weight"].tolist() == pytest.approx([weight] * 60)
    assert at(tables, 20.0)["weight"].nunique() > 3
    apart = result(backend, "  projections: [inputs]", PHASES)
    assert tables["spikes"]["time_ms"].tolist() == apart["spikes"]["time_ms"].tolist()


@pytest.mark.parametrize("backend", names())
def test_a_reset_begins_the_course_anew(result, backend):
    phases = """
def run(sim, network, parameters):
    sim.run(17.0)
    sim.reset()
    sim.run(12.0)
"""
    tables = result(backend, "  weights: {inputs: 5 ms}", phases)
    assert times_of(tables) == [0.0, 5.0, 10.0, 12.0]
    assert at(tables, 0.0)["weight"].tolist() == [1.0] * 60
    short = result(backend, "  weights: {inputs: 5 ms}", profile="parameters: {duration: 12}")
    assert tables["weights"]["weight"].tolist() == short["weights"]["weight"].tolist()


def of_threads(root, threads):
    """Weights of all readings on NEST; to be called in a process of its own."""
    plan = sweep.plan("tiny", "quick", root)
    tables = simulate(plan.runs[0], plan.experiment, plan.sweep.record, threads).tables
    return tables["weights"].column("weight").to_pylist()


def test_a_course_is_the_same_with_several_threads(project, apart):
    project.write(NETWORK)
    project.plan("nest", "seeds: [1]", "record: {weights: {inputs: 5}}\nprofiles:\n")
    one, two = (apart(of_threads, project.root, threads) for threads in (1, 2))
    assert len(one) == 9 * 60 and two == pytest.approx(one, abs=1e-9 * 2.0)


def test_connections_are_held_once(project, interpreted):
    project.write(NETWORK)
    plan = project.plan("nest", "seeds: [1]", "record: {weights: {inputs: 1}}\nprofiles:\n")
    weights = simulate(plan.runs[0], plan.experiment, plan.sweep.record).tables["weights"]
    for name, apart in {"pre": 1, "run_id": 1, "delay_ms": 1, "weight": 41, "time_ms": 41}.items():
        chunks = weights.column(name).chunks
        assert len(chunks) == 41
        assert len({chunk.buffers()[1].address for chunk in chunks}) <= apart
