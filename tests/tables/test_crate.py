"""The crate: every file with its checksum, every version, and where the runs were made."""

import hashlib
import json
from datetime import date

import pandas as pd
from rocrate.rocrate import ROCrate

from pipelines.tables.crate import FILE_NAME, describe_results, write_crate
from tests import synthetic


def _flat(value):
    """Whether a value of an entity is one or refers to others: crates nest nothing."""
    return not isinstance(value, dict) or set(value) == {"@id"}


def test_a_crate_says_what_is_there_and_how_it_came_about(tmp_path):
    rows = [
        synthetic.run_row("tiny", backend, number, {"weight": 1.0}, {"neurons": 2}, seed, status)
        for number, (backend, seed, status) in enumerate(
            [("nest", 1, "done"), ("brian2", 1, "done"), ("nest", 2, "failed")]
        )
    ]
    rows[1]["versions"] = json.dumps({"Brian2": "2.9.0"})
    rows[1]["git_clean"] = False
    pd.DataFrame(rows).to_parquet(tmp_path / "runs.parquet")
    synthetic.empty("spikes").to_parquet(tmp_path / "spikes.parquet")
    about = {"name": "tiny", "description": "Two cells", "profile": "quick"}
    write_crate(tmp_path / FILE_NAME, describe_results(tmp_path, ["runs", "spikes"], about))
    crate = json.loads((tmp_path / FILE_NAME).read_text())
    entities = {entity["@id"]: entity for entity in crate["@graph"]}
    assert len(entities) == len(crate["@graph"])
    assert entities["./"]["hasPart"] == [{"@id": "runs.parquet"}, {"@id": "spikes.parquet"}]
    content = (tmp_path / "runs.parquet").read_bytes()
    runs = entities["runs.parquet"]
    assert runs["sha256"] == hashlib.sha256(content).hexdigest()
    assert (runs["contentSize"], runs["rows"], entities["spikes.parquet"]["rows"]) == (
        len(content), 3, 0,
    )  # fmt: skip
    action = entities["#runs"]
    assert (action["runsDone"], action["runsFailed"]) == (2, 1)
    assert action["actionStatus"] == "FailedActionStatus"
    assert action["seeds"] == [1, 2] and action["backends"] == ["brian2", "nest"]
    assert action["gitCommits"] == ["0123abc"] and action["gitClean"] is False
    assert {"@id": "#Brian2-2.9.0"} in action["instrument"]
    # Everything that is referred to is described.
    referred = [part["@id"] for part in (*action["instrument"], *action["result"])]
    assert set(referred) <= set(entities)
    for entity in crate["@graph"]:
        for value in entity.values():
            assert all(map(_flat, value if isinstance(value, list) else [value]))
    # Others read it, too.
    read = ROCrate(tmp_path)
    assert read.name == "tiny, profile quick"
    assert {part.id for part in read.data_entities} == {"runs.parquet", "spikes.parquet"}
    assert read.get("#runs").type == "CreateAction"


def test_the_same_tables_give_the_same_bytes(tmp_path):
    row = synthetic.run_row("tiny", "nest", 1, {"weight": 1.0}, {"neurons": 2}, 1, "done")
    pd.DataFrame([row]).to_parquet(tmp_path / "runs.parquet")
    pieces = tmp_path / "spikes.parquet"
    pieces.mkdir()
    for name in ("0.parquet", "1.parquet"):
        synthetic.empty("spikes").to_parquet(pieces / name)
    about = {"name": "tiny", "description": "", "profile": "quick"}
    for name in ("one.json", "two.json"):
        made = describe_results(tmp_path, ["runs", "spikes"], about, date(2026, 1, 2))
        write_crate(tmp_path / name, made)
    one, two = ((tmp_path / name).read_bytes() for name in ("one.json", "two.json"))
    assert one == two
    entities = {entity["@id"]: entity for entity in json.loads(one)["@graph"]}
    assert entities["./"]["datePublished"] == "2026-01-02"
    # A table in several files is a folder.
    assert entities["spikes.parquet/"]["@type"] == "Dataset"
    assert entities["spikes.parquet/"]["rows"] == 0
