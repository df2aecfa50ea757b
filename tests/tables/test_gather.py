"""Gathering: rows in the order of the plan, bytes that depend on nothing else."""

from __future__ import annotations

import json
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.errors import BadInput, DamagedResult
from pipelines.tables.gather import gather
from pipelines.tables.reader import Tables
from pipelines.tables.run_store import RunStore
from pipelines.tables.schemas import RECORDED, schema_of

NAMES = ("runs", *RECORDED)


@dataclass(frozen=True)
class Parameters:
    rate: float = 1.0
    rule: str = "additive"


def run(number: int) -> SimpleNamespace:
    return SimpleNamespace(
        run_id=f"{number:016x}",
        point_id=f"{number // 2:016x}",
        experiment="tiny",
        backend=("nest", "brian2")[number % 2],
        seed=1,
        parameters={"rate": float(number), "rule": "additive"},
    )


def plan(n_runs: int) -> SimpleNamespace:
    experiment = SimpleNamespace(name="tiny", parameters=Parameters)
    recorded = {"neurons": SimpleNamespace(spikes=True), "others": SimpleNamespace(spikes=False)}
    return SimpleNamespace(
        experiment=experiment,
        runs=tuple(run(n) for n in range(n_runs)),
        sweep=SimpleNamespace(record=SimpleNamespace(populations=recorded), warm_up=0.0),
        has_hardware=False,
    )


def record(run: SimpleNamespace, status: str = "done") -> dict:
    done = status == "done"
    return {
        **vars(run),
        "status": status,
        "error": "" if done else "ValueError: no",
        "build_s": 0.1 if done else None,
        "simulate_s": 0.2 if done else None,
        "collect_s": 0.3 if done else None,
        "peak_rss_mb": 100.0,
        "versions": {"b": "2", "a": "1"},
        "connectivity_sha256": "c" if done else "",
        "input_sha256": "i" if done else "",
        "population_sizes": {"neurons": 3, "others": 2, "stimulus": 1} if done else {},
    }


def spikes(run: SimpleNamespace, n: int) -> pa.Table:
    columns = [[run.run_id] * n, ["neurons"] * n, np.arange(n) % 7, np.arange(n) / 10]
    return pa.table(columns, schema=schema_of("spikes"))


def fill(store: RunStore, runs, n_spikes=lambda number: 100 * number) -> RunStore:
    for each in runs:
        number = int(each.run_id, 16)
        store.write(record(each), {"spikes": spikes(each, n_spikes(number))})
    return store


def test_rows_come_in_the_order_of_the_plan(tmp_path):
    planned = plan(4)
    store = fill(RunStore(tmp_path / "runs"), planned.runs)
    counts = gather(planned, store, tmp_path)
    assert counts == {"runs": 4, "spikes": 600, "weights": 0, "signals": 0}
    tables = Tables(tmp_path)
    ids = [each.run_id for each in planned.runs]
    assert tables.runs["run_id"].tolist() == ids
    assert tables.runs["rate"].tolist() == [0.0, 1.0, 2.0, 3.0]
    assert tables.runs["backend"].tolist() == ["nest", "brian2"] * 2
    # Populations whose spikes were not recorded must not look silent.
    assert json.loads(tables.runs["population_sizes"][0]) == {"neurons": 3}
    # Of records of earlier versions they are not known.
    assert set(tables.runs["cell_types"]) == set(tables.runs["projections"]) == {"{}"}
    assert tables.runs["versions"][0] == '{"a": "1", "b": "2"}'
    assert tables.spikes["run_id"].unique().tolist() == ids[1:]
    assert tables.spikes.groupby("run_id").size().tolist() == [100, 200, 300]


def test_the_warm_up_of_the_sweep_is_in_the_runs_and_must_leave_something(tmp_path):
    planned = plan(2)
    store = RunStore(tmp_path / "runs")
    for each in planned.runs:
        store.write(record(each) | {"simulated_ms": 50.0}, {})
    for warm_up in (0.0, 20.0):
        planned.sweep.warm_up = warm_up
        gather(planned, store, tmp_path)
        assert Tables(tmp_path).runs["warm_up_ms"].tolist() == [warm_up] * 2
    planned.sweep.warm_up = 50.0
    with pytest.raises(BadInput, match=r"tiny/sweep.yaml: warm_up: 50 ms leave nothing of run 0+,"):
        gather(planned, store, tmp_path)


def test_which_neurons_were_recorded_is_in_the_runs(tmp_path):
    planned, store = plan(2), RunStore(tmp_path / "runs")
    some = {"neurons": {"of": 300, "spikes": [0, 150, 299]}}
    store.write(record(planned.runs[0]) | {"recorded_neurons": some}, {})
    # Records of earlier versions, and of failed runs, say nothing.
    store.write(record(planned.runs[1], "failed"), {})
    gather(planned, store, tmp_path)
    assert [json.loads(one) for one in Tables(tmp_path).runs["recorded_neurons"]] == [some, {}]


def test_bytes_do_not_depend_on_the_order_of_execution(tmp_path):
    planned = plan(5)
    for name, runs in (("1", planned.runs), ("2", planned.runs[::-1])):
        gather(planned, fill(RunStore(tmp_path / name / "runs"), runs), tmp_path / name)
    for name in NAMES:
        file = f"{name}.parquet"
        assert (tmp_path / "1" / file).read_bytes() == (tmp_path / "2" / file).read_bytes()


def test_row_groups_depend_on_rows_alone(tmp_path):
    planned = plan(5)
    rows = []
    for name, sizes in (("1", [0, 10, 990, 0, 250]), ("2", [500, 0, 500, 249, 1])):
        store = RunStore(tmp_path / name / "runs")
        for each, size in zip(planned.runs, sizes, strict=True):
            table = spikes(each, size)
            # Equal rows, cut into runs at other places.
            same = pa.table([["r"] * size, *table.columns[1:3], [0.5] * size], table.schema)
            store.write(record(each), {"spikes": same.set_column(2, table.schema.field(2),
                                       pa.array([1] * size, pa.int32()))})  # fmt: skip
        gather(planned, store, tmp_path / name, rows_a_group=400)
        path = tmp_path / name / "spikes.parquet"
        metadata = pq.read_metadata(path)
        groups = range(metadata.num_row_groups)
        assert [metadata.row_group(i).num_rows for i in groups] == [400, 400, 400, 50]
        rows.append(path.read_bytes())
    assert rows[0] == rows[1]


def test_without_anything_recorded_all_tables_are_there(tmp_path):
    planned = plan(1)
    store = RunStore(tmp_path / "runs")
    store.write(record(planned.runs[0]))
    gather(planned, store, tmp_path)
    for name in RECORDED:
        frame = pd.read_parquet(tmp_path / f"{name}.parquet")
        assert list(frame.columns) == schema_of(name).names and len(frame) == 0


def test_failed_runs_are_rows(tmp_path):
    planned = plan(2)
    store = fill(RunStore(tmp_path / "runs"), planned.runs[1:])
    store.write(record(planned.runs[0], "failed"))
    gather(planned, store, tmp_path)
    runs = Tables(tmp_path).runs
    assert runs["status"].tolist() == ["failed", "done"]
    assert runs["error"].tolist() == ["ValueError: no", ""]
    assert np.isnan(runs["build_s"][0]) and runs["build_s"][1] == 0.1


def test_records_of_the_release_before_name_the_signal_otherwise(tmp_path):
    planned = plan(2)
    store = RunStore(tmp_path / "runs")
    store.write(record(planned.runs[0], "failed") | {"signal": "SIGKILL"})
    store.write(record(planned.runs[1], "failed") | {"killed_by": "SIGSEGV"})
    gather(planned, store, tmp_path)
    assert Tables(tmp_path).runs["killed_by"].tolist() == ["SIGKILL", "SIGSEGV"]


def test_a_damaged_run_is_named_and_set_aside_and_tables_stay(tmp_path):
    planned = plan(3)
    store = fill(RunStore(tmp_path / "runs"), planned.runs)
    gather(planned, store, tmp_path)
    before = {name: (tmp_path / f"{name}.parquet").read_bytes() for name in NAMES}
    path = store.path(planned.runs[2].run_id)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(DamagedResult, match=rf"{path.name}: damaged.*repeats the run"):
        gather(planned, store, tmp_path)
    assert before == {name: (tmp_path / f"{name}.parquet").read_bytes() for name in NAMES}
    assert not store.has(planned.runs[2].run_id)
    with pytest.raises(DamagedResult, match="not in the store"):
        gather(planned, store, tmp_path)
