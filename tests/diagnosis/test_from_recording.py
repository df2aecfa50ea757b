"""Spikes that were written down in another way, and are otherwise the same."""

import numpy as np
import pytest

from pipelines.diagnosis.causes import causes
from pipelines.diagnosis.run_pair import Evidence, Pair
from tests import synthetic

DT = 0.1
RNG = np.random.default_rng(5)
N, TIMES = 12, 400


def network(names=("exc", "inh")):
    """Irregular trains of two populations."""
    parts = []
    for name in names:
        step = np.sort(RNG.choice(np.arange(20, 4000), TIMES, replace=False))
        parts.append(synthetic.spike_frame("r", name, RNG.integers(0, N, TIMES), step * DT))
    return synthetic.pd.concat(parts, ignore_index=True)


SPIKES = network()


def explained(changed, original=SPIKES):
    weights = synthetic.empty("weights")
    return causes(Pair(Evidence({}, original, weights), Evidence({}, changed, weights), DT))


def named(changed, original=SPIKES):
    return [cause.name for cause in explained(changed, original)]


def without(keep):
    return SPIKES[keep].reset_index(drop=True)


def exchanged():
    return SPIKES.assign(population=SPIKES["population"].map({"exc": "inh", "inh": "exc"}))


@pytest.mark.parametrize(
    ("changed", "name", "said"),
    [
        (SPIKES.assign(time_ms=SPIKES["time_ms"] / 1000), "times in another unit", "1/1000"),
        (SPIKES.assign(time_ms=SPIKES["time_ms"] * 1000), "times in another unit", "1000 times"),
        (SPIKES.assign(time_ms=SPIKES["time_ms"] / DT), "times in another unit", "time step"),
        (SPIKES.assign(time_ms=SPIKES["time_ms"] + 0.3), "constant shift", "3 steps later"),
        (synthetic.pd.concat([SPIKES] * 2), "spikes recorded twice", "all spikes"),
        (
            synthetic.pd.concat([SPIKES, SPIKES.iloc[::50]]),
            "spikes recorded twice",
            "16 spikes (2.0%)",
        ),
        (without(SPIKES["time_ms"] < 390), "recording ends early", "all come after 3"),
        (without(SPIKES["time_ms"] > 30), "recording begins late", "all come before 3"),
        (
            without(np.arange(2 * TIMES) % 100 != 7),
            "spikes missing from the record",
            "8 spikes of exc and inh missing in the second run, 1.00% of all",
        ),
        (
            without((SPIKES["population"] != "exc") | (SPIKES["neuron"] != 4)),
            "silent neurons",
            "neuron 4 of exc",
        ),
        (SPIKES.assign(neuron=SPIKES["neuron"] + 1), "neurons counted from 1", "larger by 1"),
        (
            SPIKES.assign(neuron=N - 1 - SPIKES["neuron"]),
            "neurons in another order",
            "reversed order",
        ),
        (exchanged(), "populations exchanged", "exc are those of inh"),
        (
            SPIKES.assign(population=SPIKES["population"].str.upper()),
            "populations renamed",
            "exc are those of EXC",
        ),
    ],
)
def test_one_cause_explains_everything(changed, name, said):
    (cause,) = explained(changed)
    assert cause.name == name and said in cause.explanation
    # The other way round as well.
    assert named(SPIKES, changed)[0].split()[0] in (name.split()[0], "recording")


def test_other_spikes_are_not_explained_as_a_matter_of_recording():
    assert not {
        "times in another unit", "constant shift", "spikes recorded twice", "silent neurons",
        "spikes missing from the record", "neurons in another order", "populations exchanged",
    } & set(named(network()))  # fmt: skip


def test_an_added_and_a_missing_spike_are_no_loss():
    changed = without(np.arange(2 * TIMES) != 100)
    changed.loc[200, "time_ms"] += 0.7
    assert "spikes missing from the record" not in named(changed)


def test_a_last_spike_that_left_the_run_does_not_hide_a_shift():
    late = SPIKES.assign(time_ms=np.round(SPIKES["time_ms"] + 0.1, 9))
    assert named(late[late["time_ms"] < late["time_ms"].max()]) == ["constant shift"]
