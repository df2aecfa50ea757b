"""Every expectation meets a network that learns, and none meets one whose science is broken."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pipelines.execution.simulate import simulate
from pipelines.experiment import load_experiment, load_part
from pipelines.sweep.record import Record
from pipelines.sweep.runs import plan_point
from tests import synthetic

ROOT = Path(__file__).parents[2]
EXPERIMENT = load_experiment("competitive_stdp", ROOT)
expectation = load_part(EXPERIMENT, "expectation")
outcome = load_part(EXPERIMENT, "analysis.outcome")
trains = load_part(EXPERIMENT, "trains")
FIGURES = {
    name: load_part(EXPERIMENT, f"figures.{name}")
    for name in ("weight_distributions", "output_rate", "correlated_group")
}

EVERY = {
    expectation.BIMODAL, expectation.APART, expectation.HELD, expectation.SET, expectation.WON,
    expectation.UNIMODAL, expectation.BALANCED, expectation.NOT_HELD,
}  # fmt: skip
N = 400
# Mean output rates (Hz): rule, input rate, A_minus / A_plus, correlation.
RATES = {
    ("additive", 10.0, 1.1, 0.0): 20,
    ("additive", 20.0, 1.1, 0.0): 22,
    ("additive", 40.0, 1.1, 0.0): 30,
    ("additive", 20.0, 1.2, 0.0): 5,
    ("additive", 20.0, 1.1, 0.1): 40,
    ("multiplicative", 20.0, 2.5, 0.0): 70,
    ("multiplicative", 40.0, 2.5, 0.0): 220,
    ("multiplicative", 20.0, 1.6, 0.0): 180,
}


def parameters(rule, rate, ratio, correlation):
    cell = {
        "tau_m": 10.0, "cm": 0.17, "v_rest": -74.0, "v_reset": -60.0, "v_thresh": -54.0,
        "tau_refrac": 1.0, "tau_syn": 5.0,
    }  # fmt: skip
    return cell | {
        "rule": rule, "rate": rate, "depression_ratio": ratio, "A_plus": 0.02, "tau_stdp": 20.0,
        "n_inputs": N, "w_max": 0.05, "w_start": 0.5, "correlation": correlation,
        "n_correlated": N // 4, "duration": 60_000.0, "timestep": 1.0,
    }  # fmt: skip


def learned(rng, given, rate):
    """Weights (in w_max) at the end."""
    if given["rule"] == "multiplicative":
        return rng.normal(outcome.balanced_weight(given, rate), 0.04, N)
    strong = np.arange(N) < N // 4 if given["correlation"] else rng.random(N) < 0.35
    return np.where(strong, rng.beta(9, 1, N), rng.beta(1, 9, N))


def made(weights=learned, rates=RATES, alike=True):
    """Tables of one run a point and backend; `weights` gives those at the end."""
    runs, spikes, parts = [], [], []
    for number, point in enumerate(RATES):
        rng = np.random.default_rng(number)
        given = parameters(*point)
        final = weights(rng, given, rates[point])
        start = rng.uniform(0.5, 1.0, N)
        times = np.sort(rng.uniform(0, given["duration"], rates[point] * 60))
        for backend in ("nest", "brian2"):
            row = synthetic.run_row("competitive_stdp", backend, number, given, {"neuron": 1})
            runs.append(row)
            spikes.append(synthetic.spike_frame(row["run_id"], "neuron", 0 * times, times))
            for time, w in ((0.0, start), (30_000.0, final), (60_000.0, final)):
                nA = w * given["w_max"]
                frame = synthetic.weight_frame(
                    row["run_id"], "inputs", np.arange(N), np.zeros(N), nA, time_ms=time
                )
                parts.append(frame)
    verdict = "identical" if alike else "different"
    verdicts = pd.DataFrame({"verdict": [verdict] * len(RATES)})
    return synthetic.tables(runs, spikes, parts, verdicts=verdicts)


def failed(tables):
    return {check.check for check in expectation.check(tables) if not check.passed}


def test_a_network_that_learns_meets_every_expectation():
    checks = expectation.check(made())
    assert [check for check in checks if not check.passed] == []
    assert {check.check for check in checks} >= EVERY
    assert {check.backend for check in checks} == {"nest", "brian2", "nest and brian2"}


def test_without_plasticity_there_are_no_peaks_no_winners_and_no_balance():
    fixed = made(weights=lambda rng, *_: rng.uniform(0.5, 1.0, N))
    found = failed(fixed)
    assert {expectation.BIMODAL, expectation.APART, expectation.WON} <= found
    assert expectation.BALANCED in found


def test_without_plasticity_the_output_rate_follows_that_of_the_inputs():
    rates = RATES | {("additive", rate, 1.1, 0.0): int(8 * rate) for rate in (10.0, 20.0, 40.0)}
    assert expectation.HELD in failed(made(rates=rates))


def test_a_rate_that_the_ratio_does_not_set_is_found():
    assert failed(made(rates=RATES | {("additive", 20.0, 1.2, 0.0): 22})) == {expectation.SET}


def test_the_multiplicative_rule_in_place_of_the_additive_one_is_found():
    def exchanged(rng, given, rate):
        return learned(rng, given | {"rule": "multiplicative"}, rate)

    assert {expectation.BIMODAL, expectation.APART} <= failed(made(weights=exchanged))


def test_the_additive_rule_in_place_of_the_multiplicative_one_is_found():
    def exchanged(rng, given, rate):
        return learned(rng, given | {"rule": "additive"}, rate)

    held = RATES | {("multiplicative", 40.0, 2.5, 0.0): 80}
    found = failed(made(weights=exchanged, rates=held))
    assert found == {expectation.UNIMODAL, expectation.BALANCED, expectation.NOT_HELD}


def test_a_group_without_correlation_does_not_win():
    def shuffled(rng, given, rate):
        return rng.permutation(learned(rng, given, rate))

    assert failed(made(weights=shuffled)) == {expectation.WON}


def test_an_eighth_less_of_depression_is_found():
    def weaker(rng, given, rate):
        ratio = given["depression_ratio"] * (0.88 if given["rule"] == "multiplicative" else 1)
        return learned(rng, given | {"depression_ratio": ratio}, rate)

    assert failed(made(weights=weaker)) == {expectation.BALANCED}


def test_backends_that_differ_are_found():
    assert len(failed(made(alike=False))) == 1


def test_a_run_that_was_not_done_meets_nothing():
    tables = made()
    tables.runs["status"] = "failed"
    assert failed(tables) >= EVERY


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.repeat([0.0, 1.0], 5000), 1.0),
        (np.linspace(0, 1, 10_000), 5 / 9),
        (np.random.default_rng(1).normal(size=200_000), 1 / 3),
    ],
)
def test_bimodality_of_known_distributions(values, expected):
    assert outcome.bimodality(values) == pytest.approx(expected, abs=0.005)


def test_the_mode_is_where_a_sample_is_densest():
    rng = np.random.default_rng(1)
    skewed = np.concatenate([rng.normal(0.3, 0.02, 3000), rng.uniform(0, 1, 1000)])
    assert outcome.mode(skewed) == pytest.approx(0.3, abs=0.02)
    assert outcome.mode(np.full(5, 0.25)) == 0.25


def test_the_balance_is_that_of_independent_trains():
    """Pairs of Poisson trains, event by event, against the closed form."""
    rng = np.random.default_rng(1)
    a_plus, ratio, tau, seconds = 0.01, 2.5, 0.02, 4000
    r_in, r_out = 40.0, 150.0
    events = [(t, True) for t in rng.uniform(0, seconds, int(r_in * seconds))]
    events += [(t, False) for t in rng.uniform(0, seconds, int(r_out * seconds))]
    w, x, y, last, carried = 0.4, 0.0, 0.0, 0.0, []
    for time, is_input in sorted(events):
        decay = np.exp((last - time) / tau)
        x, y, last = x * decay, y * decay, time
        if is_input:
            w, x = w * (1 - a_plus * ratio * y), x + 1
            carried.append(w)
        else:
            w, y = w + a_plus * x, y + 1
    given = {"A_plus": a_plus, "depression_ratio": ratio, "tau_stdp": 20.0}
    closed = outcome.balanced_weight(given, r_out)
    assert closed == pytest.approx(0.4 * 0.925)
    assert np.mean(carried[1000:]) == pytest.approx(closed, rel=0.02)


def test_trains_have_the_rate_and_the_correlation():
    given = EXPERIMENT.parameters(
        n_inputs=30, n_correlated=10, rate=40.0, correlation=0.2, duration=200_000.0
    )
    counts = np.zeros((30, 200_001), dtype=np.float32)
    for count, times in zip(counts, trains.correlated_trains(given, 3), strict=True):
        assert np.array_equal(times, np.unique(times)) and times[0] >= 1.0
        count[times.astype(int)] = 1
    assert counts.mean(axis=1) == pytest.approx(np.full(30, 0.04), rel=0.05)
    found = np.corrcoef(counts)
    pairs = np.triu_indices(10, 1)
    assert found[:10, :10][pairs].mean() == pytest.approx(0.2, abs=0.02)
    assert np.abs(found[10:, :][:, :10]).max() < 0.02


def test_a_group_larger_than_the_inputs_is_refused():
    with pytest.raises(ValueError, match="n_correlated 250 is above n_inputs 20"):
        EXPERIMENT.parameters(n_inputs=20)


SMALL = {"n_inputs": 40, "n_correlated": 10, "w_max": 0.25, "A_plus": 0.02, "duration": 1500.0}


@pytest.mark.slow
@pytest.mark.parametrize(
    "values", [{"rule": "additive"}, {"rule": "multiplicative"}, {"correlation": 0.2}]
)
def test_spikes_and_weights_are_the_same_on_all_backends(values, interpreted):
    plan = plan_point(
        "competitive_stdp", "quick", SMALL | {"rate": 30.0, "w_start": 0.5} | values,
        backends=("nest", "brian2", "reference"), root=ROOT,
    )  # fmt: skip
    record = Record(populations={"neuron": ["spikes"]}, weights={"inputs": 250.0})
    found = []
    for run in plan.runs:
        tables = simulate(run, plan.experiment, record).tables
        spikes = tables["spikes"].column("time_ms").to_pylist()
        weights = tables["weights"].column("weight").to_numpy()
        found.append((spikes, weights))
    spikes, weights = found[0]
    assert len(spikes) > 20 and len(weights) == 7 * 40 and np.ptp(weights[-40:]) > 0.01
    for other_spikes, other_weights in found[1:]:
        assert other_spikes == spikes
        assert other_weights == pytest.approx(weights, abs=1e-9 * 0.25)


@pytest.mark.parametrize("name", FIGURES)
def test_figures_name_their_units_and_say_when_there_is_nothing(name):
    module = FIGURES[name]
    swept = {"rule": "", "rate": "Hz", "depression_ratio": "1"}
    figure = module.draw(made(), swept)
    labels = [label for a in figure.axes for label in (a.get_xlabel(), a.get_ylabel()) if label]
    assert len(labels) >= 2 and all(label.endswith(")") for label in labels)
    nothing = made()
    nothing.runs["status"] = "failed"
    figure = module.draw(nothing, swept)
    assert any(
        "no run" in text.get_text() for text in figure.findobj(lambda a: hasattr(a, "get_text"))
    )
