"""What differs between recorded trains of sources."""

import json
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from pipelines.diagnosis.from_inputs import KINDS, different_input_trains
from tests.diagnosis import tiny_network as tiny

NET = tiny.network()
RUN = tiny.run(NET)
TRAINS = NET.trains
N_SPIKES = sum(map(len, TRAINS.values()))
RNG = np.random.default_rng(5)
LOST = {k: RNG.random(len(t)) < 0.03 for k, t in TRAINS.items()}
N_LOST = sum(int(lost.sum()) for lost in LOST.values())
ORDER = RNG.permutation(24)
LATER = sum(int(np.sum(t > 3000)) for t in TRAINS.values())


def draw(rng, mean):
    return np.unique(rng.integers(10, 3990, rng.poisson(mean)))


CHANGED = {
    "late": (lambda k, t: t + 3, "inputs delayed", "stim come 3 steps later"),
    "early": (lambda k, t: t - 2, "inputs delayed", "stim come 2 steps earlier"),
    "some late": (
        lambda k, t: t + 3 * (k < 7), "inputs delayed", "7 of 24 neurons of stim come 3 steps later"
    ),
    "lost": (
        lambda k, t: t[~LOST[k]], "different inputs",
        f"{N_SPIKES - N_LOST:,} are common, and {N_LOST} ({N_LOST / N_SPIKES:.2%}) in the first",
    ),
    "further": (
        lambda k, t: np.append(t, t[-1] + 1) if k < 5 else t, "different inputs",
        f"{N_SPIKES:,} are common, and 5 ({5 / (N_SPIKES + 5):.2%}) in the second run alone",
    ),
    "twice": (
        lambda k, t: np.append(t, t[:1]), "different inputs",
        "0 of them in the first run and 24 in the second run come more than once",
    ),
    "jitter": (
        lambda k, t: np.sort(t + RNG.integers(-2, 3, len(t))), "different inputs",
        "by -2 to 2 steps",
    ),
    "rate": (lambda k, t: draw(RNG, 30), "different inputs", "times as large"),
    "draw": (lambda k, t: draw(RNG, 16), "different inputs", "another draw"),
    "ends": (
        lambda k, t: t[t <= 3000], "different inputs", f"lacks {LATER} of {N_SPIKES} spikes in the"
        f" second run: {LATER} after",
    ),
    "other window": (
        lambda k, t: 1000 + draw(RNG, 16) // 2, "different inputs", "begins at"
    ),
    "one train": (
        lambda k, t: TRAINS[0], "one train for all", "all 24 neurons of stim fire at the same times"
    ),
    "permuted": (
        lambda k, t: TRAINS[ORDER[k]], "different inputs",
        f"{np.sum(np.arange(24) != ORDER)} trains of stim are those of other neurons",
    ),
    "exchanged": (
        lambda k, t: TRAINS[{3: 4, 4: 3}.get(k, k)], "different inputs",
        "neurons 3 and 4 of stim are exchanged",
    ),
    "reversed": (lambda k, t: TRAINS[23 - k], "different inputs", "reversed order"),
    "silent": (lambda k, t: t[:0], "different inputs", "no neuron of stim fires in the second run"),
}  # fmt: skip


@cache
def simulated(name):
    return tiny.run(tiny.with_trains(NET, CHANGED[name][0]))


def found(b, a=RUN):
    return list(different_input_trains(tiny.pair(a, b)))


@pytest.mark.parametrize("name", CHANGED)
def test_what_sources_played_is_named_if_their_targets_respond(name):
    _, cause, said = CHANGED[name]
    (one,) = found(simulated(name))
    assert one.name == cause and said in one.explanation, one
    assert one.name in {kind.name for kind in KINDS}


@pytest.mark.parametrize("name", CHANGED)
def test_trains_without_a_consequence_are_not_those_that_were_played(name):
    _, _, said = CHANGED[name]
    played = simulated(name).spikes
    spikes = RUN.spikes[RUN.spikes["population"] != "stim"]
    spikes = tiny.pd.concat([spikes, played[played["population"] == "stim"]])
    (one,) = found(replace(RUN, spikes=spikes))
    assert said in one.explanation, one
    few = name in ("further", "lost", "twice", "exchanged")
    assert one.name == "inputs recorded differently" or few


def test_steps_and_shares():
    late, some = (found(simulated(name))[0] for name in ("late", "some late"))
    assert (late.steps, late.share) == (3, 1.0)
    assert (some.steps, some.share) == (3, 7 / 24)


def test_nothing_is_said_of_sources_that_nobody_knows():
    late = simulated("late")
    assert found(tiny.only_spikes(late), tiny.only_spikes(RUN)) == []
    late, early = (
        replace(run, spikes=run.spikes[run.spikes["population"] != "stim"]) for run in (late, RUN)
    )
    assert found(late, early) == []


def test_sources_are_populations_without_incoming_projections_if_types_are_unknown():
    late = simulated("late")
    for wrap in (dict, json.dumps):
        record = {"projections": wrap(RUN.record["projections"])}
        (one,) = found(replace(late, record=record), replace(RUN, record=record))
        assert one.name == "inputs delayed"


def test_neurons_that_respond_are_no_sources():
    assert found(tiny.run(replace(NET, tau_m=12.1))) == []
