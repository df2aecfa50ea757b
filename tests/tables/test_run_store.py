"""The store gives back what was put in, or says which file is damaged."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pytest

from pipelines.errors import CounterpointError, DamagedResult
from pipelines.tables.run_store import RunStore
from pipelines.tables.schemas import schema_of
from pipelines.tables.shard_manifests import (
    drop_stale_manifests,
    manifest_path,
    write_manifest,
)

RECORD = {"run_id": "a" * 16, "status": "done", "error": "", "seed": 1}


def spikes(times: list[float], run_id: str = "a" * 16) -> pa.Table:
    n = len(times)
    columns = [[run_id] * n, ["neurons"] * n, list(range(n)), times]
    return pa.table(columns, schema=schema_of("spikes"))


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "runs")


def test_round_trip(store):
    table = spikes([0.1, 0.30000000000000004])
    path = store.write(RECORD, {"spikes": table, "weights": schema_of("weights").empty_table()})
    assert path.name == "a" * 16 + ".zip"
    assert store.ids() == {"a" * 16: "done"}
    assert store.has("a" * 16) and store.has("a" * 16, done=True)
    record = store.read_record("a" * 16)
    assert {key: record[key] for key in RECORD} == RECORD
    assert list(record["members"]) == ["spikes.parquet"]
    assert store.read_table("a" * 16, "spikes").equals(table)
    assert store.read_table("a" * 16, "weights").num_rows == 0


def test_equal_results_are_equal_bytes(tmp_path):
    one = RunStore(tmp_path / "1").write(RECORD, {"spikes": spikes([1.0])})
    two = RunStore(tmp_path / "2").write(dict(reversed(RECORD.items())), {"spikes": spikes([1.0])})
    assert one.read_bytes() == two.read_bytes()


def test_done_takes_the_place_of_failed(store):
    failed = store.write({**RECORD, "status": "failed", "error": "x"})
    assert store.ids() == {"a" * 16: "failed"}
    assert not store.has("a" * 16, done=True)
    store.write(RECORD)
    assert store.ids() == {"a" * 16: "done"}
    assert not failed.exists()


def test_every_truncation_is_seen(store):
    path = store.write(RECORD, {"spikes": spikes([1.0, 2.0])})
    whole = path.read_bytes()
    for size in range(0, len(whole), 17):
        path.write_bytes(whole[:size])
        with pytest.raises(DamagedResult, match=path.name):
            store.verify("a" * 16)


def test_a_flipped_bit_is_seen_or_harmless(store):
    path = store.write(RECORD, {"spikes": spikes([1.0, 2.0])})
    whole = path.read_bytes()
    good = store.read_record("a" * 16), store.read_table("a" * 16, "spikes")
    seen = 0
    for place in range(len(whole)):
        changed = bytearray(whole)
        changed[place] ^= 1 << place % 8
        path.write_bytes(bytes(changed))
        try:
            store.verify("a" * 16)
            # Dates and attributes of members have no checksum, and no meaning here.
            assert store.read_record("a" * 16) == good[0]
            assert store.read_table("a" * 16, "spikes").equals(good[1])
        except DamagedResult as error:
            seen += 1
            assert path.name in str(error)
    assert seen > 0.9 * len(whole)


def test_a_file_under_another_runs_name(store):
    path = store.write(RECORD)
    path.rename(path.with_name("b" * 16 + ".zip"))
    with pytest.raises(DamagedResult, match="holds run aaaa"):
        store.read_record("b" * 16)


def test_a_member_that_was_exchanged(store):
    path = store.write(RECORD, {"spikes": spikes([1.0])})
    with zipfile.ZipFile(path) as archive:
        record = archive.read("run.json")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("run.json", record)
        archive.writestr("spikes.parquet", b"something else")
    store.read_record("a" * 16)
    with pytest.raises(DamagedResult, match="differs from its checksum"):
        store.read_table("a" * 16, "spikes")


def test_missing_run(store):
    with pytest.raises(DamagedResult, match="not in the store"):
        store.read_record("c" * 16)
    assert store.ids() == {}


def test_leftovers_of_the_dead_go_those_of_the_living_stay(store):
    code = (
        "import os, sys; from pathlib import Path; from pipelines.atomic import replacing\n"
        "with replacing(Path(sys.argv[1])) as t:\n t.write_text('half'); os._exit(0)"
    )
    target = store.folder / ("a" * 16 + ".zip")
    subprocess.run([sys.executable, "-c", code, str(target)], check=True)
    (dead,) = os.listdir(store.folder)
    living = store.folder / dead.replace(dead.split(".")[-3], str(os.getpid()))
    living.write_text("in progress")
    assert store.ids() == {}
    assert [path.name for path in store.clean()] == [dead]
    assert os.listdir(store.folder) == [living.name]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_disk_is_one_clear_error(store, monkeypatch):
    monkeypatch.setattr(zipfile.ZipFile, "writestr", full)
    with pytest.raises(CounterpointError, match=r"a\.zip: cannot be written: No space left"):
        store.write(RECORD)
    assert os.listdir(store.folder) == []


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_no_shard_is_complete_before_its_runs_are_on_the_disk(store, monkeypatch):
    store.write(RECORD)
    shard = SimpleNamespace(shard_id="s", runs=(SimpleNamespace(run_id=RECORD["run_id"]),))
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CounterpointError, match=r"a\.zip: cannot be written: No space left"):
        write_manifest(store, shard)
    assert not manifest_path(store, shard).exists()


def full(*_: object) -> None:
    with open("/dev/full", "wb", buffering=0) as file:
        file.write(b"x")


def test_manifests_of_changed_runs_are_dropped(store):
    runs = tuple(SimpleNamespace(run_id=letter * 16) for letter in "ab")
    shard = SimpleNamespace(shard_id="s", runs=runs)
    for run in runs:
        store.write({**RECORD, "run_id": run.run_id}, {"spikes": spikes([1.0], run.run_id)})
    manifest = write_manifest(store, shard)
    assert drop_stale_manifests(store, [shard]) == []
    path = store.path("b" * 16)
    whole = path.read_bytes()
    for change in (path.unlink, lambda: path.write_bytes(whole[:-1])):
        write_manifest(store, shard)
        change()
        assert drop_stale_manifests(store, [shard]) == [manifest]
        assert not manifest.exists()
        path.write_bytes(whole)
    manifest.write_text("{")
    assert drop_stale_manifests(store, [shard]) == [manifest]
    assert drop_stale_manifests(store, [shard]) == []


def test_a_manifest_needs_every_run(store):
    shard = SimpleNamespace(shard_id="s", runs=(SimpleNamespace(run_id="a" * 16),))
    with pytest.raises(DamagedResult, match="not in the store"):
        write_manifest(store, shard)


def test_a_damaged_run_is_set_aside(store):
    store.write(RECORD).write_bytes(b"PK")
    store.set_aside("a" * 16)
    assert store.ids() == {}
