"""``counterpoint sweep``: what it would do and why, and doing it."""

import pandas as pd
import pytest

from pipelines.execution.probe_process import ProbeProcess

FAULT = '    if parameters.weight == 2.0:\n        raise ValueError("no such weight")\n'


@pytest.fixture
def quick(demo, sweep_weights):
    """The experiment with a sweep of three points, of which one fails."""
    sweep_weights(1.0, 2.0, 3.0)
    code = (demo / "experiment.py").read_text()
    head, build, rest = code.partition("def build(")
    signature, colon, body = rest.partition(":\n")
    (demo / "experiment.py").write_text(head + build + signature + colon + FAULT + body)
    return demo


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["dmeo"], "there is no 'dmeo'; allowed: demo; did you mean 'demo'?"),
        (["demo", "--profile", "quik"], "no profile 'quik'"),
        (["demo", "--cores", "0"], "--cores: '0' is no number of processes"),
        (["demo", "--retry-faild"], "did you mean '--retry-failed'?"),
    ],
)
def test_bad_input_is_one_line_and_code_2_and_writes_nothing(
    counterpoint, demo, root, arguments, part
):
    answer = counterpoint("sweep", *arguments)
    assert answer.code == 2 and answer.out == ""
    assert part in answer.err and answer.err.count("\n") == 1
    assert not (root / "results").exists()


def test_what_would_be_run_is_said_with_the_reason_and_then_done(
    counterpoint, quick, root, sweep_weights
):
    answer = counterpoint("sweep", "demo", "--dry-run")
    assert answer.code == 0
    assert "demo, profile quick: 3 runs, 0 reused, 3 to run" in answer.out
    assert "nest: 3 to run: no result of this point yet" in answer.out
    assert "nest  weight=1.0 nA, seed 1" in answer.out
    code = (quick / "experiment.py").read_text().partition("raise ValueError")[0]
    error = f"experiments/demo/experiment.py:{code.count(chr(10)) + 1}: ValueError: no such weight"
    refusal = f"nest refuses of quick 1 of 3 runs, with weight 2.0: {error}"
    assert answer.out.count("no such weight") == 1 and refusal in answer.out
    assert not (root / "results").exists()

    # A failed run is a row of the table; the others are done, and the exit code says it.
    answer = counterpoint("sweep", "demo", "--cores", "1")
    assert answer.code == 1, answer.err
    assert "demo: 2 of 3 runs done, 1 failed" in answer.out
    runs = pd.read_parquet(root / "results" / "demo" / "runs.parquet").set_index("weight")
    assert runs["status"].to_dict() == {1.0: "done", 2.0: "failed", 3.0: "done"}
    assert runs["error"][2.0] == error
    stored = {path: path.stat().st_mtime_ns for path in (root / "results/demo/runs").glob("*.zip")}

    answer = counterpoint("sweep", "demo", "--dry-run")
    assert "3 runs, 3 reused, 0 to run" in answer.out
    assert "nest: 1 reused: failed earlier; --retry-failed tries again" in answer.out

    answer = counterpoint("sweep", "demo", "--dry-run", "--retry-failed")
    assert "3 runs, 2 reused, 1 to run" in answer.out
    assert "nest  weight=2.0 nA, seed 1" in answer.out

    # What failed is tried again, and that alone.
    answer = counterpoint("sweep", "demo", "--retry-failed", "--cores", "1")
    assert answer.code == 1
    again = {path: path.stat().st_mtime_ns for path in (root / "results/demo/runs").glob("*.zip")}
    changed = [path.name for path in again if again[path] != stored[path]]
    assert len(changed) == 1 and changed[0].endswith(".failed.zip")

    # Mended: the reason is the file that changed, and everything is run anew.
    code = (quick / "experiment.py").read_text()
    (quick / "experiment.py").write_text(code.replace(FAULT, ""))
    answer = counterpoint("sweep", "demo", "--dry-run")
    assert "nest: 3 to run: changed: experiments/demo/experiment.py" in answer.out
    answer = counterpoint("sweep", "demo", "--cores", "1", "--json")
    assert answer.code == 0, answer.err
    assert answer.json["statuses"] == {"done": 3}
    assert {run["reason"] for run in answer.json["runs"]} == {
        "changed: experiments/demo/experiment.py"
    }

    # One more value: the new point alone.
    sweep_weights(1.0, 2.0, 3.0, 4.0)
    found = counterpoint("sweep", "demo", "--dry-run", "--json").json
    waiting = [run["parameters"]["weight"] for run in found["runs"] if run["action"] == "run"]
    assert waiting == [4.0] and found["refusals"] == [] and found["not_asked"] == {}


def test_what_a_backend_would_refuse_is_said_in_advance(
    counterpoint, quick, monkeypatch, sweep_weights
):
    refusal = {
        "experiment": "demo", "backend": "nest",
        "reason": "delay: too short; allowed: 0.1 ms and above",
        "extent": "all 3 runs", "swept": {"weight": 1.0}, "values": {}, "n_runs": 3, "n_whole": 3,
        "at_least": False,
    }  # fmt: skip
    given = {"ok": False, "detail": "no", "seconds": 0.1, "refusals": [refusal]}
    monkeypatch.setattr(ProbeProcess, "__init__", lambda *_: None)
    monkeypatch.setattr(ProbeProcess, "answer", lambda _: given)
    answer = counterpoint("sweep", "demo", "--dry-run")
    assert answer.code == 0
    assert f"nest refuses of quick all 3 runs: {refusal['reason']}" in answer.out
    assert counterpoint("sweep", "demo", "--dry-run", "--json").json["refusals"] == [refusal]
    given = {"ok": False, "detail": "the process ended by signal 6", "seconds": None}
    said = counterpoint("sweep", "demo", "--dry-run").out
    assert "nest does not say what it refuses: the process ended by signal 6" in said
