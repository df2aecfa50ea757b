"""``counterpoint verify``: the same bytes again, and a difference is found."""

import pyarrow as pa
import pytest

from pipelines.tables.run_store import RunStore

WORDS = ("--backend", "nest", "--set", "weight=2.5 nA")


@pytest.fixture
def stored(counterpoint, sweep_weights, root):
    """The store of an experiment, with one of two runs."""
    sweep_weights(2.5, 3.0)
    assert counterpoint("run", "demo", *WORDS).code == 0
    return RunStore(root / "results" / "demo" / "runs")


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["dmeo"], "did you mean 'demo'?"),
        (["demo", "--sample", "0"], "--sample: '0' is no number; allowed: a whole number, 1"),
        (["demo", "--seed", "x"], "--seed: 'x' is no number"),
        (["demo", "--profile", "quik"], "no profile 'quik'"),
    ],
)
def test_bad_input_is_one_line_and_code_2(counterpoint, demo, arguments, part):
    answer = counterpoint("verify", *arguments)
    assert answer.code == 2 and part in answer.err and answer.err.count("\n") == 1


def test_nothing_stored_is_not_verified(counterpoint, demo):
    answer = counterpoint("verify", "demo")
    assert answer.code == 1 and "Nothing is stored" in answer.out


def test_a_stored_run_comes_out_again(counterpoint, stored):
    before = {path: path.read_bytes() for path in stored.folder.glob("*.zip")}
    answer = counterpoint("verify", "--sample", "all")
    assert answer.code == 0, answer.out
    assert answer.out == "demo, nest: 1 run same\n"
    assert {path: path.read_bytes() for path in stored.folder.glob("*.zip")} == before


def test_a_spike_that_was_moved_is_found(counterpoint, stored):
    (run_id,) = stored.ids()
    record, spikes = stored.read_record(run_id), stored.read_table(run_id, "spikes")
    times = spikes["time_ms"].to_pylist()
    times[-1] += 0.1
    moved = spikes.set_column(
        spikes.schema.get_field_index("time_ms"), spikes.schema.field("time_ms"), pa.array(times)
    )
    record.pop("members")
    stored.write(record, {"spikes": moved})
    answer = counterpoint("verify", "demo", "--json")
    assert answer.code == 1
    (found,) = answer.json["runs"]
    assert (found["run_id"], found["outcome"], found["detail"]) == (run_id, "different", "spikes")
