"""Correlations of trains that share a known part of their spikes."""

import numpy as np
import pytest

from pipelines.metrics.correlation import MAX_NEURONS, correlations, subsample
from pipelines.metrics.spike_trains import Trains


def of(neuron, time, size, duration_ms, *options):
    """Correlations of a single population."""
    trains = Trains(neuron, time, size, duration_ms)
    return correlations(trains, *options)


def test_subsample_is_evenly_spaced_and_within_the_population():
    assert subsample(3).tolist() == [0, 1, 2]
    assert subsample(0).tolist() == []
    chosen = subsample(12_345)
    assert len(chosen) == 100 and chosen[0] == 0 and chosen[-1] < 12_345
    assert set(np.diff(chosen)) == {123, 124}


def test_identical_trains():
    time = np.random.default_rng(1).uniform(0, 1000.0, 40)
    assert of(np.repeat([0, 1, 2], 40), np.tile(time, 3), 3, 1000.0).tolist() == [1.0, 1.0, 1.0]


def test_correlations_are_those_of_the_counts():
    rng = np.random.default_rng(2)
    neuron, time = rng.integers(0, 6, 900), rng.uniform(0, 100.0, 900)
    edges = np.arange(0, 101, 2.0)
    counts = [np.histogram(time[neuron == index], edges)[0] for index in range(6)]
    expected = np.corrcoef(counts)[np.triu_indices(6, 1)]
    assert of(neuron, time, 6, 100.0) == pytest.approx(expected, rel=1e-12)


def test_counts_that_exclude_each_other():
    # One neuron fires in every even bin, the other in every odd one.
    time = np.concatenate([np.arange(0, 100, 4) + 1.0, np.arange(2, 100, 4) + 1.0])
    assert of(np.repeat([0, 1], 25), time, 2, 100.0) == pytest.approx([-1.0], rel=1e-15)


def test_a_shift_of_one_bin():
    # 25 spikes, each in the bin after the other's: n = 100 bins, no product of counts.
    time = np.arange(25) * 8.0 + 1.0
    trains = np.repeat([0, 1], 25), np.concatenate([time, time + 2.0]), 2, 200.0
    found = of(*trains)
    assert found == pytest.approx([-25 * 25 / (100 * 25 - 25 * 25)])
    # In bins four times as wide the shift is not seen: every bin holds one spike of each.
    assert len(of(*trains, MAX_NEURONS, 8.0)) == 0


@pytest.mark.parametrize("shared", [0.0, 0.2, 0.7])
def test_trains_thinned_from_one(shared):
    # Each train keeps the fraction c of the spikes of a Poisson train: a pair of trains has the
    # correlation c, whatever the rate.
    rng = np.random.default_rng(3)
    n_bins, mean = 50_000, 0.4
    if shared:
        mother = rng.uniform(0, 2.0 * n_bins, rng.poisson(n_bins * mean / shared))
        kept = [mother[rng.random(len(mother)) < shared] for _ in range(2)]
    else:
        kept = [rng.uniform(0, 2.0 * n_bins, rng.poisson(n_bins * mean)) for _ in range(2)]
    neuron = np.repeat([0, 1], [len(train) for train in kept])
    found = of(neuron, np.concatenate(kept), 2, 2.0 * n_bins)
    # Sampling variance of r by the delta method, from the moments of the bivariate Poisson
    # distribution with mean m and covariance c m.
    variance = (1 - shared**2) ** 2 + shared * (1 - shared) * (1 - shared / 2) / mean
    assert found == pytest.approx([shared], abs=4 * np.sqrt(variance / n_bins))


def test_pairs_with_a_neuron_that_does_not_vary_are_left_out():
    # Neuron 1 is silent, neuron 3 fires once in every bin.
    neuron = [0, 0, 2, 2, *[3] * 10]
    time = [1.0, 5.0, 1.0, 5.0, *np.arange(10) * 2.0 + 1.0]
    assert of(neuron, time, 4, 20.0).tolist() == [1.0]
    assert len(of([0, 0], [1.0, 5.0], 4, 20.0)) == 0
    assert len(of([], [], 4, 20.0)) == 0
    assert len(of([0, 1], [1.0, 1.0], 2, np.nan)) == 0
    assert len(of([0, 1], [1.0, 1.0], 2, 3.9)) == 0


def test_only_the_subsample_is_paired():
    # Neurons 0, 2, 5 and 7 of ten; the others would correlate by 1 with the first.
    chosen = [0, 2, 5, 7]
    time = {neuron: 1.0 for neuron in range(10)} | {2: 3.0, 5: 5.0, 7: 7.0}
    found = of(list(time), list(time.values()), 10, 200.0, 4)
    assert len(chosen) * (len(chosen) - 1) // 2 == len(found)
    assert found == pytest.approx(np.full(6, -1 / 99))


def test_long_runs_are_summed_piece_by_piece(monkeypatch):
    rng = np.random.default_rng(4)
    neuron, time = rng.integers(0, 5, 700), rng.uniform(0, 1001.0, 700)
    whole = of(neuron, time, 5, 1001.0)
    monkeypatch.setattr("pipelines.metrics.correlation._CHUNK", 7)
    assert of(neuron, time, 5, 1001.0).tolist() == whole.tolist()


def test_what_follows_the_last_whole_bin_does_not_count():
    rng = np.random.default_rng(6)
    neuron, time = rng.integers(0, 3, 200), rng.uniform(0, 101.5, 200)
    whole = time < 100.0
    expected = of(neuron[whole], time[whole], 3, 100.0)
    assert of(neuron, time, 3, 101.5).tolist() == expected.tolist()
