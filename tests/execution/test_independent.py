"""Runs of profiles with `independent: true`: simulators may draw Poisson trains themselves."""

import numpy as np
import pytest

from pipelines import sweep
from pipelines.backends import names
from pipelines.execution.repetition import repeat
from pipelines.execution.simulate import simulate
from pipelines.execution.worker import run_shard

pytestmark = pytest.mark.slow

DRIVEN = '''
"""Neurons that each have a Poisson source."""
from dataclasses import dataclass
from pipelines.experiment import parameter


@dataclass(frozen=True)
class Parameters:
    rate: float = parameter(10000.0, "Hz", "rate of each source")
    duration: float = parameter(100.0, "ms", "simulated time", above=0)


def build(sim, parameters, seed):
    sources = sim.Population(20, sim.SpikeSourcePoisson(rate=parameters.rate))
    neurons = sim.Population(20, sim.IF_curr_exp(cm=0.25, tau_refrac=2.0))
    synapse = sim.StaticSynapse(weight=0.04, delay=1.0)
    sim.Projection(sources, neurons, sim.OneToOneConnector(), synapse)
    return {"neurons": neurons, "sources": sources}
'''
SWEEP = """
description: A test
record: {populations: {neurons: [spikes]}}
profiles:
"""


def planned(project, backend, independent):
    project.write(DRIVEN)
    profile = f"seeds: [1, 2, 3], independent: {str(independent).lower()}"
    return project.plan(backend, profile, SWEEP)


def spikes_of(plan, store):
    return [
        store.read_table(run.run_id, "spikes").to_pandas().drop(columns="run_id")
        for run in plan.runs
    ]


@pytest.mark.parametrize("backend", names())
def test_they_are_repeatable_and_have_the_same_rates(project, backend):
    plans = {kind: planned(project, backend, kind) for kind in (False, True)}
    found = {}
    for kind, plan in plans.items():
        store = project.store(str(kind))
        summary = run_shard(plan, sweep.Shard("shard", backend, plan.runs), store)
        assert len(summary.done) == 3
        assert store.read_record(plan.runs[0].run_id)["independent_draws"] == kind
        found[kind] = spikes_of(plan, store)
    plan, store = plans[True], project.store("True")
    again = repeat(plan, plan.runs, store, project.root / "again")
    assert [one.outcome for one in again] == ["same"] * 3
    assert not any(one.equals(other) for one, other in zip(*found.values(), strict=True))
    counts = {kind: [len(one) for one in spikes] for kind, spikes in found.items()}
    assert min(map(min, counts.values())) > 50
    means = [np.mean(one) for one in counts.values()]
    assert means[0] == pytest.approx(means[1], rel=0.1)


def test_on_nest_they_come_from_its_generators(project):
    from pipelines import backends

    for kind in (True, False):
        plan = planned(project, "nest", kind)
        simulate(plan.runs[0], plan.experiment, plan.sweep.record)
        sources = backends.load("nest").registry.populations[0]
        assert (sources.generators is not None) == kind


def test_the_stock_module_draws_for_itself_anyway(project):
    plan = planned(project, "stock_nest", True)
    result = simulate(plan.runs[0], plan.experiment, plan.sweep.record)
    assert result.tables["spikes"].num_rows > 50
