"""Stored tables as objects of Neo."""

import subprocess
import sys
from dataclasses import replace

import elephant.statistics
import numpy as np
import pandas as pd
import pytest

import pipelines.tables
from pipelines.errors import BadInput
from pipelines.tables.files import write_table
from pipelines.tables.mappings import as_mapping
from tests import synthetic
from tests.exchange.small_run import small_run


@pytest.fixture
def folder(tmp_path):
    """Two runs of three neurons, of which one is silent, and one run that failed."""
    runs = [
        synthetic.run_row("e", "nest", k, {"g": 0.5, "duration": 100.0}, {"p": 3}, status=status)
        for k, status in ((1, "done"), (2, "done"), (3, "failed"))
    ]
    write_table("runs", pd.DataFrame(runs), tmp_path / "runs.parquet")
    spikes = [
        synthetic.spike_frame(f"nest000{k}", "p", [0, 0, 2], [1.0, 5.0 * k, 7.0]) for k in (1, 2)
    ]
    write_table("spikes", pd.concat(spikes, ignore_index=True), tmp_path / "spikes.parquet")
    v = {"run_id": "nest0001", "population": "p", "variable": "v"}
    regular = pd.DataFrame(
        v | {"neuron": np.repeat(np.int32([0, 2]), 3), "time_ms": [0.0, 0.1, 0.2] * 2,
             "value": np.arange(6.0)}
    )  # fmt: skip
    gaps = pd.DataFrame(
        v | {"neuron": np.int32(1), "time_ms": [0.0, 0.1, 0.3], "value": [1.0, np.nan, 2.0]}
    )
    write_table("signals", pd.concat([regular, gaps]), tmp_path / "signals.parquet")
    write_table("weights", synthetic.empty("weights"), tmp_path / "weights.parquet")
    return tmp_path


def test_runs_are_segments(folder):
    block = pipelines.tables.neo(folder)
    assert [segment.name for segment in block.segments] == ["nest0001", "nest0002"]
    about = block.segments[0].annotations
    assert (about["backend"], about["seed"]) == ("nest", 1)
    assert about["parameters"] == {"g": 0.5, "duration": 100.0}


def test_neurons_are_spike_trains(folder):
    (segment,) = pipelines.tables.neo(folder, "nest0002").segments
    trains = segment.spiketrains
    assert [train.magnitude.tolist() for train in trains] == [[1.0, 10.0], [], [7.0]]
    assert all(str(train.t_stop) == "100.0 ms" for train in trains)
    assert trains[1].annotations == {
        "run_id": "nest0002", "population": "p", "neuron": 1, "backend": "nest",
    }  # fmt: skip
    rate = elephant.statistics.mean_firing_rate(trains[0])
    assert float(rate.rescale("Hz")) == pytest.approx(20.0)


def test_signals_keep_their_times_and_units(folder):
    (segment,) = pipelines.tables.neo(folder, "nest0001").segments
    (regular,), (gaps,) = segment.analogsignals, segment.irregularlysampledsignals
    assert regular.shape == (3, 2) and str(regular.units) == "1.0 mV"
    assert float(regular.sampling_period.rescale("ms")) == 0.1
    assert regular.array_annotations["neuron"].tolist() == [0, 2]
    assert regular.magnitude[:, 1].tolist() == [3.0, 4.0, 5.0]
    assert gaps.times.rescale("ms").magnitude.tolist() == [0.0, 0.1, 0.3]
    assert gaps.annotations["variable"] == "v" and gaps.array_annotations["neuron"].tolist() == [1]


@pytest.mark.parametrize("run", ["nest", "nest0003", "other"])
def test_a_run_that_is_not_there(folder, run):
    with pytest.raises(BadInput, match="run"):
        pipelines.tables.neo(folder, run)


def test_importing_tables_imports_no_library():
    libraries = "{'neo', 'pandas', 'pyarrow', 'numpy'}"
    code = f"import sys, pipelines.tables; print({libraries} & {{*sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_neurons_that_were_not_recorded_have_no_train():
    """Of a population of 100 the spikes of three neurons were recorded, and one was silent."""
    some = {"exc": {"of": 100, "spikes": [0, 3, 7], "signals": []}}
    run = small_run()
    spikes = run.spikes[(run.spikes["population"] == "exc") & (run.spikes["neuron"] != 1)]
    record = run.record | {"population_sizes": {"exc": 3}, "recorded_neurons": some}
    few = replace(run, record=record, spikes=spikes)
    assert [(neuron, len(times)) for _, neuron, times in few.trains()] == [(0, 2), (3, 1), (7, 0)]
    assert few.sizes == {"exc": 100}


@pytest.mark.parametrize("value", [{"a": 1}, '{"a": 1}', [("a", 1)]])
def test_mappings_are_read_in_every_form(value):
    assert as_mapping(value) == {"a": 1}
    assert as_mapping(None) == as_mapping("no JSON") == as_mapping(float("nan")) == {}
