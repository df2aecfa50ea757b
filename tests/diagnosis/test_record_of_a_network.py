"""Records of a network that were changed, and simulations that look alike."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pipelines.diagnosis.from_recording import different_recording
from pipelines.diagnosis.kinds.recording import KINDS
from tests.diagnosis import tiny_network as tiny

NET = tiny.network()
RUN = tiny.run(NET)
SPIKES = RUN.spikes
RNG = np.random.default_rng(3)
CHANCE = RNG.random(len(SPIKES))
IS = {name: (SPIKES["population"] == name).to_numpy() for name in tiny.SIZES}
LATE = "one population recorded late"


def timed(change, *populations):
    """Spikes of some populations (all without names) with other times."""
    of = np.any([IS[name] for name in populations or IS], axis=0)
    time = SPIKES["time_ms"].to_numpy()
    return SPIKES.assign(time_ms=np.where(of, change(time), time))


def renumbered(change, *populations):
    """Spikes of some populations (all without names) with other indices of neurons."""
    of = np.any([IS[name] for name in populations or IS], axis=0)
    neuron = SPIKES["neuron"].to_numpy()
    return SPIKES.assign(neuron=np.where(of, change(neuron), neuron))


def kept(mask):
    return SPIKES[np.asarray(mask)].reset_index(drop=True)


ORDER = RNG.permutation(30)
N_EXC = int(IS["exc"].sum())
LOST = IS["exc"] & (CHANCE < 0.1)
FIRST = (SPIKES.groupby(["population", "neuron"]).cumcount() < 5).to_numpy()
TIME = SPIKES["time_ms"].to_numpy()

# Spikes, name, what is said with the network known, other names with spikes alone.
CHANGED = {
    "all late": (timed(lambda t: t + 0.3), "constant shift", "3 steps later", ["inputs delayed"]),
    "exc late": (
        timed(lambda t: t + 0.3, "exc"), LATE, "spikes of exc come 3 steps later",
        ["inputs delayed", "different delays"],
    ),
    "sources early": (
        timed(lambda t: t - 0.1, "stim"), LATE, "the spikes of exc, which they reach through",
        ["inputs delayed", "different delays"],
    ),
    "two late": (
        timed(lambda t: t + 0.1, "exc", "stim"), "constant shift",
        "spikes of exc and stim come 1 step later", ["inputs delayed", "different delays"],
    ),
    "some late": (
        SPIKES.assign(time_ms=np.where(IS["exc"] & (SPIKES["neuron"] < 7), TIME + 0.2, TIME)),
        "some neurons recorded late", "7 of 30 neurons of exc come 2 steps later",
        ["inputs delayed", "different delays"],
    ),
    "s": (timed(lambda t: t / 1000), "times in another unit", "1/1000 times", []),
    "us of exc": (timed(lambda t: t * 1000, "exc"), "times in another unit", "of exc in", []),
    "steps": (timed(lambda t: t / tiny.DT), "times in another unit", "one over the time", []),
    "rounded": (timed(np.round), "times rounded", "rounded to multiples of 1 ms", []),
    "down": (timed(np.floor, "exc"), "times rounded", "exc are rounded down to multiples", []),
    "up": (timed(lambda t: np.ceil(t * 2) / 2), "times rounded", "up to multiples of 0.5 ms", []),
    "clock": (
        timed(lambda t: np.round(t * 1.002 / tiny.DT) * tiny.DT), "clock at another rate",
        "is 1.00", [],
    ),
    "clock of exc": (timed(lambda t: t * 0.999, "exc"), "clock at another rate", "0.999 (", []),
    "lost": (
        kept(~LOST), "spikes missing from the record",
        f"the {LOST.sum()} spikes of exc missing in the second run, {LOST.sum() / N_EXC:.2%} of",
        ["missing or further input", "different inputs"],
    ),
    "every second": (
        kept(np.arange(len(SPIKES)) % 2 == 0), "spikes missing from the record",
        "all but every second one", ["missing or further input", "different inputs"],
    ),
    "end": (
        kept(TIME < 350), "recording ends early",
        f"the {np.sum(TIME >= 350)} spikes of exc, inh, readout and stim missing in the second run"
        " all come after 349.9 ms", ["run ends early", "different inputs"],
    ),
    "begin": (
        kept((TIME > 50) | ~IS["exc"]), "recording begins late", "before 5", ["different inputs"]
    ),
    "gap": (
        kept((TIME < 100) | (TIME > 120)), "gap in the recording",
        f"the {np.sum((TIME >= 100) & (TIME <= 120))} spikes", ["different inputs"],
    ),
    "first": (kept(FIRST), "only first spikes recorded", "first 5 spikes of each neuron", []),
    "all twice": (
        pd.concat([SPIKES, SPIKES]), "spikes recorded twice", "all spikes of", ["different inputs"]
    ),
    "some twice": (
        pd.concat([SPIKES, SPIKES[IS["exc"]].iloc[::10]]), "spikes recorded twice",
        f"{-(-N_EXC // 10)} spikes (10.1%) of exc", ["different inputs"],
    ),
    "from 1": (
        renumbered(lambda k: k + 1), "neurons counted from 1", "larger by 1",
        ["different inputs", "different connectivity"],
    ),
    "shifted": (
        renumbered(lambda k: k + 5, "exc"), "neuron indices shifted", "exc are larger by 5",
        ["different inputs", "different connectivity"],
    ),
    "reversed": (
        renumbered(lambda k: 29 - k, "exc"), "neurons in another order", "reversed order",
        ["different inputs", "different connectivity"],
    ),
    "permuted": (
        renumbered(lambda k: ORDER[k % 30], "exc"), "neurons in another order",
        f"{np.sum(np.arange(30) != ORDER)} trains of exc are those of other neurons",
        ["different inputs", "different connectivity"],
    ),
    "two exchanged": (
        renumbered(lambda k: np.where(k == 3, 4, np.where(k == 4, 3, k)), "exc"),
        "neurons in another order", "neurons 3 and 4 of exc are exchanged",
        ["different inputs", "different connectivity"],
    ),
    "exchanged": (
        SPIKES.assign(population=SPIKES["population"].replace({"exc": "inh", "inh": "exc"})),
        "populations exchanged", "exc are those of inh", ["different inputs"],
    ),
    "renamed": (
        SPIKES.assign(population=SPIKES["population"].str.upper()), "populations renamed",
        "exc are those of EXC", [],
    ),
}  # fmt: skip


def found(a, b):
    return list(different_recording(tiny.pair(a, b)))


@pytest.mark.parametrize("name", CHANGED)
def test_a_changed_record_is_named_alone_if_the_network_is_known(name):
    spikes, cause, said, _ = CHANGED[name]
    (one,) = found(RUN, replace(RUN, spikes=spikes))
    assert (one.names, said in one.explanation) == ((cause,), True), one


@pytest.mark.parametrize("name", CHANGED)
def test_simulations_that_look_alike_are_alternatives_if_only_spikes_are_known(name):
    spikes, cause, _, others = CHANGED[name]
    for a, b in ((SPIKES, spikes), (spikes, SPIKES)):
        known = [tiny.only_spikes(replace(RUN, spikes=s)) for s in (a, b)]
        (one,) = found(*known)
        assert one.names == (cause, *others), one


@pytest.mark.parametrize("n", [1, -1, 7])
def test_shifts_have_the_sign_of_the_second_run(n):
    for record in (RUN, tiny.only_spikes(RUN)):
        late = replace(record, spikes=timed(lambda t: t + n * tiny.DT, "exc"))
        assert [one.steps for one in found(record, late)] == [n]
        assert [one.steps for one in found(late, record)] == [-n]


@pytest.mark.parametrize(
    ("spikes", "known", "unknown"),
    [
        (kept((SPIKES["neuron"] != 4) | ~IS["exc"]), "neurons not recorded",
         ("silent neurons", "neurons not recorded", "different connectivity")),
        (kept(SPIKES["neuron"] < 10), "neurons not recorded",
         ("silent neurons", "neurons not recorded", "different connectivity")),
        (kept(~IS["inh"]), "population not recorded",
         ("silent population", "population not recorded", "missing projection")),
    ],
)  # fmt: skip
def test_silence_is_told_from_a_missing_record_by_what_silence_would_do(spikes, known, unknown):
    (one,) = found(RUN, replace(RUN, spikes=spikes))
    assert one.names == (known,)
    minimal = [tiny.only_spikes(r) for r in (RUN, replace(RUN, spikes=spikes))]
    (one,) = found(*minimal)
    assert one.names == unknown


def test_neurons_that_reach_nobody_may_be_silent_or_not_recorded():
    silent = tiny.run(replace(NET, silent={"readout": (4,)}))
    for b in (silent, replace(RUN, spikes=silent.spikes)):
        (one,) = found(RUN, b)
        assert one.names == ("silent neurons", "neurons not recorded")


def test_a_population_that_a_run_did_not_record_is_no_silent_one():
    said = [RUN.record | {"population_sizes": sizes} for sizes in (
        '{"exc": 30, "readout": 10}', '{"exc": 30}')]  # fmt: skip
    a, b = (replace(RUN, record=record) for record in said)
    (one,) = found(a, replace(b, spikes=kept(~IS["readout"])))
    assert one.names == ("population not recorded",)


def test_a_population_that_comes_after_the_end_of_the_run_is_recorded_late():
    record = {k: v for k, v in RUN.record.items() if k != "projections"}
    a = replace(RUN, record=record, signals=None)
    (one,) = found(a, replace(a, spikes=timed(lambda t: t + 5.0, "readout")))
    assert one.names == (LATE,) and "after the end of the run, at 400 ms" in one.explanation


def test_a_shift_by_a_part_of_a_step_may_be_one_of_exact_times():
    changed = replace(RUN, spikes=timed(lambda t: t - 0.05))
    (one,) = found(RUN, changed)
    assert one.names == ("constant shift",) and "0.5 steps (0.05 ms) earlier" in one.explanation
    (one,) = found(tiny.only_spikes(RUN), tiny.only_spikes(changed))
    assert one.names == ("spikes off the grid", "constant shift", "inputs delayed")


def delayed(net, steps, *names):
    for name in names or net.synapses:
        net = tiny.with_synapses(net, name, delay=net.synapses[name]["delay"] + steps)
    return net


def scaled(name, factor):
    return tiny.with_synapses(NET, name, weight=NET.synapses[name]["weight"] * factor)


SIMULATED = {
    "delay of the readout": delayed(NET, 2, "exc_readout"),
    "delays from sources": delayed(NET, 2, "stim_exc", "stim_inh"),
    "all delays": delayed(NET, 1),
    "sources late": tiny.with_trains(NET, lambda k, t: t + 3),
    "sources lost": tiny.with_trains(NET, lambda k, t: t[1:] if k % 3 else t),
    "sources begin late": tiny.with_trains(NET, lambda k, t: t[t > 600]),
    "sources end early": tiny.with_trains(NET, lambda k, t: t[t < 3000]),
    "sources permuted": replace(NET, trains={k: NET.trains[23 - k] for k in range(24)}),
    "one train": tiny.with_trains(NET, lambda k, t: NET.trains[0]),
    "silent neuron": replace(NET, silent={"exc": (4,)}),
    "no projection": tiny.without(NET, "inh_exc"),
    "no input of the readout": tiny.without(NET, "exc_readout"),
    "tau_m": replace(NET, tau_m=12.1),
    "refractory": replace(NET, refractory=21),
    "threshold": replace(NET, threshold=10.02),
    "start": replace(NET, start=1.0),
    "euler": replace(NET, euler=True),
    "learning": replace(NET, learning=0.021),
    "weights": scaled("stim_exc", 1.01),
    "sign": scaled("inh_exc", -1),
}


@pytest.mark.parametrize("name", SIMULATED)
def test_a_simulation_that_differs_is_no_record_if_the_network_is_known(name):
    assert found(RUN, tiny.run(SIMULATED[name])) == []


@pytest.mark.parametrize("name", SIMULATED)
def test_a_simulation_that_looks_like_a_record_has_alternatives(name):
    """With spikes alone, two of them shift some spikes exactly, and some lose the last ones."""
    possible = {
        "delay of the readout": "different delays", "delays from sources": "inputs delayed",
        "sources late": "inputs delayed", "sources end early": "different inputs",
        "no input of the readout": "missing projection",
    }  # fmt: skip
    causes = found(tiny.only_spikes(RUN), tiny.only_spikes(tiny.run(SIMULATED[name])))
    assert bool(causes) == (name in possible)
    assert all(possible[name] in one.names for one in causes)


def test_digests_that_differ_contradict_the_record():
    for column in ("input_sha256", "connectivity_sha256"):
        a, b = (replace(RUN, record=RUN.record | {column: text}) for text in "ab")
        assert found(a, replace(b, spikes=timed(lambda t: t + 0.3, "exc"))) == []


def test_one_phase_of_regular_trains_may_be_an_initial_potential():
    steps = 100 + 80 * np.arange(30)

    def alike(later):
        neuron, step = np.tile(np.arange(5), 30), np.repeat(steps + later, 5)
        return tiny.only_spikes(replace(RUN, spikes=tiny.spike_frame("r", "p", neuron, step * 0.1)))

    (one,) = found(alike(0), alike(4))
    assert one.names == ("constant shift", "inputs delayed", "different initial potential")


def relays(latency, lost=0.0):
    """Neurons that answer single strong inputs, each long after the one before."""
    rng = np.random.default_rng(8)
    neuron = np.repeat(np.arange(20), 12)
    step = np.cumsum(rng.integers(400, 900, (20, 12)), axis=1).ravel() + latency
    keep = np.random.default_rng(9).random(len(step)) >= lost
    spikes = tiny.spike_frame("r", "cells", neuron[keep], step[keep] * tiny.DT)
    return tiny.only_spikes(replace(RUN, spikes=spikes))


def test_single_responses_may_be_lost_or_late_without_an_effect_on_others():
    """A membrane that is a little slower does the same to them."""
    (late,) = found(relays(15), relays(16))
    assert late.names == ("constant shift", "inputs delayed", "less excitable")
    (late,) = found(relays(15), relays(25))
    assert late.names == ("constant shift", "inputs delayed")
    (early,) = found(relays(15), relays(13))
    assert early.names[-1] == "more excitable"
    (lost,) = found(relays(15), relays(15, lost=0.1))
    assert lost.names[0] == "spikes missing from the record" and "less excitable" in lost.names
    (lost,) = found(relays(15, lost=0.1), relays(15))
    assert "more excitable" in lost.names


def test_few_times_are_on_a_coarser_grid_by_chance():
    spikes = [
        tiny.only_spikes(replace(RUN, spikes=tiny.spike_frame("r", "p", [0, 0, 0], t)))
        for t in ([10.3, 20.1, 30.2], [10.2, 20.2, 30.2])
    ]
    assert found(*spikes) == []


def test_spikes_without_a_rule_are_of_the_record_if_nothing_responds():
    jitter = np.random.default_rng(10).integers(-2, 3, len(SPIKES)) * tiny.DT
    for name in ("exc", "stim"):
        changed = SPIKES.assign(time_ms=np.round(TIME + jitter * IS[name], 9))
        (one,) = found(RUN, replace(RUN, spikes=changed))
        assert one.names == ("spikes recorded differently",)
        known = [tiny.only_spikes(replace(RUN, spikes=s)) for s in (SPIKES, changed)]
        assert found(*known) == []


def test_regular_trains_of_another_drive_are_no_clock():
    neuron = np.repeat(np.arange(10), 30)
    time = np.concatenate([np.arange(1, 31) * (9.0 + k) for k in range(10)])
    a, b = (
        tiny.only_spikes(replace(RUN, spikes=tiny.spike_frame("r", "p", neuron, t)))
        for t in (time, np.round(time * 1.01, 1))
    )
    assert found(a, b) == []


def test_unrelated_spikes_have_no_record_in_common():
    for seed in range(5):
        other = tiny.run(tiny.network(seed + 2))
        assert found(tiny.only_spikes(RUN), tiny.only_spikes(other)) == []


def test_all_causes_are_in_the_catalogue():
    named = {one for _, cause, _, others in CHANGED.values() for one in (cause,)}
    assert named <= {kind.name for kind in KINDS}
    assert len({kind.name for kind in KINDS}) == len(KINDS)
