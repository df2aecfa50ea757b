"""Causes of a divergence, from runs that were changed in one known way."""

import numpy as np
import pytest

from pipelines.diagnosis.causes import causes
from pipelines.diagnosis.first_divergence import first_divergence, lags, on_grid
from pipelines.diagnosis.kinds.spikes import EITHER_WAY
from pipelines.diagnosis.run_pair import Evidence, Pair
from tests import synthetic

DT = 0.1
RNG = np.random.default_rng(12)
# Twenty neurons that fire regularly, each at its own rate and from its own start.
STARTS = RNG.integers(20, 200, 20)
PERIODS = RNG.integers(80, 160, 20)
WEIGHTS = RNG.uniform(0.2, 0.8, 50)


def regular(longer=0, later=0, population="cells", n=20):
    """Spikes whose intervals are some steps longer, and all of which come some steps later."""
    neuron, step = [], []
    for k in range(n):
        steps = STARTS[k] + later + np.arange(30) * (PERIODS[k] + longer)
        neuron.append(np.full(30, k))
        step.append(steps)
    return synthetic.spike_frame("r", population, np.concatenate(neuron), np.concatenate(step) * DT)


def connected(weight=WEIGHTS, delay_ms=1.0, keep=50):
    pre, post = np.divmod(np.arange(50), 5)
    return synthetic.weight_frame(
        "r", "plastic", pre[:keep], post[:keep], np.asarray(weight)[:keep], delay_ms
    )


def run(spikes=None, weights=None, **record):
    usual = {"seed": 1, "input_sha256": "aa", "connectivity_sha256": "bb", "parameters": {"g": 5.0}}
    return Evidence(
        usual | record,
        regular() if spikes is None else spikes,
        connected() if weights is None else weights,
    )


def named(a, b):
    return [cause.name for cause in causes(Pair(a, b, DT))]


def test_runs_that_are_the_same_need_no_cause():
    assert named(run(), run()) == []


@pytest.mark.parametrize(
    ("changed", "name", "said"),
    [
        ({"seed": 2}, "different seeds", "seeds 1, 2"),
        ({"input_sha256": "cc"}, "different inputs or initial values", "digests aa and cc"),
        ({"connectivity_sha256": "cc"}, "different connectivity", "digests bb and cc"),
        ({"parameters": {"g": 6.0}}, "different parameters", "g = 5.0 and 6.0"),
        ({"spikes": regular(later=1)}, "constant shift", "cells come 1 step later"),
        ({"spikes": regular(later=-2)}, "constant shift", "cells come 2 steps earlier"),
        ({"spikes": regular(longer=1)}, "different tau_refrac", "cells are 1 step longer"),
        ({"spikes": regular(longer=-1)}, "different tau_refrac", "cells are 1 step shorter"),
        ({"weights": connected(WEIGHTS * 1.01)}, "weights scaled", "1.01 times as large"),
        ({"weights": connected(delay_ms=1.1)}, "different delays", "plastic are 1 step longer"),
        (
            {"weights": connected(keep=49)},
            "different connectivity",
            "1 of 50 synapses of plastic (2.00%) are missing",
        ),
        ({"weights": connected(WEIGHTS**1.01)}, "different weight rule", "of the largest"),
    ],
)
def test_one_change_is_named(changed, name, said):
    found = causes(Pair(run(), run(**changed), DT))
    assert name in [each for cause in found for each in cause.names]
    assert any(said in cause.explanation for cause in found), found


PRE, POST = np.divmod(np.arange(50), 5)


def between(pre, post, weight=WEIGHTS):
    return synthetic.weight_frame("r", "plastic", pre, post, weight)


@pytest.mark.parametrize(
    ("weights", "name"),
    [
        (connected(-WEIGHTS), "sign of the weights"),
        (connected(WEIGHTS * 2), "weights scaled"),
        (between(np.tile(PRE, 2), np.tile(POST, 2), np.tile(WEIGHTS, 2)), "synapses doubled"),
        (between(POST, PRE), "pre and post exchanged"),
        (between(PRE, (POST + 2) % 7), "different connectivity"),
        (connected(keep=0), "missing projection"),
    ],
)
def test_what_is_wrong_with_connections(weights, name):
    other = run(weights=weights, connectivity_sha256="cc")
    # The table says which way, so the digest need not.
    assert named(run(), other) == [name]


def test_neurons_that_are_connected_to_themselves():
    apart = PRE != POST
    without = run(weights=between(PRE[apart], POST[apart], WEIGHTS[apart]))
    assert named(without, run()) == ["autapses"] == named(run(), without)


def test_several_synapses_between_two_neurons():
    """Two each: with weights of their own, and with one for both of a pair."""
    pre, post, weight = np.repeat(PRE[:25], 2), np.repeat(POST[:25], 2), WEIGHTS.copy()
    one = weight.copy()
    one[::2] = one[1::2]
    a, b = (run(weights=between(pre, post, values)) for values in (weight, one))
    assert named(a, b) == ["one weight for all synapses of a pair"] == named(b, a)
    (cause,) = causes(Pair(a, b, DT))
    assert cause.explanation.endswith("have one weight in the second run")
    on_stock = run(weights=between(pre, post, one), backend="stock_brian2")
    uses = frozenset({"FromListConnector"})
    named_so = [c.name for c in causes(Pair(run(weights=a.weights), on_stock, DT, uses=uses))]
    assert named_so[0] == "multapses with different weights"


def irregular(n=30, later=None, seed=3):
    """Neurons that fire irregularly; `later` steps for every spike of each."""
    rng = np.random.default_rng(seed)
    step = np.cumsum(rng.integers(30, 300, (n, 20)), axis=1) + rng.integers(0, 300, (n, 1))
    step = step + (0 if later is None else later)
    neuron = np.repeat(np.arange(n), step.shape[1])
    return synthetic.spike_frame("r", "cells", neuron, step.ravel() * DT)


GROWING = np.random.default_rng(4).integers(1, 9, (30, 20)).cumsum(axis=1)


@pytest.mark.parametrize(
    ("later", "name"),
    [
        (GROWING, "less excitable"),
        (-GROWING, "more excitable"),
        (GROWING - GROWING[:, :1], "what follows a spike"),
    ],
)
def test_which_way_first_spikes_go(later, name):
    weights = connected(keep=0)
    assert named(run(irregular(), weights), run(irregular(later=later), weights)) == [name]


def test_another_draw_goes_neither_way():
    pair = Pair(run(irregular(), connected(keep=0)), run(irregular(seed=5), connected(keep=0)), DT)
    (cause,) = causes(pair)
    assert cause.name == "first spikes either way"
    assert set(cause.alternatives) == {*EITHER_WAY} - {"different inputs"}


def test_a_single_interval_is_ambiguous():
    """Of one neuron nobody knows what is longer, but a first spike that is late too says more."""
    (cause,) = causes(Pair(run(regular(n=1)), run(regular(n=1, longer=3)), DT))
    assert cause.names == ("different tau_refrac", "different v_reset")
    assert named(run(regular(n=1)), run(regular(n=1, longer=3, later=3))) == ["less excitable"]


def test_weights_that_learn_differ_with_the_spikes():
    """They are no cause: neurons 0 to 9 fire otherwise, and weights from them differ."""
    later = np.where(np.arange(30)[:, None] < 10, GROWING, 0)
    spikes = irregular(later=later)
    pre, post = np.repeat(np.arange(30), 29), np.tile(np.arange(29), 30)
    weight = np.random.default_rng(6).uniform(0.2, 0.8, len(pre))
    touched = (pre < 10) | (post < 10)
    followed = between(pre, post, np.where(touched, weight * 1.1, weight))
    known = {"projections": {"plastic": {"pre": "cells", "post": "cells", "plastic": True}}}
    one = run(irregular(), between(pre, post, weight), **known)
    assert "different weight rule" not in named(one, run(spikes, followed))
    # Plastic weights between those that fire alike can differ by their rule alone.
    first, *_ = causes(Pair(one, run(spikes, between(pre, post, weight**1.1)), DT))
    assert first.name == "different weight rule" and "100.0%" in first.explanation


def test_one_train_and_silence():
    rng = np.random.default_rng(9)
    step = np.unique(rng.integers(20, 3000, 30))
    alike = synthetic.spike_frame("r", "cells", np.tile(np.arange(9), len(step)),
                                  np.repeat(step, 9) * DT)  # fmt: skip
    none = connected(keep=0)
    assert named(run(irregular(9), none), run(alike, none))[0] == "one train for all"
    # What a neuron's silence does to others comes later than its own first spike.
    same = irregular()
    moved = irregular(later=np.where(np.arange(20) < 15, 0, GROWING))
    assert "silent neurons" in named(run(same, none), run(moved[moved["neuron"] != 7], none))
    both, one = (
        synthetic.pd.concat([first, then.assign(population="others")], ignore_index=True)
        for first, then in ((same, same), (same.iloc[:0], moved))
    )
    assert "silent population" in named(run(both, none), run(one, none))


def test_a_stamp_and_a_refractory_period_are_told_apart():
    """What stock Brian2 does: spikes a step early, intervals a step short."""
    assert named(run(), run(regular(longer=-1, later=-1))) == [
        "constant shift",
        "different tau_refrac",
    ]


def test_a_response_that_is_late_is_told_from_sources_that_are():
    def two(later):
        sources = regular(population="sources")
        return run(spikes=synthetic.pd.concat([sources, regular(later=later)], ignore_index=True))

    (cause,) = causes(Pair(two(0), two(3), DT))
    assert cause.names == ("one population recorded late", "inputs delayed", "different delays")
    assert "cells come 3 steps later" in cause.explanation
    assert "no others do" in cause.explanation


def test_spikes_between_the_steps():
    between = regular()
    between["time_ms"] += RNG.uniform(0.01, 0.09, len(between))
    assert "spikes off the grid" in named(run(), run(between))


def test_one_step_after_a_long_agreement_is_rounding_or_growth():
    late = regular()
    at = late["time_ms"].idxmax()
    late.loc[at, "time_ms"] += DT
    assert named(run(), run(late)) == ["threshold tie"]


def test_divergence_names_both_sides():
    a = synthetic.spike_frame("a", "p", [0, 1, 2], [1.0, 2.0, 3.0])
    b = synthetic.spike_frame("b", "p", [0, 1, 2], [1.0, 2.1, 3.0])
    found = first_divergence(on_grid(a, b, DT))
    assert (found.time_ms, found.population, found.neuron, found.on) == (2.0, "p", 1, 0)
    assert (found.last_common_ms, found.n_common_before, found.n_common) == (1.0, 1, 2)
    mirrored = first_divergence(on_grid(b, a, DT))
    assert (mirrored.time_ms, mirrored.on) == (2.0, 1)
    assert first_divergence(on_grid(a, a, DT)) is None
    empty = a.iloc[:0]
    assert first_divergence(on_grid(empty, empty, DT)) is None
    alone = first_divergence(on_grid(a, empty, DT))
    assert (alone.time_ms, alone.on, alone.last_common_ms) == (1.0, 0, None)


def test_lags_are_those_of_each_neuron_s_own_spikes():
    a = synthetic.spike_frame("a", "p", [3, 3, 3, 5], [1.0, 2.0, 3.0, 1.0])
    b = synthetic.spike_frame("b", "p", [3, 3, 5, 7], [1.1, 2.3, 0.8, 1.0])
    population, first, lag, number = lags(on_grid(a, b, DT), 2)
    assert first.tolist() == [[10, 10], [11, 8]]
    assert (population.tolist(), number.tolist()) == ([0, 0], [2, 1])
    assert lag[0].tolist() == [1, 3] and lag[1, 0] == -2
