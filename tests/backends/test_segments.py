"""Recorded data: a segment for each run between two resets, each with all that was recorded."""

import numpy as np
import pytest

from pipelines import backends

pytestmark = pytest.mark.usefixtures("interpreted")
every_backend = pytest.mark.parametrize("backend", backends.names())


def cells(sim, n=3, **extra):
    sim.setup(timestep=0.1, t_flush=300.0, **extra)
    made = sim.Population(n, sim.IF_curr_exp(i_offset=[1.4 + 0.2 * k for k in range(n)]))
    made.initialize(v=-65.0)
    made.record(["v", "spikes"])
    return made


def shapes(block):
    return [[(s.name, s.shape) for s in one.analogsignals] for one in block.segments]


def counts(block):
    return [[len(train) for train in one.spiketrains] for one in block.segments]


@every_backend
def test_some_variables_are_read_of_every_segment_and_the_others_stay(backend):
    sim = backends.load(backend)
    made = cells(sim)
    sim.run(30.0)
    sim.reset(annotations={"phase": "first"})
    sim.run(20.0)
    whole = made.get_data()
    only_v, only_spikes = made.get_data("v"), made.get_data(["spikes"])
    assert shapes(only_v) == shapes(whole) == [[("v", (301, 3))], [("v", (201, 3))]]
    assert counts(only_v) == [[], []] and shapes(only_spikes) == [[], []]
    assert counts(only_spikes) == counts(whole) and sum(counts(whole)[0]) > 0
    again = made.get_data()
    assert shapes(again) == shapes(whole) and counts(again) == counts(whole)
    assert whole.segments[0].annotations == {"phase": "first"}
    assert only_v.segments[0].annotations == {"phase": "first"}
    assert [one.name for one in whole.segments] == [one.name for one in only_v.segments]


@every_backend
def test_a_view_has_its_own_cells_in_every_segment(backend):
    sim = backends.load(backend)
    made = cells(sim)
    sim.run(30.0)
    sim.reset()
    sim.run(20.0)
    whole, some = made.get_data(), made[[0, 2]].get_data()
    for all_of_them, part in zip(whole.segments, some.segments, strict=True):
        v = all_of_them.analogsignals[0].magnitude
        assert np.array_equal(part.analogsignals[0].magnitude, v[:, [0, 2]])
        indices = [train.annotations["source_index"] for train in part.spiketrains]
        assert indices == [0, 2]
        for index, train in zip(indices, part.spiketrains, strict=True):
            assert train.magnitude.tolist() == all_of_them.spiketrains[index].magnitude.tolist()


@every_backend
def test_what_was_recorded_since_data_were_cleared_is_kept_by_a_reset(backend):
    sim = backends.load(backend)
    made = cells(sim)
    sim.run(10.0)
    made.get_data(clear=True)
    sim.run(20.0)
    sim.reset()
    sim.run(5.0)
    first, second = (one.analogsignals[0] for one in made.get_data().segments)
    assert first.shape == (201, 3) and float(first.t_start) == 10.0
    assert second.shape == (51, 3) and float(second.t_start) == 0.0
    made.get_data(clear=True)
    sim.reset()
    assert len(made.get_data().segments) == 0


@every_backend
def test_pieces_that_are_cleared_are_those_of_the_whole(backend):
    def run(clear):
        sim = backends.load(backend)
        made = cells(sim)
        pieces = []
        for length in (7.3, 0.4, 12.3):
            sim.run(length)
            if clear:
                pieces.append(made.get_data(clear=True).segments[0])
        return pieces or made.get_data().segments

    (whole,), pieces = run(False), run(True)
    v = whole.analogsignals[0].magnitude
    for piece, (start, stop) in zip(pieces, [(0, 7.3), (7.3, 7.7), (7.7, 20.0)], strict=True):
        signal = piece.analogsignals[0]
        a, b = round(10 * start), round(10 * stop)
        assert np.array_equal(signal.magnitude, v[a : b + 1])
        assert float(signal.t_start) == pytest.approx(start, abs=1e-9)
        assert float(signal.t_stop) == pytest.approx(stop + 0.1, abs=1e-9)
        for train, all_of_it in zip(piece.spiketrains, whole.spiketrains, strict=True):
            times = all_of_it.magnitude
            assert train.magnitude.tolist() == times[(times > start) & (times <= stop)].tolist()
            assert (float(train.t_start), float(train.t_stop)) == pytest.approx((start, stop))


@every_backend
def test_samples_some_steps_apart_begin_at_their_own_time_after_data_were_cleared(backend):
    sim = backends.load(backend)
    sim.setup(timestep=0.1)
    made = sim.Population(1, sim.IF_curr_exp(i_offset=0.2))
    made.initialize(v=-65.0)
    made.record("v", sampling_interval=0.5)
    sim.run(1.2)
    made.get_data(clear=True)
    sim.run(2.0)
    signal = made.get_data().segments[0].analogsignals[0]
    assert float(signal.t_start) == pytest.approx(1.5)
    # C = 1, tau_m = 20
    times = 1.5 + 0.5 * np.arange(4)
    assert np.allclose(signal.magnitude[:, 0], -65 + 4 * (1 - np.exp(-times / 20)), rtol=1e-9)


@every_backend
def test_nothing_is_read_before_the_first_run(backend):
    assert len(cells(backends.load(backend)).get_data().segments) == 0


@every_backend
def test_counts_of_populations_views_and_assemblies(backend):
    sim = backends.load(backend)
    made = cells(sim, 3)
    other = sim.Population(2, sim.SpikeSourceArray(spike_times=[[1.0, 2.0], []]))
    other.record("spikes")
    sim.run(100.0)
    each = made.get_spike_counts()
    trains = made.get_data().segments[0].spiketrains
    assert [each[cell] for cell in made.all_cells] == [len(train) for train in trains]
    assert made.mean_spike_count() == pytest.approx(np.mean([len(train) for train in trains]))
    assert made[1:].get_spike_counts() == {c: each[c] for c in made.all_cells[1:]}
    assert other[1:2].mean_spike_count() == 0
    assembly = made + other
    assert list(assembly.get_spike_counts().values()) == [*each.values(), 2, 0]
    assert assembly.mean_spike_count() == pytest.approx((sum(each.values()) + 2) / 5)
    part = sim.Assembly(made[1:], other[:1])
    assert part.mean_spike_count() == pytest.approx((sum(list(each.values())[1:]) + 2) / 3)


@every_backend
def test_an_assembly_keeps_signals_with_unlike_intervals_apart(backend):
    sim = backends.load(backend)
    fine = cells(sim, 2)
    coarse = sim.Population(3, sim.IF_curr_exp(i_offset=0.3))
    coarse.initialize(v=-65.0)
    coarse.record("v", sampling_interval=0.5)
    sim.run(10.0)
    (segment,) = (fine + coarse).get_data().segments
    by_period = {float(s.sampling_period.rescale("ms")): s for s in segment.analogsignals}
    assert sorted(by_period) == pytest.approx([0.1, 0.5])
    assert [by_period[p].shape for p in sorted(by_period)] == [(101, 2), (21, 3)]
    channels = [by_period[p].array_annotations["channel_index"].tolist() for p in sorted(by_period)]
    assert channels == [[0, 1], [2, 3, 4]]
    assert len(segment.spiketrains) == 2


@every_backend
def test_signals_are_in_the_order_in_which_they_were_recorded(backend):
    sim = backends.load(backend)
    sim.setup(timestep=0.1)
    for names in (["isyn_inh", "v", "isyn_exc"], ["v", "isyn_exc", "isyn_inh"]):
        made = sim.Population(2, sim.IF_curr_exp())
        made.record(["spikes", *names])
        sim.run(1.0)
        (segment,) = made.get_data().segments
        assert [signal.name for signal in segment.analogsignals] == names
        (segment,) = made.get_data(list(reversed(names))).segments
        assert [signal.name for signal in segment.analogsignals] == names


@every_backend
def test_a_view_of_cells_that_are_not_recorded_has_no_data(backend):
    sim = backends.load(backend)
    sim.setup(timestep=0.1)
    made = sim.Population(3, sim.IF_curr_exp(i_offset=2.0))
    made[:1].record(["v", "spikes"])
    sim.run(20.0)
    (segment,) = made[1:].get_data().segments
    assert len(segment.analogsignals) == 0 and len(segment.spiketrains) == 0
    assert made[1:].get_spike_counts() == {} and len(made[:2].get_spike_counts()) == 1
    assert made.get_data().segments[0].analogsignals[0].shape == (201, 1)
