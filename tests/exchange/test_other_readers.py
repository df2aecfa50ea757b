"""Files are read as they should be by Neo, Elephant, PyNWB's validator and libsonata."""

from dataclasses import replace

import elephant.statistics
import h5py
import libsonata
import numpy as np
import pynwb
import pytest
from neo.io import NWBIO, NixIO

from pipelines.exchange.files import write_run
from tests.exchange.small_run import RUN_ID, small_run

SINE = np.sin(np.round(np.arange(11) * 0.1, 9)[:, None] + [0, 2]) - 65


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("exchange")
    for form in ("nwb", "nix", "sonata"):
        write_run(small_run(), form, folder / f"run.{form}")
    return folder


def test_nwb_is_valid(folder):
    assert not pynwb.validate(path=str(folder / "run.nwb"))


@pytest.mark.parametrize("reader", [NWBIO, NixIO])
def test_neo_and_elephant_read_it(folder, reader):
    name, mode = ("run.nwb", "r") if reader is NWBIO else ("run.nix", "ro")
    (block,) = reader(str(folder / name), mode).read_all_blocks()
    (segment,) = block.segments
    assert (block.name, segment.name) == ("e", RUN_ID)
    counts = [len(train) for train in segment.spiketrains]
    assert counts == [2, 1, 0, 1, 0, 1]
    first = segment.spiketrains[0]
    assert np.allclose(first.rescale("ms").magnitude, [0.3, 10.1], atol=1e-9)
    rate = elephant.statistics.mean_firing_rate(first)
    assert float(rate.rescale("Hz")) == pytest.approx(20.0)
    signals = {signal.name: signal for signal in segment.analogsignals}
    v = signals["exc v"]
    assert np.allclose(v.rescale("mV").magnitude, SINE) and float(
        v.sampling_rate.rescale("Hz")
    ) == pytest.approx(10_000)
    (irregular,) = segment.irregularlysampledsignals
    assert np.allclose(irregular.times.rescale("ms").magnitude, [0, 0.1, 0.5])


def test_nwb_units_name_neurons(folder):
    with pynwb.NWBHDF5IO(str(folder / "run.nwb"), "r") as io:
        file = io.read()
        units = file.units.to_dataframe()
        assert [*units["population"]] == ["exc"] * 4 + ["inh/x"] * 2
        assert [*units["neuron"]] == [0, 1, 2, 3, 0, 1]
        assert np.allclose(units["spike_times"].iloc[0], [0.0003, 0.0101])
        g = file.acquisition["exc gsyn_exc"]
        assert (g.unit, g.conversion) == ("siemens", 1e-6)
        weights = file.processing["connectivity"]["weights"].to_dataframe()
        assert [*weights["weight"]] == [0.5, 0.25, 0.625, 0.1]


def test_nix_says_which_run_it_is(folder):
    (block,) = NixIO(str(folder / "run.nix"), "ro").read_all_blocks()
    segment = block.segments[0]
    assert (segment.annotations["backend"], segment.annotations["seed"]) == ("nest", 3)
    assert [train.annotations["neuron"] for train in segment.spiketrains] == [0, 1, 2, 3, 0, 1]


def test_sonata_is_laid_out_as_the_guide_says(folder):
    with h5py.File(folder / "run.sonata" / "spikes.h5") as file:
        group = file["spikes/exc"]
        assert np.array_equal(group["timestamps"], [0.3, 0.7, 10.1, 99.9])
        assert np.array_equal(group["node_ids"], [0, 1, 0, 3])
        assert group["timestamps"].attrs["units"] == "ms"
        assert h5py.check_enum_dtype(group.attrs.get_id("sorting").dtype)["by_time"] == 2
        assert file.attrs["magic"] == 0x0A7A


def test_libsonata_reads_it(folder):
    sonata = folder / "run.sonata"
    simulation = libsonata.SimulationConfig.from_file(str(sonata / "simulation_config.json"))
    assert (simulation.run.dt, simulation.run.tstop, simulation.run.random_seed) == (0.1, 100.0, 3)
    circuit = libsonata.CircuitConfig.from_file(str(sonata / "circuit_config.json"))
    assert circuit.node_populations == {"exc", "inh%2Fx"} and circuit.edge_populations == {"w"}
    spikes = libsonata.SpikeReader(simulation.output.spikes_file)["exc"]
    assert spikes.sorting == "by_time" and spikes.get()[-1] == (3, 99.9)
    report = libsonata.ElementReportReader(str(sonata / "v.h5"))["exc"]
    assert report.times == pytest.approx((0.0, 1.1, 0.1)) and report.data_units == "mV"
    assert np.allclose(report.get().data, SINE, rtol=1e-6)
    edges = circuit.edge_population("w")
    chosen = libsonata.Selection([0, 1])
    assert [*edges.get_attribute("syn_weight", chosen)] == [0.625, 0.1]
    assert [*edges.source_nodes(chosen)] == [0, 1] and [*edges.target_nodes(chosen)] == [1, 0]
    assert [*edges.get_attribute("delay", chosen)] == [1.0, 1.5]


@pytest.mark.parametrize("started", ["2026-01-02T03:04:05.678+00:00", ""])
def test_nwb_says_when_a_run_began_if_that_is_known(tmp_path, started):
    run = small_run()
    run = replace(run, record=run.record | {"started_utc": started})
    write_run(run, "nwb", tmp_path / "run.nwb")
    with pynwb.NWBHDF5IO(str(tmp_path / "run.nwb"), "r") as io:
        file = io.read()
        year, unknown = (2026, False) if started else (2000, True)
        assert file.session_start_time.year == year
        assert ("not known" in file.session_description) == unknown
