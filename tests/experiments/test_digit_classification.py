"""The digits are learned, alike on every backend, and what breaks the science is noticed."""

from functools import cache

import numpy as np
import pandas as pd
import pytest

from pipelines import backends
from pipelines.backends import collect
from pipelines.experiment import load_experiment, load_part
from pipelines.sweep import load_sweep
from tests.synthetic import run_row, spike_frame, tables, weight_frame

pytestmark = pytest.mark.slow

NAME = "digit_classification"
EXPERIMENT = load_experiment(NAME)
DIGITS, RESPONSES, EXPECTATION = (
    load_part(EXPERIMENT, part) for part in ("digits", "analysis.responses", "expectation")
)
PUBLISHED = EXPERIMENT.parameters()
# As large as is needed to learn something.
SMALL = {"n_neurons": 15, "n_passes": 1, "n_training": 90, "n_test": 60, "A_plus": 0.006}


@cache
def simulated(backend="brian2", **changes):
    """Spikes of the excitatory neurons and learned weights."""
    parameters = EXPERIMENT.parameters(**changes)
    sim = backends.load(backend)
    sim.setup(timestep=parameters.timestep, rng_seed=3)
    network = EXPERIMENT.build(sim, parameters, 3)
    network["excitatory"].record("spikes")
    EXPERIMENT.run(sim, network, parameters)
    spikes = collect.spikes(network["excitatory"])
    weights = collect.weights(network["learned"])
    sim.end()
    return spikes, weights


def as_tables(neuron, time_ms, parameters, backend="brian2"):
    """Tables of one run with these spikes."""
    row = run_row(NAME, backend, 1, vars(parameters), {"excitatory": parameters.n_neurons})
    return tables([row], [spike_frame(row["run_id"], "excitatory", neuron, time_ms)])


def checks_of(neuron, time_ms, parameters):
    return EXPECTATION.check(as_tables(neuron, time_ms, parameters))


def times_of(responses, parameters):
    """Spikes (neuron, time) that give these responses, shape (n_stimuli, n_neurons)."""
    stimulus, neuron = np.nonzero(responses)
    number = responses[stimulus, neuron]
    stimulus, neuron = np.repeat(stimulus, number), np.repeat(neuron, number)
    return neuron, (stimulus + 0.5) * parameters.stimulus


def ideal(parameters):
    """Responses of neurons each of which spikes for one class, twice for each of its digits."""
    shown = DIGITS.schedule(parameters)
    classes = DIGITS.images()[1][shown["digit"]]
    mine = np.arange(parameters.n_neurons) % DIGITS.CLASSES
    return 2 * (classes[:, None] == mine)


# What is shown.


def test_no_held_out_digit_is_learned():
    for split in (1, 2):
        parameters = EXPERIMENT.parameters(split=split)
        training, held_out = DIGITS.split(parameters)
        assert len(training) == 1297 and len(held_out) == 500
        assert len(np.union1d(training, held_out)) == 1797
        shown = DIGITS.schedule(parameters)
        for phase, digits in ((DIGITS.TRAINING, training), (DIGITS.TESTING, held_out)):
            for _, of_pass in shown[shown["phase"] == phase].groupby("number_of_pass"):
                assert sorted(of_pass["digit"]) == sorted(digits)
    pd.testing.assert_frame_equal(shown, DIGITS.schedule(parameters))


def test_more_digits_than_there_are_are_refused():
    with pytest.raises(ValueError, match="there are 1797"):
        EXPERIMENT.parameters(n_training=1500, n_test=500)


# What is read from spikes.


def test_a_spike_at_the_end_of_a_stimulus_belongs_to_it():
    parameters = EXPERIMENT.parameters(n_neurons=3)
    spikes = pd.DataFrame({"neuron": [0, 1, 2], "time_ms": [0.5, 300.0, 300.5]})
    found = RESPONSES.spike_counts(spikes, parameters, 2)
    assert found.tolist() == [[1, 1, 0], [0, 0, 1]]


def test_neurons_of_one_class_each_are_read_without_error():
    parameters = EXPERIMENT.parameters(**SMALL)
    neuron, time_ms = times_of(ideal(parameters), parameters)
    spikes = pd.DataFrame({"neuron": neuron, "time_ms": time_ms})
    (reading,) = RESPONSES.decode_passes(spikes, parameters)
    assert reading.accuracy == reading.accuracy_by_label == 1.0
    assert reading.label.tolist() == [k % 10 for k in range(15)]


def test_a_digit_without_a_spike_is_not_read():
    known = np.eye(10, dtype=int), np.arange(10)
    reading = RESPONSES.decode(*known, np.vstack([np.eye(10, dtype=int)[:1], np.zeros(10)]), [0, 0])
    assert reading.decoded.tolist() == reading.decoded_by_label.tolist() == [0, -1]


def test_classes_of_held_out_digits_are_only_compared_with():
    """Other classes of theirs change the accuracy, but nothing that is read."""
    rng = np.random.default_rng(1)
    known, responses = rng.poisson(1.0, (50, 8)), rng.poisson(1.0, (30, 8))
    classes = rng.integers(0, 10, 50)
    one, other = (
        RESPONSES.decode(known, classes, responses, np.full(30, value)) for value in (0, 1)
    )
    np.testing.assert_array_equal(one.decoded, other.decoded)
    np.testing.assert_array_equal(one.decoded_by_label, other.decoded_by_label)


def test_the_other_classifiers_are_as_good_as_they_are_known_to_be():
    """SCIENCE of these digits: means over five divisions, each of which varies by a percent."""
    found = RESPONSES.baselines(PUBLISHED)
    assert list(found) == ["k-means, 100 clusters", "logistic regression", "nearest neighbour"]
    assert list(found.values()) == pytest.approx([0.966, 0.963, 0.984], abs=0.02)


# What is expected of it.


def test_expectations_hold_for_neurons_that_know_the_classes():
    for size in (SMALL, {}):
        parameters = EXPERIMENT.parameters(**size)
        checks = checks_of(*times_of(ideal(parameters), parameters), parameters)
        assert len(checks) == (1 if size else 3)
        assert all(check.passed for check in checks)


def test_shuffled_labels_are_noticed(monkeypatch):
    pixels, classes = DIGITS.images()
    shuffled = np.random.default_rng(1).permutation(classes)
    for size in (SMALL, {}):
        parameters = EXPERIMENT.parameters(**size)
        spikes = times_of(ideal(parameters), parameters)
        with monkeypatch.context() as patch:
            patch.setattr(RESPONSES.digits, "images", lambda: (pixels, shuffled))
            # The other classifiers learn from the right ones.
            patch.setattr(EXPECTATION, "_baselines", lambda _: {"k-means": 0.8})
            checks = checks_of(*spikes, parameters)
        assert not any(check.passed for check in checks)


def test_a_run_that_was_not_done_is_not_tested():
    parameters = EXPERIMENT.parameters(**SMALL)
    row = run_row(NAME, "nest", 1, vars(parameters), {"excitatory": 15}, status="failed")
    (check,) = EXPECTATION.check(tables([row]))
    assert not check.passed and check.value is None


def test_a_small_network_learns():
    (neuron, time_ms), _ = simulated(**SMALL)
    (check,) = checks_of(neuron, time_ms, EXPERIMENT.parameters(**SMALL))
    assert check.passed, check.detail


@pytest.mark.parametrize("off", ["A_plus", "homeostasis", "inhibition"])
def test_it_does_not_without_plasticity_homeostasis_or_inhibition(off):
    changed = SMALL | {off: 0.0}
    (neuron, time_ms), _ = simulated(**changed)
    (check,) = checks_of(neuron, time_ms, EXPERIMENT.parameters(**changed))
    assert not check.passed, check.detail


# The same on every backend.


@pytest.mark.parametrize("backend", ["nest", "brian2"])
def test_spikes_and_weights_are_those_of_the_reference(backend, interpreted):
    size = {"n_neurons": 5, "n_passes": 2, "n_training": 10, "n_test": 2, "stimulus": 60.0}
    # So short a time asks for more drive.
    size |= {"total_psp": 6.0, "A_plus": 0.02}
    spikes, weights = simulated("reference", **size)
    assert len(spikes[0]) > 50
    found, found_weights = simulated(backend, **size)
    for one, right in zip(found, spikes, strict=True):
        np.testing.assert_array_equal(one, right)
    for name, right in weights.items():
        np.testing.assert_allclose(found_weights[name], right, rtol=0, atol=1e-9)


# How it is shown.


def test_profiles_are_read_and_figures_are_drawn():
    for profile in ("smoke", "quick", "full", "independent"):
        assert load_sweep(EXPERIMENT, profile).points
    parameters = EXPERIMENT.parameters(**SMALL)
    shown = as_tables(*times_of(ideal(parameters), parameters), parameters)
    pre, post = np.divmod(np.arange(64 * 15), 15)
    shown.weights = weight_frame(shown.runs["run_id"][0], "learned", pre, post, pre / 64)
    for name in ("receptive_fields", "confusion", "accuracy"):
        module = load_part(EXPERIMENT, f"figures.{name}")
        assert module.draw(shown, {}).axes
        empty = tables([run_row(NAME, "nest", 1, vars(parameters), {}, status="failed")])
        assert module.draw(empty, {}).axes


def test_an_image_is_that_of_its_neuron():
    fields = load_part(EXPERIMENT, "figures.receptive_fields")
    parameters = EXPERIMENT.parameters(**SMALL)
    shown = as_tables([0], [1.0], parameters)
    shown.weights = weight_frame(shown.runs["run_id"][0], "learned", [9, 63], [2, 0], [0.5, 0.25])
    weights = fields.weights_of(shown, shown.runs["run_id"][0], 15)
    assert weights[9, 2] == 0.5 and weights[63, 0] == 0.25 and np.count_nonzero(weights) == 2
