"""``counterpoint run``: bad input leaves no trace, good input leaves a result."""

import pytest

from pipelines.sweep import plan
from pipelines.tables.run_store import RunStore


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["dmeo"], "there is no 'dmeo'; allowed: demo; did you mean 'demo'?"),
        (["demo", "--backend", "nset"], "no backend is called 'nset'; allowed: nest, brian2,"),
        (["demo", "--set", "weigth=1"], "unknown parameter 'weigth'"),
        (["demo", "--set", "weight"], "'weight' is no assignment; allowed: NAME=VALUE"),
        (["demo", "--set", "weight=1 mV"], "--set weight: unit 'mV' in '1 mV'; allowed: nA"),
        (["demo", "--set", "tau_m=-1"], "-1.0 ms is outside the limits; allowed: above 0 ms"),
        (["demo", "--set", "n_neurons=1.5"], "1.5 is no whole number"),
        (["demo", "--set", "weight=1", "--set", "weight=2"], "'weight' is set twice"),
        (["demo", "--seed", "x"], "'x' is no seed; allowed: a whole number"),
        (["demo", "--seed", "0"], "0 is outside the limits; allowed: 1 to"),
        (["demo", "--profile", "quik"], "no profile 'quik'; allowed: quick, full, stock; did you"),
    ],
)
def test_bad_input_is_one_line_and_code_2_and_writes_nothing(
    counterpoint, demo, root, arguments, part
):
    answer = counterpoint("run", *arguments)
    assert answer.code == 2 and answer.out == ""
    assert part in answer.err and answer.err.count("\n") == 1
    assert not (root / "results").exists()


def test_a_point_is_run_once_and_stored_where_the_workflow_looks(counterpoint, demo, root):
    words = ("run", "demo", "--backend", "nest", "--set", "weight=2.5 nA")
    answer = counterpoint(*words)
    assert answer.code == 0, answer.out + answer.err
    assert "weight=2.5 nA" in answer.out and "seed 1" in answer.out
    assert "nest: done in" in answer.out
    line = next(line for line in answer.out.splitlines() if line.strip().startswith("neurons"))
    assert "5 neurons" in line and "Hz" in line
    of_sweep = {
        run.run_id
        for run in plan("demo", root=root).runs
        if run.backend == "nest" and run.parameters["weight"] == 2.5
    }
    assert set(RunStore(root / "results" / "demo" / "runs").ids()) == of_sweep

    again = counterpoint(*words)
    assert again.code == 0 and "taken from the store" in again.out
    (run,) = counterpoint(*words, "--json").json["runs"]
    assert run["reused"] and run["run_id"] in of_sweep and run["status"] == "done"
    neurons = run["populations"]["neurons"]
    assert neurons["neurons"] == 5
    assert neurons["rate_hz"] == pytest.approx(neurons["spikes"] / 5 / 0.2)
    assert neurons["spikes"] > 0
    # Not recorded is not known, and not zero.
    assert run["populations"]["stimulus"] == {"neurons": 1, "spikes": None, "rate_hz": None}


def test_the_template_runs_as_it_is_on_every_backend_alike(counterpoint, demo):
    answer = counterpoint("run", "demo", "--set", "weight=2", "--json")
    assert answer.code == 0, answer.out + answer.err
    runs = answer.json["runs"]
    assert [run["backend"] for run in runs] == ["nest", "brian2"]
    spikes = [run["populations"]["neurons"]["spikes"] for run in runs]
    assert spikes[0] == spikes[1] > 0


def test_a_run_that_fails_is_code_1_and_is_tried_again(counterpoint, demo):
    source = demo / "experiment.py"
    good = source.read_text()
    text = good.replace("    stimulus = sim", "    raise ValueError('no luck')\n    stimulus = sim")
    source.write_text(text)
    answer = counterpoint("run", "demo", "--backend", "nest")
    assert answer.code == 1
    assert "nest: failed: " in answer.out and "no luck" in answer.out and "log: " in answer.out
    (run,) = counterpoint("run", "demo", "--backend", "nest", "--json").json["runs"]
    assert run["status"] == "failed" and not run["reused"]


def test_results_may_lie_elsewhere(counterpoint, demo, root):
    answer = counterpoint("run", "demo", "--backend", "nest", "--results", "other", "--json")
    assert answer.code == 0, answer.out + answer.err
    assert (root / "other" / "demo" / "runs").is_dir() and not (root / "results").exists()
