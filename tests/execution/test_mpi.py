"""A network that MPI processes share: the results of one process, refusals, and how runs end."""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipelines import backends
from pipelines.errors import Unsupported
from pipelines.execution import mpi
from pipelines.execution.worker import run_shard
from pipelines.sweep import plan_point, shards

ROOT = Path(__file__).resolve().parents[2]
SHARING = [name for name in backends.names() if backends.get(name).mpi]
OTHERS = [name for name in backends.names() if not backends.get(name).mpi]
# A run that is shared starts in some seconds; a busy machine has a few times as long.
PATIENCE_S = 120

EVERYTHING = '''
"""Sources, currents, static, plastic and short-term plastic synapses, a view and an assembly."""
import os, time
from dataclasses import dataclass
from pipelines.experiment import parameter

N = 11


@dataclass(frozen=True)
class Parameters:
    fault: str = parameter("none", "", "what goes wrong")
    duration: float = parameter(60.0, "ms", "simulated time", above=0)
    timestep: float = parameter(0.1, "ms", "time step", above=0)


def build(sim, parameters, seed):
    if parameters.fault == "one" and sim.rank() == sim.num_processes() - 1:
        raise ValueError("this process alone")
    if parameters.fault == "lost" and sim.rank() == sim.num_processes() - 1:
        os._exit(3)
    if parameters.fault == "sleep":
        print("sleeping", flush=True)
        time.sleep(600)

    def drawn(number, low, high):
        rng = sim.NumpyRNG(seed=100 * seed + number, parallel_safe=number % 2 == 0)
        return sim.RandomDistribution("uniform", low=low, high=high, rng=rng)

    times = [[3.0 + 1.7 * k, 21.0 + 0.9 * k, 30.0 + 2.1 * k] for k in range(N)]
    played = sim.Population(N, sim.SpikeSourceArray(spike_times=times))
    poisson = sim.Population(N, sim.SpikeSourcePoisson(rate=400.0))
    cells = sim.Population(N, sim.IF_curr_exp(i_offset=drawn(1, 1.1, 1.4), tau_refrac=2.0))
    others = sim.Population(N, sim.IF_curr_alpha(i_offset=1.4))
    for population in (cells, others):
        population.initialize(v=drawn(5, -65.0, -52.0))
    cells[1:4].set(tau_m=15.0)
    sim.DCSource(amplitude=0.2, start=0.0, stop=15.0).inject_into(cells[::2])
    sim.NoisyCurrentSource(mean=0.1, stdev=0.1, start=0.0, stop=30.0).inject_into(others[3:])
    plastic = sim.STDPMechanism(
        timing_dependence=sim.SpikePairRule(15.0, 25.0, 0.02, 0.03),
        weight_dependence=sim.MultiplicativeWeightDependence(0.0, 0.1),
        weight=drawn(6, 0.02, 0.08),
        delay=drawn(7, 0.4, 4.0),
        dendritic_delay_fraction=0.4,
    )
    nearest = sim.STDPMechanism(
        timing_dependence=sim.ReducedSymmetricRule(15.0, 25.0, 0.02, 0.03),
        weight_dependence=sim.AdditiveWeightDependence(0.0, 0.1),
        weight=0.05,
        delay=1.0,
    )
    short_term = sim.TsodyksMarkramSynapse(
        U=0.4, tau_rec=80.0, tau_facil=30.0, weight=drawn(3, 0.01, 0.05), delay=0.5
    )
    chosen = sim.FixedTotalNumberConnector(90, rng=sim.NumpyRNG(seed=8 + seed))
    rest = sim.Assembly(cells[:4], others[2:9])
    static = sim.StaticSynapse(weight=0.01, delay=drawn(9, 0.1, 3.0))
    one = sim.Population(1, sim.IF_curr_exp(), label="in one process alone")
    made = {
        "played": played, "poisson": poisson, "cells": cells, "others": others, "one": one,
        "from_played": sim.Projection(played, cells, sim.AllToAllConnector(), plastic),
        "recurrent": sim.Projection(cells, cells, chosen, plastic, receptor_type="excitatory"),
        "nearest": sim.Projection(poisson, cells, sim.OneToOneConnector(), nearest),
        "static": sim.Projection(poisson, rest, chosen, static, receptor_type="excitatory"),
        "short_term": sim.Projection(played, others, sim.AllToAllConnector(), short_term),
        "to_one": sim.Projection(cells, one, sim.AllToAllConnector(), plastic),
    }
    made["from_played"].set(weight=drawn(4, 0.01, 0.09))
    made["short_term"].set(tau_facil=drawn(2, 20.0, 40.0))
    # Each process reads what all of them know.
    assert len(set(cells.get("i_offset"))) == N and cells.get("tau_m")[2] == 15.0
    assert len(made["recurrent"].get("weight", format="list")) == 90
    assert cells[10].tau_m == 20.0
    return made


def run(sim, network, parameters):
    sim.run(parameters.duration / 2)
    network["others"].set(i_offset=1.3)
    network["static"].set(weight=0.012)
    network["recurrent"].set(weight=0.05)
    network["short_term"].set(U=0.3)
    sim.run(parameters.duration / 2)
'''

SWEEP = """
description: A test
record:
  populations:
    played: [spikes]
    poisson: [spikes]
    cells: [spikes, v]
    others: [spikes, v]
    one: [spikes, v]
  projections: [from_played, recurrent, nearest, static, short_term, to_one]
  initial_weights: [from_played]
  weights: {recurrent: 20 ms}
profiles:
"""


def shared_between(plan, processes):
    return replace(plan, sweep=replace(plan.sweep, mpi=processes))


def whole(plan):
    (shard,) = shards(plan)
    return shard


@pytest.fixture(scope="module")
def sharing():
    """A backend that can share a network here; where there is none, tests say why."""
    reasons = []
    for name in SHARING:
        missing = backends.get(name).missing_for_mpi()
        if not missing and shutil.which(mpi.LAUNCHER) is None:
            missing = f"there is no {mpi.LAUNCHER}"
        if not missing:
            return name
        reasons.append(f"{name}: {missing}; see docs/mpi.md")
    if os.environ.get("COUNTERPOINT_REQUIRE_MPI"):
        pytest.fail("; ".join(reasons))
    return pytest.skip("; ".join(reasons))


@pytest.fixture(autouse=True)
def as_any_user(monkeypatch):
    """Open MPI asks root whether he means it; a test is often his."""
    for name in ("OMPI_ALLOW_RUN_AS_ROOT", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"):
        monkeypatch.setenv(name, "1")


def carry_out(plan, processes, store, log=None):
    """Carry out a plan over so many processes, in a store of its own."""
    plan = shared_between(plan, processes)
    summary = run_shard(plan, whole(plan), store, log)
    assert summary.failed == (), [store.read_record(run)["error"] for run in summary.failed]
    assert {store.read_record(run.run_id)["mpi_processes"] for run in plan.runs} == {processes}


def same(one, more, run, spikes=True):
    """The tables of a run are the same in two stores, and there are spikes in them."""
    records = [store.read_record(run.run_id) for store in (one, more)]
    names = ("connectivity_sha256", "input_sha256", "population_sizes", "cell_types")
    for name in (*names, "projections"):
        assert records[0][name] == records[1][name]
    for name in ("spikes", "weights"):
        assert one.read_table_bytes(run.run_id, name) == more.read_table_bytes(run.run_id, name)
    assert not spikes or one.read_table(run.run_id, "spikes").num_rows > 100
    before, now = (store.read_table(run.run_id, "signals") for store in (one, more))
    for name in before.column_names:
        if name != "value":
            assert before[name].equals(now[name])
    assert np.allclose(before["value"], now["value"], rtol=0, atol=1e-9)


@pytest.mark.parametrize("processes", [2, 4])
def test_results_are_those_of_one_process(project, sharing, processes):
    project.write(EVERYTHING)
    plan = project.plan(sharing, "seeds: [2]", SWEEP)
    stores = project.store("one"), project.store("more")
    for number, store in zip((1, processes), stores, strict=True):
        carry_out(plan, number, store)
    for run in plan.runs:
        same(*stores, run)


@pytest.mark.parametrize("name", ["brunel_regimes", "cuba_network", "stdp_recurrent"])
def test_experiments_are_those_of_one_process(tmp_path, project, sharing, name):
    plan = plan_point(name, "smoke", backends=[sharing], root=ROOT)
    one = project.store("1")
    carry_out(plan, 1, one)
    for processes in (2, 4):
        more = project.store(str(processes))
        carry_out(plan, processes, more)
        same(one, more, plan.runs[0])


def test_processes_are_no_part_of_what_a_run_is(project):
    """As threads are none: a result is the same result, however it was come by."""
    plans = [project.plan(SHARING[0], f"mpi: {number}") for number in (1, 4)]
    assert [plan.sweep.mpi for plan in plans] == [1, 4]
    assert plans[0].digest == plans[1].digest


@pytest.mark.parametrize(
    ("fault", "said"), [("one", "ValueError: this process alone"), ("lost", "exited with code")]
)
def test_a_fault_in_one_process_ends_all(project, sharing, fault, said):
    project.write(EVERYTHING)
    grid = f"mpi: 2, grid: {{fault: [{fault}, none]}}"
    plan = project.plan(sharing, grid, SWEEP)
    store, began = project.store(), time.monotonic()
    summary = run_shard(plan, whole(plan), store, project.root / "log")
    assert time.monotonic() - began < PATIENCE_S
    bad, good = plan.runs
    assert (summary.failed, summary.done) == ((bad.run_id,), (good.run_id,))
    assert said in store.read_record(bad.run_id)["error"]
    assert not with_words(str(store.folder))


def test_a_run_that_breaks_a_limit_is_ended_with_all_its_processes(project, sharing):
    project.write(EVERYTHING)
    profile = "mpi: 3, parameters: {fault: sleep}, limits: {time: 20}"
    plan = project.plan(sharing, profile, SWEEP)
    store, log = project.store(), project.root / "log"
    assert len(run_shard(plan, whole(plan), store, log).failed) == 1
    # All of them had begun.
    assert log.read_text().count("sleeping") == 3
    record = store.read_record(plan.runs[0].run_id)
    assert "ran longer than 20 s" in record["error"]
    ended = time.monotonic() + 10
    while with_words(str(store.folder)) and time.monotonic() < ended:
        time.sleep(0.1)
    assert not with_words(str(store.folder))


def with_words(words):
    """Ids of processes that have these words in their command."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if words.encode() in path.read_bytes():
                found.append(path.parent.name)
        except OSError:
            continue
    return found


def test_what_cannot_be_shared_is_refused_by_name(project, monkeypatch):
    plan = project.plan(SHARING[0], "mpi: 2")
    described = backends.get(SHARING[0])
    where = "experiments/tiny/sweep.yaml: profiles.quick.mpi"
    monkeypatch.setattr(type(described), "missing_for_mpi", lambda self: "it was built without")
    with pytest.raises(Unsupported) as refusal:
        run_shard(plan, whole(plan), project.store(), None)
    said = str(refusal.value)
    assert said.startswith(f"{where}: {described.label} over 2 processes: it was built without")
    assert "mpi: 1" in said and "docs/mpi.md" in said
    assert (ROOT / "docs" / "mpi.md").exists()
    monkeypatch.setattr(type(described), "missing_for_mpi", lambda self: "")
    with pytest.raises(Unsupported, match=r"mpi: 2 processes: there is no command 'no_such -x'"):
        mpi.check("tiny", plan.sweep, "no_such -x")


@pytest.mark.parametrize("name", SHARING)
def test_an_installation_says_what_it_lacks(project, name):
    """It either lacks nothing, or refuses what it cannot do."""
    plan, missing = project.plan(name, "mpi: 2"), backends.get(name).missing_for_mpi()
    if missing:
        with pytest.raises(Unsupported, match="2 processes: "):
            mpi.check("tiny", plan.sweep)
    else:
        mpi.check("tiny", plan.sweep, "true")


@pytest.mark.parametrize("name", OTHERS)
def test_other_backends_take_one_process(project, name, interpreted):
    """A sweep of both compares one network, wherever it was simulated."""
    assert backends.processes_of(name, 4) == 1
    plan = project.plan(name, "mpi: 4")
    mpi.check("tiny", plan.sweep, "no_such")
    store = project.store()
    assert run_shard(plan, whole(plan), store, None).failed == ()
    assert store.read_record(plan.runs[0].run_id)["mpi_processes"] == 1


def test_stock_modules_take_one_process():
    assert {backends.processes_of(name, 4) for name in backends.stock_names()} == {1}


def test_processes_that_do_not_know_each_other_are_refused():
    """So they are if another MPI's launcher starts them."""
    mpi.check_world_size(2, 2)
    with pytest.raises(Exception, match="started 2 processes, and MPI tells each of 1"):
        mpi.check_world_size(1, 2)


def test_events_stand_out_from_what_a_launcher_says():
    said = b'a warning\n{"some": 1}\n{"event": "failed", "error": "x"}\n{"event": "run"}\n'
    assert mpi.first_event(said) == {"event": "failed", "error": "x"}
    assert mpi.first_event(b"5\n") is None
