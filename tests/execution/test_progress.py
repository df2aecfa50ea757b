"""The line that says how far a sweep is."""

from __future__ import annotations

import io
import os
from types import SimpleNamespace

import pytest

from pipelines.execution.progress import Progress, duration, progress_line
from pipelines.tables.run_store import RunStore


def run(number: int, backend: str = "nest") -> SimpleNamespace:
    return SimpleNamespace(
        run_id=f"{backend}{number}", backend=backend, experiment="stdp_window", seed=number,
        values={"lag": 5.0, "rule": "additive"},
    )  # fmt: skip


RUNS = tuple(run(n, backend) for n in range(20) for backend in ("nest", "brian2"))


def test_the_line():
    done = {f"nest{n}": "done" for n in range(8)} | {f"brian2{n}": "done" for n in range(4)}
    others = {"of another sweep": "failed"}
    assert progress_line("stdp_window", RUNS, done | others, 28 / 15) == (
        "stdp_window  12 of 40 runs done (nest 8/20, brian2 4/20), 0 failed, 1.9 runs/s, 15 s left"
    )
    failed = {f"nest{n}": "failed" for n in range(3)}
    assert progress_line("stdp_window", RUNS, done | failed, 0.5) == (
        "stdp_window  9 of 40 runs done (nest 5/20, brian2 4/20), 3 failed, "
        "30.0 runs/min, 56 s left"
    )
    assert progress_line("stdp_window", RUNS, {}, None) == (
        "stdp_window  0 of 40 runs done (nest 0/20, brian2 0/20), 0 failed"
    )


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "1 s"), (89, "89 s"), (100, "2 min"), (3600, "60 min"), (7800, "2 h 10 min")],
)
def test_time_spans(seconds, text):
    assert duration(seconds) == text


def a_plan() -> SimpleNamespace:
    return SimpleNamespace(
        experiment=SimpleNamespace(name="stdp_window"), runs=RUNS, swept=("lag",)
    )


def test_at_most_one_line_an_interval_over_all_jobs(tmp_path):
    plan, store = a_plan(), RunStore(tmp_path)
    one, two = io.StringIO(), io.StringIO()
    first, second = Progress(plan, store, one), Progress(plan, store, two)
    for _ in range(3):
        first.update()
        second.update()
    assert one.getvalue().count("\n") == 1 and two.getvalue() == ""
    second.update(last=True)
    assert two.getvalue().count("\n") == 1
    second.failure(RUNS[0], "ValueError: no")
    assert two.getvalue().splitlines()[1] == (
        "stdp_window  failed: nest, lag=5.0, seed=0 (nest0): ValueError: no"
    )


@pytest.mark.parametrize(
    ("seconds", "news", "lines"), [(3, True, 2), (3, False, 1), (31, False, 2), (1, True, 1)]
)
def test_without_news_there_is_a_line_now_and_then(tmp_path, seconds, news, lines):
    plan, store, stream = a_plan(), RunStore(tmp_path), io.StringIO()
    Progress(plan, store, stream).update()
    if news:
        (tmp_path / "nest0.zip").touch()
    stamp = tmp_path / ".progress"
    earlier = stamp.stat().st_mtime - seconds
    os.utime(stamp, (earlier, earlier))
    # Another job of the same sweep, which has said nothing yet.
    Progress(plan, store, stream).update()
    assert stream.getvalue().count("\n") == lines


def test_quiet_says_failures_only(tmp_path):
    plan = SimpleNamespace(experiment=SimpleNamespace(name="x"), runs=RUNS, swept=())
    stream = io.StringIO()
    progress = Progress(plan, RunStore(tmp_path), stream, quiet=True)
    progress.update(last=True)
    assert stream.getvalue() == ""
    progress.failure(RUNS[1], "E")
    assert "failed: brian2, seed=0" in stream.getvalue()


def test_the_line_says_that_code_is_compiled_and_since_when(tmp_path, monkeypatch):
    clock = SimpleNamespace(now=100.0)
    monkeypatch.setattr("pipelines.execution.progress.time.monotonic", lambda: clock.now)
    stream = io.StringIO()
    progress = Progress(a_plan(), RunStore(tmp_path), stream)

    def line_at(now, *numbers):
        """The line that is written at a time, after compilations that began just then."""
        clock.now = now
        for number in numbers:
            progress.compiling("brian2", number)
        stream.seek(0)
        stream.truncate()
        progress.update()
        return stream.getvalue().partition("; ")[2].strip()

    # Code that was compiled before is only loaded.
    assert line_at(100, 1, None, 2, None) == ""
    assert line_at(110, 3) == ""
    # As soon as it takes long, whatever the last line said.
    tmp_path.joinpath(".progress").touch()
    os.utime(tmp_path / ".progress", (0, 0))
    assert line_at(120) == "brian2 is compiling its code, part 1, for 10 s"
    os.utime(tmp_path / ".progress", (0, 0))
    assert line_at(150, None, 4) == "brian2 is compiling its code, part 2, for 40 s"
    os.utime(tmp_path / ".progress", (0, 0))
    assert line_at(151, None) == ""  # too soon after the last line
    assert line_at(160) == ""
    assert "compiling" not in (tmp_path / ".progress").read_text()
