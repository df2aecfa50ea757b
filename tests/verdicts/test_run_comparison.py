"""A verdict says what was compared and what was not, and nothing without values is identical."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pipelines.diagnosis.run_pair import Evidence, Recorded
from pipelines.verdicts.run_comparison import compare_evidence
from tests import synthetic

UNKNOWN = Recorded()
WHERE = ("here", "there")
TRAIN = [(0, 1.0), (1, 2.0), (0, 9.0)]
CONNECTED = ([0, 0], [1, 2], [0.5, 0.25])


def signal_rows(values, population="p", variable="v", neuron=0):
    times = 0.5 * np.arange(len(values))
    return pd.DataFrame(
        {"population": population, "neuron": neuron, "variable": variable, "time_ms": times,
         "value": np.asarray(values, float)}
    )  # fmt: skip


def run(spikes=None, weights=None, signals=None, recorded=UNKNOWN, **record):
    """A run with spikes by population, weights by projection and rows of signals."""
    trains = [
        synthetic.spike_frame("r", name, *zip(*train, strict=True))
        for name, train in (spikes or {}).items()
    ]
    readings = [synthetic.weight_frame("r", name, *one) for name, one in (weights or {}).items()]
    tables = synthetic.tables([], trains, readings)
    return Evidence(record, tables.spikes, tables.weights, signals, recorded=recorded)


def verdict(a, b):
    return compare_evidence(a, b, 0.1, ("one", "other"), WHERE)[1]


def test_what_was_compared_and_what_was_not_is_listed():
    told = {"cell_types": {"p": [], "q": [], "source": []}, "projections": {"w": {}, "fixed": {}}}
    given = {"p": TRAIN, "q": TRAIN[:1]}
    one = run(given, {"w": CONNECTED}, signal_rows([1.0, 2.0]), **told)
    found = verdict(one, one)
    assert found.verdict == "identical"
    assert found.evidence == (
        "all 4 spikes of p and q on the same steps; all 2 weights of w equal; 2 samples of v of p"
        " equal. Not compared: spikes of source (not recorded), weights of fixed (not recorded)"
    )
    assert found.compared == ("spikes of p and q", "weights of w", "v of p")
    assert len(found.not_compared) == 2


def partly(spikes=None, signals=None, size=100):
    """Columns of the record of a run that recorded some of the neurons of `p`."""
    some = {"of": size} | ({"spikes": spikes} if spikes else {})
    some |= {"signals": signals} if signals else {}
    n = size if spikes is None else len(spikes)
    return {"population_sizes": {"p": n}, "recorded_neurons": json.dumps({"p": some})}


def test_runs_that_recorded_the_same_neurons_say_how_many():
    told = partly([0, 1, 7]) | {"cell_types": {"p": []}}
    found = verdict(*[run({"p": TRAIN}, **told)] * 2)
    assert found.verdict == "identical" and found.compared == ("spikes of p",)
    assert found.not_compared[0] == "spikes of 97 of 100 neurons of p (not recorded)"


def test_neurons_that_one_run_recorded_are_left_out_and_named():
    traces = [signal_rows([1.0, 2.0], neuron=k) for k in (0, 1, 2)]
    whole = run({"p": [*TRAIN, (5, 3.0)]}, signals=pd.concat(traces), population_sizes={"p": 100})
    part = run({"p": TRAIN}, signals=pd.concat(traces[:2]), **partly([0, 1, 7], [0, 1]))
    for pair in ((whole, part), (part, whole)):
        found = verdict(*pair)
        assert found.verdict == "identical"
        assert (
            "all 3 spikes of p" in found.evidence and "4 samples of v of p equal" in found.evidence
        )
        place = "here" if pair[0] is whole else "there"
        for kind, n in (("spikes", 97), ("signals", 98)):
            assert f"{kind} of {n} neurons of p ({place} alone)" in found.not_compared
    # A spike of a common neuron counts, and that of another neuron does not.
    less = run({"p": TRAIN[:2]}, **partly([0, 1, 7]))
    assert verdict(whole, less).verdict == "different"
    assert verdict(whole, less).first_difference_neuron == 0


def test_what_one_run_did_not_record_at_all_is_named_as_a_whole():
    part = run({"p": TRAIN, "q": TRAIN}, **partly([0, 1, 7]))
    other = run({"q": TRAIN}, population_sizes={"q": 9})
    assert verdict(part, other).not_compared[0] == "spikes of p (here alone)"
    # Populations of another size: neurons that one network has not are in the other one alone.
    larger = run({"p": [*TRAIN, (150, 3.0)]}, population_sizes={"p": 200})
    found = verdict(part, larger)
    assert found.verdict == "identical"
    assert "spikes of 197 neurons of p (there alone)" in found.not_compared


def test_runs_without_a_neuron_in_common_are_not_compared():
    one, other = (run({"p": [(k, 1.0)]}, **partly([k])) for k in (0, 1))
    found = verdict(one, other)
    assert found.verdict == "undecided" and "spikes of 1 neuron of p (here alone)" in found.evidence


def readings(connections, end=None):
    """Weights of (pre, 0) at 0 and 10 ms, and those of `end` at 10 ms in place of these."""
    last = connections if end is None else end
    times = np.array([0.0] * len(connections) + [10.0] * len(last))
    pre = [*connections, *last]
    return synthetic.weight_frame("r", "w", pre, [0] * len(pre), 0.1 * np.array(pre), 1.0, times)


def sampled(connections, end=None):
    facts = {"recorded_connections": len(connections), "connections": 9, "all_at_end": bool(end)}
    one = run(projections={"w": facts})
    return replace(one, weights=readings(connections, end))


def test_connections_that_one_run_read_are_left_out_and_named():
    whole = replace(run(projections={"w": {}}), weights=readings(range(9)))
    some, other = sampled([0, 4, 8]), sampled([0, 8])
    found = verdict(some, some)
    assert "all 6 weights of w equal" in found.evidence
    assert "weights of 6 of 9 connections of w (not recorded)" in found.not_compared
    found = verdict(whole, some)
    assert found.verdict == "identical" and "all 6 weights of w equal" in found.evidence
    assert "weights of 6 connections of w (here alone)" in found.not_compared
    found = verdict(other, some)
    assert "all 4 weights of w equal" in found.evidence
    assert "weights of 1 connection of w (there alone)" in found.not_compared
    # All at the end are compared, whatever was read before.
    found = verdict(whole, sampled([0, 4, 8], range(9)))
    assert found.verdict == "identical" and "all 12 weights of w equal" in found.evidence
    before = "weights of 6 connections of w before the last reading (here alone)"
    assert before in found.not_compared
    wrong = replace(some, weights=some.weights.assign(weight=some.weights["weight"] + 0.01))
    assert verdict(whole, wrong).verdict == "different"


@pytest.mark.parametrize("recorded", [Recorded(), Recorded(frozenset({"p"}))])
def test_runs_without_a_spike_are_no_evidence(recorded):
    silent = run(recorded=recorded)
    found = verdict(silent, silent)
    assert found.verdict == "undecided"
    assert found.evidence.startswith("no spike on either: nothing was compared. Not compared: ")
    assert found.compared == ()


@pytest.mark.parametrize("nothing", [Recorded(frozenset()), Recorded(frozenset(), frozenset())])
def test_runs_that_recorded_nothing_are_no_evidence(nothing):
    found = verdict(run(recorded=nothing), run(recorded=nothing))
    assert found.verdict == "undecided"
    assert found.evidence.startswith("nothing was recorded in both: nothing was compared")


def test_signals_or_weights_are_evidence_where_nothing_fires():
    signals = signal_rows([-65.0, -64.0])
    found = verdict(run(signals=signals), run(signals=signals))
    assert found.verdict == "identical"
    assert found.evidence.startswith("no spike on either; 2 samples of v of p equal. Not compared")
    found = verdict(run(weights={"w": CONNECTED}), run(weights={"w": CONNECTED}))
    assert found.verdict == "identical" and found.evidence.startswith("no spike on either; all 2 w")
    other = signal_rows([-65.0, -63.0])
    assert verdict(run(signals=signals), run(signals=other)).verdict == "different"


def test_signals_without_a_number_are_no_evidence():
    nothing = signal_rows([np.nan, np.nan])
    assert verdict(run(signals=nothing), run(signals=nothing)).verdict == "undecided"


@pytest.mark.parametrize(
    ("more", "phrase"),
    [
        ({"weights": {"w": CONNECTED, "x": CONNECTED}}, "weights of x (here alone)"),
        ({"signals": signal_rows([1.0])}, "v of p (here alone)"),
        ({"spikes": {"p": TRAIN, "q": TRAIN}}, "spikes of q (here alone)"),
    ],
)
def test_what_one_run_alone_recorded_is_named_and_changes_nothing(more, phrase):
    both = {"spikes": {"p": TRAIN}, "weights": {"w": CONNECTED}}
    one, other = run(**both | more), run(**both, recorded=Recorded(frozenset({"p"})))
    found = verdict(one, other)
    assert found.verdict == "identical" and phrase in found.evidence
    assert phrase in found.not_compared
    found = verdict(other, one)
    assert found.verdict == "identical" and phrase.replace("here", "there") in found.evidence


@pytest.mark.parametrize(
    ("more", "phrase"),
    [
        ({"weights": {"w": CONNECTED, "x": CONNECTED}}, "x: 2 weights against 0"),
        ({"signals": signal_rows([1.0])}, "v of p on one alone"),
        ({"spikes": {"p": TRAIN, "q": TRAIN}}, "neuron 0 of q, on one alone"),
    ],
)
def test_what_both_recorded_and_one_has_no_rows_of_is_a_difference(more, phrase):
    both = {"spikes": {"p": TRAIN}, "weights": {"w": CONNECTED}}
    recorded = Recorded(
        frozenset({"p", "q"}), frozenset({"w", "x"}), frozenset({("p", "v"), ("p", "w")})
    )
    found = verdict(run(**both | more, recorded=recorded), run(**both, recorded=recorded))
    assert found.verdict == "different" and phrase in found.evidence


def test_a_run_whose_table_of_spikes_is_empty_is_silent():
    found = verdict(run({"p": TRAIN}), run())
    assert found.verdict == "different" and found.n_common == 0


def test_a_population_that_is_silent_in_both_is_named():
    both = run({"p": TRAIN}, recorded=Recorded(frozenset({"p", "q"})))
    found = verdict(both, both)
    assert found.evidence.startswith("all 3 spikes of p on the same steps, no spike of q on either")


def test_populations_with_other_names_are_not_compared():
    found = verdict(run({"p": TRAIN}), run({"q": TRAIN}))
    assert found.verdict == "undecided"
    assert "the populations have other names in each: p here, q there" in found.evidence


def test_the_divergence_is_of_what_both_recorded():
    one = run({"p": TRAIN, "q": [(0, 0.1)]})
    other = run({"p": [(0, 1.0), (1, 2.1), (0, 9.0)]})
    pair, found = compare_evidence(one, other, 0.1, ("one", "other"), WHERE)
    assert found.first_difference_population == pair.divergence.population == "p"
    assert found.not_compared[0] == "spikes of q (here alone)"
    assert "Not compared: spikes of q (here alone)" in found.evidence


RECORD = {
    "seed": 1, "experiment": "this", "simulated_ms": 100.0,
    "parameters": {"g": 1.0, "rule": "x", "off": np.nan},
    "connectivity_sha256": "a" * 64, "input_sha256": "b" * 64,
}  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "phrase"),
    [
        ({"seed": 2}, "the seeds differ: 1 and 2"),
        ({"experiment": "other"}, "the experiments differ: this and other"),
        ({"connectivity_sha256": "c" * 64}, "the digests of the connectivity differ: aaaaaaaa and"),
        ({"input_sha256": "c" * 64}, "the digests of the inputs differ: bbbbbbbb and cccccccc"),
        (
            {"parameters": {"g": 1.5, "rule": "x", "off": np.nan}},
            "parameters differ: g = 1 and 1.5",
        ),
        ({"simulated_ms": 90.0}, "the simulated times (ms) differ: 100 and 90"),
    ],
)
def test_what_runs_were_made_from_comes_first_and_changes_no_verdict(changed, phrase):
    one, other = run({"p": TRAIN}, **RECORD), run({"p": TRAIN}, **RECORD | changed)
    found = verdict(one, other)
    assert found.verdict == "identical" and found.evidence.startswith(phrase)
    late = run({"p": [(0, 1.1)]}, **RECORD | changed)
    found = verdict(one, late)
    assert found.verdict == "different" and found.evidence.startswith(phrase)


@pytest.mark.parametrize(
    ("missing", "phrase"),
    [
        ({"seed": None}, "seeds (here alone)"),
        ({"connectivity_sha256": ""}, "digests of the connectivity (here alone)"),
        ({"input_sha256": np.nan}, "digests of the inputs (here alone)"),
        ({"parameters": {"g": 1.0}}, "parameters rule and off (here alone)"),
    ],
)
def test_what_one_record_alone_has_is_named(missing, phrase):
    found = verdict(run({"p": TRAIN}, **RECORD), run({"p": TRAIN}, **RECORD | missing))
    assert found.verdict == "identical" and phrase in found.not_compared


def test_equal_values_are_equal_whatever_their_type():
    same = RECORD | {"seed": "1", "parameters": {"g": "1", "rule": "x", "off": None}}
    found = verdict(run({"p": TRAIN}, **RECORD), run({"p": TRAIN}, **same))
    assert found.evidence.startswith("all 3 spikes of p")
    assert {"parameters", "seeds", "digests of the inputs"} <= {*found.compared}
