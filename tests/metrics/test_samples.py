"""The samples of a run: as many values as there are neurons, pairs, frequencies, connections."""

import numpy as np
import pytest

from pipelines.metrics.known import BUILT_IN
from pipelines.metrics.metric import POPULATION
from tests.synthetic import numbers, recorded, samples, weights_run

SPIKE_SAMPLES = [name for name, metric in BUILT_IN.compared.items() if metric.of == POPULATION]

pytestmark = pytest.mark.filterwarnings("error")


def spike_samples(*spikes, warm_up_ms=0.0):
    trains = recorded(*spikes, warm_up_ms).trains("n")
    return {name: BUILT_IN[name].values(trains) for name in SPIKE_SAMPLES}


def test_samples_have_the_means_that_the_metrics_give():
    rng = np.random.default_rng(1)
    neuron, time = rng.integers(0, 30, 900), rng.uniform(0, 1000.0, 900)
    values = spike_samples(neuron, time, 40, 1000.0)
    metrics = numbers(recorded(neuron, time, 40, 1000.0))
    assert list(values) == SPIKE_SAMPLES
    for sample, metric in {
        "rate": "rate_mean", "isi_cv": "isi_cv_mean", "lv": "lv_mean",
        "fano_factor": "fano_factor_mean",
        "correlation": "correlation_mean", "latency": "latency_mean", "synchrony": "synchrony",
    }.items():  # fmt: skip
        assert values[sample].mean() == pytest.approx(metrics[metric], rel=1e-12)


def test_one_value_a_neuron_a_pair_a_frequency():
    # Neuron 0 fires four times, 1 twice, 2 once, 3 never.
    neuron, time = [0, 0, 0, 0, 1, 1, 2], [10.0, 20.0, 40.0, 150.0, 5.0, 105.0, 60.0]
    values = spike_samples(neuron, time, 4, 200.0)
    assert values["rate"] == pytest.approx([20.0, 10.0, 5.0, 0.0])
    assert len(values["isi_cv"]) == 1
    assert values["lv"] == pytest.approx([1.5 * ((10 / 30) ** 2 + (90 / 130) ** 2)])
    # Counts 3 and 1, 1 and 1, 1 and 0.
    assert values["fano_factor"] == pytest.approx([1.0, 0.0, 1.0])
    assert len(values["correlation"]) == 3
    assert values["latency"].tolist() == [10.0, 5.0, 60.0]
    assert len(values["synchrony"]) == 1
    assert len(values["spectrum"]) == 250


def test_nothing_is_left_out_at_the_start_unless_asked():
    rng = np.random.default_rng(2)
    neuron, time = rng.integers(0, 10, 500), np.round(rng.uniform(0.1, 1000.0, 500), 1)
    # A burst before all else, then half a second of silence.
    neurons = np.append(neuron, np.arange(10))
    times = np.append(time + 500.0, np.full(10, 0.1))
    assert spike_samples(neurons, times, 10, 1500.0)["latency"].tolist() == [0.1] * 10
    later = spike_samples(neurons, times, 10, 1500.0, warm_up_ms=500.0)
    for name, values in spike_samples(neuron, time, 10, 1000.0).items():
        assert later[name] == pytest.approx(values, rel=1e-6), name


def test_order_of_the_spikes_does_not_matter():
    rng = np.random.default_rng(3)
    neuron, time = rng.integers(0, 7, 300), rng.uniform(0, 1000.0, 300)
    shuffled = rng.permutation(300)
    one = spike_samples(neuron, time, 7, 1000.0)
    for name, values in spike_samples(neuron[shuffled], time[shuffled], 7, 1000.0).items():
        assert np.array_equal(values, one[name]), name


def test_a_silent_population():
    values = spike_samples([], [], 5, 1000.0)
    assert values["rate"].tolist() == [0.0] * 5
    assert values["spectrum"].tolist() == [0.0] * 250
    others = set(SPIKE_SAMPLES) - {"rate", "spectrum"}
    assert all(len(values[name]) == 0 for name in others)


def test_without_a_duration():
    values = spike_samples([0, 0, 0], [1.0, 2.0, 4.0], 2, np.nan)
    assert {name for name, one in values.items() if len(one)} == {"isi", "isi_cv", "lv", "latency"}


def test_a_warm_up_as_long_as_the_run_is_refused():
    with pytest.raises(ValueError, match="warm-up of 100"):
        spike_samples([0], [1.0], 1, 100.0, warm_up_ms=100.0)


def test_weights():
    run = weights_run(
        pre=[0, 1, 0, 1], post=[1, 0, 1, 0], weight=[1.0, 2.0, 1.5, 1.0], time_ms=[0, 0, 9, 9]
    )
    values = samples(run)
    assert list(values) == ["weight", "weight_change"]
    assert values["weight"].tolist() == [1.5, 1.0]
    assert values["weight_change"].tolist() == [0.5, -1.0]
