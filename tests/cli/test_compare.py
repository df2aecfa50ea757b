"""``counterpoint compare``: two runs, where they part, and why."""

import json

import numpy as np
import pandas as pd
import pytest

from pipelines.diagnosis.repeats.replay import Repetition
from pipelines.tables.files import write_table
from pipelines.tables.run_store import RunStore
from tests import synthetic


@pytest.fixture
def stored(counterpoint, demo):
    """Ids of three runs of `demo` on NEST: two weights, and one that failed."""
    code = (demo / "experiment.py").read_text()
    head, signature, body = code.partition("def build(sim, parameters, seed):\n")
    fault = '    if parameters.weight == 9.0:\n        raise ValueError("no such weight")\n'
    (demo / "experiment.py").write_text(head + signature + body.replace("    ", fault + "    ", 1))
    ids = []
    for weight in ("2.5", "3.0", "9.0"):
        answer = counterpoint(
            "run", "demo", "--backend", "nest", "--set", f"weight={weight}", "--json"
        )
        ids.append(answer.json["runs"][0]["run_id"])
    return ids


def test_where_and_why_two_runs_part(counterpoint, stored, root):
    answer = counterpoint("compare", stored[0][:8], stored[1], "--figure", "made/it.png")
    assert answer.code == 0, answer.err
    assert answer.out.startswith("different: parameters differ: weight = 2.5 and 3; the digests of")
    assert "; spikes in common: " in answer.out
    assert "different parameters: weight = 2.5 and 3.0" in answer.out
    assert "the first difference is at" in answer.out
    assert (root / "made" / "it.png").stat().st_size > 10_000

    found = counterpoint("compare", stored[0], stored[1], "--json").json
    parted = found["divergence"]
    assert found["verdict"] == "different" and parted["n_a"] != parted["n_b"]
    assert next(cause["name"] for cause in found["causes"]) == "different parameters"
    # The state is that of this neuron: it resets where the spike is, in one run alone.
    first, second = (np.array(state["v"]) for state in found["states"])
    time = np.array(found["states"][0]["time_ms"])
    before = time < parted["time_ms"] - 0.05
    assert before.any() and time.max() >= parted["time_ms"]
    assert first[~before][0] != second[~before][0]
    assert found["state_error"] == ""


def test_runs_that_part_in_a_source_have_no_state(counterpoint, stored, monkeypatch):
    monkeypatch.setattr(
        "pipelines.diagnosis.repeats.repeat_runs.repeat", lambda *requests: [Repetition()] * 2
    )
    answer = counterpoint("compare", stored[0], stored[1])
    assert answer.code == 0 and "different parameters" in answer.out
    assert "its state is not known: neurons has none that can be recorded" in answer.out


def test_a_run_is_identical_with_itself(counterpoint, stored):
    answer = counterpoint("compare", stored[0], stored[0])
    assert answer.code == 0 and answer.out.startswith("identical: all ")
    assert "causes" not in answer.out


def test_a_stored_run_and_minimal_tables_of_it(counterpoint, stored, root):
    store = RunStore(root / "results" / "demo" / "runs")
    spikes = store.read_table(stored[0], "spikes").to_pandas()
    (root / "theirs").mkdir()
    spikes.to_parquet(root / "theirs" / "spikes.parquet")
    pd.DataFrame({"run_id": [stored[0]]}).to_parquet(root / "theirs" / "runs.parquet")
    answer = counterpoint("compare", stored[0], str(root / "theirs"))
    assert answer.code == 0 and answer.out.startswith("identical: all "), answer.err
    assert "seeds (in the first run alone)" in answer.out
    silent = spikes[spikes["neuron"] < 0]
    silent.to_parquet(root / "theirs" / "spikes.parquet")
    answer = counterpoint("compare", stored[0], str(root / "theirs"), "--no-state")
    assert answer.out.startswith("different: spikes in common: 0 of"), answer.out


def write_shifted(root, **more):
    """Two folders of one run each: the spikes of one are a step later."""
    for name, late in (("here", 0.0), ("there", 0.1)):
        row = synthetic.run_row("e", name, 1, {"duration": 100.0, "timestep": 0.1}, {"p": 2})
        row |= more
        times = np.arange(10.0, 90.0, 10.0) + late
        made = synthetic.tables([row], [synthetic.spike_frame(row["run_id"], "p", [0] * 8, times)])
        for table in ("runs", "spikes", "weights"):
            frame = getattr(made, table)
            schema = None
            if table == "runs":
                frame = frame.astype({"git_clean": bool})
            write_table(table, pd.DataFrame(frame), root / name / f"{table}.parquet", schema)


def test_cells_with_a_bound_are_held_to_it(counterpoint, root):
    write_shifted(root, cell_types=json.dumps({"p": ["EIF_cond_exp_isfa_ista"]}))
    answer = counterpoint("compare", str(root / "here"), str(root / "there"), "--no-state")
    assert answer.out.startswith("equivalent: spikes as many, each within 0.1 ms"), answer.out


def test_tables_from_elsewhere_can_be_compared(counterpoint, root):
    write_shifted(root)
    answer = counterpoint("compare", str(root / "here"), f"{root / 'there'}:there0001")
    assert answer.code == 0, answer.err
    assert "constant shift" in answer.out
    assert "spikes of p come 1 step later in the second run" in answer.out
    # Nobody here knows the experiment, so nothing can be repeated.
    assert "its state is not known" in answer.out
    assert "its state" not in counterpoint(
        "compare", str(root / "here"), str(root / "there"), "--no-state"
    ).out  # fmt: skip


def stranger(path, runs, late):
    """A folder as somebody else writes it: ids, parameters and spikes, and nothing else."""
    path.mkdir()
    pd.DataFrame(runs).to_parquet(path / "runs.parquet")
    times = np.arange(10.0, 90.0, 10.0)
    parts = [
        {"run_id": run_id, "population": "p", "neuron": 0, "time_ms": time + 0.1 * by}
        for run_id, by in zip(runs["run_id"], late, strict=True)
        for time in times
    ]
    pd.DataFrame(parts).to_parquet(path / "spikes.parquet")
    return str(path)


@pytest.fixture
def folders(root):
    ours = stranger(root / "ours", {"run_id": ["a", "b", "c"], "g": [1.0, 2.0, 3.0]}, (0, 0, 0))
    return ours, stranger(root / "theirs", {"run_id": ["x", "y"], "g": [1, 2]}, (0, 1))


def test_two_folders(counterpoint, folders):
    answer = counterpoint("compare", *folders)
    assert answer.code == 0, answer.err
    lines = [line.split() for line in answer.out.splitlines()]
    assert ["identical", "1"] in lines and ["different", "1"] in lines
    assert "g = 2  b y   different  constant shift" in answer.out
    assert "1 run only in" in answer.out and "c  g = 3" in answer.out


def test_two_folders_for_programs(counterpoint, folders):
    found = counterpoint("compare", *folders, "--json").json
    assert found["counts"] == {"identical": 1, "equivalent": 0, "different": 1, "undecided": 0}
    assert found["paired_by"] == ["g"] and found["only_in_b"] == []
    assert found["only_in_a"] == [{"run_id": "c", "point": {"g": 3.0}}]
    assert found["pairs"][1]["causes"].startswith("constant shift")


def test_a_single_run_of_a_stranger(counterpoint, folders):
    answer = counterpoint("compare", f"{folders[0]}:b", f"{folders[1]}:y", "--no-state")
    assert answer.code == 0 and answer.out.startswith("different: ")
    assert "constant shift" in answer.out and "p come 1 step later" in answer.out


def test_folders_that_cannot_be_compared(counterpoint, folders, root):
    (root / "empty").mkdir()
    for given, part in (
        ((folders[0], str(root / "empty")), "there is no runs.parquet"),
        ((*folders, "--figure", "x.png"), "--figure: given with two folders"),
    ):
        answer = counterpoint("compare", *given)
        assert answer.code == 2 and part in answer.err and answer.err.count("\n") == 1
    (root / "ours" / "spikes.parquet").write_bytes(b"no table")
    answer = counterpoint("compare", *folders)
    assert answer.code != 0 and "cannot be read as a Parquet table" in answer.err
    assert answer.err.count("\n") == 1


@pytest.mark.parametrize(
    ("names", "part"),
    [
        (["12", "{0}"], "'12' is too short"),
        (["ffffffff", "{0}"], "run 'ffffffff': is not stored"),
        (["{2}", "{0}"], ": ValueError: no such weight"),
        (["results/demo:zz", "{0}"], "there is no such run"),
        (["{0}", "{0}", "--figure", "x.png"], "the runs have the same spikes"),
        (["{0}"], "RUN_B"),
    ],
)
def test_bad_input_is_one_line_and_code_2(counterpoint, stored, root, names, part):
    given = [name.format(*stored) for name in names]
    if ":" in given[0]:
        row = synthetic.run_row("e", "nest", 1, {"duration": 100.0}, {})
        folder = root / "results" / "demo"
        write_table("runs", pd.DataFrame([row]), folder / "runs.parquet")
        write_table("spikes", synthetic.empty("spikes"), folder / "spikes.parquet")
    answer = counterpoint("compare", *given)
    assert answer.code == 2 and part in answer.err and answer.err.count("\n") == 1
