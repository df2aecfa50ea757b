"""Folders of tables, from here or elsewhere, run by run."""

import numpy as np
import pandas as pd
import pytest

from pipelines.errors import BadInput, DamagedResult
from pipelines.verdicts.result_folders import compare_folders, read_folder

TIMES = np.arange(5.0, 95.0, 10.0)


@pytest.fixture
def folder(tmp_path):
    """Write a folder: its runs, and by how many steps the spikes of each are late."""

    def write(name, runs, late=(), weights=None, **spikes):
        runs = pd.DataFrame(runs)
        parts = [
            pd.DataFrame({"run_id": run_id, "population": "p", "neuron": np.arange(9) % 3,
                          "time_ms": TIMES + 0.1 * by})
            for run_id, by in zip(runs["run_id"], late or [0] * len(runs), strict=True)
        ]  # fmt: skip
        path = tmp_path / name
        path.mkdir()
        runs.to_parquet(path / "runs.parquet")
        pd.concat(parts).assign(**spikes).to_parquet(path / "spikes.parquet")
        if weights is not None:
            weights.to_parquet(path / "weights.parquet")
        return path

    return write


def compared(a, b):
    return compare_folders(read_folder(a), read_folder(b))


def test_the_least_that_a_stranger_has(folder):
    """Ids of their own, parameters in another type and order, no seed, backend or status."""
    ours = folder("ours", {"run_id": ["a", "b", "c"], "g": [1.0, 2.0, 3.0]}, [0, 0, 0])
    theirs = folder("theirs", {"run_id": [7, 8, 9], "g": [3, 2, 4]}, [1, 0, 0])
    found = compared(ours, theirs)
    assert found.paired_by == ("g",)
    assert [(p.run_a, p.run_b, p.result.verdict) for p in found.pairs] == [
        ("b", "8", "identical"), ("c", "7", "different"),
    ]  # fmt: skip
    assert found.pairs[1].result.causes.startswith("constant shift")
    assert found.pairs[1].point == {"g": 3.0}
    assert found.only_a == (("a", {"g": 1.0}),) and found.only_b == (("9", {"g": 4}),)


def test_a_folder_of_the_release_before_has_no_parameter_more(folder):
    runs = {"run_id": ["a", "b"], "g": [1.0, 2.0]}
    ours = folder("ours", runs | {"killed_by": ["", ""]})
    theirs = folder("theirs", runs | {"signal": ["", "SIGKILL"]})
    assert read_folder(theirs).parameters == ["g"]
    assert compared(ours, theirs).paired_by == ("g",)


def test_runs_are_paired_by_backend_too_where_there_are_several(folder):
    runs = {"run_id": ["a", "b"], "backend": ["nest", "brian2"], "seed": [1, 1], "g": [1.0, 1.0]}
    ours = folder("ours", runs, [0, 3])
    theirs = folder("theirs", {**runs, "run_id": ["y", "x"]}, [0, 3])
    found = compared(ours, theirs)
    assert found.paired_by == ("g", "seed", "backend")
    assert [(p.run_a, p.run_b, p.result.verdict) for p in found.pairs] == [
        ("a", "y", "identical"), ("b", "x", "identical"),
    ]  # fmt: skip


def test_one_backend_a_folder_is_compared_with_another(folder):
    ours = folder("ours", {"run_id": ["a"], "backend": ["nest"], "g": [1.0]})
    theirs = folder("theirs", {"run_id": ["b"], "backend": ["neuron"], "g": [1.0]})
    found = compared(ours, theirs)
    assert [p.result.verdict for p in found.pairs] == ["identical"]


def test_values_that_two_programs_wrote_are_the_same(folder):
    ours = folder("ours", {"run_id": ["a"], "g": [0.1 + 0.2], "rule": ["x"], "on": [True]})
    theirs = folder("theirs", {"run_id": ["b"], "g": [0.3], "rule": ["x"], "on": [1]})
    assert len(compared(ours, theirs).pairs) == 1


def test_a_failed_run_is_undecided(folder):
    ours = folder("ours", {"run_id": ["a"], "g": [1.0], "status": ["failed"], "error": ["no"]})
    theirs = folder("theirs", {"run_id": ["b"], "g": [1.0]})
    (pair,) = compared(ours, theirs).pairs
    assert pair.result.verdict == "undecided" and "failed (no)" in pair.result.evidence


def test_weights_need_no_delays_and_no_time(folder):
    weights = pd.DataFrame({"run_id": "a", "projection": "w", "pre": [0, 1], "post": [1, 0],
                            "weight": [0.5, 0.25]})  # fmt: skip
    ours = folder("ours", {"run_id": ["a"], "g": [1.0]}, weights=weights)
    theirs = folder("theirs", {"run_id": ["a"], "g": [1.0]},
                    weights=weights.assign(weight=[1.0, 0.5]))  # fmt: skip
    alone = folder("alone", {"run_id": ["a"], "g": [1.0]})
    (pair,) = compared(ours, theirs).pairs
    assert pair.result.verdict == "different"
    assert pair.result.causes == "weights scaled or weights recorded differently"
    assert compared(ours, ours).pairs[0].result.verdict == "identical"
    assert compared(ours, alone).pairs[0].result.verdict == "identical"


def test_runs_that_cannot_be_told_apart_are_refused(folder):
    ours = folder("ours", {"run_id": ["a", "b"], "g": [1.0, 2.0]})
    theirs = folder("theirs", {"run_id": ["a", "b"], "h": [1.0, 2.0]})
    with pytest.raises(BadInput, match="'a' and 'b' are the same in everything"):
        compared(ours, theirs)


@pytest.mark.parametrize(
    ("spikes", "said"),
    [
        ({"neuron": 0.5}, "column 'neuron': holds 0.5; allowed: whole numbers"),
        ({"neuron": -1}, "column 'neuron': holds -1; allowed: 0 and above"),
        ({"time_ms": np.nan}, "column 'time_ms': holds a value that is no number"),
        ({"time_ms": "soon"}, "column 'time_ms': holds 'soon'"),
        ({"run_id": "z"}, "run_id 'z' is not in the table runs"),
    ],
)
def test_wrong_columns_are_named(folder, spikes, said):
    path = folder("ours", {"run_id": ["a"]}, **spikes)
    with pytest.raises(BadInput) as error:
        read_folder(path)
    assert said in str(error.value) and "\n" not in str(error.value)


def test_missing_and_damaged_tables_are_named(folder, tmp_path):
    with pytest.raises(BadInput, match=r"there is no runs.parquet; allowed: .* population"):
        read_folder(tmp_path)
    path = folder("ours", {"run_id": ["a", "a"]})
    with pytest.raises(BadInput, match="run_id 'a' is there twice"):
        read_folder(path)
    pd.DataFrame({"run_id": ["a"]}).to_parquet(path / "runs.parquet")
    spikes = pd.read_parquet(path / "spikes.parquet").rename(columns={"time_ms": "times_ms"})
    spikes.to_parquet(path / "spikes.parquet")
    with pytest.raises(BadInput, match=r"no column 'time_ms'; .* did you mean 'times_ms'"):
        read_folder(path)
    (path / "spikes.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(DamagedResult, match="cannot be read as a Parquet table"):
        read_folder(path)
