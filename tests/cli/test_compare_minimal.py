"""``counterpoint compare`` on tables of the minimal columns, and one verdict by every command."""

import json

import numpy as np
import pandas as pd
import pytest

from pipelines.script import verdicts as script_verdicts
from pipelines.tables.files import write_table
from pipelines.tables.reader import Tables
from pipelines.verdicts.verdict_table import compare
from tests import synthetic

TIMES = np.array([10.0, 20.0, 30.0])


def write(path, run_ids=("a",), late=0.0, weights=False, population="p", **runs):
    """A folder of minimal tables, whose last run has its last spike `late` by so many ms."""
    path.mkdir()
    pd.DataFrame({"run_id": [*run_ids], **runs}).to_parquet(path / "runs.parquet")
    parts = [
        pd.DataFrame({"run_id": run_id, "population": population, "neuron": 0, "time_ms": TIMES})
        for run_id in run_ids
    ]
    parts[-1].loc[2, "time_ms"] += late
    pd.concat(parts).to_parquet(path / "spikes.parquet")
    if weights:
        rows = {"run_id": [*run_ids], "projection": "w", "pre": 0, "post": 0, "weight": 0.5}
        pd.DataFrame(rows).to_parquet(path / "weights.parquet")
    return str(path)


@pytest.mark.parametrize("weights", [False, True])
@pytest.mark.parametrize("form", ["{}", "{}:a"])
def test_one_minimal_run_a_folder(counterpoint, root, form, weights):
    ours = write(root / "ours", weights=weights)
    same, late = write(root / "same", weights=weights), write(root / "late", late=0.3)
    answer = counterpoint("compare", form.format(ours), form.format(same))
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith("identical: all 3 spikes of p on the same steps")
    assert "Not compared: " in answer.out and "signals (none recorded)" in answer.out
    answer = counterpoint("compare", form.format(ours), form.format(late))
    assert (answer.code, answer.err) == (0, "") and answer.out.startswith("different: ")
    assert "not recorded again, as the table runs has no experiment and no seed" in answer.out
    assert counterpoint("compare", ours, late, "--json").json["verdict"] == "different"


def test_a_seed_without_a_value(counterpoint, root):
    paths = [
        write(root / name, late=late, experiment="e", seed=[None])
        for name, late in (("one", 0.0), ("other", 0.1))
    ]
    answer = counterpoint("compare", *paths)
    assert answer.code == 0 and "as the table runs has no seed" in answer.out


@pytest.mark.parametrize("weights", [False, True])
def test_several_minimal_runs_a_folder(counterpoint, root, weights):
    ours = write(root / "ours", "ab", weights=weights)
    theirs = write(root / "theirs", "ab", late=0.3)
    answer = counterpoint("compare", ours, theirs)
    assert (answer.code, answer.err) == (0, "")
    lines = [line.split() for line in answer.out.splitlines()]
    assert ["identical", "1"] in lines and ["different", "1"] in lines
    assert "2 pairs, by run_id" in answer.out and "not compared:" in answer.out
    assert "signals (none recorded)" in answer.out
    assert (f"weights of w (in {ours} alone)" in answer.out) == weights
    answer = counterpoint("compare", f"{ours}:b", f"{theirs}:b")
    assert answer.code == 0 and answer.out.startswith("different: ")


def test_other_names_of_populations_are_told(counterpoint, root):
    paths = [write(root / name, population=name) for name in ("exc", "E")]
    answer = counterpoint("compare", *paths)
    assert answer.code == 0 and answer.out.startswith("undecided: the populations have other names")
    assert "exc in the first run, E in the second run" in answer.out


def test_other_time_steps_are_bad_input(counterpoint, root):
    paths = [write(root / f"f{step}", timestep=[step]) for step in (0.1, 0.2)]
    answer = counterpoint("compare", *paths)
    assert answer.code == 2 and "the time steps are 0.1 and 0.2 ms" in answer.err


def test_digests_that_differ_under_equal_spikes_are_listed(counterpoint, root):
    paths = [
        write(root / name, "ab", g=[1, 2], input_sha256=["x" * 64, name * 64])
        for name in ("y", "z")
    ]
    answer = counterpoint("compare", *paths)
    assert answer.code == 0 and ["identical", "2"] in [x.split() for x in answer.out.splitlines()]
    assert "identical  the digests of the inputs differ: yyyyyyyy and zzzzzzzz" in answer.out
    assert answer.out.count("digests of the inputs differ") == 2


TYPES = {"p": ["EIF_cond_exp_isfa_ista"]}


@pytest.mark.parametrize(
    ("late", "v", "weight", "types", "expected"),
    [
        (0.0, 0.0, 0.0, None, "identical"),
        (0.1, 0.0, 0.0, None, "different"),
        (0.1, 0.0, 0.0, TYPES, "equivalent"),
        (0.0, 0.5, 0.0, None, "different"),
        (0.0, 0.0, 0.1, None, "different"),
        (None, 0.0, 0.0, None, "identical"),
        (None, 0.5, 0.0, None, "different"),
        (None, None, None, None, "undecided"),
    ],
)
def test_every_command_gives_the_same_verdict(counterpoint, root, late, v, weight, types, expected):
    """Two runs with spikes (None: none), v and weights, of which the second differs by so much."""
    folder, rows = root / "both", []
    tables = {name: [synthetic.empty(name)] for name in ("spikes", "weights", "signals")}
    for k, backend in enumerate(("nest", "brian2")):
        row = synthetic.run_row(
            "e", backend, 1, {"g": 1.0, "timestep": 0.1}, {"p": 1}, types=types
        )  # fmt: skip
        rows.append(row | {"run_id": backend})
        if late is not None:
            times = TIMES + np.array([0.0, 0.0, k * late])
            tables["spikes"].append(synthetic.spike_frame(backend, "p", [0] * 3, times))
        if weight is not None:
            tables["weights"].append(
                synthetic.weight_frame(backend, "w", [0, 0], [0, 1], [0.5, 0.5 + k * weight])
            )
        if v is not None:
            tables["signals"].append(pd.DataFrame(
                {"run_id": backend, "population": "p", "neuron": np.int32(0), "variable": "v",
                 "time_ms": [0.0, 0.1], "value": [-65.0, -64.0 + k * v]}
            ))  # fmt: skip
    write_table("runs", pd.DataFrame(rows).astype({"git_clean": bool}), folder / "runs.parquet")
    for name, parts in tables.items():
        write_table(name, pd.concat(parts, ignore_index=True), folder / f"{name}.parquet")
    stored = Tables(folder)
    for backend in ("nest", "brian2"):
        alone = root / backend
        mine = stored.runs[stored.runs["run_id"] == backend]
        write_table("runs", mine, alone / "runs.parquet")
        for name in tables:
            table = getattr(stored, name)
            rows_of_run = table[table["run_id"] == backend]
            write_table(name, rows_of_run, alone / f"{name}.parquet")

    (of_workflow,) = compare(stored).itertuples()
    runs = [
        row | {"arguments": "", "neurons": {}, "drawn": {}, "population_sizes": {"p": 1},
               "cell_types": json.loads(row["cell_types"])}
        for row in rows
    ]  # fmt: skip
    (of_script,) = script_verdicts.compare(folder, runs)
    of_runs = counterpoint("compare", f"{folder}:nest", f"{folder}:brian2", "--json").json
    of_folders = counterpoint("compare", str(root / "nest"), str(root / "brian2"), "--json").json
    found = [of_workflow.verdict, of_script.result.verdict, of_runs["verdict"]]
    assert [*found, of_folders["verdict"]] == [expected] * 4
