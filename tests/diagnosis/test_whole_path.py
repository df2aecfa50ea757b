"""Causes that runs of a faulty backend were wrongly given, from the whole path of a user."""

import numpy as np
import pytest

from pipelines.diagnosis.causes import causes
from pipelines.diagnosis.run_pair import Cause, Evidence, Pair
from tests import synthetic

DT = 0.1
NO_WEIGHTS = synthetic.weight_frame("r", "none", np.empty(0, int), np.empty(0, int), np.empty(0))


def train(steps, population="cells", neuron=None):
    steps = np.asarray(steps)
    neuron = np.zeros(len(steps), int) if neuron is None else neuron
    return synthetic.spike_frame("r", population, neuron, steps * DT)


def found(a, b, **record):
    return causes(Pair(Evidence(record, a, NO_WEIGHTS), Evidence(record, b, NO_WEIGHTS), DT))


def test_silence_of_all_is_not_proved_by_the_spikes_that_are_missing():
    """Where nothing fires, no other spikes are the same."""
    step = np.arange(400) * 7
    known = {"projections": {"own": {"pre": "cells", "post": "cells", "plastic": False}}}
    (one,) = found(train(step, neuron=np.arange(400) % 50), train([]), **known)
    assert one.name == "silent population"
    assert "so only the record differs" not in one.explanation


def test_a_regular_train_that_ends_early_is_not_only_shifted():
    step = 127 + np.arange(68) * 147
    (one,) = found(train(step), train(step[:61]))
    assert one.name == "recording ends early"
    assert {"run ends early", "constant shift"} <= {*one.alternatives}


@pytest.mark.parametrize("first", [13, -3])
def test_no_refractory_period_moves_the_first_spike(first):
    """Another capacitance changes the first spike and all intervals."""
    a = 127 + np.arange(68) * 147
    b = a[0] + first + np.arange(60) * (147 + first + np.sign(first) * 2)
    (one,) = found(train(a), train(b))
    assert one.name in ("less excitable", "more excitable", "first spikes differ")
    assert "different cm" in one.alternatives


def test_what_follows_a_spike_may_be_a_weight_that_learned():
    """Unless the records say that no projection learns."""
    rng = np.random.default_rng(5)
    step = np.sort(rng.choice(200, 50, replace=False)) + 5
    trains = []
    for by in (0, rng.integers(1, 9, 50)):
        later = 300 + 2 * step + by
        trains.append(train(np.r_[step, later], neuron=np.tile(np.arange(50), 2)))
    static = {"projections": {"own": {"pre": "cells", "post": "cells", "plastic": False}}}
    for record, possible in (({}, True), (static, False)):
        (one,) = found(*trains, **record)
        assert one.name == "what follows a spike"
        assert ("different weight rule" in one.alternatives) == possible


def test_digests_of_another_grid_are_no_other_connectivity():
    """They hold delays as numbers of steps."""
    rng = np.random.default_rng(2)
    cells = np.repeat(np.arange(20), 5)
    a = np.sort(rng.integers(10, 3000, 100))
    for b, name in ((2 * (a // 2 + 1), "coarser time grid"), (a + 0.5, "spikes off the grid")):
        runs = [
            Evidence({"connectivity_sha256": digest}, train(step, neuron=cells), NO_WEIGHTS)
            for digest, step in (("aa", a), ("bb", b + 38 * (a > 400)))
        ]
        assert [one.name for one in causes(Pair(*runs, DT))] == [name]


def test_a_label_says_how_many_others_fit():
    others = ("different cm", "different v_rest", "different v_reset", "different v_thresh")
    one = Cause("different tau_m", "intervals", alternatives=others)
    assert one.label == "different tau_m or 4 others"
    assert one.text.endswith("different tau_m, different cm, different v_rest, different v_reset"
                             " and different v_thresh")  # fmt: skip
    assert Cause("first spikes differ", "", alternatives=others).label == "first spikes differ"
