"""Records of weights and signals that were changed while all spikes are the same."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pipelines.diagnosis.from_recording import different_recording
from pipelines.diagnosis.table_differences import TOLERANCE
from pipelines.metrics import signal_metrics
from tests.diagnosis import tiny_network as tiny

NET = tiny.network()
RUN = tiny.run(NET)
WEIGHTS, SIGNALS = RUN.weights, RUN.signals
RNG = np.random.default_rng(4)
OF = {name: (WEIGHTS["projection"] == name).to_numpy() for name in tiny.PROJECTIONS}
MINIMAL = tiny.run(NET, minimal=True)


def weighted(change, name):
    weight = WEIGHTS["weight"].to_numpy()
    return WEIGHTS.assign(weight=np.where(OF[name], change(weight), weight))


def permuted(name):
    weight = WEIGHTS["weight"].to_numpy().copy()
    for time in WEIGHTS["time_ms"].unique():
        at = np.flatnonzero(OF[name] & (WEIGHTS["time_ms"] == time))
        weight[at] = weight[np.random.default_rng(7).permutation(at)]
    return WEIGHTS.assign(weight=weight)


def transposed(name):
    pre, post = WEIGHTS["pre"].to_numpy(), WEIGHTS["post"].to_numpy()
    of = OF[name]
    return WEIGHTS.assign(pre=np.where(of, post, pre), post=np.where(of, pre, post))


def earlier(name):
    """The last reading has the weights of the first."""
    end = WEIGHTS["time_ms"].max()
    first = WEIGHTS.loc[OF[name] & (WEIGHTS["time_ms"] < end), "weight"].to_numpy()
    weight = WEIGHTS["weight"].to_numpy().copy()
    weight[OF[name] & (WEIGHTS["time_ms"] == end).to_numpy()] = first
    return WEIGHTS.assign(weight=weight)


KEPT = ~(OF["inh_exc"] & (WEIGHTS["pre"] == 3).to_numpy())
ROWS = int(OF["inh_exc"].sum())

CHANGED_WEIGHTS = {
    "pA": (weighted(lambda w: w * 1000, "inh_exc"), "weights in another unit", "1000 times"),
    "scaled": (weighted(lambda w: w * 1.1, "inh_exc"), "weights in another unit", "1.1 times"),
    "float32": (
        weighted(lambda w: w.astype("f4").astype(float), "exc_inh"), "weights rounded", "32-bit"
    ),
    "decimals": (weighted(lambda w: w.round(3), "exc_exc"), "weights rounded", "3 decimals"),
    "permuted": (permuted("inh_exc"), "weights in another order", "at other synapses"),
    "transposed": (transposed("inh_exc"), "pre and post exchanged", "only the record differs"),
    "from 1": (
        WEIGHTS.assign(pre=WEIGHTS["pre"] + OF["exc_inh"]), "neurons counted from 1", "pre of"
    ),
    "reading": (
        WEIGHTS[WEIGHTS["time_ms"] > 200], "reading of weights missing", "no reading at 200 ms"
    ),
    "synapses": (
        WEIGHTS[KEPT], "synapses missing from the record", f"{np.sum(~KEPT)} of {ROWS} rows"
    ),
    "projection": (
        WEIGHTS[~OF["stim_inh"]], "projection missing from the record", "stim_inh has no"
    ),
    "renamed": (
        WEIGHTS.assign(projection=WEIGHTS["projection"].replace({"inh_exc": "i", "exc_inh": "e"})),
        "projections renamed", "exc_inh is e",
    ),
    "exchanged": (
        WEIGHTS.assign(projection=WEIGHTS["projection"].replace(
            {"inh_exc": "exc_inh", "exc_inh": "inh_exc"})),
        "projections exchanged", "exc_inh is inh_exc",
    ),
    "delays": (
        WEIGHTS.assign(delay_ms=WEIGHTS["delay_ms"] + OF["exc_inh"] * 0.1),
        "delays recorded differently", "exc_inh",
    ),
}  # fmt: skip


def found(b, a=RUN):
    return list(different_recording(tiny.pair(a, b)))


@pytest.mark.parametrize("name", CHANGED_WEIGHTS)
def test_weights_that_cannot_have_acted_are_recorded_otherwise(name):
    weights, cause, said = CHANGED_WEIGHTS[name]
    causes = found(replace(RUN, weights=weights.reset_index(drop=True)))
    assert {one.name for one in causes} == {cause}
    assert any(said in one.explanation for one in causes), causes
    if cause not in ("weights rounded", "projections exchanged"):
        assert all(not one.alternatives for one in causes) or cause == "neurons counted from 1"


@pytest.mark.parametrize(
    ("change", "names"),
    [
        (lambda w: w * 1000, [("weights in another unit", "weights scaled")]),
        # Nothing shows that these are not simulated.
        (lambda w: w * 1.1, []),
        (lambda w: -w, []),
    ],
)
def test_weights_of_an_unknown_network_are_no_record_unless_a_unit_shows_it(change, names):
    weights = MINIMAL.weights
    changed = weights.assign(weight=change(weights["weight"]))
    causes = found(replace(MINIMAL, weights=changed), MINIMAL)
    assert [one.names for one in causes] == names * weights["projection"].nunique()


def test_weights_that_reach_a_silent_population_are_no_record():
    """A static weight that is really scaled has no consequence if nothing fires after it."""
    quiet = tiny.only_spikes(RUN)
    spikes = RUN.spikes[RUN.spikes["population"] != "readout"]
    a, b = (replace(RUN, spikes=spikes, weights=w, signals=None) for w in (
        WEIGHTS, weighted(lambda w: w * 1.1, "exc_readout")))  # fmt: skip
    assert found(b, a) == []
    assert found(quiet, quiet) == []


def test_a_tiny_difference_of_weights_may_have_acted():
    b = replace(RUN, weights=weighted(lambda w: w * (1 + 1e-5), "inh_exc"))
    assert found(b) == []


def test_a_learning_rule_that_differs_is_no_record():
    weights = tiny.run(replace(NET, learning=0.0200001)).weights
    assert found(replace(RUN, weights=weights)) == []


def test_weights_read_earlier():
    (one,) = found(replace(RUN, weights=three(lambda at: at - 1)), replace(RUN, weights=three()))
    assert one.name == "weights read at other times" and "the one before" in one.explanation


def three(change=lambda at: at):
    """Four readings of a projection, each with the weights of one of them."""
    synapse = NET.synapses["exc_exc"]
    course = np.random.default_rng(2).uniform(0.5, 1, (5, len(synapse["pre"])))
    return pd.concat([
        tiny.weight_frame("r", "exc_exc", synapse["pre"], synapse["post"],
                          course[change(at)], 1.0, 100.0 * at) for at in range(1, 5)
    ], ignore_index=True)  # fmt: skip


def signalled(change, variable="value"):
    return SIGNALS.assign(**{variable: change(SIGNALS[variable])})


def by_samples(k):
    """Each sample is that of k samples before."""
    moved = SIGNALS.groupby(["population", "neuron"])["value"].shift(k, fill_value=0.0)
    return SIGNALS.assign(value=moved)


EXC = SIGNALS["population"] == "exc"
SAMPLE = SIGNALS.groupby(["population", "neuron"]).cumcount()

CHANGED_SIGNALS = {
    "V": (signalled(lambda v: v / 1000), "signal in another unit", "0.001 times"),
    "times in s": (signalled(lambda t: t / 1000, "time_ms"), "signal in another unit", "times of"),
    "late": (by_samples(1), "signal shifted", "0.5 ms later"),
    "early": (by_samples(-2), "signal shifted", "1 ms earlier"),
    "stamp": (signalled(lambda t: t + 0.1, "time_ms"), "signal shifted", "+0.1 ms"),
    "decimals": (signalled(lambda v: v.round(2)), "signal rounded", "2 decimals"),
    "coarse": (
        SIGNALS[SAMPLE % 4 == 0], "signal sampled more coarsely", "a sample every 2 ms"
    ),
    "ends": (SIGNALS[SIGNALS["time_ms"] < 300], "recording ends early", "ends at 299.5 ms"),
    "begins": (SIGNALS[SIGNALS["time_ms"] > 50], "recording begins late", "begins at 50.5 ms"),
    "lost": (SIGNALS[RNG.random(len(SIGNALS)) > 0.1], "samples missing from the record", "v of"),
    "neuron": (
        SIGNALS[~EXC | (SIGNALS["neuron"] != 1)], "neurons missing from the record", "neurons 1"
    ),
    "from 1": (signalled(lambda k: k + 1, "neuron"), "neurons counted from 1", "+1"),
    "other neurons": (
        SIGNALS.assign(neuron=np.where(EXC, 2 - SIGNALS["neuron"], SIGNALS["neuron"])),
        "neurons in another order", "neuron 0 is 2",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGED_SIGNALS)
def test_signals_that_were_recorded_otherwise(name):
    signals, cause, said = CHANGED_SIGNALS[name]
    for a, b in ((SIGNALS, signals), (signals, SIGNALS)):
        causes = found(replace(RUN, signals=b), replace(RUN, signals=a))
        assert {one.name for one in causes} == {cause}, causes
        if b is signals:
            assert any(said in one.explanation for one in causes), causes


def test_signals_that_were_simulated_otherwise_are_no_record():
    noisy = signalled(lambda v: v + RNG.normal(0, 0.01, len(v)))
    assert found(replace(RUN, signals=noisy)) == []
    assert found(replace(RUN, signals=signalled(lambda v: v * 1.01))) == []
    other = replace(tiny.run(replace(NET, tau_m=12.001)), spikes=RUN.spikes, weights=WEIGHTS)
    assert found(other) == []


def test_signals_without_spikes_may_be_delayed():
    spikes = RUN.spikes[RUN.spikes["population"] == "stim"]
    a, b = (replace(RUN, spikes=spikes, signals=s) for s in (SIGNALS, by_samples(1)))
    assert {one.names for one in found(b, a)} == {("signal shifted", "inputs delayed")}


def test_tables_of_one_run_only_are_unknown():
    assert found(replace(RUN, signals=None)) == []
    record = {}
    a, b = replace(RUN, record=record), replace(RUN, record=record, weights=WEIGHTS.iloc[:0])
    assert found(b, a) == []


def test_signals_have_the_tolerance_of_verdicts():
    assert TOLERANCE == signal_metrics.TOLERANCE
