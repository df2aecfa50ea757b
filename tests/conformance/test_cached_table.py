"""A table about an installation is worked out once for the same code, versions and machine."""

from pathlib import Path

import pandas as pd
import platformdirs
import pytest

from pipelines.conformance.cached_table import store_table
from pipelines.conformance.check import Outcome
from pipelines.conformance.support.page import support_table
from pipelines.conformance.table import conformance_table
from pipelines.tables.files import read_table


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    folder = tmp_path / "cache"
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda *_: folder)
    return folder


class Work:
    """Counts how often the table is worked out."""

    def __init__(self, outcome: str = "passed") -> None:
        self.times = 0
        self.outcome = outcome

    def __call__(self) -> pd.DataFrame:
        self.times += 1
        return conformance_table(
            [Outcome("one_pair", "pairs", "nest", False, self.outcome, 0.0, 1e-9, str(self.times))]
        )


def detail(path: Path) -> str:
    return str(read_table(path, "conformance")["detail"].iloc[0])


def test_the_same_basis_is_worked_out_once(tmp_path):
    work = Work()
    for name in ("a", "b"):
        store_table("conformance", tmp_path / name / "nest.parquet", ["code", {"x": "1"}], work)
    assert work.times == 1
    assert (tmp_path / "a/nest.parquet").read_bytes() == (tmp_path / "b/nest.parquet").read_bytes()


def test_another_basis_is_worked_out_anew(tmp_path):
    work = Work()
    for k, basis in enumerate((["code", "1"], ["other code", "1"], ["code", "2"])):
        store_table("conformance", tmp_path / f"{k}.parquet", basis, work)
        assert detail(tmp_path / f"{k}.parquet") == str(k + 1)


def test_another_machine_is_worked_out_anew(tmp_path, monkeypatch):
    work = Work()
    store_table("conformance", tmp_path / "a.parquet", "code", work)
    monkeypatch.setattr("platform.node", lambda: "another")
    store_table("conformance", tmp_path / "b.parquet", "code", work)
    assert work.times == 2


def test_a_damaged_table_is_worked_out_anew(tmp_path, cache):
    work = Work()
    store_table("conformance", tmp_path / "a.parquet", "code", work)
    (kept,) = cache.rglob("*.parquet")
    kept.write_bytes(kept.read_bytes()[:-20])
    store_table("conformance", tmp_path / "b.parquet", "code", work)
    assert detail(tmp_path / "b.parquet") == "2"
    store_table("conformance", tmp_path / "c.parquet", "code", work)
    assert work.times == 2


@pytest.mark.parametrize("outcome", ["failed", "error"])
def test_a_table_with_a_failure_is_worked_out_anew(tmp_path, outcome):
    work = Work(outcome)
    for name in ("a", "b"):
        store_table("conformance", tmp_path / f"{name}.parquet", "code", work)
    assert detail(tmp_path / "b.parquet") == "2"


def test_a_cache_that_cannot_be_written_costs_nothing_else(tmp_path, cache):
    cache.write_text("a file where the folder should be")
    work = Work()
    store_table("conformance", tmp_path / "a.parquet", "code", work)
    assert detail(tmp_path / "a.parquet") == "1"


def test_tables_of_no_rows_have_their_columns(tmp_path):
    for name, table in (("conformance", conformance_table([])), ("support", support_table([]))):
        store_table(name, tmp_path / f"{name}.parquet", "code", lambda table=table: table)
        assert read_table(tmp_path / f"{name}.parquet", name).empty
