"""Inhibitory plasticity: closed forms, what each expectation is broken by, the same on all."""

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from pipelines import backends
from pipelines.backends import collect
from pipelines.execution.simulate import simulate
from pipelines.experiment import load_experiment, load_part
from pipelines.figures.draw import load_figure
from pipelines.sweep import plan_point

pytestmark = pytest.mark.slow

EXPERIMENT = load_experiment("balanced_plasticity", Path(__file__).parents[2])
measures = load_part(EXPERIMENT, "analysis.measures")
expectation = load_part(EXPERIMENT, "expectation")


def played(said=None, **parameters):
    """Tables of one run of the profile smoke on NEST.

    `said` are parameters that its row in the table of runs has in place of its own.
    """
    plan = plan_point(EXPERIMENT.name, "smoke", parameters, 1, ["nest"])
    (run,) = plan.runs
    result = simulate(run, EXPERIMENT, plan.sweep.record)
    record = {"status": "done"} | result.record | dict(run.parameters) | (said or {})
    record["population_sizes"] = json.dumps(dict(record["population_sizes"]))
    record["warm_up_ms"] = plan.sweep.warm_up
    tables = {name: table.to_pandas() for name, table in result.tables.items()}
    return SimpleNamespace(runs=pd.DataFrame([record]), verdicts=pd.DataFrame(), **tables)


@pytest.fixture(scope="module")
def balanced():
    return played()


def failed(tables):
    return {one.check for one in expectation.check(tables) if not one.passed}


def test_all_expectations_are_met(balanced):
    assert failed(balanced) == set()
    assert len(expectation.check(balanced)) == 7


def test_without_plasticity_neither_rate_nor_irregularity_nor_balance_comes():
    broken = played(eta=0.0, duration=500.0, window=300.0)
    assert failed(broken) == {
        expectation.AFTER, expectation.IRREGULAR, expectation.ASYNCHRONOUS, expectation.GROWN,
        expectation.BALANCED,
    }  # fmt: skip


def test_twice_the_target_is_missed():
    assert expectation.AFTER in failed(played(rho=6.0, said={"rho": 3.0}))


def test_half_of_the_inhibition_does_not_hold_the_network():
    broken = failed(played(weight_max=1.3))
    assert {expectation.AFTER, expectation.GROWN} <= broken


def test_half_of_the_inhibitory_conductance_does_not_cancel_the_drive(balanced):
    signals = balanced.signals.copy()
    signals.loc[signals["variable"] == "gsyn_inh", "value"] /= 2
    broken = SimpleNamespace(**vars(balanced) | {"signals": signals})
    assert failed(broken) == {expectation.BALANCED}


def test_a_network_that_is_inhibited_before_the_switch_is_found(balanced):
    late = balanced.runs.assign(warm_up_ms=500.0, switch=1000.0)
    broken = SimpleNamespace(**vars(balanced) | {"runs": late})
    assert failed(broken) == {expectation.BEFORE, expectation.REGULAR}


def test_half_of_the_excitation_is_found():
    broken = played(said={"weight_exc": 0.3}, weight_exc=0.15, duration=500.0, window=300.0)
    assert expectation.BEFORE in failed(broken)


def test_a_run_that_was_not_done_is_not_passed_over(balanced):
    broken = SimpleNamespace(**vars(balanced) | {"runs": balanced.runs.assign(status="failed")})
    checks = expectation.check(broken)
    assert len(checks) == 7 and not any(one.passed for one in checks)


def test_the_uninhibited_rate_is_that_of_a_neuron_with_the_mean_conductance():
    run = EXPERIMENT.parameters().__dict__
    alone = run | {"weight_exc": 0.0}
    # Without excitation: tau_m ln(R I / (R I - theta)) and the refractory period.
    interval = 5.0 + 20.0 * np.log(20.0 / 10.0)
    assert measures.uninhibited_rate(alone) == pytest.approx(1000.0 / interval, rel=1e-9)
    assert measures.uninhibited_rate(run) == pytest.approx(171.5, abs=0.1)


def test_the_weight_at_threshold_cancels_the_mean_currents_there():
    run = EXPERIMENT.parameters().__dict__
    weight = measures.weight_at_threshold(run, 3.0, 6.0)
    excitation = 160 * 0.3 * 0.005 * 3.0 * 50.0  # pA: inputs, nS, s, Hz, mV
    inhibition = 40 * weight * 0.010 * 6.0 * 30.0
    assert -10.0 * 10.0 + 200.0 + excitation == pytest.approx(inhibition, rel=1e-12)


def test_independent_trains_have_no_correlation_and_equal_ones_have_all():
    rng = np.random.default_rng(1)
    times = [np.sort(rng.uniform(0, 10_000.0, 400)) for _ in range(50)]
    neuron = np.repeat(np.arange(50), 400)

    def correlation(trains):
        return measures.mean_correlation(
            measures.Trains(neuron, np.concatenate(trains), 50, 10_000.0)
        )

    assert abs(correlation(times)) < 0.01
    assert correlation([times[0]] * 50) == pytest.approx(1.0, abs=0.1)


def spikes_and_weights(backend):
    """A network of 50 neurons, whose weights are scaled to its number of inputs."""
    sim = backends.load(backend)
    parameters = EXPERIMENT.parameters(
        n_exc=40, epsilon=1.0, weight_exc=1.2, weight_inh=12.0, eta=0.1, switch=60.0,
        window=40.0, duration=250.0,
    )  # fmt: skip
    sim.setup(timestep=0.1, rng_seed=3)
    network = EXPERIMENT.build(sim, parameters, 3)
    for name in ("excitatory", "inhibitory"):
        network[name].record("spikes")
    EXPERIMENT.run(sim, network, parameters)
    trains = {name: collect.spikes(network[name]) for name in ("excitatory", "inhibitory")}
    weights = collect.weights(network["inh_to_exc"])
    sim.end()
    order = np.lexsort((weights["post"], weights["pre"]))
    keys = {
        name: np.sort(np.rint(times / 0.1).astype(int) * 100 + neuron)
        for name, (neuron, times) in trains.items()
    }
    return keys, weights["weight"][order]


@pytest.mark.usefixtures("interpreted")
def test_every_spike_and_weight_is_that_of_the_reference():
    right, weights = spikes_and_weights("reference")
    assert weights.min() > 1e-3
    assert all(len(keys) > 100 for keys in right.values())
    for backend in ("nest", "brian2"):
        found, own = spikes_and_weights(backend)
        for name, keys in right.items():
            np.testing.assert_array_equal(found[name], keys, err_msg=f"{backend} {name}")
        np.testing.assert_allclose(own, weights, atol=1e-9 * weights.max())


@pytest.mark.parametrize("name", ["rate_over_time", "rasters", "distributions", "currents"])
def test_figures_of_a_run_and_of_none(name, balanced):
    draw = load_figure(name, EXPERIMENT).draw
    assert draw(balanced, {}).axes
    nothing = balanced.runs.assign(status="failed")
    assert draw(SimpleNamespace(**vars(balanced) | {"runs": nothing}), {}).axes


def test_a_switch_that_leaves_no_window_is_refused():
    with pytest.raises(ValueError, match="switch 9000 ms must lie before the last"):
        EXPERIMENT.parameters(switch=9000.0)
