"""``counterpoint list``."""

from pathlib import Path


def test_an_empty_project_says_what_to_do(counterpoint):
    answer = counterpoint("list")
    assert answer.code == 0
    assert "counterpoint new NAME" in answer.out
    assert counterpoint("list", "--json").json == {"experiments": [], "errors": []}


def test_experiments_with_the_size_of_their_sweeps(counterpoint, demo):
    answer = counterpoint("list")
    assert answer.code == 0
    assert "demo: Spikes of neurons" in answer.out
    assert "quick: 5 points, 10 runs (nest, brian2); swept: weight" in answer.out
    assert "full: 150 points, 300 runs (nest, brian2); swept: weight, tau_m" in answer.out


def test_one_experiment_in_full(counterpoint, demo):
    answer = counterpoint("list", "demo")
    line = next(line for line in answer.out.splitlines() if "tau_m " in line)
    assert line.split() == ["tau_m", "20.0", "ms", ">", "0", "membrane", "time", "constant"]


def test_json_holds_units_defaults_docs_and_limits(counterpoint, demo):
    (shown,) = counterpoint("list", "--json").json["experiments"]
    assert shown["name"] == "demo"
    assert shown["parameters"][1] == {
        "name": "delay",
        "type": "float",
        "unit": "ms",
        "default": 1.0,
        "doc": "delay of the input synapses",
        "above": 0,
    }
    assert shown["profiles"]["quick"] == {
        "points": 5,
        "runs": 10,
        "backends": ["nest", "brian2"],
        "seeds": 1,
        "swept": ["weight"],
    }


def test_what_cannot_be_listed_is_said_and_the_rest_is_listed(counterpoint, demo, root):
    (root / "experiments" / "broken").mkdir()
    (root / "experiments" / "broken" / "experiment.py").write_text("x = 1\n")
    answer = counterpoint("list")
    assert answer.code == 2
    assert "demo: " in answer.out
    assert "experiments/broken/experiment.py: defines no 'Parameters'" in answer.err
    found = counterpoint("list", "--json").json
    assert len(found["experiments"]) == len(found["errors"]) == 1


def test_an_unknown_experiment(counterpoint, demo):
    answer = counterpoint("list", "dmo")
    assert answer.code == 2 and "did you mean 'demo'?" in answer.err


def test_the_shipped_experiments_are_listed(counterpoint, monkeypatch):
    root = Path(__file__).parents[2]
    monkeypatch.setenv("COUNTERPOINT_ROOT", str(root))
    found = counterpoint("list", "--json").json
    assert {"lif_fi_curve", "stdp_window", "stdp_recurrent"} <= {
        shown["name"] for shown in found["experiments"]
    }
    assert all(
        p["doc"] and p["unit"] is not None for e in found["experiments"] for p in e["parameters"]
    )
