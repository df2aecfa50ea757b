"""Files of the future get the present time, and no others are touched."""

import os
import time

from pipelines.execution.future import bring_back


def test_only_what_is_ahead_is_brought_back(tmp_path):
    stamps = {"old.parquet": -86_400, "new.parquet": 0, "ahead.parquet": 86_400, "run.zip": 86_400}
    (tmp_path / "deep").mkdir()
    now = time.time()
    for name, shift in stamps.items():
        for folder in (tmp_path, tmp_path / "deep"):
            (folder / name).touch()
            os.utime(folder / name, (now + shift, now + shift))
    ahead = [tmp_path / "ahead.parquet", tmp_path / "deep" / "ahead.parquet"]
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.*")}
    assert bring_back(tmp_path) == ahead
    assert all(now <= path.stat().st_mtime <= time.time() for path in ahead)
    assert len({path.stat().st_mtime_ns for path in ahead}) == 1
    others = {path: stamp for path, stamp in before.items() if path not in ahead}
    assert {path: path.stat().st_mtime_ns for path in others} == others
    assert bring_back(tmp_path) == []


def test_a_folder_that_is_not_there_holds_nothing(tmp_path):
    assert bring_back(tmp_path / "none") == []
