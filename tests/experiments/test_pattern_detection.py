"""The experiment pattern_detection: its inputs, its numbers, what it expects, and its backends."""

from dataclasses import asdict
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from pipelines import backends
from pipelines.backends import collect
from pipelines.experiment import load_experiment, load_part
from tests import synthetic

ROOT = Path(__file__).resolve().parents[2]
experiment = load_experiment("pattern_detection", ROOT)
detection, inputs, robustness, expectation = (
    load_part(experiment, part)
    for part in ("analysis.detection", "inputs", "analysis.robustness", "expectation")
)
Parameters = detection.Parameters

# Half as many inputs take half the time of the clock, and find the pattern less often: with this
# seed they do.
SMALL = {"n_inputs": 1000, "duration": 27000.0}


# Inputs.


def test_rates_of_the_inputs_are_those_of_the_paper():
    parameters = Parameters(n_inputs=400, duration=30000.0)
    time, _ = inputs._varying_trains(parameters, 1, 30000)
    assert len(time) / 400 / 30 == pytest.approx(54, rel=0.02)
    trains = inputs.input_trains(parameters, 1)
    assert sum(map(len, trains)) / 400 / 30 == pytest.approx(64, rel=0.02)
    # Those of the pattern fire no more than the others.
    of_pattern = sum(len(train) for train in trains[:200])
    assert of_pattern / 200 / 30 == pytest.approx(64, rel=0.05)


def test_no_input_is_silent_for_longer_than_the_pattern():
    time, source = inputs._varying_trains(Parameters(n_inputs=100), 2, 4000)
    order = np.lexsort((time, source))
    silence = np.diff(time[order])[np.diff(source[order]) == 0]
    assert 50 < silence.max() <= 51  # the bin in which it ends
    assert all(time[source == k].min() <= 51 for k in range(100))


def test_presentations_are_no_neighbours_and_as_many_as_asked_for():
    for frequency in (0.05, 0.25, 0.5):
        parameters = Parameters(pattern_frequency=frequency, duration=300000.0)
        windows = inputs.pattern_windows(parameters, 3)
        assert len(windows) == round(3000 * frequency)
        assert np.diff(windows).min() >= 2
        assert windows[-1] - windows[0] <= 2998  # of the next period, too
        starts = inputs.presentation_times(parameters, 3)
        assert len(starts) == 2 * len(windows)
        assert np.array_equal(starts[len(windows) :], starts[: len(windows)] + 150000.0)


def test_the_pattern_is_in_every_presentation_and_nowhere_else():
    parameters = Parameters(n_inputs=100, jitter=0.0, noise_rate=0.0, duration=5000.0)
    trains = inputs.input_trains(parameters, 4)
    time, source = inputs.pattern_spikes(parameters, 4)
    assert 0.5 < len(time) / (50 * 50 * 0.054) < 2
    steps = [np.unique(np.ceil(time[source == k] / 0.1)) for k in range(50)]

    def here(start):
        return [
            np.rint((train[(train > start) & (train <= start + 50)] - start) / 0.1)
            for train in trains[:50]
        ]

    windows = inputs.pattern_windows(parameters, 4)
    for window in range(100):
        alike = [np.array_equal(a, b) for a, b in zip(here(window * 50.0), steps, strict=True)]
        assert all(alike) == (window in windows)


def test_jitter_and_deletion_move_as_many_spikes_as_they_say():
    times, source = np.array([25.0]), np.array([0])
    many = {"n_inputs": 2, "duration": 150000.0}

    def copies(**changed):
        parameters = Parameters(**many, **changed)
        windows = inputs.pattern_windows(parameters, 5)
        before = times + windows[0] * 50.0
        after, _ = inputs._with_pattern(before, source, parameters, 5)
        return np.sort(after) - windows * 50.0

    assert np.std(copies(jitter=2.0)) == pytest.approx(2.0, rel=0.1)
    moved = copies(jitter=0.0, deletion=0.3) != 25.0
    assert np.mean(moved) == pytest.approx(0.3, abs=0.05)


def test_trains_are_on_the_steps_and_the_same_in_slices():
    parameters = Parameters(n_inputs=20, period=1000.0, duration=2500.0)
    trains = inputs.input_trains(parameters, 6)
    for train in trains:
        steps = np.rint(train / 0.1)
        assert np.array_equal(train, steps * 0.1)
        assert steps.min() >= 1
        assert steps.max() <= 10000
        assert np.diff(steps).min() >= 1
    whole = inputs.spikes_between(trains, 0.0, 2500.0, parameters)
    edges = [0.0, 700.0, 1000.0, 1400.0, 2500.0]
    parts = [inputs.spikes_between(trains, a, b, parameters) for a, b in pairwise(edges)]
    for k in range(20):
        assert np.array_equal(whole[k], np.concatenate([part[k] for part in parts]))
        assert len(whole[k]) == 2 * len(trains[k]) + np.count_nonzero(trains[k] <= 500.0)


# Numbers.


def test_latencies_are_within_the_pattern_alone():
    starts = np.array([100.0, 300.0])
    spikes = np.array([20.0, 100.0, 107.5, 150.0, 150.1, 299.9, 350.0, 400.0])
    latency, shown = detection.latencies(spikes, starts, 50.0)
    assert shown.tolist() == [-1, 0, 0, 0, -1, -1, 1, -1]
    assert latency[shown >= 0].tolist() == [0.0, 7.5, 50.0, 50.0]
    assert np.isnan(latency[shown < 0]).all()
    assert detection.found_s(spikes, starts, 50.0) == 0.4


def test_detection_looks_at_the_last_third():
    starts = np.arange(100.0, 3000.0, 200.0)
    early = np.arange(10.0, 2000.0, 30.0)  # at any time
    late = starts[starts >= 2000] + 5.0
    found = detection.detection(np.concatenate([early, late]), starts, 50.0, 3000.0)
    assert found == detection.Detection(1.0, 0, pytest.approx(5.0))
    assert found.succeeds
    one_missed = detection.detection(late[1:], starts, 50.0, 3000.0)
    assert one_missed.hit_rate == pytest.approx(0.8)
    assert not one_missed.succeeds
    one_outside = detection.detection(np.append(late, 2960.0), starts, 50.0, 3000.0)
    assert one_outside.false_alarms == 1
    assert not one_outside.succeeds
    assert not detection.detection(late + 6.0, starts, 50.0, 3000.0).succeeds
    silent = detection.detection(np.empty(0), starts, 50.0, 3000.0)
    assert silent.hit_rate == 0
    assert not silent.succeeds


def test_success_rates_are_of_runs_that_differ_in_one_condition():
    rows = [asdict(Parameters(jitter=3.0)), asdict(Parameters(jitter=3.0, drive=2.5))]
    table = pd.DataFrame(rows * 2).assign(backend="nest", success=[True, True, False, True])
    rates = robustness.success_rates(table)
    assert rates[["parameter", "value", "successes", "runs"]].values.tolist() == [
        ["jitter", 3.0, 1, 2]
    ]
    assert rates["published"].tolist() == [0.51]
    assert rates["low"][0] < 0.5 < rates["high"][0]
    base = robustness.success_rates(
        pd.DataFrame([asdict(Parameters())]).assign(backend="nest", success=True)
    )
    assert base["parameter"].tolist() == list(robustness.PUBLISHED)
    assert base["standard"].all()
    assert not rates["standard"].any()


# Expectations.


def made_tables(behaviour, weights=None, **changed):
    """Tables of one run on each backend, of a neuron that spikes as `behaviour(starts)` says."""
    runs, spikes, final = [], [], []
    for backend in ("nest", "brian2"):
        parameters = asdict(Parameters(**(SMALL | changed)))
        sizes = {"inputs": 1000, "neuron": 1}
        runs.append(synthetic.run_row("pattern_detection", backend, 1, parameters, sizes))
        times = np.sort(behaviour(detection.pattern_starts(runs[-1])))
        spikes.append(
            synthetic.spike_frame(runs[-1]["run_id"], "neuron", np.zeros(len(times)), times)
        )
        values = (weights or learned)(Parameters(**parameters))
        final.append(
            synthetic.weight_frame(
                runs[-1]["run_id"], "synapses", np.arange(1000), np.zeros(1000), values,
                time_ms=parameters["duration"],
            )
        )  # fmt: skip
    verdicts = pd.DataFrame({"verdict": ["identical"]})
    return synthetic.tables(runs, spikes, final, verdicts=verdicts)


def learned(parameters):
    """Weights of a neuron that knows the pattern: 300 of its 500 inputs are strong."""
    return np.where(np.arange(1000) < 300, parameters.w_max, 0.0)


def knows(starts):
    """Spikes everywhere in the first second, then 5 ms after the beginning of the pattern."""
    return np.concatenate([np.arange(1.0, 1000.0, 20.0), starts[starts > 1000] + 5.0])


def failures(tables):
    return {check.check for check in expectation.check(tables) if not check.passed}


def test_a_neuron_that_knows_the_pattern_meets_all_expectations():
    checks = expectation.check(made_tables(knows))
    assert len(checks) == 2 * 4 + 1
    assert all(check.passed for check in checks)


@pytest.mark.parametrize(
    ("behaviour", "failing"),
    [
        (lambda starts: np.arange(1.0, 27000.0, 16.0), 2),  # no plasticity: it fires all the time
        (lambda starts: np.arange(1.0, 900.0, 16.0), 2),  # silent after a second
        (lambda starts: starts + 20.0, 1),  # late in the pattern
        (lambda starts: np.roll(starts, 1)[::3] + 75.0, 2),  # at other times
    ],
)
def test_a_neuron_that_does_not_fails(behaviour, failing):
    assert len(failures(made_tables(behaviour))) >= failing


def test_weights_that_stay_as_they_are_fail():
    def unchanged(parameters):
        return np.full(1000, parameters.w_init)

    name = "mean weight of inputs outside of the pattern, end over start"
    assert failures(made_tables(knows, unchanged)) == {name}


def test_other_pairings_must_be_silent():
    def soon_silent(starts):
        return np.arange(1.0, 900.0, 16.0)

    for pairing in ("all_to_all", "nearest_neighbour"):
        checks = expectation.check(made_tables(soon_silent, pairing=pairing))
        assert [check.passed for check in checks] == [True] * 3
        # The reduced symmetric rule in place of it.
        assert len(failures(made_tables(knows, pairing=pairing))) == 1


def test_robustness_fails_where_success_is_shuffled():
    rows = [asdict(Parameters(jitter=jitter)) for jitter in (0.0, 2.0, 5.0, 6.0)]
    rows += [asdict(Parameters(proportion=0.2))]

    def passed(success):
        table = pd.DataFrame(rows).assign(backend="nest", success=success)
        return [c.passed for c in expectation._robust(robustness.success_rates(table), "nest")]

    assert passed([True, True, False, False, False]) == [True, True]
    assert passed([False, True, False, False, False]) == [False, True]  # half of them
    assert passed([True, True, False, False, True]) == [True, False]


@pytest.mark.parametrize("name", ["latency", "weights_by_input", "robustness"])
def test_figures_are_drawn_with_and_without_runs(name):
    draw = load_part(experiment, f"figures.{name}").draw
    tables = made_tables(knows)
    assert draw(tables, {}).axes
    tables.runs["status"] = "failed"
    assert draw(tables, {}).axes


# Simulations.


def simulated(backend, monkeypatch=None, slice_ms=None, **changed):
    """Spikes of the neuron and weights at the end, of a run on a backend."""
    parameters = Parameters(**changed)
    sim = backends.load(backend)
    sim.setup(timestep=parameters.timestep, rng_seed=1)
    module = load_part(experiment, "experiment")
    if slice_ms is not None:
        monkeypatch.setattr(module, "SLICE_MS", slice_ms)
    network = module.build(sim, parameters, 1)
    network["neuron"].record("spikes")
    module.run(sim, network, parameters)
    spikes = collect.spikes(network["neuron"])[1]
    weights = collect.weights(network["synapses"])["weight"]
    sim.end()
    return spikes, weights / parameters.w_max


TINY = {"n_inputs": 100, "duration": 600.0}


@pytest.mark.slow
@pytest.mark.parametrize("pairing", ["reduced_symmetric", "nearest_neighbour", "all_to_all"])
def test_backends_give_the_same_spikes_and_weights(interpreted, pairing):
    reference = simulated("reference", pairing=pairing, **TINY)
    assert len(reference[0]) > 3
    for backend in ("nest", "brian2"):
        spikes, weights = simulated(backend, pairing=pairing, **TINY)
        np.testing.assert_array_equal(spikes, reference[0])
        np.testing.assert_allclose(weights, reference[1], rtol=0, atol=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["nest", "brian2", "reference"])
def test_a_run_in_slices_is_the_same(interpreted, monkeypatch, backend):
    whole = simulated(backend, **TINY)
    spikes, weights = simulated(backend, monkeypatch, slice_ms=250.0, **TINY)
    np.testing.assert_array_equal(spikes, whole[0])
    np.testing.assert_array_equal(weights, whole[1])


@pytest.fixture(scope="module")
def outcomes():
    """What NEST's neuron does in the standard case and without pattern or plasticity."""

    def outcome(**changed):
        parameters = Parameters(**(SMALL | changed))
        spikes, weights = simulated("nest", **(SMALL | changed))
        starts = inputs.presentation_times(parameters, 1) + parameters.delay
        return detection.detection(spikes, starts, 50.0, parameters.duration), weights

    return SimpleNamespace(
        # Spikes of the pattern anywhere: there is none.
        standard=outcome(),
        no_pattern=outcome(jitter=20.0, duration=9000.0),
        no_plasticity=outcome(A_plus=0.0, duration=6000.0),
        all_to_all=outcome(pairing="all_to_all", duration=6000.0),
    )


@pytest.mark.slow
def test_the_neuron_finds_the_pattern_and_nothing_without_it(outcomes):
    found, weights = outcomes.standard
    assert found.succeeds
    assert np.mean(weights[500:]) < 0.24 < np.mean(weights[:500])
    assert not outcomes.no_pattern[0].succeeds
    assert not outcomes.no_plasticity[0].succeeds
    assert outcomes.no_plasticity[0].false_alarms > 50
    assert outcomes.all_to_all[0] == detection.Detection(0.0, 0, pytest.approx(np.nan, nan_ok=True))
