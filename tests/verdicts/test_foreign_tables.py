"""Tables of other programs are compared with whatever columns and types they have."""

import itertools

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.verdicts.find_run import find_run
from pipelines.verdicts.folder_tables import read_folder
from pipelines.verdicts.record_comparison import common_timestep
from pipelines.verdicts.result_folders import compare_folders
from pipelines.verdicts.run_comparison import compare_evidence

SPIKES = {"run_id": "a", "population": "p", "neuron": [0, 1, 0, 2], "time_ms": [1.0, 2.0, 3.5, 9.0]}
WEIGHTS = {"run_id": "a", "projection": "w", "pre": [0, 1], "post": [1, 0], "weight": [0.5, 0.25]}
OPTIONAL = {
    "experiment": "e", "backend": "x", "seed": 1, "status": "done", "g": 1.5, "timestep": 0.1,
    "population_sizes": '{"p": 3}', "simulated_ms": 10.0,
}  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    """Write a folder of tables, given as frames, dictionaries of columns or Arrow tables."""

    def write(name, runs=None, **tables):
        path = tmp_path / name
        path.mkdir()
        for table, content in ({"runs": runs or {}, "spikes": SPIKES} | tables).items():
            if table == "runs" and not isinstance(content, pa.Table):
                content = pd.DataFrame({"run_id": ["a"], **content})
            if not isinstance(content, pa.Table):
                content = pa.Table.from_pandas(pd.DataFrame(content), preserve_index=False)
            pq.write_table(content, path / f"{table}.parquet")
        return path

    return write


def verdicts(a, b):
    """Verdict on the only runs of two folders, as folders and as runs; both must be the same."""
    (pair,) = compare_folders(read_folder(a), read_folder(b)).pairs
    one, other = find_run(f"{a}:a", a), find_run(str(b), b)
    _, found = compare_evidence(one, other, common_timestep(one, other), ("one", "other"))
    assert found.verdict == pair.result.verdict
    for name in ("compared", "n_common", "first_difference_ms", "max_abs_weight_difference"):
        assert getattr(found, name) == getattr(pair.result, name)
    assert len(found.not_compared) == len(pair.result.not_compared)
    return found


LEFT_OUT = ("experiment", "backend", "seed", "g", "timestep", "population_sizes")


@pytest.mark.parametrize("number", range(len(LEFT_OUT) + 1))
def test_any_columns_may_be_missing(folder, number):
    """All choices of so many optional columns on one side, against none and all of them."""
    minimal, whole = folder("minimal"), folder("whole", {k: [v] for k, v in OPTIONAL.items()})
    late = SPIKES | {"time_ms": [1.0, 2.0, 3.5, 9.1]}
    changed = folder("changed", spikes=late)
    for k, some in enumerate(itertools.combinations(LEFT_OUT, number)):
        path = folder(f"some{k}", {name: [OPTIONAL[name]] for name in some})
        assert verdicts(path, minimal).verdict == "identical"
        assert verdicts(whole, path).verdict == "identical"
        assert verdicts(path, changed).verdict == "different"


@pytest.mark.parametrize("missing", [None, np.nan, ""])
def test_columns_without_a_value_are_missing(folder, missing):
    nothing = folder("nothing", {name: [missing] for name in OPTIONAL})
    whole = folder("whole", {k: [v] for k, v in OPTIONAL.items()})
    found = verdicts(nothing, whole)
    assert found.verdict == "identical" and "seeds (in the second run alone)" in found.not_compared
    assert verdicts(nothing, nothing).verdict == "identical"


def changed_types():
    frame = pd.DataFrame(SPIKES)
    arrow = pa.Table.from_pandas(frame, preserve_index=False)
    texts = ["run_id", "population"]
    large = [
        pa.field(f.name, pa.large_string() if f.name in texts else f.type) for f in arrow.schema
    ]
    return {
        "integers as texts": frame.astype({"neuron": str}),
        "times as texts": frame.astype({"time_ms": str}),
        "floating neurons": frame.astype({"neuron": float}),
        "small numbers": frame.astype({"neuron": np.uint8, "time_ms": np.float32}),
        "nullable numbers": frame.astype({"neuron": "Int64", "time_ms": "Float64"}),
        "categories": frame.astype(dict.fromkeys(frame, "category")),
        "dictionaries": arrow.set_column(
            1, "population", arrow.column("population").dictionary_encode()
        ),
        "large texts": arrow.cast(pa.schema(large)),
        "decimals": arrow.set_column(3, "time_ms", arrow.column("time_ms").cast(
            pa.decimal128(12, 4))),
        "any order": frame.sample(frac=1, random_state=1),
        "other columns": frame.assign(comment="mine", extra=None)[[*frame][::-1] + ["comment"]],
    }  # fmt: skip


@pytest.mark.parametrize("name", changed_types())
def test_types_and_order_of_columns_do_not_matter(folder, name):
    theirs = folder("theirs", spikes=changed_types()[name])
    found = verdicts(folder("ours"), theirs)
    assert found.verdict == "identical" and found.n_common == 4


@pytest.mark.parametrize(("ours", "theirs"), [("1", 1), (1, 1.0), (np.int8(1), "1"), (1.0, "1")])
def test_numbers_of_runs_are_names(folder, ours, theirs):
    paths = []
    for name, run_id in (("ours", ours), ("theirs", theirs)):
        runs = pd.DataFrame({"run_id": [run_id, run_id + run_id]})
        spikes = SPIKES | {"run_id": run_id}
        paths.append(folder(name, {"run_id": runs["run_id"]}, spikes=spikes))
    a, b = (read_folder(path) for path in paths)
    found = compare_folders(a, b)
    assert found.paired_by == ("run_id",)
    assert (found.pairs[0].run_a, found.pairs[0].result.verdict) == ("1", "identical")


def test_several_minimal_runs_are_paired_by_their_names(folder):
    both = pd.concat([pd.DataFrame(SPIKES), pd.DataFrame(SPIKES | {"run_id": "b", "neuron": 1})])
    ours = folder("ours", {"run_id": ["a", "b"]}, spikes=both)
    theirs = folder("theirs", {"run_id": ["b", "c"]},
                    spikes=both[both["run_id"] == "b"])  # fmt: skip
    found = compare_folders(read_folder(ours), read_folder(theirs))
    assert [(pair.run_a, pair.run_b, pair.result.verdict) for pair in found.pairs] == [
        ("b", "b", "identical")
    ]
    assert [found.only_a[0][0], found.only_b[0][0]] == ["a", "c"]


def test_a_silent_population_of_another_run_is_recorded(folder):
    """It has spikes in another run of the folder, so that silence is a result."""
    q = pd.DataFrame(SPIKES | {"run_id": "b", "population": "q"})
    loud = pd.concat([pd.DataFrame(SPIKES), pd.DataFrame(SPIKES | {"population": "q"}), q])
    silent = pd.concat([pd.DataFrame(SPIKES), q])
    runs = {"run_id": ["a", "b"]}
    ours, theirs = folder("ours", runs, spikes=loud), folder("theirs", runs, spikes=silent)
    found = compare_folders(read_folder(ours), read_folder(theirs))
    assert [pair.result.verdict for pair in found.pairs] == ["different", "identical"]


def test_neurons_that_count_from_one_are_a_difference(folder):
    theirs = folder("theirs", spikes=SPIKES | {"neuron": [1, 2, 1, 3]})
    assert verdicts(folder("ours"), theirs).verdict == "different"


def test_weights_of_one_folder_alone_change_nothing(folder):
    with_weights = folder("ours", weights=WEIGHTS)
    found = verdicts(with_weights, folder("theirs"))
    assert found.verdict == "identical"
    assert "weights of w (in the first run alone)" in found.not_compared
    empty = pd.DataFrame(WEIGHTS).iloc[:0]
    assert verdicts(with_weights, folder("empty", weights=empty)).verdict == "identical"
    assert verdicts(with_weights, with_weights).max_abs_weight_difference == 0


def test_weights_without_times_are_the_last_reading(folder):
    frame = pd.DataFrame(WEIGHTS)
    course = pd.concat([frame.assign(weight=1.0, time_ms=0.0), frame.assign(time_ms=10.0)])
    ours, theirs = folder("ours", weights=course), folder("theirs", weights=frame)
    found = verdicts(ours, theirs)
    assert found.verdict == "identical" and found.max_abs_weight_difference == 0
    assert "weights before the last reading (in the first run alone)" in found.not_compared
    assert "delays of w (not in both)" in found.not_compared
    other = folder("other", weights=frame.assign(weight=[0.5, 0.3]))
    assert verdicts(ours, other).verdict == "different"


def test_signals_are_compared(folder):
    v = {"run_id": "a", "population": "p", "neuron": 0, "variable": "v",
         "time_ms": [0.0, 0.1], "value": [-65.0, -64.0]}  # fmt: skip
    ours, same = folder("ours", signals=v), folder("same", signals=v)
    other = folder("other", signals=v | {"value": [-65.0, -63.0]})
    assert "v of p" in verdicts(ours, same).compared
    found = verdicts(ours, other)
    assert (found.verdict, found.first_difference_variable) == ("different", "v")
    assert "v of p (in the first run alone)" in verdicts(ours, folder("none")).not_compared


@pytest.mark.parametrize("steps", [("soon",), (0.0,), (-0.1,), (np.inf,), (0.1, 0.2)])
def test_time_steps_that_cannot_be_compared(folder, steps):
    from pipelines.errors import BadInput

    paths = [folder(f"f{k}", {"timestep": [step]}) for k, step in enumerate((*steps, 0.1)[:2])]
    one, other = (find_run(str(path), path) for path in paths)
    with pytest.raises(BadInput, match="time step"):
        common_timestep(one, other)


def test_a_run_is_found_by_its_whole_name_first(folder):
    both = pd.concat([pd.DataFrame(SPIKES), pd.DataFrame(SPIKES | {"run_id": "ab"})])
    path = folder("ours", {"run_id": ["a", "ab"]}, spikes=both)
    assert find_run(f"{path}:a", path).record["run_id"] == "a"
    assert find_run(f"{path}:ab", path).record["run_id"] == "ab"


def test_a_folder_without_runs_has_nothing_to_compare(folder):
    nothing = {name: [] for name in SPIKES}
    path = folder("ours", {"run_id": []}, spikes=nothing)
    assert compare_folders(read_folder(path), read_folder(folder("theirs"))).pairs == ()


@pytest.mark.parametrize(
    ("columns", "failed"),
    [
        ({"status": ["ok"]}, False),
        ({"status": ["failed"]}, True),
        ({"status": ["killed"], "error": ["no memory"]}, True),
        ({"status": ["done"], "error": ["a warning"]}, False),
    ],
)
def test_words_for_a_run_that_was_done(folder, columns, failed):
    found = compare_folders(read_folder(folder("ours", columns)), read_folder(folder("theirs")))
    assert (found.pairs[0].result.verdict == "undecided") == failed
