"""Tables are written and read with exactly the columns of their schemas."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.errors import BadInput, DamagedResult
from pipelines.experiment import parameter
from pipelines.tables.columns import BadTable
from pipelines.tables.files import (
    drop_damaged,
    iterate_table,
    read_arrow,
    read_table,
    write_table,
)
from pipelines.tables.reader import Tables
from pipelines.tables.schemas import FORMER_NAMES, SCHEMAS, current_names, runs_schema, schema_of
from tests import synthetic


def spikes(n: int = 3) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "run_id": ["r"] * n,
            "population": ["neurons"] * n,
            "neuron": np.arange(n),
            "time_ms": np.arange(n) / 10,
        }
    )


def test_round_trip_for_plain_pandas(tmp_path):
    path = write_table("spikes", spikes(), tmp_path / "spikes.parquet")
    frame = pd.read_parquet(path)
    assert frame["population"].tolist() == ["neurons"] * 3
    assert pd.api.types.is_string_dtype(frame["population"])
    assert frame["neuron"].dtype == np.int32
    pd.testing.assert_frame_equal(frame, read_table(tmp_path, "spikes"))
    pd.testing.assert_frame_equal(frame, Tables(tmp_path).spikes)


def test_equal_tables_are_equal_bytes(tmp_path):
    shuffled = spikes()[["time_ms", "neuron", "run_id", "population"]]
    shuffled["population"] = shuffled["population"].astype("category")
    shuffled.index = pd.Index([7, 8, 9])
    one = write_table("spikes", spikes(), tmp_path / "one.parquet")
    two = write_table("spikes", shuffled, tmp_path / "two.parquet")
    assert one.read_bytes() == two.read_bytes()
    # Nothing of the time or the machine.
    assert {*pq.read_metadata(one).metadata} == {b"ARROW:schema", b"columns"}


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda f: f.drop(columns="neuron"), r"lacks column 'neuron' \(int32\); found run_id, "),
        (lambda f: f.assign(extra=1), "has no column 'extra'; expected run_id, population"),
        (lambda f: f.assign(time_ms="x"), "column 'time_ms': expected double, found "),
        (lambda f: f.assign(run_id=1), "column 'run_id': expected string, found int64"),
        (lambda f: f.assign(neuron=0.5), "column 'neuron': expected int32, found double"),
        (lambda f: f.assign(neuron=2**40), "column 'neuron': expected int32, found Integer value"),
        (lambda f: f.assign(time_ms=[0.0, np.nan, 1.0]), "expected double without nulls, found 1"),
        (lambda f: f.assign(population=["a", None, "b"]), "expected string without nulls"),
        (lambda f: f.assign(population=["a", 1, "b"]), "column 'population': expected string"),
    ],
)
def test_violations_are_named_and_nothing_is_written(tmp_path, change, problem):
    path = tmp_path / "spikes.parquet"
    with pytest.raises(BadTable, match=problem):
        write_table("spikes", change(spikes()), path)
    assert os.listdir(tmp_path) == []


def test_wrong_columns_are_seen_when_reading(tmp_path):
    spikes().drop(columns="neuron").to_parquet(tmp_path / "spikes.parquet")
    with pytest.raises(DamagedResult, match=r"spikes\.parquet: .*lacks column 'neuron'"):
        read_table(tmp_path, "spikes")


@pytest.mark.parametrize("place", [0.02, 0.3, 0.6])
def test_damage_is_seen_when_reading(tmp_path, place):
    path = write_table("spikes", spikes(2000), tmp_path / "spikes.parquet")
    whole = bytearray(path.read_bytes())
    path.write_bytes(bytes(whole[:-20]))
    with pytest.raises(DamagedResult, match=r"spikes\.parquet"):
        read_table(path, "spikes")
    whole[int(place * len(whole))] ^= 16
    path.write_bytes(bytes(whole))
    with pytest.raises(DamagedResult, match=r"spikes\.parquet"):
        read_table(path, "spikes")


def test_missing_tables_and_columns_are_bad_input(tmp_path):
    with pytest.raises(BadInput, match="there is no table 'spikes' here"):
        read_table(tmp_path, "spikes")
    with pytest.raises(BadInput, match="did you mean 'spikes'"):
        read_table(tmp_path, "spike")
    write_table("spikes", spikes(), tmp_path)
    with pytest.raises(BadInput, match="did you mean 'time_ms'"):
        read_table(tmp_path, "spikes", ["time"])
    assert list(read_table(tmp_path, "spikes", ["neuron"]).columns) == ["neuron"]


def test_a_table_may_be_a_folder_of_files(tmp_path):
    folder = tmp_path / "spikes.parquet"
    folder.mkdir()
    write_table("spikes", spikes(2), folder / "part-0.parquet")
    write_table("spikes", spikes(3), folder / "part-1.parquet")
    assert read_table(tmp_path, "spikes")["neuron"].tolist() == [0, 1, 0, 1, 2]
    assert read_table(folder, "spikes").equals(pd.read_parquet(folder))
    assert [part.num_rows for part in iterate_table(tmp_path, "spikes")] == [2, 3]


def test_empty_tables(tmp_path):
    for name in ("spikes", "weights", "signals", "metrics", "verdicts", "expectations"):
        frame = pd.DataFrame(columns=schema_of(name).names)
        write_table(name, frame, tmp_path)
        assert list(read_table(tmp_path, name).columns) == schema_of(name).names


def test_whole_numbers_stay_whole_beside_missing_ones(tmp_path):
    names = schema_of("verdicts").names
    row = dict.fromkeys(names, "x") | dict.fromkeys(names[6:], None) | {"causes": ""}
    other = row | {"n_spikes_a": 3, "first_difference_ms": 0.5}
    frame = pd.DataFrame([row, other])
    write_table("verdicts", frame, tmp_path)
    read = read_table(tmp_path, "verdicts")
    assert read["n_spikes_a"].tolist() == [pd.NA, 3]
    assert np.isnan(read["first_difference_ms"][0]) and read["first_difference_ms"][1] == 0.5
    again = write_table("verdicts", read, tmp_path / "again.parquet")
    assert again.read_bytes() == (tmp_path / "verdicts.parquet").read_bytes()


def test_runs_have_the_columns_of_the_parameters(tmp_path):
    @dataclass
    class Parameters:
        rate: float = 1.0
        n: int = 1
        rule: str = "additive"
        on: bool = True

    schema = runs_schema(_resolved(Parameters))
    assert schema.names[3:9] == ["seed", "rate", "n", "rule", "on", "hardware"]
    row = {
        name: {"string": "x", "int64": 1, "double": 1, "bool": True}[str(schema.field(name).type)]
        for name in schema.names
    }
    frame = pd.DataFrame([row, row | {"build_s": None}])
    write_table("runs", frame, tmp_path, schema)
    read = Tables(tmp_path).runs
    assert read["rate"].dtype == np.float64 and read["n"].dtype == np.int64
    assert read["on"].dtype == bool and np.isnan(read["build_s"][1])
    # Without being told of the parameters.
    other = write_table("runs", read, tmp_path / "other.parquet")
    assert other.read_bytes() == (tmp_path / "runs.parquet").read_bytes()


def _resolved(parameters: type) -> type:
    parameters.__annotations__ = {"rate": float, "n": int, "rule": str, "on": bool}
    return parameters


def test_parameters_with_a_columns_name_are_refused():
    @dataclass
    class Parameters:
        status: float = 1.0

    with pytest.raises(BadInput, match=r"status: is the name of a column of runs\.parquet"):
        runs_schema(_with(Parameters, status=float))


def expectations(**changed) -> pd.DataFrame:
    row = {
        "experiment": "tiny", "check_name": "it fires", "backend": "nest", "passed": True,
        "value": 1.0, "limit": 2.0, "unit": "1", "detail": "",
    }  # fmt: skip
    return pd.DataFrame([row]).rename(columns=changed)


def test_columns_are_read_by_their_former_names_too(tmp_path):
    now = write_table("expectations", expectations(), tmp_path / "now.parquet")
    former = tmp_path / "expectations.parquet"
    table = pq.read_table(now)
    names = ["check" if name == "check_name" else name for name in table.column_names]
    pq.write_table(table.rename_columns(names), former)
    expected = read_table(now, "expectations")
    assert expected["check_name"].tolist() == ["it fires"]
    pd.testing.assert_frame_equal(read_table(tmp_path, "expectations"), expected)
    pd.testing.assert_frame_equal(Tables(tmp_path).expectations, expected)
    some = read_table(tmp_path, "expectations", ["check_name", "passed"])
    assert [*some] == ["check_name", "passed"]
    (group,) = iterate_table(tmp_path, "expectations", ["check_name"])
    assert group.to_pydict() == {"check_name": ["it fires"]}
    with pytest.raises(BadInput, match="no column 'check'"):
        read_table(tmp_path, "expectations", ["check"])


def test_columns_are_written_by_their_names_of_today(tmp_path):
    with pytest.raises(BadTable, match="lacks column 'check_name'"):
        write_table("expectations", expectations(check_name="check"), tmp_path / "no.parquet")


def test_a_former_name_is_free_for_a_parameter():
    assert current_names("runs", ["run_id", "signal"]) == ["run_id", "killed_by"]
    both = ["run_id", "signal", "killed_by"]
    assert current_names("runs", both) == both


def test_former_names_are_of_columns_that_are_there():
    for name, renamed in FORMER_NAMES.items():
        assert set(renamed.values()) <= set(schema_of(name).names)
        assert not set(renamed) & set(schema_of(name).names)


def _with(parameters: type, **types: type) -> type:
    parameters.__annotations__ = types
    return parameters


def test_every_column_says_what_it_is():
    for name, schema in SCHEMAS.items():
        for field in schema:
            assert field.metadata[b"description"], f"{name}.{field.name}"
            for ending, unit in (("_ms", b"ms"), ("_s", b"s"), ("_mb", b"MB")):
                if field.name.endswith(ending):
                    assert field.metadata[b"unit"] == unit, f"{name}.{field.name}"


def test_units_and_descriptions_are_in_the_file(tmp_path):
    @dataclass
    class Parameters:
        rate: float = parameter(1.0, "Hz", "rate of the input")

    schema = runs_schema(_resolved(Parameters))
    values = {"string": "x", "int64": 1, "double": 1.0, "bool": True}
    frame = pd.DataFrame([{name: values[str(schema.field(name).type)] for name in schema.names}])
    write_table("runs", frame, tmp_path, schema)
    stored = pq.read_schema(tmp_path / "runs.parquet")
    assert stored.field("rate").metadata == {b"unit": b"Hz", b"description": b"rate of the input"}
    assert stored.field("simulated_ms").metadata[b"unit"] == b"ms"
    # DuckDB, which knows no schemas of Arrow, finds them too, and reads the table.
    path = tmp_path / "runs.parquet"
    query = f"select decode(value) from parquet_kv_metadata('{path}') where decode(key) = 'columns'"
    ((text,),) = duckdb.sql(query).fetchall()
    assert json.loads(text)["rate"] == {"unit": "Hz", "description": "rate of the input"}
    assert duckdb.sql(f"select rate, run_id from '{path}'").fetchall() == [(1.0, "x")]


def test_json_is_marked_as_such(tmp_path):
    """DuckDB reads what is in it, pandas and this library the text; unmarked text is still read."""
    row = synthetic.run_row("e", "nest", 1, {"g": 0.5}, {"exc": 4})
    path = write_table("runs", pd.DataFrame([row]), tmp_path / "runs.parquet")
    query = f"select typeof(cell_types), population_sizes.exc::int from '{path}'"
    assert duckdb.sql(query).fetchall() == [("JSON", 4)]
    for frame in (pd.read_parquet(path), read_table(path, "runs")):
        assert json.loads(frame["population_sizes"][0]) == {"exc": 4}
    assert read_arrow(path, "runs").schema.field("population_sizes").type == pa.string()
    plain = pa.Table.from_pandas(read_table(path, "runs"), preserve_index=False)
    pq.write_table(plain, tmp_path / "former.parquet")
    former = read_table(tmp_path / "former.parquet", "runs")
    again = write_table("runs", former, tmp_path / "again.parquet")
    assert again.read_bytes() == path.read_bytes()


def test_the_page_on_results_names_every_column():
    """Columns that results/README.md lists are those of the schemas, in their order."""
    page = (Path(__file__).parents[2] / "results" / "README.md").read_text()
    for name in ("spikes", "weights", "signals", "metrics"):
        (listed,) = re.findall(rf"^  {name}\.parquet +(.*)$", page, re.MULTILINE)
        assert listed.split(", ") == schema_of(name).names


@pytest.mark.parametrize("kept", [slice(-9), slice(0), slice(40), slice(9, None)])
def test_a_table_that_is_cut_off_is_dropped_and_a_whole_one_is_kept(tmp_path, kept):
    none = pa.Table.from_batches([], schema_of("spikes"))
    whole = write_table("spikes", none, tmp_path / "whole.parquet")
    damaged = write_table("spikes", none, tmp_path / "damaged.parquet")
    damaged.write_bytes(damaged.read_bytes()[kept])
    missing, folder = tmp_path / "missing.parquet", tmp_path / "parts.parquet"
    folder.mkdir()
    assert drop_damaged([whole, damaged, missing, folder]) == [damaged]
    assert whole.exists() and folder.exists() and not damaged.exists()
