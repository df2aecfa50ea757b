"""Processes whose spikes depend on the time since the last one, against closed forms."""

import numpy as np
import pytest
from pyNN.parameters import Sequence
from scipy import stats

from pipelines.backends.shared.renewal_sources import (
    GammaTrains,
    InhGammaTrains,
    RefractoryTrains,
    gamma_hazard,
)

DT, N, T = 0.1, 200, 4000.0  # ms


def drawn(process, number=N, start=0.0, duration=1e10, **parameters):
    values = {"start": start, "duration": duration, **parameters}
    arrays = {
        name: np.array([value] * number if isinstance(value, Sequence) else np.full(number, value))
        for name, value in values.items()
    }
    return process(arrays, DT, np.random.SeedSequence(8))


def trains(process, until=T, **parameters):
    """Times (ms) of each source's spikes."""
    made = drawn(process, **parameters)
    steps, sources = made.spikes_between(-1, round(until / DT))
    order = np.lexsort((steps, sources))
    bounds = np.searchsorted(sources[order], np.arange(1, made.size))
    return np.split(steps[order] * DT, bounds)


PROCESSES = [
    # Rate (Hz), coefficient of variation of intervals, dead time (ms).
    (RefractoryTrains, {"rate": 100.0, "tau_refrac": 4.0}, 100.0, 0.6, 4.0),
    (RefractoryTrains, {"rate": 20.0, "tau_refrac": 0.0}, 20.0, 1.0, 0.0),
    (GammaTrains, {"alpha": 4.0, "beta": 200.0}, 50.0, 0.5, 0.0),
    (GammaTrains, {"alpha": 0.5, "beta": 20.0}, 40.0, np.sqrt(2), 0.0),
    (InhGammaTrains, {"a": Sequence([3.0]), "b": Sequence([0.005]), "tbins": Sequence([0.0])},
     1 / 0.015, 1 / np.sqrt(3), 0.0),
]  # fmt: skip


@pytest.mark.parametrize(("process", "parameters", "rate", "cv", "dead"), PROCESSES)
def test_rate_variation_and_dead_time(process, parameters, rate, cv, dead):
    found = trains(process, **parameters)
    counts = np.array([len(train) for train in found])
    # In equilibrium the mean count is exact, and its variance about cv^2 of it.
    expected = rate * T * 1e-3
    assert counts.mean() == pytest.approx(expected, abs=4 * cv * np.sqrt(expected / N))
    intervals = np.concatenate([np.diff(train) for train in found])
    assert intervals.std() / intervals.mean() == pytest.approx(cv, rel=0.02)
    assert intervals.min() >= dead - 1e-9
    # In the first milliseconds as at any time.
    early = sum(np.sum(train <= 20.0) for train in found)
    assert early == pytest.approx(N * rate * 0.02, abs=4 * np.sqrt(N * rate * 0.02))


def test_intervals_have_the_density_of_the_gamma_distribution():
    for found in (
        trains(GammaTrains, alpha=2.5, beta=125.0),
        trains(InhGammaTrains, a=Sequence([2.5]), b=Sequence([0.008]), tbins=Sequence([0.0])),
    ):
        intervals = np.concatenate([np.diff(train) for train in found])[::5]
        # Rounding to steps widens the distance by the chance of half a step.
        distance = stats.kstest(intervals, stats.gamma(2.5, scale=8.0).cdf).statistic
        assert distance < 1.9 / np.sqrt(len(intervals)) + 0.05 * 0.05
        assert len(intervals) > 2000


def test_an_inhomogeneous_one_follows_its_histogram():
    """Without memory (a = 1) the rate is 1 / b at every time; before the first bin the first."""
    parameters = {
        "a": Sequence([1.0, 1.0, 1.0]), "b": Sequence([0.02, 0.005, 0.01]),
        "tbins": Sequence([100.0, 1000.0, 2000.0]),
    }  # fmt: skip
    times = np.concatenate(trains(InhGammaTrains, **parameters))
    for first, last, rate in ((0, 1000, 50), (1000, 2000, 200), (2000, 4000, 100)):
        number = np.sum((times > first) & (times <= last))
        expected = N * rate * (last - first) * 1e-3
        assert number == pytest.approx(expected, abs=4 * np.sqrt(expected))


@pytest.mark.parametrize(("process", "parameters"), [one[:2] for one in PROCESSES[1:]])
def test_the_same_spikes_however_a_simulation_is_cut(process, parameters, monkeypatch):
    monkeypatch.setattr("pipelines.backends.shared.frozen_inputs.MAX_BLOCK_SPIKES", 100)
    parameters = parameters | {"start": 20.0, "duration": 100.0, "number": 20}
    whole = sorted(zip(*drawn(process, **parameters).spikes_between(0, 2000), strict=True))
    made, parts = drawn(process, **parameters), []
    for first, last in ((0, 1), (1, 300), (300, 305), (305, 2000)):
        parts += sorted(zip(*made.spikes_between(first, last), strict=True))
    assert parts == whole and whole[0][0] > 200 and whole[-1][0] <= 1200
    assert sorted(zip(*made.spikes_between(-1, 2000), strict=True)) == whole


def test_hazard_of_the_gamma_distribution():
    for a, b in ((1.0, 0.02), (3.0, 0.005), (40.0, 0.001)):
        density = stats.gamma(a, scale=b)
        age = np.linspace(0.1, 5, 20) * a * b
        expected = np.exp(density.logpdf(age) - density.logsf(age))
        assert gamma_hazard(age, a, b) == pytest.approx(expected, rel=1e-9)
        # For old ages it approaches 1 / b from below.
        assert gamma_hazard(1e4 * a * b, a, b) == pytest.approx(1 / b, rel=1e-3)
        assert np.all(gamma_hazard(np.geomspace(1e-9, 1e9, 200), a, b) <= (1 + 1e-12) / b)
