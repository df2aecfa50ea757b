"""Files that other programs wrote are read as far as they go."""

from datetime import UTC, datetime

import h5py
import neo
import numpy as np
import pynwb
import pytest

from pipelines.exchange.files import read_frames

DATE = datetime(2024, 5, 1, tzinfo=UTC)


def nwb_file(path, with_series=True):
    """A file as an electrophysiologist's: units without populations, a series with an offset."""
    file = pynwb.NWBFile(session_description="d", identifier="x", session_start_time=DATE)
    for times in ([0.1, 0.2], [], [0.05]):
        file.add_unit(spike_times=np.array(times))
    if with_series:
        series = pynwb.TimeSeries(
            name="Vm", data=np.array([-0.07, -0.06]), unit="volts", rate=1000.0, offset=0.001
        )
        file.add_acquisition(series)
    with pynwb.NWBHDF5IO(str(path), "w") as io:
        io.write(file)


def test_nwb_of_another_program(tmp_path):
    nwb_file(tmp_path / "theirs.nwb")
    found = read_frames(tmp_path / "theirs.nwb")
    assert found["runs"].loc[0, "run_id"] == "theirs"
    assert found["runs"].loc[0, "population_sizes"] == {"units": 3}
    assert [*found["spikes"]["neuron"]] == [0, 0, 2]
    assert [*found["spikes"]["time_ms"]] == [100.0, 200.0, 50.0]
    # In mV, as the scale and offset of the file say.
    assert found["signals"]["value"].to_numpy() == pytest.approx([-69.0, -59.0])
    assert [*found["signals"]["time_ms"]] == [0.0, 1.0]


def test_nix_of_another_program_with_several_segments(tmp_path):
    block = neo.Block(name="b")
    for name, times in (("one", [1.0, 2.0]), ("two", [3.0])):
        segment = neo.Segment(name=name)
        segment.spiketrains.append(neo.SpikeTrain([], units="s", t_stop=1.0))
        segment.spiketrains.append(neo.SpikeTrain(times, units="ms", t_stop=9.0))
        block.segments.append(segment)
    path = tmp_path / "theirs.nix"
    with neo.io.NixIO(str(path), "ow") as io:
        io.write_block(block)
    found = read_frames(path)
    assert [*found["runs"]["run_id"]] == ["one", "two"]
    assert [*found["spikes"]["run_id"]] == ["one", "one", "two"]
    assert {*found["spikes"]["neuron"]} == {1}


def test_a_single_file_of_spikes_of_sonata(tmp_path):
    path = tmp_path / "spikes.h5"
    with h5py.File(path, "w") as file:
        file["spikes/V1/timestamps"] = [5.0, 7.5]
        file["spikes/V1/node_ids"] = np.array([3, 0], np.uint64)
    found = read_frames(path)
    assert [*found["spikes"]["neuron"]] == [3, 0] and [*found["spikes"]["time_ms"]] == [5.0, 7.5]
    assert {*found["spikes"]["population"]} == {"V1"}
