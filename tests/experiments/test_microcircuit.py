"""The microcircuit: its published numbers, and that what is broken is found."""

import json
import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from pipelines import backends
from pipelines.execution.simulate import simulate
from pipelines.experiment import load_experiment, load_part
from pipelines.sweep.runs import plan_point
from pipelines.tables.schemas import DONE

EXPERIMENT = load_experiment("microcircuit")
Parameters = EXPERIMENT.parameters
network, data, activity, expectation = (
    load_part(EXPERIMENT, part)
    for part in ("network", "data_files", "analysis.activity", "expectation")
)
# With more drive than is published, so that its few cells fire at once.
TINY = {"scale": 0.01, "external_rate": 12.0, "duration": 40.0}


def test_the_size_of_the_original():
    original = Parameters()
    assert sum(network.sizes(1.0).values()) == 77_169
    # Potjans and Diesmann (2014): "about 0.3 billion synapses".
    assert sum(p.synapses for p in network.pathways(original)) == pytest.approx(298.88e6, rel=1e-4)
    assert len(network.pathways(original)) == 55


def test_the_number_of_synapses_gives_the_probability():
    for pathway in network.pathways(Parameters()):
        pairs = data.SIZES[pathway.pre] * data.SIZES[pathway.post]
        p = data.CONNECTION_PROBABILITIES[pathway.post, pathway.pre]
        assert 1 - math.exp(-pathway.synapses / pairs) == pytest.approx(p, abs=1e-6)


def test_weights_and_delays():
    by_name = {(one.pre, one.post): one for one in network.pathways(Parameters())}
    # A potential of 0.15 mV takes 87.8 pA.
    assert by_name["L4E", "L4E"].weight == pytest.approx(0.0878, abs=5e-5)
    assert by_name["L4E", "L23E"].weight == pytest.approx(2 * 0.0878, abs=1e-4)
    assert by_name["L4I", "L23E"].weight == pytest.approx(-4 * 0.0878, abs=2e-4)
    assert by_name["L4I", "L4E"].weight_sd == pytest.approx(0.4 * 0.0878, abs=2e-5)
    assert (by_name["L4E", "L4E"].delay, by_name["L4I", "L4E"].delay) == (1.5, 0.75)
    assert by_name["L4I", "L4E"].delay_sd == 0.375
    assert by_name["L4I", "L4E"].receptor == "inhibitory"


def test_a_potential_of_the_height_that_was_asked_for():
    one = Parameters(psp=0.3, tau_syn=2.0)
    times = np.arange(0, 50, 1e-3)
    potential = (
        network.excitatory_weight(one)
        * one.tau_syn * one.tau_m / (one.cm * (one.tau_m - one.tau_syn))
        * (np.exp(-times / one.tau_m) - np.exp(-times / one.tau_syn))
    )  # fmt: skip
    assert potential.max() == pytest.approx(0.3, rel=1e-6)


@pytest.mark.parametrize("drive", ["dc", "poisson"])
@pytest.mark.parametrize("scale", [0.05, 0.3])
def test_a_smaller_network_keeps_mean_and_variance_of_the_input(scale, drive):
    full, small = Parameters(drive=drive), Parameters(drive=drive, scale=scale)
    assert _moments(small) == pytest.approx(_moments(full), rel=0.01)
    assert _moments(replace(small, compensated=False)) != pytest.approx(_moments(full), rel=0.1)


def _moments(one):
    """Mean and variance of the current into a cell of each population, at the published rates."""
    currents, sizes = network.constant_currents(one), network.sizes(one.scale)
    moments = []
    for name in data.NAMES:
        inputs = [
            (p.weight, p.synapses / sizes[name] * data.FULL_SCALE_RATES[p.pre])
            for p in network.pathways(one)
            if p.post == name
        ]
        if one.drive == "poisson":
            inputs.append((network.external_weight(one), network.external_rates(one)[name]))
        charge = one.tau_syn * 1e-3
        moments.append(currents[name] + sum(w * rate * charge for w, rate in inputs))
        moments.append(sum(w**2 * rate for w, rate in inputs))
    return moments


def test_constant_drive_has_the_mean_of_the_poisson_input():
    # 1,600 synapses at 8 Hz, each spike with 87.8 pA that decay with 0.5 ms.
    current = network.constant_currents(Parameters())["L23E"]
    assert current == pytest.approx(1600 * 8 * 87.8e-3 * 0.5e-3, rel=1e-3)
    assert network.external_rates(Parameters(drive="poisson"))["L6E"] == 2900 * 8
    none = network.constant_currents(Parameters(drive="poisson"))
    assert set(none.values()) == {0.0}


def test_parameters_that_cannot_be():
    with pytest.raises(ValueError, match="tau_syn 10 ms"):
        Parameters(tau_syn=10.0)


def _trains(spikes, size, duration):
    neuron, time_ms = np.array(spikes, float).reshape(-1, 2).T
    return activity.Trains(neuron.astype(int), time_ms, size, duration)


def test_the_irregularity_of_a_poisson_process_is_1_however_short():
    rng = np.random.default_rng(1)
    for rate, rel in ((10.0, 0.03), (100.0, 0.02)):
        spikes = [
            (neuron, time) for neuron in range(3000)
            for time in rng.uniform(0, 250, rng.poisson(0.25 * rate))
        ]  # fmt: skip
        found, error = activity.irregularity(_trains(spikes, 3000, 250.0))
        assert found == pytest.approx(1.0, rel=rel) and error < rel / 2


def test_few_neurons_say_nothing_of_irregularity():
    spikes = [(neuron, time) for neuron in range(9) for time in (10, 20, 40)]
    assert np.isnan(activity.irregularity(_trains(spikes, 20, 250.0))).all()


def test_the_error_of_a_rate_holds_for_other_networks_and_times():
    """Of networks whose neurons differ, and fire in common waves."""
    rng, found = np.random.default_rng(2), []
    for _ in range(40):
        own = rng.gamma(4, 2, 200)  # Hz
        wave = np.repeat(rng.gamma(20, 1 / 20, 5), 200).reshape(5, 200)
        counts = rng.poisson(own * wave * 0.05)
        spikes = [
            (n, 50 * w + 25) for w in range(5) for n in range(200) for _ in range(counts[w, n])
        ]
        trains = _trains(spikes, 200, 250.0)
        found.append((activity.rates(trains).mean(), activity.rate_error(trains)))
    rate, error = np.array(found).T
    assert np.mean(np.abs(rate - 8) < 3 * error) > 0.95
    assert 0.7 < error.mean() / rate.std() < 2


def _tables(values, seed=1, backend="nest"):
    """Tables of one run, without the workflow."""
    plan = plan_point("microcircuit", "smoke", values, seed, [backend])
    result = simulate(plan.runs[0], plan.experiment, plan.sweep.record)
    record = dict(result.record)
    record |= record.pop("parameters")
    record["population_sizes"] = json.dumps(record["population_sizes"])
    record["warm_up_ms"] = plan.sweep.warm_up
    return SimpleNamespace(
        runs=pd.DataFrame([record]), spikes=result.tables["spikes"].to_pandas(), verdicts=None
    )


@pytest.fixture(scope="module")
def smoke():
    """The tables of smoke on NEST."""
    return _tables({})


def _failed(tables):
    return [check.check for check in expectation.check(tables) if not check.passed]


def test_the_expectations_are_met(smoke):
    checks = expectation.check(smoke)
    assert len(checks) == 10 and not _failed(smoke)


@pytest.mark.slow
def test_halved_inhibition_is_found():
    found = _failed(_tables({"g": 2.0, "duration": 150.0}))
    assert sum("mean rate" in check for check in found) == 8


@pytest.mark.slow
def test_a_small_network_without_compensation_is_found():
    found = _failed(_tables({"compensated": False, "duration": 150.0}))
    assert sum("mean rate" in check for check in found) == 8


def test_shuffled_labels_are_found(smoke):
    """Layer 2/3 called layer 4, layer 4 called layer 5, ..."""
    other = dict(zip(data.NAMES, np.roll(data.NAMES, -2).tolist(), strict=True))
    sizes = json.loads(smoke.runs["population_sizes"][0])
    runs = smoke.runs.assign(
        population_sizes=json.dumps({other[name]: size for name, size in sizes.items()})
    )
    spikes = smoke.spikes.assign(population=smoke.spikes["population"].map(other))
    found = _failed(SimpleNamespace(runs=runs, spikes=spikes, verdicts=None))
    assert sum("mean rate" in check for check in found) >= 4


def _remade(smoke, remake):
    """The tables with other spike times of each neuron: `remake(times, rng)` in ms."""
    rng = np.random.default_rng(3)
    parts = [
        part.assign(time_ms=np.sort(remake(part["time_ms"].to_numpy(), rng)))
        for _, part in smoke.spikes.groupby(["population", "neuron"])
    ]
    spikes = pd.concat(parts, ignore_index=True)
    return SimpleNamespace(runs=smoke.runs, spikes=spikes, verdicts=None)


def test_regular_trains_are_found(smoke):
    def regular(times, rng):
        return 50 + (np.arange(len(times)) + rng.uniform(0.2, 0.8)) * 250 / len(times)

    assert [check.split(" at ")[0] for check in _failed(_remade(smoke, regular))] == [
        "CV of intervals"
    ]


def test_synchronous_trains_are_found(smoke):
    def together(times, rng):
        return 51 + 2 * rng.choice(np.arange(0, 124, 8), len(times))

    found = _failed(_remade(smoke, together))
    assert any("asynchronous" in check for check in found)


def test_a_scale_of_which_nothing_is_published_is_said_to_be_so(smoke):
    other = SimpleNamespace(runs=smoke.runs.assign(scale=0.07), spikes=smoke.spikes, verdicts=None)
    checks = [check for check in expectation.check(other) if "mean rate" in check.check]
    assert len(checks) == 8
    assert all(not one.passed and "none is known" in one.detail for one in checks)


def test_no_run_is_no_success(smoke):
    runs = smoke.runs.assign(status="failed")
    assert runs["status"][0] != DONE
    tables = SimpleNamespace(runs=runs, spikes=smoke.spikes.iloc[:0], verdicts=None)
    (check,) = expectation.check(tables)
    assert not check.passed and check.detail == "no run was done"


@pytest.mark.slow
@pytest.mark.usefixtures("interpreted")
@pytest.mark.parametrize("drive", ["poisson", "dc"])
def test_all_backends_give_the_same_spikes_and_weights(drive):
    found = {}
    for backend in backends.names():
        values = TINY | {"drive": drive, "compensated": drive == "poisson"}
        plan = plan_point("microcircuit", "smoke", values, 3, [backend])
        names = {"projections": ("L4E to L23E", "L5I to L5E")}
        record = plan.sweep.record.model_copy(update=names)
        tables = simulate(plan.runs[0], plan.experiment, record).tables
        spikes = tables["spikes"].select(["population", "neuron", "time_ms"])
        weights = tables["weights"].to_pandas()
        # Synapses that have all but their weight in common are in any order.
        order = ["projection", "post", "pre", "delay_ms", "weight"]
        found[backend] = spikes, weights.sort_values(order, ignore_index=True)[order]
    spikes, weights = found["reference"]
    assert len(spikes) > 50 and len(weights) > 1000
    for other_spikes, other_weights in found.values():
        assert other_spikes.equals(spikes)
        pd.testing.assert_frame_equal(other_weights, weights, rtol=1e-12)


@pytest.mark.parametrize("figure", ["layers", "published", "distributions"])
def test_figures_are_drawn(smoke, figure):
    module = load_part(EXPERIMENT, f"figures.{figure}")
    drawn = module.draw(smoke, {})
    assert len(drawn.axes) >= 1 and len(module.CAPTION) > 100
