"""Differences of connections, as facts with counts."""

from dataclasses import replace

import numpy as np
import pytest

from pipelines.diagnosis.from_weights import different_connections
from pipelines.diagnosis.kinds import connections, recording
from pipelines.diagnosis.run_pair import Evidence
from tests.diagnosis import tiny_network as tiny
from tests.synthetic import spike_frame, weight_frame

NET = tiny.network()
STATIC = NET.synapses["exc_inh"]
N = len(STATIC["pre"])
RNG = np.random.default_rng(6)
FEW = RNG.random(N) < 0.05
N_FEW = int(FEW.sum())
SPIKES = tiny.run(replace(NET, steps=600)).spikes
MOVED = RNG.permutation(STATIC["post"])


def table(at=1000.0, name="exc_inh", **changed):
    synapse = STATIC | changed
    return weight_frame(
        "r", name, synapse["pre"], synapse["post"], synapse["weight"],
        synapse["delay"] * tiny.DT, at,
    )  # fmt: skip


def run(weights, plastic=False, later=0, facts=None):
    known = {} if plastic is None else {"plastic": plastic}
    record = {"projections": {"exc_inh": known | {"pre": "exc", "post": "inh"} | (facts or {})}}
    spikes = SPIKES.assign(time_ms=SPIKES["time_ms"] + later * np.arange(len(SPIKES)) * tiny.DT)
    return Evidence(record if plastic is not None or facts else {}, spikes, weights)


def rows(mask):
    return {key: values[mask] for key, values in STATIC.items()}


def repeated(times):
    return {key: np.repeat(values, times) for key, values in STATIC.items()}


W, DELAY = STATIC["weight"], STATIC["delay"]
PAIRS = STATIC["pre"] != STATIC["post"]
ONE = np.arange(N) == 7

CHANGED = {
    "scaled": ({"weight": W * 1.25}, "weights scaled", "exc_inh is 1.25 times as large"),
    "sign": ({"weight": -W}, "sign of the weights", "every weight of exc_inh has the other sign"),
    "zero": ({"weight": W * 0}, "weights scaled", "exc_inh is 0 in the second run"),
    "rounded": ({"weight": np.round(W, 2)}, "weights rounded", "rounded to 2 decimals"),
    "float32": ({"weight": W.astype("f4").astype(float)}, "weights rounded", "32-bit"),
    "added": ({"weight": W + 0.25}, "different weights", "each is larger by 0.25"),
    "one": (
        {"weight": np.where(ONE, 9.0, W)}, "different weights",
        f"1 of {N} weights of exc_inh ({1 / N:.2%}) differs in the second run: 9 instead of",
    ),
    "some": (
        {"weight": np.where(FEW, W * 1.1, W)}, "different weights",
        f"{N_FEW} of {N} weights of exc_inh ({N_FEW / N:.2%}) differ in the second run:"
        " each is 1.1 times as large",
    ),
    "some are 0": ({"weight": np.where(FEW, 0, W)}, "different weights", "they are 0"),
    "permuted": ({"weight": RNG.permutation(W)}, "different weights", "same values are at other"),
    "of the source": (
        {"weight": W * (1 + STATIC["pre"] / 100)}, "different weights", "each presynaptic neuron"
    ),
    "of the target": (
        {"weight": W * (1 + STATIC["post"] / 100)}, "different weights", "each postsynaptic neuron"
    ),
    "noise": (
        {"weight": W * RNG.normal(1, 0.05, N)}, "different weights", "as often larger as smaller"
    ),
    "one for all": ({"weight": np.full(N, 1.2)}, "different weights", "they are all 1.2"),
    "longer": ({"delay": DELAY + 2}, "different delays", "all delays of exc_inh are 2 steps long"),
    "shorter": ({"delay": DELAY - 1}, "different delays", "1 step shorter"),
    "half": ({"delay": DELAY + 0.5}, "different delays", "+0.05 ms longer"),
    "some delays": (
        {"delay": DELAY + FEW * (1 + np.arange(N) % 4)}, "different delays",
        f"{N_FEW / N:.1%} of the delays of exc_inh differ in the second run, by"
        f" {1 + (np.flatnonzero(FEW) % 4).min()} to {1 + (np.flatnonzero(FEW) % 4).max()} steps",
    ),
    "jitter": (
        {"delay": DELAY + RNG.integers(-3, 4, N)}, "different delays",
        "by -3 to 3 steps, as often longer as shorter",
    ),
    "twice as long": ({"delay": DELAY * 2}, "different delays", "2 times as long"),
    "one delay": ({"delay": np.full(N, 15)}, "different delays", "are 1.5 ms in the second run"),
    "other delays": ({"delay": RNG.permutation(DELAY)}, "different delays", "at other synapses"),
    "lost": (
        rows(~FEW), "different connectivity",
        f"{N_FEW} of {N} synapses of exc_inh ({N_FEW / N:.2%}) are missing in the second run;"
        " all others are the same",
    ),
    "of a neuron": (
        rows(STATIC["pre"] != 3), "different connectivity", "all those from neuron 3"
    ),
    "doubled": (repeated(2), "synapses doubled", "every synapse of exc_inh is there twice"),
    "tripled": (repeated(3), "synapses doubled", "3 times as often"),
    "some doubled": (
        repeated(1 + FEW), "synapses doubled",
        f"{N_FEW} synapses of exc_inh ({N_FEW / N:.2%}) are there once more",
    ),
    "autapses": (rows(PAIRS), "autapses", f"{np.sum(~PAIRS)} neurons of exc_inh are connected"),
    "transposed": (
        {"pre": STATIC["post"], "post": STATIC["pre"]}, "pre and post exchanged", "post to pre"
    ),
    "pre from 1": ({"pre": STATIC["pre"] + 1}, "neuron indices shifted", "pre of exc_inh are +1"),
    "post from 1": ({"post": (STATIC["post"] + 1) % 12}, "neuron indices shifted", "post of"),
    "rewired": ({"post": MOVED}, "different connectivity", "sends and receives as many"),
    "other targets": (
        {"post": RNG.integers(0, 12, N)}, "different connectivity", "sends as many as before"
    ),
    "missing": (rows(np.zeros(N, bool)), "missing projection", f"and {N} in the other run"),
}  # fmt: skip


RECORDED = ("weights recorded differently",)
OF_VALUES = ("weights scaled", "sign of the weights", "weights rounded", "different weights")


def found(a, b):
    return list(different_connections(tiny.pair(a, b)))


@pytest.mark.parametrize("spikes_later", [0, 1])
@pytest.mark.parametrize("name", CHANGED)
def test_static_connections_are_facts(name, spikes_later):
    changed, cause, said = CHANGED[name]
    other = weight_frame("r", "other", [0, 1], [1, 2], [0.1, 0.2])
    weights = [tiny.pd.concat([t, other], ignore_index=True) for t in (table(), table(**changed))]
    (one,) = found(run(weights[0]), run(weights[1], later=spikes_later))
    # With equal spikes the record of the weights may be what differs.
    recorded = RECORDED if not spikes_later and cause in OF_VALUES else ()
    assert one.names == (cause, *recorded) and said in one.explanation, one


def test_causes_are_in_the_catalogue():
    kinds = {kind.name for kind in (*connections.KINDS, *recording.KINDS)}
    assert {cause for _, cause, _ in CHANGED.values()} <= kinds


def test_another_draw_shares_pairs_by_chance():
    rng = np.random.default_rng(1)
    lists = [np.nonzero(rng.random((100, 100)) < 0.1) for _ in range(2)]
    a, b = (weight_frame("r", "exc_inh", i, j, np.ones(len(i))) for i, j in lists)
    (one,) = found(run(a), run(b))
    assert one.name == "different connectivity" and "another draw" in one.explanation


def test_steps_of_a_delay_are_those_of_all():
    (one,) = found(run(table()), run(table(delay=DELAY + 2)))
    assert (one.steps, one.share) == (2, 1.0)
    (one,) = found(run(table()), run(table(delay=DELAY + FEW * 2)))
    assert (one.steps, one.share) == (0, N_FEW / N)


NOISE = W * RNG.normal(1, 0.05, N)


@pytest.mark.parametrize("plastic", [True, None])
def test_weights_that_learn_are_no_cause_if_spikes_differ(plastic):
    assert found(run(table(), plastic), run(table(weight=NOISE), plastic, later=1)) == []


def test_weights_that_learn_are_no_fact_before_it_is_known_that_they_do_not():
    """With the same spikes they are other weights or another rule, if it is not known which."""
    assert found(run(table(), True), run(table(weight=NOISE), True)) == []
    (one,) = found(run(table(), None), run(table(weight=NOISE), None))
    assert one.names == ("different weights", *RECORDED, "different weight rule")


def test_what_no_learning_does_is_a_fact_of_any_projection():
    (one,) = found(run(table(), None), run(table(weight=W * 1.25), None, later=1))
    assert one.names == ("weights scaled",)
    (one,) = found(run(table(), None), run(table(weight=W * 1.25), None))
    assert one.names == ("weights scaled", *RECORDED, "different weight rule")


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (np.full(N, 1.2), W),  # nothing was learned in one run
        (W, np.where(ONE, W * 1.1, W)),  # one spike more
        (W, np.where(FEW, W + 0.1, W)),
    ],
)
def test_what_learning_may_do_is_no_fact_of_a_projection_that_may_be_plastic(a, b):
    for first, second in ((a, b), (b, a)):
        tables = table(weight=first), table(weight=second)
        assert found(run(tables[0], None), run(tables[1], None, later=1)) == []
        (one,) = found(*(run(t, None) for t in tables))
        assert one.names == ("different weights", *RECORDED, "different weight rule")


def test_a_single_weight_has_a_factor_of_its_own():
    a, b = (weight_frame("r", "exc_inh", [0], [1], [w]) for w in (1.0, 1.1))
    assert found(run(a, None), run(b, None, later=1)) == []
    (one,) = found(run(a), run(b, later=1))
    assert one.name == "weights scaled"


def test_weights_before_the_first_spike_are_initial_ones():
    def two(weight):
        final = table(weight=NOISE + weight - W)
        return tiny.pd.concat([table(0.0, weight=weight), final], ignore_index=True)

    (one,) = found(run(two(W), True), run(two(W * 1.25), True, later=1))
    assert one.name == "different initial weights" and "1.25 times" in one.explanation
    assert found(run(two(W), True), run(two(W), True, later=1)) == []


def test_pairs_and_delays_of_plastic_projections_are_facts():
    for changed, cause in (
        ({"delay": DELAY + 1}, "different delays"), (rows(~FEW), "different connectivity")
    ):  # fmt: skip
        (one,) = found(run(table(), True), run(table(**changed), True, later=1))
        assert one.name == cause


def test_tolerances_are_those_of_a_projection():
    """A small weight beside a projection with weights a million times as large."""
    large = weight_frame("r", "large", [0, 1], [1, 2], [1e6, 2e6])
    a, b = (
        tiny.pd.concat([large, table(weight=w)], ignore_index=True) for w in (W, W * (1 + 1e-5))
    )
    (one,) = found(run(a), run(b))
    assert one.name == "weights scaled"


def test_a_projection_onto_other_populations():
    (one,) = found(run(table()), run(table(), facts={"post": "exc"}))
    assert one.name == "different connectivity" and "goes to inh" in one.explanation
    a, b = (run(table(), facts={"receptor": r}) for r in ("excitatory", "inhibitory"))
    (one,) = found(a, b)
    assert one.name == "different receptor"


def test_projections_that_are_exchanged():
    tables = table(name="one"), table(name="other", weight=W * 2)
    a = tiny.pd.concat(tables, ignore_index=True)
    b = a.assign(projection=a["projection"].map({"one": "other", "other": "one"}))
    (one,) = found(run(a), run(b))
    assert one.names == ("projections exchanged", "different weights")


def test_weights_of_one_folder_only_are_unknown():
    nothing = table().iloc[:0]
    assert found(Evidence({}, SPIKES, table()), Evidence({}, SPIKES, nothing)) == []
    (one,) = found(run(table()), run(nothing))
    assert one.name == "missing projection"


def test_minimal_tables_have_neither_delays_nor_times():
    tables = [t.assign(delay_ms=np.nan, time_ms=np.nan) for t in (table(), table(weight=W * 2))]
    (one,) = found(run(tables[0], None), run(tables[1], None, later=1))
    assert one.name == "weights scaled"
    assert found(run(tables[0], None), run(tables[0], None, later=1)) == []
    assert found(run(table(), None), run(tables[0], None)) == []


def test_silence_is_no_evidence_of_a_rule():
    silent = [
        Evidence({}, spike_frame("r", "p", [], []), t) for t in (table(), table(weight=NOISE))
    ]
    assert found(*silent) == []


def test_samples_of_other_connections_show_no_more_than_that():
    some = {"recorded_connections": 40, "connections": N}
    first, second = (table(**rows(np.arange(N) % 7 == k)) for k in (0, 1))
    (cause,) = different_connections(tiny.pair(run(first, facts=some), run(second, facts=some)))
    assert cause.names == ("different connectivity",)
    assert "other connections of exc_inh were read" in cause.explanation
    heavier = first.assign(weight=first["weight"] * 1.25)
    (cause,) = different_connections(tiny.pair(run(first, facts=some), run(heavier, facts=some)))
    assert cause.name == "weights scaled"
