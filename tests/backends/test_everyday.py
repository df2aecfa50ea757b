"""Everyday calls of PyNN: positions, descriptions, annotations, arithmetic, files."""

import neo
import numpy as np
import pytest
from pyNN.recording import Variable
from pyNN.space import Cuboid, Grid2D, Line, RandomStructure, Space

from pipelines import backends
from pipelines.backends.shared.invalid_value import InvalidValue
from pipelines.errors import Unsupported

pytestmark = pytest.mark.usefixtures("interpreted")
every_backend = pytest.mark.parametrize("backend", backends.names())


def pair(sim):
    sim.setup(timestep=0.1, t_flush=200.0)
    cells = sim.Population(4, sim.IF_curr_exp(i_offset=1.5), label="cells")
    other = sim.Population(2, sim.IF_curr_exp(i_offset=2.0), label="other")
    for population in (cells, other):
        population.initialize(v=-65.0)
    return cells, other


@every_backend
def test_positions(backend):
    sim = backends.load(backend)
    cells, other = pair(sim)
    assert cells.positions.tolist() == [[0, 1, 2, 3], [0] * 4, [0] * 4]
    cells.structure = Grid2D(dx=2.0)
    assert cells.positions.T.tolist() == [[0, 0, 0], [0, 1, 0], [2, 0, 0], [2, 1, 0]]
    cells.structure = RandomStructure(Cuboid(1.0, 1.0, 1.0))
    drawn = cells.positions.copy()
    assert np.array_equal(cells.positions, drawn) and np.all(np.abs(drawn) <= 0.5)
    cells.structure = Line(dx=3.0)
    assert cells.positions[0].tolist() == [0, 3, 6, 9]
    cells.positions = np.arange(12.0).reshape(3, 4)
    assert cells.structure is None and cells[1].position.tolist() == [1, 5, 9]
    cells[2].position = (7.0, 8.0, 9.0)
    assert cells[1:].positions.T.tolist() == [[1, 5, 9], [7, 8, 9], [3, 7, 11]]
    assert cells.nearest((1.0, 5.0, 9.0)) == cells[1]
    assert (cells + other).positions.shape == (3, 6)
    assert sim.Population((2, 3), sim.IF_curr_exp()).positions[1].tolist() == [0, 1, 2, 0, 1, 2]


@every_backend
def test_distances_between_assemblies(backend):
    sim = backends.load(backend)
    cells, other = pair(sim)
    three = sim.Population(1, sim.IF_curr_exp()) + other
    for pre, post in ((cells + other, cells), (cells, three), (three, three)):
        made = sim.Projection(
            pre, post, sim.AllToAllConnector(), sim.StaticSynapse(weight="1 + d", delay="1 + d")
        )
        right = 1 + np.abs(np.subtract.outer(pre.positions[0], post.positions[0]))
        assert np.allclose(made.get("weight", "array"), right)
        assert np.allclose(made.get("delay", "array"), right)
    ring = sim.Projection(
        cells, cells, sim.DistanceDependentProbabilityConnector("d < 1.5"),
        space=Space(periodic_boundaries=((0, 4), None, None)),
    )  # fmt: skip
    assert len(ring) == 12


@every_backend
def test_units_and_descriptions(backend):
    cells, other = pair(backends.load(backend))
    for population in (cells, cells[1:], cells + other):
        assert [population.find_units(n) for n in ("v", "tau_m", "isyn_exc")] == ["mV", "ms", "nA"]
        assert population.find_units(Variable(name="v", location=None, label=None)) == "mV"
        with pytest.raises(InvalidValue, match="did you mean 'tau_m'"):
            population.find_units("taum")
        assert population.label in population.describe()
    cells.annotate(region="CA1", layer=2)
    cells.record("v")
    cells[1:].annotate(region="CA3")
    backends.load(backend).run(1.0)
    data = cells.get_data()
    assert data.annotations["region"] == "CA1" and data.annotations["layer"] == 2
    assert data.name == "cells" and data.annotations["dt"] == pytest.approx(0.1)
    other.annotate(region="DG")
    assert list((cells + other).get_annotations("region")["region"]) == ["CA1", "DG"]


@every_backend
def test_assemblies_are_added_cut_and_set(backend):
    sim = backends.load(backend)
    cells, other = pair(sim)
    both = cells[:2] + other
    whole = sim.Assembly(cells, label="mine")
    whole += other
    assert (both.size, whole.size, len(whole + other)) == (4, 6, 6)
    assert whole[-1] == other[1] and whole[4] == other[0] and whole[-6] == cells[0]
    assert whole[[0, 4, -1]].all_cells.tolist() == [cells[0], other[0], other[1]]
    assert whole[-2:].all_cells.tolist() == other.all_cells.tolist()
    assert whole[np.arange(6) % 2 == 0].size == 3
    with pytest.raises(IndexError, match="index 6 of 'mine'"):
        whole[6]
    whole.set(tau_m=[10.0, 11.0, 12.0, 13.0, 14.0, 15.0], cm=2.0)
    whole.initialize(v=np.arange(-65.0, -59.0))
    assert cells.get("tau_m").tolist() == [10, 11, 12, 13]
    assert other.get(["tau_m", "cm"])[0].tolist() == [14, 15]
    assert whole.get("tau_m").tolist() == [10, 11, 12, 13, 14, 15]
    assert whole.get("cm") == 2.0
    whole.record("v")
    sim.run(1.0)
    (signal,) = whole.get_data().segments[0].analogsignals
    assert signal.magnitude[0].tolist() == [-65, -64, -63, -62, -61, -60]
    assert signal.array_annotations["channel_index"].tolist() == [0, 1, 2, 3, 4, 5]
    (again,) = whole.get_data().segments[0].analogsignals
    assert np.array_equal(again.magnitude, signal.magnitude)
    assert again.array_annotations["channel_index"].tolist() == [0, 1, 2, 3, 4, 5]


@every_backend
def test_views_of_views_and_cells(backend):
    sim = backends.load(backend)
    cells, _ = pair(sim)
    part = cells[1:][[0, 2]][1:]
    assert part.all_cells.tolist() == [cells[3]] and part.grandparent is cells
    part.set(tau_m=7.0)
    cells[::2].set(tau_m=[5.0, 6.0])
    cells[1].tau_m = 8.0
    assert cells.get("tau_m").tolist() == [5.0, 8.0, 6.0, 7.0]
    assert [cell.tau_m for cell in cells] == [5.0, 8.0, 6.0, 7.0]
    assert all(isinstance(cell.tau_m, float) for cell in cells)
    assert cells[1].get_parameters()["tau_m"] == 8.0
    cells[2].set_parameters(tau_m=9.0, cm=0.5)
    assert cells[2].as_view().get("cm") == 0.5
    cells[1:3].initialize(v=[-60.0, -61.0])
    cells[3].set_initial_value("v", -50.0)
    cells.record("v")
    sim.run(0.1)
    first = cells.get_data().segments[0].analogsignals[0].magnitude[0]
    assert first.tolist() == [-65.0, -60.0, -61.0, -50.0]


@every_backend
def test_what_is_not_recorded_has_no_data(backend):
    sim = backends.load(backend)
    cells, other = pair(sim)
    assert cells.mean_spike_count() == 0 and (cells + other).get_spike_counts() == {}
    cells.record("v")
    sim.run(1.0)
    assert cells.mean_spike_count() == 0
    assert len(cells.get_data("spikes").segments[0].spiketrains) == 0
    assert len(other.get_data().segments[0].analogsignals) == 0


@every_backend
def test_samples_between_two_steps_are_refused(backend):
    cells, _ = pair(backends.load(backend))
    with pytest.raises(Unsupported, match=r"record\(sampling_interval\): 0.25 ms"):
        cells.record("v", sampling_interval=0.25)


@every_backend
@pytest.mark.parametrize(
    ("name", "io"), [("d.pkl", neo.io.PickleIO), ("d.mat", neo.io.NeoMatlabIO)]
)
def test_written_data_are_what_is_read(backend, name, io, tmp_path):
    sim = backends.load(backend)
    cells, other = pair(sim)
    both = cells + other
    both.record(["v", "spikes"])
    sim.run(30.0)
    sim.reset(annotations={"phase": "first"})
    sim.run(20.0)
    for k, what in enumerate((cells, cells[1:3], both)):
        paths = [str(tmp_path / f"{k}{kind}{name}") for kind in ("a", "b")]
        what.write_data(paths[0], annotations={"script": "mine"})
        what.write_data(io(paths[1]), variables="v")
        read, only_v = (io(path).read_block() for path in paths)
        here = what.get_data()
        assert len(read.segments) == 2
        for written, one, v in zip(read.segments, here.segments, only_v.segments, strict=True):
            for signals in (written.analogsignals, v.analogsignals):
                (signal,) = signals
                assert np.allclose(signal.magnitude, one.analogsignals[0].magnitude)
                assert str(signal.units.dimensionality) == "mV"
            trains = [train.magnitude.tolist() for train in written.spiketrains]
            assert trains == [train.magnitude.tolist() for train in one.spiketrains]
            assert len(trains) == what.size and len(v.spiketrains) == 0


@every_backend
def test_the_procedural_interface(backend, tmp_path):
    sim = backends.load(backend)
    sim.setup(timestep=0.1)
    cells = sim.create(sim.IF_curr_exp, {"tau_m": 15.0}, n=3)
    sim.set(cells, cm=2.0)
    sim.initialize(cells, v=-60.0)
    made = sim.connect(cells[0], cells[1], weight=0.5, delay=2.0)
    sim.record("v", cells, str(tmp_path / "v.pkl"))
    sim.run(1.0)
    sim.end()
    assert cells.get(["tau_m", "cm"]) == [15.0, 2.0]
    assert made.get(["weight", "delay"], "list") == [(0, 0, 0.5, 2.0)]
    written = neo.io.PickleIO(str(tmp_path / "v.pkl")).read_block()
    assert written.segments[0].analogsignals[0].shape == (11, 3)


@every_backend
def test_what_is_recorded_to_a_file_is_there_at_the_end(backend, tmp_path):
    sim = backends.load(backend)
    cells, other = pair(sim)
    one, whole = str(tmp_path / "one.pkl"), str(tmp_path / "whole.pkl")
    sim.record(["spikes", "v"], cells[1:2], one)
    other.record("spikes", to_file=whole)
    sim.run(30.0)
    here = cells.get_data().segments[0]
    sim.end()
    (segment,) = neo.io.PickleIO(one).read_block().segments
    assert [train.annotations["source_index"] for train in segment.spiketrains] == [1]
    assert segment.spiketrains[0].magnitude.tolist() == here.spiketrains[0].magnitude.tolist() != []
    assert np.array_equal(segment.analogsignals[0].magnitude, here.analogsignals[0].magnitude)
    (segment,) = neo.io.PickleIO(whole).read_block().segments
    assert [train.annotations["source_index"] for train in segment.spiketrains] == [0, 1]
