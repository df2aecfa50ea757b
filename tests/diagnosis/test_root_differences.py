"""Neurons whose difference is not the consequence of another one."""

import json

import numpy as np
import pytest

from pipelines.diagnosis.root_differences import NEVER, roots, sources_of
from pipelines.diagnosis.run_pair import Evidence, Pair
from pipelines.diagnosis.synapses.transmissions import projections_of
from tests import synthetic

DT = 0.1
CHAIN = {
    "ab": {"pre": "a", "post": "b", "receptor": "excitatory", "plastic": False},
    "bc": {"pre": "b", "post": "c", "receptor": "excitatory", "plastic": False},
}


def spikes(**times_ms):
    """Spikes of neuron 0 of each population, and of neuron 1 at 9 ms."""
    frames = [
        synthetic.spike_frame("r", name, [0] * len(t) + [1], [*t, 9.0])
        for name, t in times_ms.items()
    ]
    return synthetic.pd.concat(frames, ignore_index=True)


def weights(delay_ms=2.0):
    return synthetic.pd.concat(
        [synthetic.weight_frame("r", name, [0], [0], [1.0], delay_ms) for name in CHAIN],
        ignore_index=True,
    )


def pair(first, second, projections=CHAIN, table=None):
    record = {"projections": json.dumps(projections)} if projections else {}
    table = weights() if table is None else table
    return Pair(Evidence(record, first, table), Evidence(record, second, table), DT)


def names(found):
    return {name for name, of in found.items() if of.differs.any()}


def test_a_consequence_is_no_root():
    """a fires 1 ms later; what it causes in b, 2 ms later, and in c follows."""
    found = roots(pair(spikes(a=[1, 5], b=[4, 8], c=[7]), spikes(a=[2, 5], b=[4.5, 8], c=[7.2])))
    assert names(found) == {"a"}
    of_a = found["a"]
    assert of_a.neuron.tolist() == [0, 1] and of_a.differs.tolist() == [True, False]
    assert of_a.first.tolist() == [[10, 90], [20, 90]]
    assert of_a.compared.all()
    assert found["b"].compared.tolist() == [False, True]


def test_what_comes_too_early_to_be_a_consequence_is_a_root():
    """b differs at 2.5 ms, before anything of a's difference at 1 ms can arrive at 3 ms."""
    found = roots(pair(spikes(a=[1], b=[2.5], c=[8]), spikes(a=[1.5], b=[2.6], c=[8])))
    assert names(found) == {"a", "b"}


def test_a_later_difference_has_common_spikes_before_it():
    found = roots(pair(spikes(a=[1, 3, 6]), spikes(a=[1, 3, 6.4]), {}))
    of_a = found["a"]
    assert of_a.common[0] == 2 and of_a.previous[0] == 30
    assert of_a.at[:, 0].tolist() == [60, 64]
    assert of_a.later_same.tolist() == [1, 0]


def test_silence_is_an_event_that_never_comes():
    found = roots(pair(spikes(a=[1, 3], b=[]), spikes(a=[], b=[]), {}))
    assert found["a"].first[1, 0] == NEVER and found["a"].differs[0]
    assert not found["b"].differs.any()


def test_without_delays_a_difference_may_arrive_in_the_next_step():
    unknown = weights().assign(delay_ms=np.nan)
    found = roots(
        pair(spikes(a=[1], b=[2.5], c=[8]), spikes(a=[1.5], b=[2.6], c=[8]), table=unknown)
    )
    assert names(found) == {"a"}


def test_equal_runs_have_no_roots():
    one = spikes(a=[1, 5], b=[4])
    assert names(roots(pair(one, one))) == set()
    assert roots(pair(one.iloc[:0], one.iloc[:0])) == {}


@pytest.mark.parametrize("form", [dict, json.dumps])
def test_records_name_sources_and_projections(form):
    types = form({"a": ["SpikeSourceArray"], "b": ["IF_curr_exp"], "c": ["SpikeSourcePoisson"]})
    record = {"cell_types": types, "projections": form(CHAIN)}
    one = Evidence(record, spikes(a=[1]), weights())
    assert sources_of(Pair(one, one, DT)) == {"a", "c"}
    assert projections_of(one) == CHAIN
    for empty in ({}, {"projections": None}):
        assert projections_of(Evidence(empty, spikes(a=[1]), weights())) == {}
